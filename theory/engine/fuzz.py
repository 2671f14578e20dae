"""Independent random instances, counted, with the confidence bound that a count gives."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from attnproof.theory.core import note, note_sample


class Draw:
    """One instance: its own random generator, and a way to say it missed the hypotheses."""

    def __init__(self, generator: np.random.Generator):
        self.random = generator
        self.accepted = True

    def discard(self) -> None:
        """The instance does not satisfy the hypotheses; it counts as discarded, not as evidence."""
        self.accepted = False


def independent_draws(count: int, *, seed: int) -> Iterator[Draw]:
    """``count`` independent instances; n of them without failure bound the failing mass by
    ``1 − 0.05^{1/n}`` at 95 % confidence, with respect to the distribution they are drawn from.

    The loop body refutes, discards or lets the instance stand; it is counted when it returns.
    """
    note(seed=seed)
    for sequence in np.random.SeedSequence(seed).spawn(count):
        draw = Draw(np.random.default_rng(sequence))
        yield draw
        note_sample(draw.accepted, independent=True)
