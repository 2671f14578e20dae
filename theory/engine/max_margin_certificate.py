"""Certificates of max-margin problems, multiplied out again in plain fractions.

``minimise ‖W‖_F² subject to ⟨A_k, W⟩ ≥ 1 for every k`` has the solution W if and only if there are
multipliers λ with

    W = Σ λ_k A_k,    λ_k ≥ 0,    ⟨A_k, W⟩ ≥ 1,    λ_k (⟨A_k, W⟩ − 1) = 0,

and then ``‖W‖_F² = Σ λ_k``. No W is feasible if and only if there are weights y with

    y_k ≥ 0,    Σ y_k = 1,    Σ y_k A_k = 0.

Nothing here knows how a certificate was found: whatever proposes it, it is the products and sums
below that decide. Arithmetic is that of `fractions.Fraction`.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from fractions import Fraction

Entries = Iterable[Iterable[object]]


def kkt_violations(
    constraints: Mapping[Hashable, Entries],
    matrix: Entries,
    multipliers: Mapping[Hashable, object],
) -> dict[str, object]:
    """Condition that fails → the exact values that show it; empty if W is optimal.

    Args:
        constraints: k → A_k, matrices of the shape of ``matrix``, with exact entries.
        matrix: W.
        multipliers: k → λ_k; a constraint without an entry has multiplier zero.

    Raises:
        KeyError: a multiplier for a constraint that is not there.
        TypeError: a float, which is not the number that was meant.
    """
    unknown = set(multipliers) - set(constraints)
    if unknown:
        raise KeyError(f"multipliers for {sorted(map(str, unknown))}, which are no constraints")
    given = {key: _flat(entries) for key, entries in constraints.items()}
    point = _flat(matrix)
    weights = {key: _fraction(multipliers.get(key, 0)) for key in given}
    margins = {key: _inner(entries, point) for key, entries in given.items()}
    squared, total = _inner(point, point), sum(weights.values(), Fraction(0))
    combined = _combination(given, weights, len(point))
    found: dict[str, object] = {}
    negative = {key: weight for key, weight in weights.items() if weight < 0}
    short = {key: margin for key, margin in margins.items() if margin < 1}
    slack = {key: margins[key] for key in given if weights[key] * (margins[key] - 1) != 0}
    if combined != point:
        found["stationarity W = Σ λ A"] = [a - b for a, b in zip(point, combined)]
    if negative:
        found["multipliers λ ≥ 0"] = _named(negative)
    if short:
        found["margins ⟨A, W⟩ ≥ 1"] = _named(short)
    if slack:
        found["complementary slackness λ (⟨A, W⟩ − 1) = 0"] = _named(slack)
    if squared != total:
        found["no gap ‖W‖² = Σ λ"] = [squared, total]
    return found


def farkas_violations(
    constraints: Mapping[Hashable, Entries], weights: Mapping[Hashable, object]
) -> dict[str, object]:
    """Condition that fails → values; empty if y proves that no W has ``⟨A_k, W⟩ ≥ 1`` for all k.

    For such a W, ``1 ≤ Σ y_k ⟨A_k, W⟩ = ⟨Σ y_k A_k, W⟩ = 0``.

    Raises:
        KeyError: a weight for a constraint that is not there.
        TypeError: a float.
    """
    unknown = set(weights) - set(constraints)
    if unknown:
        raise KeyError(f"weights for {sorted(map(str, unknown))}, which are no constraints")
    given = {key: _flat(entries) for key, entries in constraints.items()}
    exact = {key: _fraction(weights.get(key, 0)) for key in given}
    size = len(next(iter(given.values()))) if given else 0
    combined = _combination(given, exact, size)
    found: dict[str, object] = {}
    negative = {key: weight for key, weight in exact.items() if weight < 0}
    if negative:
        found["weights y ≥ 0"] = _named(negative)
    if sum(exact.values(), Fraction(0)) != 1:
        found["weights Σ y = 1"] = sum(exact.values(), Fraction(0))
    if any(combined):
        found["combination Σ y A = 0"] = combined
    return found


def _combination(given, weights, size: int) -> list[Fraction]:
    total = [Fraction(0)] * size
    for key, entries in given.items():
        if weights[key]:
            total = [sum_ + weights[key] * entry for sum_, entry in zip(total, entries)]
    return total


def _inner(left: list[Fraction], right: list[Fraction]) -> Fraction:
    return sum((a * b for a, b in zip(left, right, strict=True)), Fraction(0))


def _flat(entries: Entries) -> list[Fraction]:
    return [_fraction(entry) for row in entries for entry in row]


def _fraction(value: object) -> Fraction:
    if isinstance(value, float):
        raise TypeError(f"{value!r} is a float: a certificate is checked on exact numbers only")
    if hasattr(value, "p") and hasattr(value, "q"):
        return Fraction(int(value.p), int(value.q))
    return Fraction(value)  # type: ignore[arg-type]


def _named(values: Mapping[Hashable, Fraction]) -> dict[str, Fraction]:
    return {str(key): value for key, value in values.items()}
