"""The one error a user can cause."""


class ProblemError(ValueError):
    """A problem stated wrongly: the message says what was wrong and what would be right."""


def show(value: object, limit: int = 60) -> str:
    """`value` as a message quotes it: one line of ASCII, however odd or long it is."""
    text = " ".join(ascii(value).split())
    return text if len(text) <= limit else text[: limit - 3] + "..."
