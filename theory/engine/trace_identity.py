"""Identities between traces, for all sizes: words up to rotation and transposition."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from attnproof.theory.algebra.free_algebra import FreeElement, Monomial
from attnproof.theory.core import Refuted, Undecided, refute_unless

from .equational import Model, small_models
from .version import used


def equal_traces(
    left: FreeElement,
    right: FreeElement,
    *,
    transposes: Mapping[str, str],
    models: Iterable[Model] | None = None,
    message: str = "the traces differ",
) -> None:
    """``tr(left) = tr(right)`` for all matrices, from ``tr(XY) = tr(YX)`` and ``tr(Xᵀ) = tr(X)``.

    Both laws are applied to every word, which is replaced by the smallest of its rotations and of
    the rotations of its transpose. Equal normal forms prove the identity at every size over every
    commutative ring.

    Args:
        left, right: elements of the free algebra, constants excluded (tr I depends on the size).
        transposes: letter → letter of its transpose, for every letter that is used;
            symmetric letters are mapped to themselves.
        models: exact matrices, transposes included; small integer ones by default.

    Raises:
        Refuted: the traces differ on a model; the model is the witness.
        Undecided: the normal forms differ and no model contradicts the claim.
        ValueError: a constant, or a letter without a transpose.
    """
    used("trace identity", "attnproof")
    partner = {**{after: before for before, after in transposes.items()}, **transposes}
    residual: dict[Monomial, object] = {}
    for (central, word), coefficient in (left - right).terms.items():
        if not word:
            raise ValueError("tr of a constant depends on the size: write I as a letter")
        missing = [name for name in word if name not in partner]
        if missing:
            raise ValueError(f"the letter {missing[0]} has no transpose: add it to transposes=…")
        key = (central, _smallest(word, partner))
        residual[key] = residual.get(key, 0) + coefficient
    if not any(residual.values()):
        refute_unless(True, message, residual="0")
        return
    for model in _with_transposes(left - right, transposes) if models is None else models:
        for before, after in transposes.items():
            if before in model and not _same(model[after], model[before].T):
                raise ValueError(f"in the model {after} is not the transpose of {before}")
        values = [element.evaluate(model).trace() for element in (left, right)]
        if values[0] != values[1]:
            raise Refuted(message, {**model, "left": values[0], "right": values[1]})
    raise Undecided(f"{message}: the normal forms differ, and no model contradicts the claim")


def _smallest(word: tuple[str, ...], partner: Mapping[str, str]) -> tuple[str, ...]:
    mirrored = tuple(partner[name] for name in reversed(word))
    return min(form[k:] + form[:k] for form in (word, mirrored) for k in range(len(word)))


def _with_transposes(element: FreeElement, transposes: Mapping[str, str]) -> Iterable[Model]:
    for model in small_models(element):
        completed = dict(model)
        for before, after in transposes.items():
            source = completed.get(before, completed.get(after))
            if source is None:
                continue
            if before == after:
                source = source + source.T  # type: ignore[attr-defined]
            completed[before], completed[after] = source, source.T  # type: ignore[attr-defined]
        yield completed


def _same(left: np.ndarray, right: np.ndarray) -> bool:
    return left.shape == right.shape and bool((left == right).all())
