"""Retention and the gated delta rule of other packages, called by our names and in our layout."""

from __future__ import annotations

import torch

from .published import first, heads_as_batches, published, swap

# Retention hands its state on after so many tokens.
CHUNK = 16


@heads_as_batches
def retention_parallel(query, key, value):
    """The gate of an only head is 31/32; its scale divides."""
    return first(
        published("yet_another_retnet.retention:retention_parallel")(query, key, value, scale=1.0)
    )


@heads_as_batches
def retention_recurrent(query, key, value):
    """Token by token, the state handed on."""
    run, state, rows = published("yet_another_retnet.retention:retention_recurrent"), None, []
    for t in range(query.shape[2]):
        given = [tensor[:, :, t] for tensor in (query, key, value)]
        row, state = run(*given, state, scale=1.0)
        rows.append(row)
    return torch.stack(rows, 2)


@heads_as_batches
def retention_chunkwise(query, key, value):
    """Chunk by chunk, the state handed on; the last chunk may be shorter."""
    run, state, rows = published("yet_another_retnet.retention:retention_chunkwise"), None, []
    for chunk in zip(*(tensor.split(CHUNK, 2) for tensor in (query, key, value))):
        row, state = run(*chunk, state, scale=1.0)
        rows.append(row)
    return torch.cat(rows, 2)


def _gated_delta(name, query, key, value, step_size, decay):
    given = [swap(tensor) for tensor in (query, key, value, decay, step_size)]
    return swap(first(published(f"opengdn:{name}")(*given)))


def gated_delta(query, key, value, step_size, decay):
    return _gated_delta("gated_delta", query, key, value, step_size, decay)


def gated_delta_chunkwise(query, key, value, step_size, decay):
    return _gated_delta("gated_delta_chunkwise", query, key, value, step_size, decay)
