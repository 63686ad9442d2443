"""Ridge regression on the second layer."""

from .random_features import RandomFeatureErrors, random_feature_errors

__all__ = ["RandomFeatureErrors", "random_feature_errors"]
