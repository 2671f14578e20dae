"""Softmax attention, agent attention and normalised linear attention of other packages, called by
our names and in our layout.

Where a function multiplies scores by ``d^{−1/2}`` and takes no scale, the queries are multiplied
by ``scale √d``. Buckets are set to 16 queries and 32 keys, so that short sequences meet several.
"""

from __future__ import annotations

import torch

from .published import by_root, equal_widths, first, published, swap

BUCKETS = {"q_bucket_size": 16, "k_bucket_size": 32}


def scaled_dot_product_attention(query, key, value, *, scale):
    run = published("torch.nn.functional:scaled_dot_product_attention")
    return run(query, key, value, scale=scale)


def scaled_dot_product_attention_causal(query, key, value, *, scale):
    run = published("torch.nn.functional:scaled_dot_product_attention")
    return run(query, key, value, is_causal=True, scale=scale)


def _memory_efficient(query, key, value, scale, causal):
    run = published(
        "memory_efficient_attention_pytorch.memory_efficient_attention:memory_efficient_attention"
    )
    return run(by_root(query, scale), key, value, causal=causal, **BUCKETS)


def memory_efficient_attention(query, key, value, *, scale):
    return _memory_efficient(query, key, value, scale, causal=False)


def memory_efficient_attention_causal(query, key, value, *, scale):
    return _memory_efficient(query, key, value, scale, causal=True)


def _flash(query, key, value, causal):
    function = published(
        "memory_efficient_attention_pytorch.flash_attention:FlashAttentionFunction"
    )
    return function.apply(query, key, value, None, causal, *BUCKETS.values())


def flash_attention_function(query, key, value, *, scale):
    return _flash(by_root(query, scale), key, value, causal=False)


@equal_widths
def flash_attention_function_equal_widths(query, key, value):
    """Values as wide as keys, by zeros."""
    return _flash(query, key, value, causal=False)


@equal_widths
def flash_attention_function_causal(query, key, value):
    """Values as wide as keys, by zeros."""
    return _flash(query, key, value, causal=True)


def _ring(query, key, value, causal):
    run = published("ring_attention_pytorch.ring_flash_attention:ring_flash_attn")
    return swap(run(swap(query), swap(key), swap(value), causal=causal, bucket_size=16))


@equal_widths
def ring_flash_attn(query, key, value):
    """In one process. Values as wide as keys, by zeros."""
    return _ring(query, key, value, causal=False)


@equal_widths
def ring_flash_attn_causal(query, key, value):
    """In one process. Values as wide as keys, by zeros."""
    return _ring(query, key, value, causal=True)


def performer_linear_attention(query, key, value):
    """Without the random features: the caller applies them."""
    return published("performer_pytorch.performer_pytorch:linear_attention")(query, key, value)


class _Thirds(torch.nn.Module):
    """[b, n, 3 × heads × width] → its thirds, [3, b, heads, n, width]."""

    def __init__(self, heads: int):
        super().__init__()
        self.heads = heads

    def forward(self, tensor: torch.Tensor) -> torch.Tensor:
        thirds = tensor.unflatten(-1, (3, self.heads, -1))
        return thirds.permute(2, 0, 3, 1, 4)


def agent_self_attention(query, agent, key, value, *, scale):
    """The module with the identity for its projections and its normalisation, without gates and
    talking heads. Values as wide as keys, by zeros."""
    build = published("agent_attention_pytorch.agent_transformer:AgentSelfAttention")
    width, heads = max(query.shape[-1], value.shape[-1]), query.shape[1]
    module = build(
        1, num_agent_tokens=1, dim_head=width, heads=heads, talking_heads=False, gate=False
    )
    module.norm = module.to_out = module.to_agent_out = torch.nn.Identity()
    module.to_qkv = _Thirds(heads)
    wide = lambda tensor: torch.nn.functional.pad(tensor, (0, width - tensor.shape[-1]))
    joined = lambda *three: torch.cat([swap(wide(x)).flatten(2) for x in three], -1)
    factor = scale * width**0.5
    tokens = joined(factor * query, key, value)
    agents = joined(factor * agent, agent, torch.zeros_like(agent))
    return first(module.eval()(tokens, agent_tokens=agents))[..., : value.shape[-1]]
