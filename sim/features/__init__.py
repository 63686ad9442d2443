"""The features of trained rows as a matrix: its singular values and vectors, step by step on the same samples."""
