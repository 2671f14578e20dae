"""Comparisons of enclosed reals: yes, no, or the precision does not tell."""

from __future__ import annotations

from flint import arb

from attnproof.theory.algebra.ball import ball
from attnproof.theory.core import Refuted, Undecided, refute_unless

from .version import used


def at_most(left: object, right: object, message: str = "", **witness: object) -> None:
    """``left ≤ right`` for every pair of reals in the two balls.

    Raises:
        Refuted: certainly ``left > right``.
        Undecided: the balls overlap; raise the precision.
    """
    used("ball arithmetic", "python-flint")
    x, y = ball(left), ball(right)
    if x > y:
        raise Refuted(message or "left exceeds right", {"left": x, "right": y, **witness})
    if not x <= y:
        raise Undecided(f"{message}: {x.str(8)} and {y.str(8)} overlap; use more bits")
    refute_unless(True, message, left=x, right=y)


def contains(enclosure: object, value: object, message: str = "", **witness: object) -> None:
    """Two enclosures of what is claimed to be one number overlap.

    Overlap never proves equality; disjointness refutes it.

    Raises:
        Refuted: the balls are disjoint.
    """
    used("ball arithmetic", "python-flint")
    x, y = ball(enclosure), ball(value)
    refute_unless(
        bool(x.overlaps(y)), message or "the enclosures are disjoint", left=x, right=y, **witness
    )


def width(value: arb) -> float:
    """An upper bound of the radius, for the report."""
    return float(value.rad())
