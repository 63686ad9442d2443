"""Thousands of independent tasks over hours: each with an identity, kept as it is done, on any executor."""

from .campaign import Campaign
from .code import code_of
from .statistics import Moments, Samples
from .store import Store, default_path
from .work import Task, Work, joined, part_size, parts
from .workers import Workers, dask_executor

__all__ = [
    "Campaign",
    "Moments",
    "Samples",
    "Store",
    "Task",
    "Work",
    "Workers",
    "code_of",
    "dask_executor",
    "default_path",
    "joined",
    "part_size",
    "parts",
]
