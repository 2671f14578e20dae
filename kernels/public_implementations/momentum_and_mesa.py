"""The references of fla-core for the delta rule with momentum and for the mesa layer, for one head.

Arrays of tokens by width go in, in float32, and an array of tokens by value width comes out.
"""

from __future__ import annotations

import numpy as np
import torch

from .published import first, published


def _head(array: np.ndarray) -> torch.Tensor:
    """[tokens, …] → [1, tokens, 1, …] in float32."""
    return torch.from_numpy(np.asarray(array, dtype=np.float32))[None, :, None]


def _momentum(name, query, key, value, step_size, momentum, decay, **more):
    """With the keys as p, the vectors that predict, and β = 1."""
    result = published(f"fla.ops.momentum_delta_rule.naive:{name}")(
        q=_head(query),
        k=_head(key),
        v=_head(value),
        p=_head(key),
        log_alpha=_head(decay).log(),
        log_mu=_head(momentum).log(),
        beta=_head(np.ones(len(key))),
        eta=_head(step_size),
        scale=1.0,
        **more,
    )
    return first(result)[0, :, 0].double().numpy()


def recurrent_momentum_delta_rule_ref(**inputs: np.ndarray) -> np.ndarray:
    return _momentum("recurrent_momentum_delta_rule_ref", **inputs)


def chunk_momentum_delta_rule_ref(**inputs: np.ndarray) -> np.ndarray:
    return _momentum("chunk_momentum_delta_rule_ref", **inputs)


def chunk_momentum_delta_rule_ref_in_16(**inputs: np.ndarray) -> np.ndarray:
    return _momentum("chunk_momentum_delta_rule_ref", **inputs, chunk_size=16)


def _mesa(name, query, key, value, decay, ridge, *more):
    run = published(f"fla.ops.mesa_net.naive:{name}")
    given = [_head(array) for array in (query, key, value)]
    ridges = torch.full((1, query.shape[1]), ridge)
    weights = _head(np.ones(len(key)))
    return first(run(*given, _head(decay).log(), ridges, weights, *more))[0, :, 0].double().numpy()


def naive_mesa_net_exact(**inputs: np.ndarray) -> np.ndarray:
    return _mesa("naive_mesa_net_exact", *inputs.values())


def naive_mesa_net_cg(**inputs: np.ndarray) -> np.ndarray:
    """One chunk."""
    return _mesa("naive_mesa_net_CG", *inputs.values(), len(inputs["query"]))
