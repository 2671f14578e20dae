"""The gated delta rule on a CPU: the recurrence itself, compiled."""

from __future__ import annotations

from functools import cache

import numpy as np
import torch

from attnproof.kernels.arguments import accumulator
from attnproof.kernels.arguments_of_recurrences import examine_recurrence
from attnproof.kernels.heads_as_arrays import heads_as_arrays
from attnproof.kernels.threads import over_heads


def gated_delta_rule(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    step_size: torch.Tensor,
    decay: torch.Tensor,
    *,
    state: torch.Tensor | None = None,
    return_state: bool = False,
) -> torch.Tensor | tuple[torch.Tensor, torch.Tensor]:
    """``S_t = α_t S_{t−1}(I − β_t k_t k_tᵀ) + β_t v_t k_tᵀ``, ``o_t = S_t q_t``, forward only.

    Two passes over the state per token, which stays in the first cache: one decays it and reads
    what the key recalls, one writes and reads the output. Heads in parallel.

    Args, returns and errors: as for the blocked form; the tensors lie in main memory.

    Raises:
        ModuleNotFoundError: numba is not installed; it is in the extra ``compiled``.
    """
    examine_recurrence(query, key, value, {"step_size": step_size, "decay": decay})
    held = accumulator(query.dtype)
    batch, count, length, width = query.shape
    columns = value.shape[-1]
    arrays = [heads_as_arrays(x, held) for x in (query, key, value, step_size, decay)]
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

    @numba.njit(nogil=True, cache=True, fastmath={"contract"})
    def recurrence(query, key, value, step_size, decay, memory, output):
        heads, length, width = query.shape
        columns = value.shape[2]
        for head in range(heads):
            state = memory[head]
            recalled = np.zeros(columns, dtype=value.dtype)
            for t in range(length):
                gate, beta, read = decay[head, t], step_size[head, t], output[head, t]
                for j in range(columns):
                    recalled[j] = 0
                    read[j] = 0
                for c in range(width):
                    row, k = state[c], key[head, t, c]
                    for j in range(columns):
                        entry = gate * row[j]
                        row[j] = entry
                        recalled[j] += k * entry
                for j in range(columns):
                    recalled[j] = beta * (value[head, t, j] - recalled[j])
                for c in range(width):
                    row, k, q = state[c], key[head, t, c], query[head, t, c]
                    for j in range(columns):
                        entry = row[j] + k * recalled[j]
                        row[j] = entry
                        read[j] += q * entry

    return recurrence
