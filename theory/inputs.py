"""What theory may say where inputs are not Gaussian: mostly nothing, and a conjecture for dense teachers."""

from .problem import ProblemError, Regime


def require_gaussian(regime: Regime, caller: str) -> None:
    """Raises ProblemError, with the reason, unless inputs are Gaussian; where the teacher lies then changes no law."""
    if regime.inputs != "gaussian":
        raise ProblemError(f"{caller} needs Gaussian inputs, not {regime.inputs}")


def universality(regime: Regime) -> str | None:
    """None where inputs are Gaussian, else a remark on the Gaussian prediction for a dense teacher: a conjecture.

    <w*, x> is then asymptotically Gaussian (central limit theorem). Raises ProblemError where it is not, and the
    Gaussian prediction is wrong: along the axes, and for elliptical inputs (docs/notes/inputs.md).
    """
    law = regime.inputs
    if law == "gaussian":
        return None
    if law == "elliptical":
        raise ProblemError(
            "elliptical inputs are Gaussian along no direction, for the coordinates of a sample share a random scale: "
            "Hermite coefficients do not tell what is learned"
        )
    if regime.teacher == "axis":
        raise ProblemError(
            f"Hermite coefficients are for Gaussian inputs; along an axis {law} ones have other moments"
            + (" (He2(z1) is 0 and He3(z1) is -2*z1)" if law == "rademacher" else "")
            + ": a dense teacher (teacher='dense') has the Gaussian prediction, as a conjecture"
        )
    return f"inputs are {law}: that a dense teacher is learned as from Gaussian inputs is a conjecture (universality)"
