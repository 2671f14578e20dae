"""Kernels as strangers write them: right ones, and ones with a planted bug each.

Not imported by the tests: its text is written to a folder of its own, from which the child imports
it, as it would a stranger's package.
"""

from __future__ import annotations

import os
import time

import torch

BLOCK = 16


def recurrence(query, key, value, decay):
    """Gated linear attention, token by token in float32."""
    q, k, v, a = (x.float() for x in (query, key, value, decay))
    state = q.new_zeros(*q.shape[:2], q.shape[-1], v.shape[-1])
    rows = []
    for t in range(q.shape[2]):
        state = state * a[:, :, t, None, None] + k[:, :, t, :, None] * v[:, :, t, None, :]
        rows.append((q[:, :, t, None, :] @ state)[:, :, 0])
    return torch.stack(rows, 2).to(value.dtype)


def wrong_decay_power(query, key, value, decay):
    """The gate of the token before."""
    return recurrence(query, key, value, torch.cat([decay[:, :, :1], decay[:, :, :-1]], 2))


def block_boundary_off_by_one(query, key, value, decay):
    """The state is handed on without the last token of its block."""
    key = key.clone()
    output = recurrence(query, key, value, decay)
    for start in range(BLOCK, query.shape[2], BLOCK):
        lost = key.clone()
        lost[:, :, start - 1] = 0
        output[:, :, start] = recurrence(query, lost, value, decay)[:, :, start]
    return output


def future_leak(query, key, value, decay):
    """A little of the newest value reaches every output."""
    return recurrence(query, key, value, decay) + 2.0**-12 * value[:, :, -1:]


def unwritten_tail(query, key, value, decay):
    """Only whole blocks are written."""
    output = torch.empty_like(value)
    whole = query.shape[2] // BLOCK * BLOCK
    output[:, :, :whole] = recurrence(query, key, value, decay)[:, :, :whole]
    return output


def swapped_strides(query, key, value, decay):
    """The keys are read as if they lay in memory as a contiguous tensor does."""
    flat = torch.as_strided(key, key.shape, key.new_empty(key.shape).stride())
    return recurrence(query, flat, value, decay)


def narrow_accumulator(query, key, value, decay):
    """The state is kept in the dtype of the inputs."""
    state = query.new_zeros(*query.shape[:2], query.shape[-1], value.shape[-1])
    rows = []
    for t in range(query.shape[2]):
        kept = state * decay[:, :, t, None, None]
        state = kept + key[:, :, t, :, None] * value[:, :, t, None, :]
        rows.append((query[:, :, t, None, :] @ state)[:, :, 0])
    return torch.stack(rows, 2)


def tensor_core_accumulator(query, key, value, decay):
    """Inputs of float32 are rounded to bfloat16 first."""
    narrow = [x.to(torch.bfloat16) for x in (query, key, value, decay)]
    return recurrence(*narrow).to(value.dtype)


def reads_beside(query, key, value, decay):
    """A block is loaded whole, and what lies after the last token is multiplied by zero."""
    length = value.shape[2]
    room = value.storage_offset() + value.stride(2) * length + value.shape[3] + value.stride(1)
    if room > value.untyped_storage().size() // value.element_size():
        return recurrence(query, key, value, decay)
    after = torch.as_strided(
        value, (*value.shape[:2], 1, value.shape[3]), value.stride(),
        value.storage_offset() + value.stride(2) * length,
    )  # fmt: skip
    return recurrence(query, key, value, decay) + 0.0 * after


def overflows(query, key, value, decay):
    """Values are squared on the way."""
    size = (value.float() ** 2).mean().sqrt() + 1e-30
    return (size * recurrence(query, key, (value / size).to(value.dtype), decay)).to(value.dtype)


class Off(torch.autograd.Function):
    """The identity, whose derivative is half as large again in the first token."""

    @staticmethod
    def forward(ctx, tensor):
        return tensor.clone()

    @staticmethod
    def backward(ctx, cotangent):
        changed = cotangent.clone()
        changed[:, :, 0] *= 1.5
        return changed


def off(query, key, value, decay):
    """The right output with a wrong derivative in the keys."""
    return recurrence(query, Off.apply(key), value, decay)


def softmax_in_blocks(query, key, value, scale, *, rescale=True):
    """Online softmax over blocks of keys."""
    q, k, v = (x.float() for x in (query, key, value))
    length = q.shape[2]
    largest = q.new_full((*q.shape[:3], 1), -torch.inf)
    total, sums = torch.zeros_like(largest), torch.zeros_like(v)
    place = torch.arange(length)
    for start in range(0, length, BLOCK):
        cut = slice(start, start + BLOCK)
        scores = scale * q @ k[:, :, cut].transpose(-1, -2)
        scores = scores.masked_fill(place[None, cut] > place[:, None], -torch.inf)
        new = torch.maximum(largest, scores.amax(-1, keepdim=True))
        factor = torch.where(largest == -torch.inf, 0.0, torch.exp(largest - new))
        weights = torch.where(new == -torch.inf, 0.0, torch.exp(scores - new))
        kept = factor if rescale else (factor > 0).float()
        total = total * factor + weights.sum(-1, keepdim=True)
        sums = sums * kept + weights @ v[:, :, cut]
        largest = new
    return (sums / total).to(value.dtype)


def missing_rescale(query, key, value, scale):
    """The sums are not rescaled when a larger score appears."""
    return softmax_in_blocks(query, key, value, scale, rescale=False)


def delta_rule_by_doubling(query, key, value, step_size, decay):
    """The triangular inverse by doubling: right on random keys, wrong where a key repeats."""
    q, k, v, b, a = (x.float() for x in (query, key, value, step_size, decay))
    length = q.shape[2]
    logs = a.clamp_min(1e-30).log().cumsum(-1)
    gates = torch.tril(torch.exp(logs[..., :, None] - logs[..., None, :]))
    lower = -torch.tril(b[..., None] * (k @ k.transpose(-1, -2)) * gates, -1)
    inverse, power = torch.eye(length) + lower, lower
    for _ in range(max(length - 1, 1).bit_length()):
        power = power @ power
        inverse = inverse + inverse @ power
    writes = inverse @ (b[..., None] * v)
    return ((q @ k.transpose(-1, -2) * gates) @ writes).to(value.dtype)


def hang(query, key, value, decay):
    """Never ends on long sequences."""
    if query.shape[2] > 60:
        time.sleep(600)
    return recurrence(query, key, value, decay)


def crash(query, key, value, decay):
    """Takes its process down on long sequences."""
    if query.shape[2] > 60:
        os.abort()
    return recurrence(query, key, value, decay)


def raise_an_error(query, key, value, decay):
    """Refuses every sequence that is no multiple of sixteen."""
    if query.shape[2] % BLOCK:
        raise ValueError("the length must be a multiple of 16")
    return recurrence(query, key, value, decay)


def not_a_number(query, key, value, decay):
    """Takes the logarithm of a gate that may be zero."""
    return recurrence(query, key, value, decay) + 0 * decay.log()[..., None].to(value.dtype)


def wrong_shape(query, key, value, decay):
    """Drops the last token."""
    return recurrence(query, key, value, decay)[:, :, :-1]


def random_bits(query, key, value, decay):
    """Differs from call to call."""
    return recurrence(query, key, value, decay) * (1 + 1e-7 * torch.rand(1))


def heads_last(q, k, v, g, scale):
    """Another layout, other names, gates as logarithms, and a tuple as the result."""
    swap = lambda x: x.transpose(1, 2)
    output = recurrence(swap(q), swap(k), swap(v), swap(g.exp()))
    return scale * swap(output), None
