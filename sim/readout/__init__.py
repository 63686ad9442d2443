"""The second layer: ridge regression on the features of trained rows, and what the network then gets wrong."""
