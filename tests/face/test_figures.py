"""Figures as functions: where they are drawn, what they show, and that file and figure say the same."""

import gc
import weakref
from types import SimpleNamespace
from typing import Any

import figure_data
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import sim
from checks.campaign import Campaign
from checks.face import figures
from checks.face.directions import Cell, summarise
from checks.face.error_curve import ErrorCurve, floors
from checks.face.spikes_errors import curves_of, errors_of
from checks.face.spikes_run import run_each, spike_setting
from checks.face.spikes_spectrum import spectrum_of
from checks.face.sweep import at_value
from checks.face.swept import Along, Sweep, sweep_of
from checks.probe.phase import Point
from sim.drawing import legend, pen
from theory import Activation, ProblemError, Regime, Setting, Student, Target, fresh_limit

plt.switch_backend("Agg")


def setting(target: str = "z1 + z1*z2", d: int = 48, **student: Any) -> Setting:
    pupil = Student("relu", student.pop("p", 6), **student)
    return Setting(Target(target), pupil, Regime(d, "4*d", "2*p", 2))


def pair() -> Setting:
    return setting("z1 + 2*z2 + z1*z2", p=2, second_layer=(1.0, -1.0))


@pytest.fixture(scope="module")
def run() -> sim.Run:
    return sim.simulate(setting(), 0, 12, record=("test_error", "train_error"), threads=1)


@pytest.fixture(scope="module")
def data(run) -> dict[str, tuple[Any, ...]]:
    """What each figure draws, by its name."""
    rng = np.random.default_rng(0)
    runs = [sim.simulate(setting(d=d), 0, 12, threads=1) for d in (24, 48)]
    curves = [
        ErrorCurve(at_value(setting(f), "n", n), rng.exponential(size=(5, 3)), floors(setting(f)), 1.0, 0)
        for f in ("z1 + z1*z2", "z1 + z2")
        for n in (24, 96, 400)
    ]
    steps = [
        spike_setting(
            Target("z1 + He2(z1)"), Activation("tanh"), {"d": 20, "n": 40, "p": 30, "ridge": 0.1}, (alpha, 2.0),
            {"scaling": "mean-field", "loss": "squared"},
        )
        for alpha in (0.1, 0.3)
    ]  # fmt: skip
    found = list(run_each(Campaign(threads=1), steps, seed=0, replicas=3, method="auto", spectrum=True))
    rates = list(map(errors_of, found)), curves_of(found[0].step, 0.1, 0.3, 3)
    points = [
        Point(loss, 2, kappa, step, 64, 256, 8, 0.0, -0.1 * step, -0.2, -0.3, -0.1)
        for loss in ("correlation", "squared") for kappa in (1.25, 1.5) for step in (1, 2)
    ]  # fmt: skip
    return {
        "teacher_plane": (run,), "staircase": (run,), "dmft": (sim.simulate(pair(), 0, 4, threads=1),),
        "exponents": (sweep_of([summarise(each) for each in runs], "d"),), "errors": (curves,),
        "spectrum": (spectrum_of(found[1]),), "gains": rates, "phase": (points,),
    }  # fmt: skip


NAMES = ("teacher_plane", "staircase", "dmft", "exponents", "errors", "spectrum", "gains", "phase")
ONE_PANEL = ("staircase", "dmft", "spectrum")
every = pytest.mark.parametrize("name", NAMES)


@every
def test_the_data_file_holds_the_numbers_drawn(data, name, tmp_path):
    figure = getattr(figures, name)(*data[name], ax=Figure())
    path, table = figures.save(figure, tmp_path / "figure.svg")
    assert (path.name, table.name) == ("figure.svg", "figure.csv")
    said = figure_data.written(table)
    seen = [figure_data.shown(axes) for axes in figure.axes]
    assert len(said) == len(seen) > 0
    for of_file, of_axes in zip(said, seen, strict=True):
        assert len(of_axes) > 3
        np.testing.assert_array_equal(np.array(of_file, dtype=float), np.array(of_axes, dtype=float))


@pytest.mark.parametrize(("name", "suffix"), [*((n, ".svg") for n in NAMES), ("errors", ".pdf"), ("phase", ".png")])
def test_the_same_data_give_the_same_bytes(data, name, suffix, tmp_path):
    written = []
    for i in range(2):
        paths = figures.write(tmp_path / f"{i}{suffix}", getattr(figures, name), *data[name])
        written.append([path.read_bytes() for path in paths])
    assert written[0] == written[1]
    assert not plt.get_fignums()


@every
def test_text_stays_text_and_nothing_leaves_the_figure(data, name, tmp_path):
    (path, _) = figures.write(tmp_path / "figure.svg", getattr(figures, name), *data[name])
    assert "<text" in path.read_text()
    home = getattr(figures, name)(*data[name])
    figure = home.figure.figure
    try:
        figure.canvas.draw()
        box = figure.get_tightbbox()
        width, height = figure.get_size_inches()
        assert box.x0 >= -0.01
        assert box.y0 >= -0.01
        assert box.x1 <= width + 0.01
        assert box.y1 <= height + 0.01
    finally:
        plt.close(figure)


@every
def test_it_is_drawn_where_it_is_asked_for_and_returns_that(data, name):
    draw = getattr(figures, name)
    figure = Figure(layout="constrained")
    upper, lower = figure.subfigures(2, 1)
    assert draw(*data[name], ax=upper) is upper
    assert not lower.axes
    axes = Figure().subplots()
    if name in (*ONE_PANEL, "teacher_plane"):
        assert draw(*data[name], ax=axes) is axes
        assert figures.drawn(axes)
    else:
        with pytest.raises(ProblemError, match="give a Figure"):
            draw(*data[name], ax=axes)
    with pytest.raises(ProblemError, match="ax is a str"):
        draw(*data[name], ax="here")
    home = draw(*data[name])
    assert isinstance(home, Axes) == (name in ONE_PANEL)
    plt.close("all")


def test_the_line_of_theory_in_the_plane_is_the_linear_part():
    """z1 + 2 z2 + z1 z2: the first step learns (1, 2), of slope C_1[2]/C_1[1] = 2; then the plane is filled."""
    run = sim.simulate(pair(), 0, 3, threads=1)
    first, second = (Figure().subplots() for _ in range(2))
    figures.teacher_plane(run, steps=(1,), ax=first)
    figures.teacher_plane(run, steps=(2,), directions=(2, 1), ax=second)
    for axes, direction in ((first, np.array([1, 2])), (second, np.array([2, 1]))):
        (line,) = [series for series in figures.drawn(axes) if series.name == "U*_1"]
        ends = np.stack([line.x, line.y])
        np.testing.assert_allclose(np.abs(ends), np.outer(direction, [1, 1]) / np.sqrt(5), rtol=1e-12)
        assert np.sign(ends[0, 1]) == np.sign(ends[1, 1])
    assert not first.patches
    assert [patch.get_label() for patch in second.patches] == ["$U^*_{2}$: the plane"]


def test_a_plane_of_directions_that_are_never_learned_holds_no_line():
    run = sim.simulate(setting("z1 + He2(z2) + He2(z3)"), 0, 3, threads=1)
    axes = Figure().subplots()
    figures.teacher_plane(run, directions=(2, 3), ax=axes)
    assert not [series for series in figures.drawn(axes) if series.name.startswith("U*")]


def test_neurons_lie_where_they_are(run):
    axes = Figure().subplots()
    figures.teacher_plane(run, steps=(1,), ax=axes)
    clouds = [series for series in figures.drawn(axes) if series.name.startswith("neurons")]
    places = np.concatenate([np.stack([cloud.x, cloud.y], axis=1) for cloud in clouds])
    expected = run.cosines[:, 1].reshape(-1, 2)
    np.testing.assert_array_equal(np.sort(places, axis=0), np.sort(expected, axis=0))
    positive = run.cosines[:, 1][run.alpha > 0]
    np.testing.assert_array_equal(np.sort(clouds[0].x), np.sort(positive[:, 0]))


def test_triangles_stand_at_the_steps_of_theory(run):
    axes = Figure().subplots()
    figures.staircase(run, ax=axes)
    marks = {s.name: s.x.tolist() for s in figures.drawn(axes) if s.name.endswith("learned in theory")}
    assert marks == {"z1, learned in theory": [1], "z2, learned in theory": [2]}
    (curve,) = [series for series in figures.drawn(axes) if series.name == "z1"]
    sizes = np.sqrt((run.cosines[..., 0] ** 2).mean(axis=2))
    assert np.all((sizes < curve.y).sum(axis=0) <= 6)
    assert np.all((sizes > curve.y).sum(axis=0) <= 6)


def test_the_limit_drawn_is_that_of_theory_or_the_one_given():
    run = sim.simulate(pair(), 0, 4, threads=1)
    limit = fresh_limit(run.setting)
    axes = Figure().subplots()
    figures.dmft(run, limit, ax=axes)
    lines = {series.name: series.y for series in figures.drawn(axes)}
    for i in range(2):
        for r in range(2):
            np.testing.assert_array_equal(lines[f"neuron {i + 1}, z{r + 1}, limit"], limit.overlaps[:, i, r])
    with pytest.raises(ProblemError, match="another setting"):
        figures.dmft(run, SimpleNamespace(overlaps=np.zeros((3, 4, 2))))
    with pytest.raises(ProblemError, match="no limit"):
        figures.dmft(sim.simulate(setting(), 0, 2, threads=1))


def test_a_bar_without_end_is_left_out_and_its_point_is_drawn():
    cells = (Cell(0.5, -np.inf, np.inf), Cell(0.25, 0.2, 0.3))
    sweep = Sweep("d", 1, (16, 64), (Along("z1", -0.5, cells),))
    axes = Figure().subplots()
    figures.exponents(sweep, ax=axes)
    (series,) = [series for series in figures.drawn(axes) if series.mark == "interval"]
    assert series.y.tolist() == [0.5, 0.25]
    (bars,) = [c.get_segments() for c in axes.collections]
    assert [np.ptp(bar[:, 1]).round(9) for bar in bars] == [0, 0.1]


@pytest.mark.parametrize("kind", ["cosines", "overlaps", "test_error", "train_error"])
def test_a_run_draws_itself(run, kind, tmp_path):
    axes = Figure().subplots()
    assert run.plot(kind, ax=axes) is axes
    _, table = figures.save(axes, tmp_path / "run.svg")
    np.testing.assert_array_equal(figure_data.written(table)[0], figure_data.shown(axes))
    with pytest.raises(ProblemError, match=r"kind = 'loss'.*checks\.face\.figures"):
        run.plot("loss")


def test_what_a_run_does_not_hold_is_not_drawn():
    bare = sim.simulate(setting(p=66), 0, 1, threads=1)
    for draw in (bare.plot, lambda: figures.staircase(bare), lambda: figures.teacher_plane(bare)):
        with pytest.raises(ProblemError, match="holds no cosines"):
            draw()
    for wrong in ({"directions": (1, 3)}, {"directions": (1, 1)}, {"steps": (7,)}, {"steps": ()}):
        with pytest.raises(ProblemError, match=r"directions|steps"):
            figures.teacher_plane(sim.simulate(setting(), 0, 1, threads=1), **wrong)
    assert not plt.get_fignums()


def test_runs_that_all_diverged_are_refused_and_leave_no_figure():
    wild = Setting(Target("z1 + z2"), Student("He3", 2), Regime(8, 16, 1e30, 8))
    lost = sim.simulate(wild, 0, 2, at=[0, 8], threads=1)
    for draw in (lost.plot, lambda: figures.staircase(lost), lambda: figures.teacher_plane(lost, steps=(8,))):
        with pytest.raises(ProblemError, match="diverged"):
            draw()
    assert not plt.get_fignums()


def test_what_is_cleared_is_forgotten_and_nothing_holds_the_axes():
    figure = Figure()
    axes = figure.subplots()
    pen.line(axes, "a", [0, 1], [1, 2])
    pen.points(axes, "b", [0], [1])
    axes.lines[0].remove()
    assert [series.name for series in figures.drawn(axes)] == ["b"]
    axes.clear()
    assert figures.drawn(axes) == []
    kept = weakref.ref(axes)
    del figure, axes
    gc.collect()
    assert kept() is None


def test_a_legend_is_no_wider_than_its_axes():
    axes = Figure(figsize=(3, 2)).subplots()
    for i in range(5):
        pen.line(axes, f"{i}", [0, 1], [0, 1], label=f"a long label of number {i}")
    legend.above(axes, 5)
    assert axes.get_legend().get_window_extent().width <= 1.1 * axes.bbox.width


def test_a_file_of_another_kind_is_refused(tmp_path):
    with pytest.raises(ProblemError, match=r"must end in \.svg or \.pdf or \.png"):
        figures.save(Figure(), tmp_path / "figure.gif")
