"""One-step-ahead prediction of a linear map by sequence layers, as in the paper's experiment."""

from __future__ import annotations

import numpy as np

WINDOWS = ((16, 32), (101, 127), (129, 161), (224, 256))


def relative_errors(
    overlap: float, *, switch: bool, seeds: int = 8, width: int = 16, length: int = 256
) -> dict[str, list[float]]:
    """Mean of ``‖o_t − v_t‖² / ‖v_t‖²`` over the windows of t, by layer, before v_t is written.

    Unit keys with covariance ``overlap^{|i−j|}``, values ``v_t = Wk_t`` with a random map W, which
    is replaced by another one half-way if ``switch``. Linear attention is scaled by d/t.
    """
    found: dict[str, list[np.ndarray]] = {}
    for seed in range(seeds):
        generator = np.random.default_rng(seed)
        lags = np.abs(np.subtract.outer(np.arange(width), np.arange(width)))
        root = np.linalg.cholesky(overlap**lags + 1e-12 * np.eye(width))
        keys = generator.standard_normal((length, width)) @ root.T
        keys /= np.linalg.norm(keys, axis=1, keepdims=True)
        maps = generator.standard_normal((2, width, width)) / np.sqrt(width)
        late = (np.arange(length) >= length // 2) & switch
        values = np.where(late[:, None], keys @ maps[1].T, keys @ maps[0].T)
        for name, outputs in _predictions(keys, values).items():
            error = ((outputs - values) ** 2).sum(1) / (values**2).sum(1)
            found.setdefault(name, []).append(error)
    return {
        name: [float(np.mean([e[a:b].mean() for e in errors])) for a, b in WINDOWS]
        for name, errors in found.items()
    }


def _predictions(keys: np.ndarray, values: np.ndarray) -> dict[str, np.ndarray]:
    """What each layer answers to k_t from the pairs before t."""
    length, width = keys.shape
    names = ("linear attention", "delta rule", "gated delta rule", "mesa", "decayed mesa")
    outputs = {name: np.zeros_like(values) for name in (*names, "softmax")}
    state = {name: np.zeros((width, width)) for name in names}
    gram = {name: 1e-6 * np.eye(width) for name in ("mesa", "decayed mesa")}
    for t in range(length):
        key, value = keys[t], values[t]
        if t:
            outputs["linear attention"][t] = width / t * state["linear attention"] @ key
            outputs["delta rule"][t] = state["delta rule"] @ key
            outputs["gated delta rule"][t] = state["gated delta rule"] @ key
            for name in gram:
                outputs[name][t] = state[name] @ np.linalg.solve(gram[name], key)
            weights = np.exp(8 * (keys[:t] @ key - 1))
            outputs["softmax"][t] = weights @ values[:t] / weights.sum()
        state["linear attention"] += np.outer(value, key)
        state["delta rule"] += np.outer(value - state["delta rule"] @ key, key)
        state["gated delta rule"] *= 0.98
        state["gated delta rule"] += np.outer(value - state["gated delta rule"] @ key, key)
        for name, kept in (("mesa", 1.0), ("decayed mesa", 0.95)):
            state[name] = kept * state[name] + np.outer(value, key)
            gram[name] = kept * gram[name] + np.outer(key, key)
    return outputs
