"""Claims on one gradient step whose rate grows with n: spikes of the features, and what ridge regression gains."""
