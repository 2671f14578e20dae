"""How a check says no: `Refuted` with a witness, or `Undecided` with a reason."""

from __future__ import annotations

from .observation import current
from .witness import encode


class Refuted(Exception):
    """The statement under test is false; ``witness`` holds the exact values that show it."""

    def __init__(self, message: str, witness: dict[str, object]):
        super().__init__(message)
        self.message = message
        self.witness = witness
        current().refutations += 1

    def __str__(self) -> str:
        shown = ", ".join(f"{name} = {_short(value)}" for name, value in self.witness.items())
        return f"{self.message} [{shown}]" if shown else self.message


class Undecided(Exception):
    """Neither shown nor refuted: the engine ran out of time, precision or memory."""


def refute_unless(condition: object, message: str = "", /, **witness: object) -> None:
    """Assert that ``condition`` is true; otherwise raise `Refuted` with ``witness``.

    The only assertion that counts: a check that never reaches one asserts nothing and is BROKEN.

    Args:
        condition: a plain truth value. An array is refused: reduce it with ``.all()``.
        message: what failed, in words.
        witness: the exact values that show the failure, at least one, each of which
            `attnproof.theory.core.encode` accepts.

    Raises:
        Refuted: the condition is false.
        TypeError: the condition is no truth value, or no witness was given.
    """
    if not isinstance(condition, bool) and type(condition).__name__ not in ("bool_", "bool"):
        raise TypeError(
            f"refute_unless got a {type(condition).__name__} where it needs True or False: "
            "compare first, and reduce an array with .all()"
        )
    if not witness:
        raise TypeError(
            "refute_unless needs a witness: pass the values that show the failure by name, "
            "e.g. refute_unless(lhs == rhs, lhs=lhs, rhs=rhs)"
        )
    current().assertions += 1
    if not condition:
        raise Refuted(message or "the stated relation fails", dict(witness))


def _short(value: object, limit: int = 120) -> str:
    try:
        text = str(encode(value, plain=True))
    except TypeError:
        text = repr(value)
    return text if len(text) <= limit else text[: limit - 1] + "…"
