"""Masked maps that are causal: the normaliser of a row must come from the rows up to it."""

from __future__ import annotations

import numpy as np

from attnproof.theory.algebra.free_algebra import FreeElement, letters, scalars
from attnproof.theory.algebra.matrix import identity_like
from attnproof.theory.algebra.rational import rational_array
from attnproof.theory.core import check, proof
from attnproof.theory.engine.equational import Model, Step, follows
from attnproof.theory.engine.held_premises import held_premises
from attnproof.theory.engine.inequality import entails
from attnproof.theory.engine.trace_identity import equal_traces
from attnproof.theory.paper.infsa.attention_map import (
    CAUSALITY_PREFIX_POOLED,
    CAUSALITY_ROW,
    CAUSALITY_RUNNING,
)
from attnproof.theory.paper.infsa.causal_attention_map import (
    column_sums,
    frobenius_norms,
    masked,
    row_sums,
    running_frobenius_norms,
)

# E embeds a prefix, A is the masked map, D the inverse normalisers, D1 those of the prefix alone.
A, AT, D, D1, E, ET, V, ONES = letters("A At D D1 E Et V o")
BLOCK, BLOCK_T = ET * A * E, ET * AT * E
CAUSAL, CAUSAL_T = ET * A - ET * A * E * ET, AT * E - E * ET * AT * E
DIAGONAL = ET * D - D1 * ET

# Masked, the row norms are 15, 20, 60 and the norms of the leading blocks 15, 25, 65; unmasked,
# those of the leading blocks are 15, 65, 105.
AFFINITIES = rational_array([[15, 60, 40], [12, 16, 40], [20, 40, 40]])


def _unmasked(matrix: np.ndarray) -> np.ndarray:
    return matrix


def _model(normaliser, mask, prefix: int = 2) -> dict[str, object]:
    """Three tokens, of which the first ``prefix`` are kept."""
    affinities = mask(AFFINITIES)
    identity = identity_like(affinities)
    block = affinities[:prefix, :prefix]
    return {
        "A": affinities,
        "At": affinities.T,
        "D": identity / normaliser(affinities)[:, None],
        "D1": identity_like(block) / normaliser(block)[:, None],
        "E": identity[:, :prefix],
        "Et": identity[:prefix],
        "V": rational_array([[1], [2], [5]]),
        "o": rational_array([[1], [1], [1]]),
    }


def _follows_from_what_holds(
    conclusion: FreeElement, steps: list[Step], model: Model, message: str
) -> None:
    follows(conclusion, using=held_premises(steps, model), models=[model], message=message)


def _prefix_alone(normaliser, mask) -> None:
    _follows_from_what_holds(
        ET * D * A * V - D1 * BLOCK * ET * V,
        [(1, DIAGONAL, A * V), (D1, CAUSAL, V)],
        _model(normaliser, mask),
        "the outputs of a prefix are not those of the prefix alone",
    )


@check(
    CAUSALITY_ROW,
    part="any function of the row",
    establishes=proof(over="every N, every prefix, every normaliser of rows"),
    claimed=dict(normaliser=row_sums, mask=masked),
    controls={
        "norm of the whole map": dict(normaliser=frobenius_norms),
        "column sums": dict(normaliser=column_sums),
        "no mask": dict(mask=_unmasked),
    },
)
def rows_normalised_by_themselves(normaliser, mask) -> None:
    """The mask: EᵀA = EᵀA E Eᵀ, rows of the prefix see no later column. The normaliser of a row
    being a function of that row up to the diagonal, it is the same for the prefix alone:
    EᵀD = D₁Eᵀ. Hence EᵀDAV = D₁EᵀAV = D₁ (EᵀAE)(EᵀV), in which no later token occurs.

    EᵀAE is the masked map of the prefix, as rectifying and masking are entrywise.
    """
    _prefix_alone(normaliser, mask)


@check(
    CAUSALITY_ROW,
    part="row sums and row norms",
    establishes=proof(over="every N, every prefix"),
    claimed=dict(
        sums=ET * A * ONES - BLOCK * ET * ONES,
        squares=ET * A * AT * E - BLOCK * BLOCK_T,
        mask=masked,
    ),
    controls={
        "column sums": dict(sums=ET * AT * ONES - BLOCK_T * ET * ONES),
        "column norms": dict(squares=ET * AT * A * E - BLOCK_T * BLOCK),
        "no mask": dict(mask=_unmasked),
    },
)
def sums_and_norms_of_rows(sums, squares, mask) -> None:
    """Sums and squared norms (on the diagonal of AAᵀ) of the prefix's rows are those of A₁₁."""
    model = _model(row_sums, mask)
    _follows_from_what_holds(
        sums, [(1, CAUSAL, ONES)], model, "the sums are not those of the prefix alone"
    )
    _follows_from_what_holds(
        squares, [(1, CAUSAL, AT * E)], model, "the norms are not those of the prefix alone"
    )


F, FT, J, JT = letters("F Ft J Jt")


@check(
    CAUSALITY_RUNNING,
    part="prefix",
    establishes=proof(over="every N, every prefix"),
    claimed=dict(normaliser=running_frobenius_norms, mask=masked, block=BLOCK),
    controls={
        "norm of the whole map": dict(normaliser=frobenius_norms),
        "no mask": dict(mask=_unmasked),
        "block times itself": dict(block=BLOCK * BLOCK),
    },
)
def running_norms_of_a_prefix(normaliser, mask, block) -> None:
    """Rows up to i ≤ m: the embedding J of i tokens is that of m tokens after F, J = EF, so the
    leading block of A is that of A₁₁: JᵀAJ = Fᵀ A₁₁ F. Equal blocks have equal norms, hence
    EᵀD = D₁Eᵀ, and the rest is as for rows."""
    model = _model(normaliser, mask)
    inner = identity_like(model["D1"])[:, :1]
    model |= {"F": inner, "Ft": inner.T, "J": model["E"] @ inner, "Jt": inner.T @ model["Et"]}
    follows(
        JT * A * J - FT * block * F,
        using=[(1, JT - FT * ET, A * J), (FT * ET * A, J - E * F, 1)],
        models=[model],
        message="the leading blocks differ",
    )
    _prefix_alone(normaliser, mask)


UNIT, UNIT_T = letters("e et")


@check(
    CAUSALITY_RUNNING,
    part="recurrence",
    establishes=proof(over="every N", by="free algebra with traces"),
    claimed=dict(row=UNIT_T * A * AT * UNIT, mask=masked),
    controls={
        "column instead of row": dict(row=UNIT_T * AT * A * UNIT),
        "diagonal entry only": dict(row=UNIT_T * A * UNIT * UNIT_T * AT * UNIT),
        "no mask": dict(mask=_unmasked),
    },
)
def one_row_more(row, mask) -> None:
    """Let e be the last of the tokens so far and E embed those before it, E Eᵀ + e eᵀ = I. Then
    AᵀA = E A₁₁ᵀA₁₁ Eᵀ + Aᵀe eᵀA, and tr(AᵀA) = tr(A₁₁ᵀA₁₁) + eᵀAAᵀe as EᵀE = I."""
    model = _model(row_sums, mask)
    last = identity_like(model["A"])[:, 2:]
    model |= {"e": last, "et": last.T}
    partition = E * ET + UNIT * UNIT_T - 1
    inner = BLOCK_T * BLOCK
    _follows_from_what_holds(
        AT * A - E * inner * ET - AT * UNIT * UNIT_T * A,
        [
            (-1 * AT, partition, A),
            (1, CAUSAL_T, ET * A),
            (E * BLOCK_T, CAUSAL, 1),
        ],
        model,
        "the squares do not split into block and row",
    )
    equal_traces(
        E * inner * ET + AT * UNIT * UNIT_T * A,
        inner * ET * E + row,
        transposes={"E": "Et", "A": "At", "e": "et"},
        models=[model],
        message="the traces differ",
    )
    follows(
        inner * ET * E - inner,
        using=[(inner, ET * E - 1, 1)],
        models=[model],
        message="the prefix is not embedded isometrically",
    )


BEFORE, ROW, LATER = scalars("before row later")


@check(
    CAUSALITY_RUNNING,
    part="rows",
    establishes=proof(over="every N, every row", by="exact non-negative combinations"),
    claimed=dict(normaliser=BEFORE + ROW, whole=BEFORE + ROW + LATER),
    controls={
        "block before the row": dict(normaliser=BEFORE),
        "half of the block": dict(normaliser=(BEFORE + ROW) / 2),
        "whole map without the row": dict(whole=BEFORE + LATER),
    },
)
def rows_are_bounded_by_one(normaliser, whole) -> None:
    """With ``before`` = ν_{i−1}², ``row`` = Σ_j A_ij² and ``later`` the squares of later rows,
    none of them negative: row ≤ ν_i² = before + row ≤ ‖A‖_F² = before + row + later."""
    given = {"before": BEFORE, "row": ROW, "later": LATER}
    entails(
        normaliser - ROW,
        given=given,
        certificate=[(1, ["before"], [])],
        message="a row is longer than its normaliser",
    )
    entails(
        whole - normaliser,
        given=given,
        certificate=[(1, ["later"], [])],
        message="the normaliser is larger than the norm of the whole map",
    )


C, C1, W, Q, KT = letters("C C1 W Q Kt")


@check(
    CAUSALITY_PREFIX_POOLED,
    establishes=proof(over="every N, every prefix"),
    claimed=dict(pool=masked, normaliser=row_sums, mask=masked),
    controls={
        "pooled over all": dict(pool=_unmasked),
        "scores summed over columns": dict(normaliser=column_sums),
        "no mask": dict(mask=_unmasked),
    },
)
def queries_pooled_over_the_prefix(pool, normaliser, mask) -> None:
    """W holds the norms, W_il = ‖q_l‖ for l ≤ i, and C the inverse of its row sums, so that CWQ
    are the pooled queries. As for rows, EᵀCW = C₁(EᵀWE)Eᵀ: the logits of the prefix are
    Eᵀ(CWQKᵀ)E = C₁W₁₁Q₁K₁ᵀ. Rectified and masked they are the A of the row-wise claim.
    """
    model = _model(normaliser, mask)
    norms = pool(rational_array([[5, 13, 17]] * 3))
    block = norms[:2, :2]
    model |= {
        "W": norms,
        "C": identity_like(norms) / row_sums(norms)[:, None],
        "C1": identity_like(block) / row_sums(block)[:, None],
        "Q": rational_array([[3, 4], [5, 12], [8, 15]]),
        "Kt": rational_array([[1, 0, 2], [0, 1, 1]]),
    }
    _follows_from_what_holds(
        ET * C * W * Q * KT * E - C1 * ET * W * E * ET * Q * KT * E,
        [
            (1, ET * C - C1 * ET, W * Q * KT * E),
            (C1, ET * W - ET * W * E * ET, Q * KT * E),
        ],
        model,
        "the logits of a prefix are not those of the prefix alone",
    )
    _prefix_alone(normaliser, mask)
