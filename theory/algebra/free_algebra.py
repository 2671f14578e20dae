"""The free algebra over the rationals: what holds here holds in every ring, at every size."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction

import numpy as np

from .rational import rational, rational_array

Monomial = tuple[tuple[tuple[str, int], ...], tuple[str, ...]]


class FreeElement:
    """A polynomial in non-commuting letters and commuting scalars, with rational coefficients.

    ``A @ B`` and ``A * B`` are the ring product; scalars (`scalar`) commute with everything.
    Two elements are equal exactly if they agree in every ring under every substitution.
    """

    __slots__ = ("terms",)

    def __init__(self, terms: Mapping[Monomial, Fraction]):
        self.terms = {monomial: value for monomial, value in terms.items() if value}

    @classmethod
    def constant(cls, value: int | Fraction) -> FreeElement:
        """The scalar ``value``."""
        return cls({((), ()): Fraction(value)})

    @classmethod
    def one(cls) -> FreeElement:
        """The unit of the ring."""
        return cls.constant(1)

    @property
    def is_zero(self) -> bool:
        """Whether the element vanishes in every ring."""
        return not self.terms

    def evaluate(self, values: Mapping[str, object]) -> np.ndarray:
        """The matrix that results from substituting a matrix for every letter, a number for every
        scalar.

        Letters may stand for rectangular matrices (vectors as n × 1 or 1 × n) as long as every
        product is defined and all words have one shape.

        Raises:
            KeyError: a letter or scalar has no value.
        """
        total = None
        constant = Fraction(0)
        for (central, word), coefficient in self.terms.items():
            factor = rational(coefficient)
            for name, exponent in central:
                factor = factor * values[name] ** exponent  # type: ignore[operator]
            if not word:
                constant = constant + factor if constant else factor
                continue
            product = values[word[0]]
            for name in word[1:]:
                product = product @ values[name]  # type: ignore[operator]
            total = factor * product if total is None else total + factor * product
        if total is None:
            square = [v for v in values.values() if getattr(v, "ndim", 0) == 2]
            size = square[0].shape[0] if square else 1
            total = rational_array(np.zeros((size, size), dtype=int).tolist())
        if constant:
            diagonal = np.arange(total.shape[0])
            total = total.copy()
            total[diagonal, diagonal] = total[diagonal, diagonal] + constant
        return total

    def __add__(self, other: object) -> FreeElement:
        if isinstance(other, np.ndarray):
            return NotImplemented
        terms = dict(self.terms)
        for monomial, value in _coerce(other).terms.items():
            terms[monomial] = terms.get(monomial, Fraction(0)) + value
        return FreeElement(terms)

    __radd__ = __add__

    def __neg__(self) -> FreeElement:
        return FreeElement({monomial: -value for monomial, value in self.terms.items()})

    def __sub__(self, other: object) -> FreeElement:
        if isinstance(other, np.ndarray):
            return NotImplemented
        return self + -_coerce(other)

    def __rsub__(self, other: object) -> FreeElement:
        return _coerce(other) + -self

    def __mul__(self, other: object) -> FreeElement:
        if isinstance(other, np.ndarray):
            return NotImplemented
        terms: dict[Monomial, Fraction] = {}
        for (left_scalars, left_word), left in self.terms.items():
            for (right_scalars, right_word), right in _coerce(other).terms.items():
                monomial = (_merge(left_scalars, right_scalars), left_word + right_word)
                terms[monomial] = terms.get(monomial, Fraction(0)) + left * right
        return FreeElement(terms)

    def __rmul__(self, other: object) -> FreeElement:
        return _coerce(other) * self

    __matmul__ = __mul__
    __rmatmul__ = __rmul__

    def __truediv__(self, other: object) -> FreeElement:
        return self * FreeElement.constant(1 / Fraction(other))

    def __pow__(self, exponent: int) -> FreeElement:
        if exponent < 0:
            raise ValueError(
                f"power {exponent}: the free algebra has no inverses; introduce a letter N with "
                "the hypotheses N @ M - 1 and M @ N - 1"
            )
        result = FreeElement.one()
        for _ in range(exponent):
            result = result * self
        return result

    def __eq__(self, other: object) -> bool:
        return (self - _coerce(other)).is_zero

    __hash__ = None  # type: ignore[assignment]

    def __str__(self) -> str:
        if not self.terms:
            return "0"
        return " + ".join(_show(monomial, value) for monomial, value in sorted(self.terms.items()))

    __repr__ = __str__


def letters(names: str | Iterable[str]) -> list[FreeElement]:
    """Non-commuting letters: ``A, P = letters("A P")``."""
    return [FreeElement({((), (name,)): Fraction(1)}) for name in _split(names)]


def scalars(names: str | Iterable[str]) -> list[FreeElement]:
    """Central scalars, which commute with every letter: ``(gamma,) = scalars("gamma")``."""
    return [FreeElement({(((name, 1),), ()): Fraction(1)}) for name in _split(names)]


def _split(names: str | Iterable[str]) -> list[str]:
    return names.split() if isinstance(names, str) else list(names)


def _coerce(value: object) -> FreeElement:
    if isinstance(value, FreeElement):
        return value
    return FreeElement.constant(Fraction(value))  # type: ignore[arg-type]


def _merge(
    left: tuple[tuple[str, int], ...], right: tuple[tuple[str, int], ...]
) -> tuple[tuple[str, int], ...]:
    powers = dict(left)
    for name, exponent in right:
        powers[name] = powers.get(name, 0) + exponent
    return tuple(sorted(powers.items()))


def _show(monomial: Monomial, value: Fraction) -> str:
    central, word = monomial
    factors = [f"{name}^{exponent}" if exponent > 1 else name for name, exponent in central]
    factors += word
    if not factors:
        return str(value)
    return "·".join(factors if value == 1 else [str(value), *factors])
