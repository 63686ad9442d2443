"""Ridge regression on the second layer: random features, and features that have learned a few directions."""

from .conditional import ConditionalCoefficients, conditional_coefficients
from .density import BulkDensity, bulk_density
from .equivalent import EquivalentErrors, equivalent_errors
from .outside import Outside, bulk_edge, outside
from .random_features import RandomFeatureErrors, random_feature_errors

__all__ = [
    "BulkDensity",
    "ConditionalCoefficients",
    "EquivalentErrors",
    "Outside",
    "RandomFeatureErrors",
    "bulk_density",
    "bulk_edge",
    "conditional_coefficients",
    "equivalent_errors",
    "outside",
    "random_feature_errors",
]
