"""Gated linear attention on a CPU: the recurrence itself, compiled, four tokens per pass."""

from __future__ import annotations

from functools import cache

import torch

from attnproof.kernels.arguments import accumulator
from attnproof.kernels.arguments_of_recurrences import examine_recurrence
from attnproof.kernels.heads_as_arrays import heads_as_arrays
from attnproof.kernels.threads import over_heads


def gated_linear_attention(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    decay: torch.Tensor,
    *,
    state: torch.Tensor | None = None,
    return_state: bool = False,
) -> torch.Tensor | tuple[torch.Tensor, torch.Tensor]:
    """``S_t = α_t S_{t−1} + v_t k_tᵀ``, ``o_t = S_t q_t``, forward only, heads in parallel.

    The state of a head, d × e numbers, stays in the first cache; each of its rows is loaded once
    for four tokens. 5de operations per token, no more than the recurrence has.

    Args, returns and errors: as for the blocked form; the tensors lie in main memory.

    Raises:
        ModuleNotFoundError: numba is not installed; it is in the extra ``compiled``.
    """
    examine_recurrence(query, key, value, {"decay": decay})
    held = accumulator(query.dtype)
    batch, count, length, width = query.shape
    columns = value.shape[-1]
    arrays = [heads_as_arrays(x, held) for x in (query, key, value, decay)]
    # The recurrence keeps the transpose, [d, e]: its rows are as long as those of the values.
    # Both from torch, which aligns to 64 bytes: rows across two cache lines cost a third more.
    memory = torch.zeros(batch, count, width, columns, dtype=held)
    if state is not None:
        memory += state.detach().to(held).mT
    output = torch.empty(batch, count, length, columns, dtype=held)
    over_heads(_recurrence(), *arrays, heads_as_arrays(memory, held), heads_as_arrays(output, held))
    output = output if held is query.dtype else output.to(query.dtype)
    return (output, memory.mT.contiguous()) if return_state else output


@cache
def _recurrence():
    import numba

    # Of fastmath only fused products and sums, which round once instead of twice: the compiler
    # vectorises over the value channels, where nothing need be reordered.
    @numba.njit(nogil=True, cache=True, fastmath={"contract"})
    def recurrence(query, key, value, decay, memory, output):
        heads, length, width = query.shape
        columns = value.shape[2]
        for head in range(heads):
            state = memory[head]
            start = 0
            while start + 4 <= length:
                g0, g1 = decay[head, start], decay[head, start + 1]
                g2, g3 = decay[head, start + 2], decay[head, start + 3]
                v0, v1 = value[head, start], value[head, start + 1]
                v2, v3 = value[head, start + 2], value[head, start + 3]
                o0, o1 = output[head, start], output[head, start + 1]
                o2, o3 = output[head, start + 2], output[head, start + 3]
                for j in range(columns):
                    o0[j] = 0
                    o1[j] = 0
                    o2[j] = 0
                    o3[j] = 0
                for c in range(width):
                    k0, k1 = key[head, start, c], key[head, start + 1, c]
                    k2, k3 = key[head, start + 2, c], key[head, start + 3, c]
                    q0, q1 = query[head, start, c], query[head, start + 1, c]
                    q2, q3 = query[head, start + 2, c], query[head, start + 3, c]
                    row = state[c]
                    for j in range(columns):
                        entry = g0 * row[j] + k0 * v0[j]
                        o0[j] += q0 * entry
                        entry = g1 * entry + k1 * v1[j]
                        o1[j] += q1 * entry
                        entry = g2 * entry + k2 * v2[j]
                        o2[j] += q2 * entry
                        entry = g3 * entry + k3 * v3[j]
                        o3[j] += q3 * entry
                        row[j] = entry
                start += 4
            while start < length:
                gate, written, read = decay[head, start], value[head, start], output[head, start]
                for j in range(columns):
                    read[j] = 0
                for c in range(width):
                    row = state[c]
                    k, q = key[head, start, c], query[head, start, c]
                    for j in range(columns):
                        entry = gate * row[j] + k * written[j]
                        row[j] = entry
                        read[j] += q * entry
                start += 1

    return recurrence
