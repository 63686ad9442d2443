"""Claims on the second layer: what ridge regression on the features reaches before and after training."""
