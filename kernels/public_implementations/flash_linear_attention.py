"""fla-core, called by our names and in our layout: plain torch references, and the Triton kernels
that run as installed in Triton's interpreter.

Gates are given as logarithms; ``scale=1`` where there is a scale, else the queries times √d.
Nothing else is converted, except where a docstring says so.
"""

from __future__ import annotations

from .published import (
    by_root,
    first,
    heads_as_batches,
    interpreted,
    logarithm,
    padded,
    published,
    swap,
)


def _linear(target, query, key, value):
    return swap(first(published(target)(swap(query), swap(key), swap(value), scale=1.0)))


def naive_recurrent_linear_attn(query, key, value, decay):
    """Has no gates."""
    return _linear("fla.ops.linear_attn.naive:naive_recurrent_linear_attn", query, key, value)


def naive_chunk_linear_attn(query, key, value, decay):
    """Has no gates."""
    return _linear("fla.ops.linear_attn.naive:naive_chunk_linear_attn", query, key, value)


naive_chunk_linear_attn_padded = padded(naive_chunk_linear_attn, 64)


def _simple(name, query, key, value, decay):
    run = published(f"fla.ops.simple_gla.naive:{name}")
    given = [swap(tensor) for tensor in (query, key, value, logarithm(decay))]
    return swap(first(run(*given, scale=1.0)))


def naive_recurrent_simple_gla(query, key, value, decay):
    return _simple("naive_recurrent_simple_gla", query, key, value, decay)


def naive_chunk_simple_gla(query, key, value, decay):
    return _simple("naive_chunk_simple_gla", query, key, value, decay)


def naive_parallel_simple_gla(query, key, value, decay):
    return _simple("naive_parallel_simple_gla", query, key, value, decay)


def naive_recurrent_gla(query, key, value, decay):
    run = published("fla.ops.gla.naive:naive_recurrent_gla")
    given = [swap(tensor) for tensor in (by_root(query), key, value, logarithm(decay))]
    return swap(first(run(*given)))


@heads_as_batches
def naive_retention(query, key, value):
    """The gate of the first head is 31/32."""
    return published("fla.ops.retention.naive:naive_retention")(by_root(query), key, value)


def _gated(run, query, key, value, step_size, decay, **more):
    given = {"q": query, "k": key, "v": value, "beta": step_size, "g": logarithm(decay), **more}
    return swap(first(run(**{name: swap(tensor) for name, tensor in given.items()}, scale=1.0)))


def naive_recurrent_gated_delta_rule(query, key, value, step_size, decay):
    run = published("fla.ops.gated_delta_rule.naive:naive_recurrent_gated_delta_rule")
    return _gated(run, query, key, value, step_size, decay)


def naive_chunk_gated_delta_rule(query, key, value, step_size, decay):
    run = published("fla.ops.gated_delta_rule.naive:naive_chunk_gated_delta_rule")
    return _gated(run, query, key, value, step_size, decay)


def fused_recurrent_gated_delta_rule(query, key, value, step_size, decay):
    run = interpreted("fla.ops.gated_delta_rule:fused_recurrent_gated_delta_rule")
    return _gated(run, query, key, value, step_size, decay)


def naive_recurrent_gated_delta_product(query, key, value, step_size, decay):
    """With one step per token."""
    run = published("fla.ops.gated_delta_product.naive:naive_recurrent_gated_delta_product")
    return _gated(run, query, key, value, step_size, decay)


def _by_channel(run, query, key, value, step_size, decay):
    """The same gate in every channel."""
    every = decay[..., None].expand(key.shape).contiguous()
    return _gated(run, query, key, value, step_size, every)


def naive_recurrent_kda(query, key, value, step_size, decay):
    """The same gate in every channel."""
    run = published("fla.ops.kda.naive:naive_recurrent_kda")
    return _by_channel(run, query, key, value, step_size, decay)


def naive_chunk_kda(query, key, value, step_size, decay):
    """The same gate in every channel."""
    run = published("fla.ops.kda.naive:naive_chunk_kda")
    return _by_channel(run, query, key, value, step_size, decay)


naive_chunk_kda_padded = padded(naive_chunk_kda, 64)


def fused_recurrent_kda(query, key, value, step_size, decay):
    """The same gate in every channel."""
    run = interpreted("fla.ops.kda:fused_recurrent_kda")
    return _by_channel(run, query, key, value, step_size, decay)


def naive_recurrent_comba(query, key, value, step_size, decay):
    """With the keys as p, the vectors that predict."""
    run = published("fla.ops.comba.naive:naive_recurrent_comba")
    return _gated(run, query, key, value, step_size, decay, p=key)


def naive_chunk_comba(query, key, value, step_size, decay):
    """With the keys as p, the vectors that predict."""
    run = published("fla.ops.comba.naive:naive_chunk_comba")
    return _gated(run, query, key, value, step_size, decay, p=key)


def fused_recurrent_comba(query, key, value, step_size, decay):
    """With the keys as p, the vectors that predict."""
    run = interpreted("fla.ops.comba:fused_recurrent_comba")
    return _gated(run, query, key, value, step_size, decay, p=key)


def _before_the_gate(function):
    """With step sizes αβ and values v/α: where the prediction S_{t−1}k is taken before the gate,
    ``α S_{t−1} + αβ(v/α − S_{t−1}k)kᵀ`` is a step of the gated delta rule."""

    def call(query, key, value, step_size, decay):
        return function(query, key, value / decay[..., None], decay * step_size, decay)

    return call


naive_chunk_comba_before_the_gate = _before_the_gate(naive_chunk_comba)
fused_recurrent_comba_before_the_gate = _before_the_gate(fused_recurrent_comba)


def _delta(target, query, key, value, step_size):
    return first(published(target)(by_root(query), key, value, step_size))


def delta_rule_recurrence(query, key, value, step_size, decay):
    """Has no gates."""
    target = "fla.ops.delta_rule.naive:delta_rule_recurrence"
    return _delta(target, query, key, value, step_size)


def delta_rule_chunkwise(query, key, value, step_size, decay):
    """Has no gates."""
    target = "fla.ops.delta_rule.naive:delta_rule_chunkwise"
    return _delta(target, query, key, value, step_size)


def delta_rule_parallel(query, key, value, step_size, decay):
    """Has no gates."""
    target = "fla.ops.delta_rule.naive:delta_rule_parallel"
    return _delta(target, query, key, value, step_size)


delta_rule_chunkwise_padded = padded(delta_rule_chunkwise, 32)
delta_rule_parallel_padded = padded(delta_rule_parallel, 128)


def fused_recurrent_delta_rule(query, key, value, step_size, decay):
    """Has no gates."""
    run = interpreted("fla.ops.delta_rule:fused_recurrent_delta_rule")
    given = [swap(tensor) for tensor in (query, key, value, step_size)]
    return swap(first(run(*given, scale=1.0)))


def _softmax(query, key, value, scale, causal):
    run = published("fla.ops.attn.naive:naive_parallel_attn")
    return swap(first(run(swap(query), swap(key), swap(value), scale=scale, causal=causal)))


def naive_parallel_attn(query, key, value, *, scale):
    return _softmax(query, key, value, scale, causal=True)


def naive_parallel_attn_not_causal(query, key, value, *, scale):
    return _softmax(query, key, value, scale, causal=False)


def parallel_attn(query, key, value, *, scale):
    run = interpreted("fla.ops.attn:parallel_attn")
    return swap(first(run(swap(query), swap(key), swap(value), scale=scale)))
