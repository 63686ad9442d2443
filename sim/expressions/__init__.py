"""Expressions run by compiled kernels: a target and an activation are data, not code."""
