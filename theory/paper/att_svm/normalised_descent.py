"""Gradient descent on the attention weights, with or without normalised steps."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from tqdm import tqdm

from .attention_loss import Arrays, descent_directions

# Longer runs show their progress.
BAR_FROM = 20_000


def descent(
    data: Arrays,
    start: np.ndarray,
    steps: int,
    *,
    step: float = 0.1,
    loss: str = "logistic",
    normalised: bool = True,
    keep: Iterable[int] = (),
) -> dict[int, np.ndarray]:
    """``W_{k+1} = W_k − η ∇L/‖∇L‖_F``, or ``W_k − η ∇L``, in binary64.

    Args:
        data: tokens (n, T, d), queries (n, d) and scores (n, T).
        start: W_0, shape (d, d).
        steps: how many; step: η; loss: a key of `attention_loss.SLOPE_LOGARITHMS`.
        keep: the k whose iterates are returned besides the last.

    Returns:
        k → W_k.
    """
    wanted = {*keep, steps}
    weight = np.array(start, dtype=float)
    found = {0: weight} if 0 in wanted else {}
    direction_at = descent_directions(*data, loss)
    counter = range(1, steps + 1)
    for k in tqdm(counter, disable=None if steps >= BAR_FROM else True, desc="descent"):
        direction, logarithm = direction_at(weight)
        length = step if normalised else step * np.exp(logarithm)
        weight = weight + length * direction
        if k in wanted:
            found[k] = weight
    return found
