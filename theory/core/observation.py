"""What a running check tells the ledger: assertions made, figures, engines, sample sizes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field


@dataclass
class Observation:
    """Filled while one variant of a check runs.

    Attributes:
        assertions: how many `refute_unless` were reached.
        refutations: how many `Refuted` were made; one that did not end the run was swallowed.
        figures: named numbers or short texts worth showing beside the verdict.
        engines: engine → version, of everything that decided something.
        error_probability: sum over randomised identity tests of their error probabilities
            (union bound); ``None`` when there was none.
        samples: instances drawn and accepted.
        discarded: instances drawn that did not satisfy the hypotheses.
        independent: whether every sample was an independent draw, which is what turns a count
            into a confidence bound.
    """

    assertions: int = 0
    refutations: int = 0
    figures: dict[str, object] = field(default_factory=dict)
    engines: dict[str, str] = field(default_factory=dict)
    error_probability: float | None = None
    samples: int = 0
    discarded: int = 0
    independent: bool = True


_CURRENT: ContextVar[Observation | None] = ContextVar("attnproof_observation", default=None)


def current() -> Observation:
    """The observation of the running check; a throw-away one outside of any check."""
    observation = _CURRENT.get()
    return Observation() if observation is None else observation


@contextmanager
def observing() -> Iterator[Observation]:
    """Collect what happens inside the block."""
    observation = Observation()
    token = _CURRENT.set(observation)
    try:
        yield observation
    finally:
        _CURRENT.reset(token)


def note(**figures: object) -> None:
    """Record figures that belong beside the verdict: ``note(worst_ratio=0.64, bound=1)``."""
    current().figures.update(figures)


def note_engine(name: str, version: str) -> None:
    """Record that engine ``name`` at ``version`` took part in the decision."""
    current().engines[name] = version


def note_error_probability(probability: float) -> None:
    """Add the error probability of one randomised identity test (union bound over tests).

    Raises:
        ValueError: ``probability`` is not in [0, 1]; NaN is not.
    """
    if not 0 <= probability <= 1:
        raise ValueError(f"an error probability lies between 0 and 1; got {probability!r}")
    observation = current()
    observation.error_probability = (observation.error_probability or 0.0) + probability


def note_sample(accepted: bool = True, *, independent: bool) -> None:
    """Count one drawn instance; ``independent`` says whether draws are independent."""
    observation = current()
    observation.independent = observation.independent and independent
    if accepted:
        observation.samples += 1
    else:
        observation.discarded += 1
