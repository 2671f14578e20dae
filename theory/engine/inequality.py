"""Inequalities as exact non-negative combinations of what is given."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction

import numpy as np

from attnproof.theory.algebra.free_algebra import FreeElement
from attnproof.theory.algebra.rational import rational
from attnproof.theory.core import Refuted, Undecided, refute_unless

from .version import used

Term = tuple[int | Fraction, Sequence[str], Sequence[FreeElement]]


def entails(
    conclusion: FreeElement,
    *,
    given: Mapping[str, FreeElement],
    certificate: Iterable[Term],
    models: Iterable[Mapping[str, object]] | None = None,
    message: str = "the inequality fails",
) -> None:
    """``conclusion ≥ 0`` because ``conclusion = Σ c · Π given · Π square²`` with every ``c ≥ 0``.

    All elements are polynomials in commuting scalars (`free_algebra.scalars`). The identity is
    checked by expansion; products of non-negative things and squares are non-negative, so the
    proof holds for all real values that satisfy ``given``.

    Args:
        conclusion: claimed to be ≥ 0.
        given: name → element assumed to be ≥ 0.
        certificate: terms (c, names of given factors, elements to be squared).
        models: scalar → rational assignments; small rational points by default. One of them must
            satisfy everything given, which shows that the premises are consistent, and a
            counterexample is looked for among them.

    Raises:
        Refuted: a point at which everything given is ≥ 0 and the conclusion is < 0.
        Undecided: the certificate does not fit and no point contradicts the claim.
        ValueError: a negative coefficient in the certificate, or premises without a model.
    """
    used("non-negative combination", "attnproof")
    combined = FreeElement.constant(0)
    for coefficient, names, squares in certificate:
        if coefficient < 0:
            raise ValueError(f"the certificate has the negative coefficient {coefficient}")
        term = FreeElement.constant(coefficient)
        for name in names:
            term = term * given[name]
        for square in squares:
            term = term * square * square
        combined = combined + term
    residual = conclusion - combined
    if models is None:
        models = _points([conclusion, *given.values()])
    possible = (
        model for model in models if all(_value(element, model) >= 0 for element in given.values())
    )
    if residual.is_zero:
        if next(possible, None) is None:
            raise ValueError(
                "no model satisfies everything given, and from contradictory premises everything "
                "follows: pass models=[…] with a point that does"
            )
        refute_unless(True, message, residual="0")
        return
    for model in possible:
        value = _value(conclusion, model)
        if value < 0:
            raise Refuted(message, {**model, "conclusion": value})
    raise Undecided(f"{message}: the certificate leaves {residual}; no point contradicts the claim")


def _points(elements: list[FreeElement]) -> Iterator[dict[str, object]]:
    names = sorted(
        {name for element in elements for scalar, _ in element.terms for name, _ in scalar}
    )
    generator = np.random.default_rng(0)
    for attempt in range(4000):
        denominator = 1 + attempt % 8
        yield {
            name: rational(Fraction(int(generator.integers(-8, 17)), denominator)) for name in names
        }


def _value(element: FreeElement, model: Mapping[str, object]) -> object:
    total = rational(0)
    for (central, word), coefficient in element.terms.items():
        if word:
            raise ValueError(f"{word} does not commute: inequalities are about scalars")
        term = rational(coefficient)
        for name, exponent in central:
            term = term * model[name] ** exponent  # type: ignore[operator]
        total = total + term
    return total
