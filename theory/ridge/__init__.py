"""Ridge regression on the second layer: random features, and features that have learned a few directions."""

from .conditional import ConditionalCoefficients, conditional_coefficients
from .equivalent import EquivalentErrors, equivalent_errors
from .random_features import RandomFeatureErrors, random_feature_errors

__all__ = [
    "ConditionalCoefficients",
    "EquivalentErrors",
    "RandomFeatureErrors",
    "conditional_coefficients",
    "equivalent_errors",
    "random_feature_errors",
]
