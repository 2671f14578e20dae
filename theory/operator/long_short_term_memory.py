"""The recurrent network with gates that pointer networks encode and decode with."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from attnproof.theory.algebra.elementwise import exponential, hyperbolic_tangent

GATES = ("input", "forget", "output", "cell")


def long_short_term_memory(
    tokens: np.ndarray, weights: Mapping[str, tuple[np.ndarray, np.ndarray, np.ndarray]]
) -> np.ndarray:
    """``c_t = f ⊙ c_{t−1} + i ⊙ tanh(g)``, ``h_t = o ⊙ tanh(c_t)``, from ``h_0 = c_0 = 0``.

    Args:
        tokens: shape (n, m).
        weights: gate → (W, U, b) of shapes (h, m), (h, h), (h,), for every gate in `GATES`;
            the first three are ``σ(W x_t + U h_{t−1} + b)``, and g is without the σ.

    Returns:
        h, shape (n, h), in the number system of the arguments.

    Source: Hochreiter and Schmidhuber (1997), with the forget gate of Gers et al. (2000).
    """
    hidden = cell = weights["cell"][2] * 0
    states = []
    for token in tokens:
        raw = {gate: W @ token + U @ hidden + b for gate, (W, U, b) in weights.items()}
        kept, let_in, shown = (
            1 / (1 + exponential(-raw[g])) for g in ("forget", "input", "output")
        )
        cell = kept * cell + let_in * hyperbolic_tangent(raw["cell"])
        hidden = shown * hyperbolic_tangent(cell)
        states.append(hidden)
    return np.stack(states)
