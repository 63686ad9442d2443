"""A run beside its limit as d grows, on the command line."""

import json

import numpy as np
import pytest

from checks.face.limits import limit_of
from theory import Regime, Setting, Student, Target

PAIR = ("simulate", "z1 + z1*z2", "-d", "4096", "-p", "2", "--second-layer", "1,-1", "--replicas", "8", "--json")


@pytest.mark.parametrize("reuse", [(), ("--reuse",)])
def test_overlaps_stand_beside_their_limit_and_are_near_it(run, reuse, tmp_path):
    figure = tmp_path / "limit.svg"
    done = run(*PAIR, *reuse, "-n", "8d", "--plot", str(figure))
    assert done.returncode == 0
    record = json.loads(done.stdout)
    measured, limit = np.array(record["overlap"])[..., 0], np.array(record["limit"])
    assert measured.shape == limit.shape == (3, 2, 2)
    assert np.abs(limit[1, 0, 0]) > 0.1
    np.testing.assert_allclose(measured, limit, atol=10 / 64)  # ten times d^(-1/2)
    assert figure.read_text().lstrip().startswith("<?xml")


def test_a_reused_batch_has_another_limit_than_fresh_ones():
    student = Student("relu", 2, (1.0, -1.0))
    limits = [
        limit_of(Setting(Target("z1 + z1*z2"), student, Regime(d=64, n="2*d", eta="2*p", steps=2, batch=batch)))
        for batch in ("fresh", "reused")
    ]
    assert np.abs(limits[0].overlaps[1] - limits[1].overlaps[1]).max() < 5e-3
    assert np.abs(limits[0].overlaps[2] - limits[1].overlaps[2]).max() > 0.02


def test_where_there_is_no_limit_nothing_is_said_of_it(run):
    done = run("simulate", "z1", "-d", "32", "--replicas", "2", "--json")
    assert "limit" not in json.loads(done.stdout)


LEAP = ("predict", "z1 + He3(z2)", "--activation", "tanh", "-p", "2", "--eta", "3*p", "-n", "3d")


@pytest.mark.parametrize(("reuse", "reached"), [((), False), (("--reuse",), True)])
def test_predict_has_the_overlaps_of_a_given_second_layer(run, reuse, reached):
    done = run(*LEAP, "--second-layer", "1,-1", "--json", *reuse)
    record = json.loads(done.stdout)
    limit = np.array(record["limit"])
    assert limit.shape == (3, 2, 2)
    assert bool(np.abs(limit[2, :, 1]).min() > 0.1) is reached
    assert ("reuse_staircase" in record) is reached
    assert record.get("generative_exponent", 1) == 1
    table = run(*LEAP, "--second-layer", "1,-1", *reuse).stdout
    assert f"{limit[2, 0, 0]:.3f}" in table
    assert ("generative exponent" in table) is reached


def test_predict_says_nothing_of_a_limit_without_a_second_layer(run):
    assert "limit" not in json.loads(run(*LEAP, "--json").stdout)


@pytest.mark.parametrize("layer", ["1,x", "1,-1,1", "flat"])
def test_a_second_layer_that_is_none_is_one_clear_line(run, layer):
    done = run("simulate", "z1", "-p", "2", "--second-layer", layer)
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
