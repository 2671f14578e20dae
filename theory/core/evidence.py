"""What a check sets out to establish: method, coverage and certainty."""

from __future__ import annotations

from typing import Literal

import msgspec

Coverage = Literal["all", "bounded", "sampled"]
Certainty = Literal["proof", "error", "confidence", "none"]


class Establishes(msgspec.Struct, frozen=True, kw_only=True):
    """The strongest conclusion a check may draw if it holds.

    Attributes:
        method: how, in the field's words (``free algebra``, ``exact rationals``, …).
        coverage: every instance in scope, every instance up to ``bound``, or a sample.
        certainty: a proof, an error probability, a confidence, or none.
        over: which instances, for people: ``every ring, every L`` or ``n ≤ 40, rationals``.
        refutes: the check was written to refute the statement; the run as claimed is expected
            to end in `Refuted`, and at least one repair must hold under the same code.
    """

    method: str
    coverage: Coverage
    certainty: Certainty
    over: str
    refutes: bool = False


def proof(*, over: str, by: str = "equational proof in the free algebra") -> Establishes:
    """A proof for all sizes, replayed by a small exact checker."""
    return Establishes(method=by, coverage="all", certainty="proof", over=over)


def symbolic(*, bound: str, by: str = "rational-function identity") -> Establishes:
    """Every instance of the stated sizes, entries being symbols."""
    return Establishes(method=by, coverage="bounded", certainty="proof", over=bound)


def exact(*, bound: str, by: str = "exact rationals") -> Establishes:
    """Exact arithmetic on particular instances: no rounding, but only those instances.

    Counts as bounded coverage only where the instances exhaust the bound (finite enumeration) or
    the statement is about these instances; otherwise say `sampled`.
    """
    return Establishes(method=by, coverage="bounded", certainty="proof", over=bound)


def enclosure(*, bound: str, by: str = "ball arithmetic (Arb)") -> Establishes:
    """A rigorous enclosure of real numbers on the stated instances."""
    return Establishes(method=by, coverage="bounded", certainty="proof", over=bound)


def prime_field(*, bound: str) -> Establishes:
    """A polynomial identity at a fixed size, tested at random points mod 2^61 − 1.

    The error probability is recorded by the engine while the check runs.
    """
    return Establishes(
        method="Schwartz–Zippel mod 2^61−1", coverage="bounded", certainty="error", over=bound
    )


def smt(*, over: str, bounded: bool = True) -> Establishes:
    """An SMT solver found the negation unsatisfiable; shown as a proof by that solver."""
    coverage: Coverage = "bounded" if bounded else "all"
    return Establishes(method="SMT (z3)", coverage=coverage, certainty="proof", over=over)


def certificate(*, over: str, by: str, bounded: bool = False) -> Establishes:
    """A certificate (sum of squares, KKT, Farkas) re-checked exactly."""
    coverage: Coverage = "bounded" if bounded else "all"
    return Establishes(method=by, coverage=coverage, certainty="proof", over=over)


def sampled(*, over: str, by: str = "random instances") -> Establishes:
    """Instances drawn at random; at best SUPPORTED, with the bound the sample gives."""
    return Establishes(method=by, coverage="sampled", certainty="confidence", over=over)


def measured(*, over: str, by: str = "measurement") -> Establishes:
    """A measurement, or a tolerance that was not derived: at best SUPPORTED."""
    return Establishes(method=by, coverage="sampled", certainty="none", over=over)


def counterexample(*, over: str, by: str = "exact rationals") -> Establishes:
    """The statement is expected to fail; one exact witness settles it."""
    return Establishes(method=by, coverage="all", certainty="proof", over=over, refutes=True)
