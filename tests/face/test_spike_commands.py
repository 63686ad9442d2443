"""`giantstep predict` and `simulate` with a growing rate: numbers of theory, units, figures, refusals."""

import json
from math import sqrt

import numpy as np
import pytest
import xarray
from matplotlib.figure import Figure

import sim
from checks.campaign import Campaign
from checks.face.figures import gains as draw_gains
from checks.face.figures import spectrum as draw_spectrum
from checks.face.spikes_errors import curves_of, errors_of
from checks.face.spikes_run import centred, run_each, spike_setting
from checks.face.spikes_spectrum import spectrum_of
from checks.face.spikes_stored import from_xarray
from checks.face.spikes_values import rate_values
from checks.simulation import READOUT
from theory import (
    Activation,
    ProblemError,
    Setting,
    Target,
    hermite_coefficients,
    hermite_tensor,
    maximal_rate_errors,
    random_feature_errors,
    spike_errors,
    spike_gains,
    spike_spectrum,
    visible_from,
)

TARGET = "z1 + He2(z1)/2"
RATIOS = ("--phi", "0.5", "--psi", "0.6", "--ridge", "0.01")
PREDICT = ("predict", TARGET, "--rate-exponent", "0.3", *RATIOS, "--prefactor", "2", "--noise", "0.3")
SMALL = ("-d", "20", "-n", "2d", "-p", "30", "--activation", "tanh", "--threads", "1", "--no-store")
ONE = ("simulate", TARGET, *SMALL, "--rate-exponent", "0.28", "--prefactor", "2", "--replicas", "3")
SWEEP = ("simulate", TARGET, *SMALL, "--ridge", "0.05", "--replicas", "3", "--sweep", "rate-exponent")
ERRORS = ("train_loss", "train_error", "test_error")


def small(activation="tanh", exponent=0.28, *, scaling="mean-field", loss="squared", ridge=0.05):
    """A step and the setting of the Student that takes it."""
    sizes = {"d": 20, "n": "2d", "p": 30, "ridge": ridge}
    how = {"scaling": scaling, "loss": loss}
    return spike_setting(Target(TARGET, noise=0.3), Activation(activation), sizes, (exponent, 2.0), how)


def runs(steps, *, spectrum=True):
    """Of three replicas, computed here."""
    how = {"seed": 5, "replicas": 3, "method": "auto", "spectrum": spectrum}
    return list(run_each(Campaign(threads=1), steps, **how))


def test_predict_gives_the_numbers_of_theory(run):
    found = json.loads(run(*PREDICT, "--json").stdout)
    spikes, f = found["spikes"], Target(TARGET, noise=0.3)
    assert found["leap_index"] == 1  # all that predict says without a rate is there too
    rate = {"rate_exponent": 0.3, "prefactor": 2.0}
    sizes = {"n": 2000, "d": 1000, "width": 1667}
    spectrum = spike_spectrum(f, "relu", **sizes, **rate)
    assert (spikes["regime"], spikes["edge"], tuple(spikes["outliers"])) == (2, spectrum.edge, spectrum.outliers)
    assert [spike["exponent"] for spike in spikes["sizes"][:2]] == pytest.approx([0.8, 0.6])
    assert (spikes["sizes"][2]["size"], spikes["sizes"][2]["exponent"]) == (0, "-inf")
    assert list(spikes["visible_from"]) == ["1", "2"]
    assert spikes["visible_from"]["2"] == visible_from(f, "relu", 2, phi=0.5, psi=0.6, **rate)
    gains = spike_gains(f, "relu", phi=0.5, psi=0.6, ridge=0.01, regime=2)
    after = spike_errors(f, "relu", ridge=0.01, **sizes, **rate)
    for name in ERRORS:
        assert spikes["gains"][name] == getattr(gains, name)
        assert spikes["errors"]["after"][name] == getattr(after, name)
        assert spikes["errors"]["before"][name] == getattr(after.before, name)


def test_predict_reads_as_tables(run):
    done = run(*PREDICT)
    assert done.returncode == 0
    assert all(text in done.stdout for text in ("regime 2", "n^0.8", "edge of the bulk", "gain, limit", "leap index"))
    assert "train loss" not in run(*PREDICT[:4], "--phi", ".5", "--psi", ".6").stdout  # nothing was asked of ridge


def test_at_one_half_it_is_the_maximal_rate_in_the_same_units(run):
    """eta = sqrt(p) C n^(1/2) = eta~ p, so eta~ = C sqrt(n/p); the penalty is gamma = ridge n/p."""
    options = ("--rate-exponent", "0.5", *RATIOS, "--prefactor", "1.5", "--json")
    found = json.loads(run("predict", TARGET, *options).stdout)["spikes"]
    share = 1.2  # n/p
    expected = maximal_rate_errors(
        TARGET, "relu", alpha0=2, eta=1.5 * sqrt(share), samples_per_width=share, ratio=1 / 0.6, ridge=0.01 * share
    )
    before = random_feature_errors(TARGET, "relu", phi=0.5, psi=0.6, ridge=0.01)
    for name in ERRORS:
        assert found["errors"]["after"][name] == pytest.approx(getattr(expected, name), rel=1e-9)
        assert found["errors"]["before"][name] == pytest.approx(getattr(before, name), rel=1e-12)
    assert "maximal rate" in run("predict", TARGET, *options[:-1]).stdout


def test_a_target_without_a_linear_part_is_told_to_gain_nothing(run):
    options = ("--rate-exponent", "0.35", *RATIOS)
    spikes = json.loads(run("predict", "He2(z1)", *options, "--json").stdout)["spikes"]
    assert set(spikes["gains"].values()) == {0.0}
    done = run("predict", "He2(z1)", *options)
    assert done.returncode == 0
    assert "information exponent 2" in done.stdout
    assert "c_k = 0 of relu for k = 3" in done.stdout


RATE = ("--rate-exponent", "0.3")
BAD = [
    (("predict", "z1", "--rate-exponent", "0.25", *RATIOS), "threshold of spike 2"),
    (("predict", "z1", "--rate-exponent", "0.6", *RATIOS), "5/11"),
    (("predict", "z1", "--rate-exponent", "nan", *RATIOS), "rate_exponent"),
    (("predict", "z1", *RATE, *RATIOS, "--activation", "abs"), "c_1 = 0"),
    (("predict", "z1", *RATE, *RATIOS, "--prefactor", "1e9"), "too large"),
    (("predict", "z1", *RATE, *RATIOS, "--prefactor", "1e200"), "too large"),
    (("predict", "z1", *RATE, "--phi", "1e300", "--psi", "1e-5"), "d = phi n"),
    (("predict", "z1", "--rate-exponent", "0.5", *RATIOS, "--prefactor", "1e200"), "too large"),
    (("predict", "z1", *RATE, *RATIOS, "--scaling", "x"), "mean-field, ntk"),
    (("predict", "z1", *RATE, *RATIOS, "--n", "0"), "n = 0"),
    (("predict", "z1", *RATE, "--phi", "0.5"), "--psi"),
    (("predict", "z1", *RATE, "--phi", "-1", "--psi", "1"), "phi"),
    (("predict", "z1", *RATE, *RATIOS, "-p", "4"), "-p"),
    (("predict", "z1", *RATE, *RATIOS, "--bias", "1"), "relu(u + 1/2)"),
    (("predict", "z1", "--ridge", "1"), "--rate-exponent"),
    (("predict", "z1*z2", "--rate-exponent", "0.5", *RATIOS), "one coordinate"),
    (("predict", "z1", "--rate-exponent", "0.5", *RATIOS, "--scaling", "ntk"), "--scaling"),
    (("predict", "z1", "--rate-exponent", "0.5", "--phi", "1", "--psi", "1"), "--ridge"),
    (("simulate", "z1", "--prefactor", "2"), "--rate-exponent"),
    ((*ONE[:-6], "--rate-exponent", "0.6"), "1/2"),
    ((*ONE, "--prefactor", "-1"), "prefactor"),
    ((*ONE, "--prefactor", "1e200", "--json"), "prefactor"),
    ((*ONE, "--ridge", "-1"), "ridge"),
    ((*ONE, "--eta", "p"), "--eta"),
    ((*ONE, "--init", "symmetric"), "--init"),
    ((*ONE, "--second-layer", "uniform"), "--second-layer"),
    ((*ONE, "--steps", "2"), "--steps"),
    ((*ONE, "--reuse"), "--reuse"),
    ((*ONE, "--plot", "spikes.txt"), ".svg"),
    ((*ONE, "--sweep", "n", "--values", "8,16"), "--sweep"),
    ((*ONE, "--sweep", "rate-exponent", "--values", "0..0.4:3"), "--sweep"),
    ((*ONE, "--method", "euler"), "method"),
    ((*SWEEP[:-6], "--sweep", "rate-exponent", "--values", "0..0.4:3"), "--ridge"),
    ((*SWEEP, "--values", "0..1:3"), "values"),
    (SWEEP, "--values"),
]


@pytest.mark.parametrize(("arguments", "said"), BAD, ids=[f"{' '.join(a[:2])}: {said}" for a, said in BAD])
def test_what_does_not_go_is_one_clear_line(run, arguments, said):
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("giantstep: ")
    assert done.stderr.count("\n") == 1
    assert said in done.stderr


@pytest.mark.parametrize("activation", ["relu", "softplus", "tanh"])
def test_target_and_activation_are_centred(activation):
    target, own = centred(Target("z1**2 + z2", k=3, noise=0.2), Activation(activation))
    assert hermite_tensor(target, 0)[()] == 0
    assert (target.k, target.noise) == (3, 0.2)
    assert abs(float(hermite_coefficients(own, 0)[0])) < 1e-15


@pytest.mark.parametrize(
    ("scaling", "loss", "factor", "kept"),
    [
        ("mean-field", "squared", sqrt(30), "mean-field"),
        ("ntk", "squared", 1, "ntk"),
        ("ntk", "correlation", 1, "mean-field"),
    ],
)
def test_the_student_takes_the_step_in_the_units_of_the_spikes(scaling, loss, factor, kept):
    """W1 - W0 = eta G, rows of G a_i X^T (r sigma')/n with |a| near 1: all but the gradient is read off the run."""
    step, setting = small(scaling=scaling, loss=loss)
    assert (step.n, step.d, step.width, step.scaling) == (40, 20, 30, kept)
    assert step.eta == pytest.approx(2 * 40**0.28)
    assert setting.eta == pytest.approx(factor * step.eta)
    student = setting.student
    assert (student.second_layer, student.init, setting.regime.steps) == ("gaussian", "plain", 1)
    v = 1 / 30 if scaling == "mean-field" else 1 / sqrt(30)  # of alpha_i in a Student's step, docs/conventions.md
    assert setting.eta * v == pytest.approx(step.eta / sqrt(30))  # of sqrt(N) a_i in the spikes'


def test_errors_are_those_of_the_paper_s_penalty():
    """L_tr = lambda y^T (F F^T + lambda n)^-1 y on F itself, its penalty ridge n on |a|^2 and no factor sqrt(p)."""
    step, setting = small()
    (found,) = runs([(step, setting)])
    run = sim.simulate(setting, 5, 3, record=("rows",), at=(0, 1), threads=1)
    seen = run.features(setting.n, np.random.SeedSequence(5, spawn_key=(READOUT,)), matrices=True, threads=1)
    np.testing.assert_allclose(found.arrays["values"], seen.values, rtol=1e-12)
    for replica, labels in enumerate(seen.labels):
        for t in (0, 1):
            features = seen.matrices[replica, t]
            dual = np.linalg.solve(features @ features.T + 0.05 * 40 * np.eye(40), labels)
            assert found.arrays["train_loss"][replica, t] == pytest.approx(0.05 * labels @ dual, rel=1e-8)
            residual = 0.05 * 40 * dual
            assert found.arrays["train_error"][replica, t] == pytest.approx(residual @ residual / 40, rel=1e-8)


def test_simulate_shows_spectrum_and_errors_beside_theory(run, tmp_path):
    figure = tmp_path / "spikes.svg"
    done = run(*ONE, "--ridge", "0.05", "--json", "--plot", str(figure))
    body = json.loads(done.stdout)
    spectrum, theory = body["spectrum"], spike_spectrum(
        TARGET, "tanh", n=40, d=20, width=30, rate_exponent=0.28, prefactor=2.0
    )  # fmt: skip
    assert (spectrum["edge"], tuple(spectrum["outliers"]), spectrum["regime"]) == (theory.edge, theory.outliers, 2)
    assert body["gamma"] == pytest.approx(0.05 * 40 / 30)
    edges, density = np.array(spectrum["histogram"]["edges"]), np.array(spectrum["histogram"]["density"])
    assert np.diff(edges) @ density == pytest.approx(30 / 40)  # all of N singular values, as a share of n
    bulk = spectrum["bulk"]
    assert np.trapezoid(bulk["density"], bulk["values"]) == pytest.approx(30 / 40, abs=0.01)
    errors, predicted = body["errors"], body["predicted"]
    assert set(errors) == {"before", "after", "gain", "ratio"}
    expected = spike_errors(TARGET, "tanh", n=40, d=20, width=30, ridge=0.05, rate_exponent=0.28, prefactor=2.0)
    assert predicted["after"]["test_error"] == expected.test_error
    assert 0 < figure.stat().st_size < 150_000
    table = run(*ONE, "--ridge", "0.05").stdout
    assert all(text in table for text in ("singular value", f"edge {theory.edge:.2f}", "gamma = ridge n/p", "gain"))


def test_where_theory_refuses_the_run_is_shown_alone(run):
    done = run(*SMALL_AT_THRESHOLD)
    assert done.returncode == 0
    assert "no spikes predicted: rate_exponent = 1/4" in done.stdout


SMALL_AT_THRESHOLD = ("simulate", TARGET, *SMALL, "--rate-exponent", "0.25", "--replicas", "3")


def test_a_huge_step_draws_no_endless_histogram():
    step, setting = spike_setting(
        Target(TARGET), Activation("relu"), {"d": 20, "n": 40, "p": 30, "ridge": None}, (0.3, 1e9),
        {"scaling": "mean-field", "loss": "squared"},
    )  # fmt: skip
    spectrum = spectrum_of(runs([(step, setting)])[0])
    assert spectrum.theory is None
    assert len(spectrum.histogram()[0]) <= 400
    draw_spectrum(spectrum, ax=Figure().subplots())


def test_a_sweep_gives_every_number_of_its_figure(run, tmp_path, monkeypatch):
    figure = tmp_path / "gains.svg"
    monkeypatch.setattr(curves_of, "__defaults__", (4,))  # points of the curve
    done = run(*SWEEP, "--values", "0.1..0.4:3", "--json", "--plot", str(figure))
    *lines, curves = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["rate_exponent"] for line in lines] == [0.1, 0.25, 0.4]
    assert len({json.dumps(line["errors"]["before"]) for line in lines}) == 1  # the same data and rows: paired
    assert curves["sweep"] == "rate-exponent"
    crossover = curves["crossover"]
    assert (crossover["rate_exponents"][0], crossover["rate_exponents"][-1]) == (0.1, 0.4)
    assert crossover["test_error"][-1] == pytest.approx(lines[-1]["predicted"]["after"]["test_error"])
    ends = [(level["from"], level["to"]) for level in curves["plateaus"]]
    assert np.array(ends).ravel() == pytest.approx([0.1, 1 / 4, 1 / 4, 1 / 3, 1 / 3, 3 / 8, 3 / 8, 0.4])
    assert figure.stat().st_size < 150_000
    table = run(*SWEEP, "--values", "0.1,0.3").stdout
    assert "plateau" in table


def test_figures_are_drawn_on_axes_given():
    """Markers, plateaus and spikes at the numbers they stand for."""
    found = [errors_of(each) for each in runs([small(exponent=a) for a in (0.1, 0.3)], spectrum=False)]
    curves, axes = curves_of(found[0].run.step, 0.1, 0.3, points=3), Figure().subplots()
    draw_gains(found, curves, ("train_loss",), ax=axes)
    lines = {line.get_label(): line for line in axes.lines}
    shares = [each.run.ratios("train_loss") for each in found]
    np.testing.assert_allclose(lines["gradient step"].get_ydata(), [np.median(share) for share in shares])
    gains = spike_gains(Target(TARGET, noise=0.3), "tanh", phi=1 / 2, psi=2 / 3, ridge=0.05, regime=1)
    level = 1 - gains.train_loss / gains.before.train_loss
    np.testing.assert_allclose(lines[r"plateaus, $n\to\infty$"].get_ydata(), level)
    (run,) = runs([small()])
    spectrum, other = spectrum_of(run), Figure().subplots()
    draw_spectrum(spectrum, ax=other)
    spikes = next(line for line in other.lines if line.get_label() == "spikes, theory")
    np.testing.assert_allclose(spikes.get_xdata(), spectrum.theory.outliers)


def test_a_seed_beyond_64_bits_is_kept_with_the_run(run, tmp_path):
    file, seed = tmp_path / "run.nc", 2**64
    assert run(*ONE, "--seed", str(seed), "--out", str(file)).returncode == 0
    with xarray.open_dataset(file) as data:
        assert from_xarray(data.load()).seed == seed


@pytest.mark.parametrize(
    ("text", "expected"),
    [("0..0.45:10", np.linspace(0, 0.45, 10)), ("0.1, 0.3", [0.1, 0.3]), ("0.2", [0.2]), (".1..0.5:2", [0.1, 0.5])],
)
def test_rate_exponents_of_a_sweep(text, expected):
    np.testing.assert_allclose(rate_values(text), expected)


@pytest.mark.parametrize(
    "text", ["", "a", "0.3,0.1", "0.1,0.1", "0..0.6:3", "-0.1..0.4:3", "0..0.4", "0..0.4:1", "nan"]
)
def test_bad_rate_exponents_of_a_sweep(text):
    with pytest.raises(ProblemError, match="rate exponents between 0 and 1/2"):
        rate_values(text)


def test_the_setting_of_a_run_can_be_read_again(run):
    body = json.loads(run(*ONE, "--json").stdout)
    assert Setting.from_json(body["setting"]).eta == pytest.approx(body["eta"] * sqrt(30))
