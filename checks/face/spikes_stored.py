"""One step with a growing rate as a NetCDF file or JSON line, and back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from theory import ProblemError, Setting

from .spikes_forecast import ERRORS, Step
from .spikes_run import SpikeRun

if TYPE_CHECKING:
    import xarray

NUMBERS = ("rate_exponent", "prefactor", "seed")
MEANS = {
    "values": "singular values of sigma(Z W^T), largest first",
    "train_loss": "(1/n) |y - F a|^2 + ridge |a|^2 of ridge regression",
    "train_error": "(1/n) |y - F a|^2 of ridge regression",
    "test_error": "E (f* - f)^2 on clean labels of ridge regression",
}


def to_xarray(run: SpikeRun) -> xarray.Dataset:
    """All arrays along replica and step, 0 before and 1 after; what was run is in the attributes."""
    import xarray

    dims = ("replica", "step", "index")
    variables = {name: (dims[: x.ndim], x, {"long_name": MEANS[name]}) for name, x in run.arrays.items()}
    told = {name: value for name, value in run.to_json().items() if name in NUMBERS}
    told["seed"] = str(run.seed)  # any whole number: NetCDF has those of 64 bits
    ridge = {} if run.step.ridge is None else {"ridge": run.step.ridge}
    attributes = {"setting": json.dumps(run.setting.to_json()), **told, **ridge}
    return xarray.Dataset(variables, coords={"step": [0, 1]}, attrs=attributes)


def from_xarray(data: xarray.Dataset) -> SpikeRun:
    """What `to_xarray` wrote. Raises ProblemError for any other dataset."""
    arrays = {name: data[name].values for name in MEANS if name in data}
    if "values" not in arrays or any(name not in data.attrs for name in (*NUMBERS, "setting")):
        raise ProblemError(
            "no singular values: giantstep simulate TARGET --rate-exponent 0.28 --out FILE.nc writes them"
        )
    return _run({**data.attrs, "setting": json.loads(data.attrs["setting"])}, arrays)


def from_json(record: Mapping[str, Any]) -> SpikeRun:
    """A line of `giantstep simulate --sweep rate-exponent --json`. Raises ProblemError for any other object."""
    each = record.get("replica_errors")
    known = isinstance(each, Mapping) and all(name in record for name in (*NUMBERS, "setting", "ridge"))
    if not known or not isinstance(each, Mapping) or any(name not in each for name in ERRORS):
        raise ProblemError("no line of giantstep simulate --sweep rate-exponent --json")
    arrays = {name: np.array([[float(v) for v in pair] for pair in each[name]]) for name in ERRORS}
    return _run(record, arrays)


def _run(record: Mapping[str, Any], arrays: dict[str, np.ndarray]) -> SpikeRun:
    """Theory centres target and activation, so those of the setting, centred already, say the same."""
    setting, ridge = Setting.from_json(record["setting"]), record.get("ridge")
    n, d, p = setting.n, setting.regime.d, setting.student.p
    kept = "ntk" if setting.student.scaling == "ntk" and setting.regime.loss == "squared" else "mean-field"
    step = Step(
        setting.target, setting.student.activation, n, d, p, d / n, d / p,
        float(record["rate_exponent"]), float(record["prefactor"]), None if ridge is None else float(ridge), kept,
    )  # fmt: skip
    return SpikeRun(step, setting, int(record["seed"]), arrays)
