"""How a verdict is reached: exact intervals, an error budget, planned power, stages, one record."""

from .budget import Budget, Share, beta_beside, sample_sizes, spend
from .component import Component, ComponentRecord
from .decide import Decision, Status, combine, decide
from .fate import Fate
from .interval import (
    Interval,
    clopper_pearson,
    empirical_bernstein,
    law_distance,
    law_interval,
    median_interval,
    sample_median,
)
from .linear import Slopes, limit_weights, slope_interval, slope_weights
from .plan import DesignError, first_stage, planned_power, require_power, samples_needed, smallest_discrepancy
from .quantity import Combination, Data, Distance, Exact, Exponent, Frequency, Mean, Median, Quantity, Rung, limit
from .sequential import Measure, Outcome, run_stages
from .verdict import Verdict

__all__ = [
    "Budget",
    "Combination",
    "Component",
    "ComponentRecord",
    "Data",
    "Decision",
    "DesignError",
    "Distance",
    "Exact",
    "Exponent",
    "Fate",
    "Frequency",
    "Interval",
    "Mean",
    "Measure",
    "Median",
    "Outcome",
    "Quantity",
    "Rung",
    "Share",
    "Slopes",
    "Status",
    "Verdict",
    "beta_beside",
    "clopper_pearson",
    "combine",
    "decide",
    "empirical_bernstein",
    "first_stage",
    "law_distance",
    "law_interval",
    "limit",
    "limit_weights",
    "median_interval",
    "planned_power",
    "require_power",
    "run_stages",
    "sample_median",
    "sample_sizes",
    "samples_needed",
    "slope_interval",
    "slope_weights",
    "smallest_discrepancy",
    "spend",
]
