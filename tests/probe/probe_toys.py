"""Conjectures that cost nothing to try: about numbers drawn, and no descent at all."""

import os
import signal
from pathlib import Path

import numpy as np
from hypothesis import strategies as st

from checks import strategies
from checks.probe import Conjecture, Ladder
from theory.problem import ProblemError, Regime, Setting, Student, Target


class FewTerms(Conjecture):
    """Says that targets have fewer than three monomials; measured with noise."""

    id = "few-terms"
    title = statement = "targets have fewer than three monomials"
    source = "false by construction"
    truth = False
    search = Ladder((16,), 12)
    confirm = (Ladder((16,), 48),)
    target = st.one_of(strategies.polynomials(3, 4))

    def strategy(self):
        return strategies.settings(self.target, strategies.students(("relu",)))

    def predict(self, setting):
        if setting.target.k == 1:
            raise ProblemError("about several directions")
        return 2.5

    def measure(self, setting, dims, draw):
        random = np.random.default_rng(draw.stream("toy"))
        return len(setting.target.terms) + 0.3 * random.standard_normal(draw.replicas)

    def compare(self, predicted, measured):
        return {"terms": measured - predicted}


class ManyTerms(FewTerms):
    """Says that targets have at most nine monomials, which holds."""

    id = "many-terms"
    title = statement = "targets have at most nine monomials"
    truth = True

    def predict(self, setting):
        return 9.5


class Fickle(FewTerms):
    """Is contradicted by every kind of data but the final ones."""

    def compare(self, predicted, measured):
        return {"terms": measured}

    def measure(self, setting, dims, draw):
        sign = -1.0 if "\nfinal, " in draw.claim else 1.0
        return np.full(draw.replicas, sign)


class Dataless(FewTerms):
    """Is confirmed by no data at all."""

    confirm = ()


class Untupled(FewTerms):
    """Has a ladder where there should be a tuple of them."""

    confirm = Ladder((16,), 48)


class Empty(FewTerms):
    """Searches without replicas."""

    search = Ladder((16,), 0)


class Thin(FewTerms):
    """Has so few replicas that no outcome could refute it."""

    confirm = (Ladder((16,), 10),)


class Dies(FewTerms):
    """The first, in a process that is killed every now and then, as a file beside it says."""

    def measure(self, setting, dims, draw):
        lives = Path(os.environ["PROBE_LIVES"])
        left = int(lives.read_text())
        lives.write_text(str(left - 1))
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().measure(setting, dims, draw)


class Coin(FewTerms):
    """Says what holds only just: every replica is beyond what it allows with probability one half."""

    id = "coin"
    title = statement = "medians are 0"
    truth = True
    student, regime = Student("relu", 4), Regime(16, n=64, eta="p")

    def strategy(self):
        return st.sampled_from([Setting(Target(f"{i}*z1 + z2"), self.student, self.regime) for i in range(1, 41)])

    def measure(self, setting, dims, draw):
        return np.random.default_rng(draw.stream("coin")).standard_normal(draw.replicas)

    def predict(self, setting):
        return 0.0


class Silent(FewTerms):
    """Has a strategy that is none."""

    def strategy(self):
        return 3


class Nameless(Coin):
    """Has no id."""

    id = None


class Fails(FewTerms):
    """Raises what a conjecture should not."""

    def predict(self, setting):
        raise ValueError("a slip")


class WrongShape(FewTerms):
    """Compares with one number for all replicas."""

    def compare(self, predicted, measured):
        return {"terms": np.mean(measured)}
