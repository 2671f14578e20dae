"""Equational proofs in the free algebra, and exact counterexamples where they fail."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from attnproof.theory.algebra.free_algebra import FreeElement
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import Refuted, Undecided, refute_unless

from .version import used

Step = tuple[object, FreeElement, object]
Model = Mapping[str, object]


def follows(
    conclusion: FreeElement,
    *,
    using: Iterable[Step] = (),
    models: Iterable[Model] | None = None,
    message: str = "the identity fails",
) -> None:
    """``conclusion = Σ left · hypothesis · right`` proves ``hypotheses = 0 ⟹ conclusion = 0``.

    Every argument is an element whose vanishing is the statement. The check is the expansion of
    both sides in the free algebra, so a proof holds in every ring and at every size.

    Where the certificate does not fit, that alone refutes nothing: the identity is then evaluated
    on ``models``, exact matrices that satisfy the hypotheses.

    Args:
        conclusion: left-hand side minus right-hand side of what is claimed.
        using: the certificate; empty for an identity without hypotheses.
        models: assignments letter → rational array, scalar → rational, that satisfy the
            hypotheses. They show that the hypotheses are consistent, and a counterexample is
            looked for among them. Without hypotheses, small integer matrices by default.

    Raises:
        Refuted: the identity fails on a model; the model is the witness.
        Undecided: the certificate does not prove it and no model contradicts it.
        ValueError: hypotheses without a model, or a model that violates one.
    """
    used("free algebra", "attnproof")
    steps = list(using)
    combined: object = FreeElement.constant(0)
    for left, hypothesis, right in steps:
        combined = combined + left * hypothesis * right  # type: ignore[operator]
    residual = conclusion - combined
    if models is None:
        if steps:
            raise ValueError(
                "a proof from hypotheses needs models=[…], exact matrices that satisfy them: from "
                "contradictory hypotheses everything follows"
            )
        models = small_models(conclusion)
    if residual.is_zero:
        if steps:
            _examine(next(iter(models)), steps)
        refute_unless(True, message, residual="0")
        return
    for model in models:
        _refute_on(model, conclusion, steps, message)
    raise Undecided(
        f"{message}: the certificate leaves {_short(residual)}, and no model contradicts the claim"
    )


def small_models(*elements: FreeElement, sizes: tuple[int, ...] = (1, 2, 3)) -> Iterator[Model]:
    """Small integer matrices for every letter and small integers for every scalar, by a fixed
    sequence: the simplest come first, so that witnesses stay readable."""
    names = sorted({name for element in elements for _, word in element.terms for name in word})
    central = sorted(
        {name for element in elements for scalar, _ in element.terms for name, _ in scalar}
    )
    generator = np.random.default_rng(0)
    for size in sizes:
        for _ in range(12):
            model: dict[str, object] = {
                name: rational_array(generator.integers(-2, 3, (size, size)).tolist())
                for name in names
            }
            model |= {name: rational(int(generator.integers(1, 4))) for name in central}
            yield model


def _examine(model: Model, steps: list[Step]) -> None:
    for _, hypothesis, _ in steps:
        value = hypothesis.evaluate(model)
        if any(entry != 0 for entry in value.flat):
            raise ValueError(f"the model does not satisfy the hypothesis {_short(hypothesis)} = 0")


def _refute_on(model: Model, conclusion: FreeElement, steps: list[Step], message: str) -> None:
    _examine(model, steps)
    defect = conclusion.evaluate(model)
    if any(entry != 0 for entry in defect.flat):
        raise Refuted(message, {**model, "defect": defect})


def _short(element: object, limit: int = 160) -> str:
    text = str(element)
    return text if len(text) <= limit else text[: limit - 1] + "…"
