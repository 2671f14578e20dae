"""Altered models may violate a premise; the proof then has to do without it."""

from __future__ import annotations

from collections.abc import Iterable

from .equational import Model, Step


def held_premises(steps: Iterable[Step], model: Model) -> list[Step]:
    """The steps whose hypothesis holds on ``model``, for `equational.follows`.

    A control that drops an assumption brings a model on which some premise fails. That premise
    may not be used there; if the conclusion fails as well, the model is the counterexample, and
    if it does not, the proof is left without a step and nothing is decided.
    """
    return [step for step in steps if not step[1].evaluate(model).any()]
