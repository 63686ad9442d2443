"""Small linear algebra: products for compiled kernels, stacks of small matrices, orthonormal directions."""
