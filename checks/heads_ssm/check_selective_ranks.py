"""Interaction rank and semiseparable rank of selective state-space models."""

from __future__ import annotations

import numpy as np

from attnproof.theory.algebra.free_algebra import FreeElement, letters, scalars
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import check, exact, note, proof, refute_unless
from attnproof.theory.engine.equational import follows
from attnproof.theory.operator.selective_state_space_model import selective_state_space_model
from attnproof.theory.paper.heads_ssm.effective_blocks import (
    effective_blocks,
    interaction_rank,
    semiseparable_rank,
)
from attnproof.theory.paper.heads_ssm.scattered import scattered
from attnproof.theory.paper.heads_ssm.time_varying import LTV_AND_SELECTIVE

H, x, b, c, D, y = letters("H x b c D y")
a, kept, f, after, left, right = scalars("a kept f after left right")


def _one_state() -> dict[str, object]:
    token, row, column = rational_array([[1], [2]]), rational_array([[3, -1]]), [[2], [5]]
    return {
        **{"x": token, "b": row, "c": rational_array(column), "f": rational(1)},
        **{"a": rational("1/2"), "kept": rational("1/3"), "H": token @ row / 3},
        "D": rational_array([["1/2", 0], [0, "1/4"]]),
    }


@check(
    LTV_AND_SELECTIVE,
    part="one decay per token",
    establishes=proof(over="every n, N, P, every distance (induction)"),
    claimed=dict(step=lambda H: a * H, kept_after=a * kept, reads=c),
    controls={
        "a decay per channel": dict(step=lambda H: D * H),
        "no decay": dict(step=lambda H: 1 * H),
        "decay twice": dict(kept_after=a * a * kept),
        "decay not carried": dict(kept_after=kept),
        "output vector doubled": dict(reads=2 * c),
    },
)
def scalar_times_the_token(step, kept_after, reads) -> None:
    """What token x_j leaves in the state is a multiple of x_j B_jᵀ: with H = π x bᵀ the next state
    has aH = (aπ) x bᵀ. It is read as H c = π (bᵀc) x, a multiple of the token itself, so that
    W_ij is a multiple of I_P, whatever N is. Then the operator on symbols, n = 4, N = P = 2.
    """
    model = _one_state()
    follows(
        step(H) - kept_after * x * b,
        using=[(a, H - kept * x * b, 1)],
        models=[model],
        message="the state is not the stated multiple of x bᵀ",
    )
    follows(
        H * reads - kept * f * x,
        using=[(1, H - kept * x * b, reads), (kept * x, b * c - f, 1)],
        models=[model],
        message="what is read is not the stated multiple of the token",
    )
    length, width = 4, 2
    decay = _symbols("a", length, 1, 1)
    inputs, outputs = _symbols("b", length, 2), _symbols("c", length, 2)
    blocks = effective_blocks(
        lambda tokens: selective_state_space_model(
            decay, inputs, outputs, tokens.astype(int).astype(object)
        ),
        length,
        width,
    )
    for i, j, row, column in np.ndindex(length, length, width, width):
        stated = FreeElement.constant(0)
        if row == column and j <= i:
            stated = inputs[j] @ outputs[i]
            for t in range(j + 1, i + 1):
                stated = stated * decay[t, 0, 0]
        follows(blocks[i, j, row, column] - stated, message="the block is another")


def _symbols(letter: str, *shape: int) -> np.ndarray:
    made = np.empty(shape, dtype=object)
    for index in np.ndindex(*shape):
        (made[index],) = scalars(letter + "".join(map(str, index)))
    return made


@check(
    LTV_AND_SELECTIVE,
    part="mixing of the tokens",
    establishes=proof(over="every n, N, i"),
    claimed=dict(before=right * b, later=left * c),
    controls={
        "part before the cut dropped": dict(before=b),
        "part after the cut dropped": dict(later=c),
        "decays added": dict(later=(left + right) * c),
    },
)
def factors_through_the_state(before, later) -> None:
    """With k ≥ i ≥ j the product of the decays from j + 1 to k is that from j + 1 to i times that
    from i + 1 to k: F_kj = (B_jᵀ · right)(left · C_k). So the block is a product of matrices with
    N columns and N rows, and its rank is at most N (classical)."""
    model = {
        **{"b": rational_array([[3, -1]]), "c": rational_array([[2], [5]])},
        **{"left": rational("1/2"), "right": rational("1/3"), "after": rational("1/6")},
    }
    follows(
        before * later - after * b * c,
        using=[(-1, after - left * right, b * c)],
        models=[model],
        message="the entry does not factor",
    )


def _mixing(length: int, states: int) -> np.ndarray:
    """F of a scalar-identity head from the operator on one channel."""
    decay = scattered(length, 1, 1, shift=3) / 13
    inputs, outputs = scattered(length, states, shift=1) - 6, scattered(length, states, shift=4) - 6
    run = lambda tokens: selective_state_space_model(decay, inputs, outputs, tokens)
    return effective_blocks(run, length, 1)[:, :, 0, 0]


def _with_a_generic_entry(length: int, states: int) -> np.ndarray:
    mixing = _mixing(length, states)
    if length >= 2:
        mixing[length - 1, 0] += 1
    return mixing


@check(
    LTV_AND_SELECTIVE,
    part="mixing is reached",
    establishes=exact(bound="N ≤ 4, 2N − 1 ≤ n ≤ 8", by="exact rank at one witness"),
    claimed=dict(mixing=_mixing, stated=lambda N: N),
    controls={
        "interaction rank instead": dict(stated=lambda N: 1),
        "one more": dict(stated=lambda N: N + 1),
        "an entry altered": dict(mixing=_with_a_generic_entry),
    },
)
def semiseparable_rank_of_the_witness(mixing, stated) -> None:
    """The largest rank over all cuts, of the matrix that the operator itself gives."""
    for states in range(1, 5):
        for length in range(2 * states - 1, 9):
            matrix = mixing(length, states)
            found = semiseparable_rank(matrix)
            refute_unless(
                found == stated(states),
                "the semiseparable rank is another",
                N=states,
                n=length,
                F=matrix,
                rank=found,
                stated=stated(states),
            )


def _per_channel(length: int, channels: int) -> np.ndarray:
    return scattered(length, channels, 2, shift=7) / 13


def _steps(length: int, channels: int) -> np.ndarray:
    return scattered(length, channels, shift=3)


def _shared(length: int, channels: int) -> np.ndarray:
    return scattered(length, 1, 1, shift=7) / 13


@check(
    LTV_AND_SELECTIVE,
    part="one decay and step per channel",
    establishes=exact(bound="D ≤ 5, n ≤ 8, N = 2", by="exact rank at one witness"),
    claimed=dict(decay=_per_channel, steps=_steps, stated=lambda n, D: min(n * (n + 1) // 2, D)),
    controls={
        "one decay and step for all channels": dict(
            decay=_shared, steps=lambda n, D: scattered(n, 1, shift=3)
        ),
        "decays alone per channel": dict(steps=lambda n, D: scattered(n, 1, shift=3)),
        "one per distance": dict(stated=lambda n, D: min(n, D)),
        "all matrices": dict(stated=lambda n, D: min(n * (n + 1) // 2, D * D)),
        "interaction rank one": dict(stated=lambda n, D: 1),
    },
)
def rank_with_a_decay_per_channel(decay, steps, stated) -> None:
    """The blocks are diagonal, and their diagonals span as much as they can."""
    found = {}
    for channels in range(1, 6):
        for length in (1, 2, 3, 4, 8):
            given = decay(length, channels)
            inputs = scattered(length, 2, shift=2)
            outputs = scattered(length, 2, shift=5)
            step = steps(length, channels)
            run = lambda tokens, given=(given, inputs, outputs), step=step: (
                selective_state_space_model(*given, tokens, step)
            )
            blocks = effective_blocks(run, length, channels)
            off_diagonal = blocks * (1 - np.eye(channels, dtype=int))
            refute_unless(not off_diagonal.any(), "a block is not diagonal", D=channels, n=length)
            reached = interaction_rank(blocks)
            if channels == 5:
                found[length] = reached
            refute_unless(
                reached == stated(length, channels),
                "the interaction rank is another",
                D=channels,
                n=length,
                decay=given,
                steps=step,
                rank=reached,
                stated=stated(length, channels),
            )
    note(rank_by_length_at_five_channels=str(found))
