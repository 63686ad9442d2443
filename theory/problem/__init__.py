"""The statement of a problem: target, activation, student, regime. The only part of theory that sim may see."""

from .activation import Activation
from .errors import ProblemError
from .regime import Regime
from .setting import Setting
from .student import Student
from .target import Target

__all__ = ["Activation", "ProblemError", "Regime", "Setting", "Student", "Target"]
