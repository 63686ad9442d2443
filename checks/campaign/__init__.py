"""Thousands of independent tasks over hours: each with an identity, kept as it is done, on any executor."""

from .campaign import Campaign, Stopped
from .code import our_code
from .statistics import Moments, Samples
from .store import Store, default_path
from .work import Task, Work, joined, part_size, parts
from .workers import Workers, dask_executor

__all__ = [
    "Campaign",
    "Moments",
    "Samples",
    "Stopped",
    "Store",
    "Task",
    "Work",
    "Workers",
    "dask_executor",
    "default_path",
    "joined",
    "our_code",
    "part_size",
    "parts",
]
