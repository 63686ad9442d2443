"""Real data as inputs: the rows of data sets that scikit-learn ships, whitened."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec
from typing import Any

import numpy as np

from theory.problem import ProblemError

from .threads import single_threaded_blas

SMALLEST = 0.02  # of the largest standard deviation: a component with less is pixels that are blank, or rounding


@dataclass(frozen=True)
class Source:
    """Where a data set comes from, and what it was when results were obtained: SHA-256 of its table of float64.

    unlike: features are measured in units of their own and are compared in standard deviations.
    """

    loader: str
    digest: str
    unlike: bool
    options: dict[str, Any] = field(default_factory=dict)


SOURCES = {
    "digits": Source("load_digits", "20def7f70a702f0af9732fbba4375e147a7d54fe70d8c45569b8e7c1c7010c10", False),
    "breast-cancer": Source(
        "load_breast_cancer", "6b202a2072f9a0385f405a8f8605b1b06f6f36ae6d23d9cd6cbbc0974a416bc7", True
    ),
    "diabetes": Source(
        "load_diabetes", "6b93b2556c8942c79d8374838768047adf9d1f4044510b9f948ddace62567d75", True, {"scaled": False}
    ),
}


def installed() -> bool:
    """Whether the extra that holds the data is there."""
    return find_spec("sklearn") is not None


@cache
def whitened(name: str) -> np.ndarray:
    """The data set `name`, (rows, r): each column of mean 0 and mean square 1, columns uncorrelated over the rows.

    Columns are the principal components of the features that vary, in descending order, down to SMALLEST. Each has the
    sign that makes its entry of largest size positive.
    Raises ProblemError without scikit-learn, and where it ships another table than the one that results are about.
    """
    table = _table(SOURCES[name], name)
    centred = table - table.mean(axis=0)
    scale = centred.std(axis=0)
    centred, scale = centred[:, scale > 0], scale[scale > 0]
    with single_threaded_blas():
        components, sizes, _ = np.linalg.svd(centred / scale if SOURCES[name].unlike else centred, full_matrices=False)
    kept = components[:, sizes >= SMALLEST * sizes[0]] * np.sqrt(len(table))
    kept *= np.sign(kept[np.abs(kept).argmax(axis=0), np.arange(kept.shape[1])])
    kept.setflags(write=False)
    return kept


def _table(source: Source, name: str) -> np.ndarray:
    try:
        from sklearn import datasets
    except ImportError:
        raise ProblemError(
            f'inputs = {name!r} are data of scikit-learn, an extra: pip install "giantstep[data]"'
        ) from None
    table = np.ascontiguousarray(getattr(datasets, source.loader)(**source.options).data, dtype="<f8")
    if hashlib.sha256(table.tobytes()).hexdigest() != source.digest:
        raise ProblemError(f"inputs = {name!r}: this scikit-learn ships other data than those known here by that name")
    return table
