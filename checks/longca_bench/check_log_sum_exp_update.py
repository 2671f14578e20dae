"""The merge written with log-sum-exps and normalised outputs."""

from __future__ import annotations

import math

from attnproof.theory.algebra.rational_function import variables
from attnproof.theory.core import check, counterexample, exact, proof, refute_unless
from attnproof.theory.engine.rational_identity import identical
from attnproof.theory.paper.longca_bench.ring_attention import (
    LOG_SUM_EXP_MERGE,
    LOG_SUM_EXP_UPDATE,
)

EMPTY = (0.0, -math.inf)
THREE = (3.0, 0.0)
SEVEN = (7.0, 0.0)


def plain(block: float, so_far: float) -> float:
    """``λ_B − λ``, by IEEE."""
    return block - so_far


def empty_block_first(block: float, so_far: float) -> float:
    """``−∞`` for an empty block, else ``λ_B − λ``."""
    return -math.inf if block == -math.inf else block - so_far


def reversed_sign(block: float, so_far: float) -> float:
    """``λ − λ_B``."""
    return empty_block_first(so_far, block)


def logistic(x: float) -> float:
    """``1/(1 + e^{−x})``, 0 and 1 at the ends."""
    if math.isnan(x):
        return x
    return 0.0 if x == -math.inf else 1.0 / (1.0 + math.exp(-x))


def one_half(x: float) -> float:
    """An average instead."""
    return x if math.isnan(x) else 0.5


def fold(blocks, difference, weight) -> float:
    """Output after all blocks, from no key at all."""
    output, so_far = EMPTY
    for value, block in blocks:
        output = output - weight(difference(block, so_far)) * (output - value)
        larger = max(so_far, block)
        if larger > -math.inf:
            so_far = larger + math.log(math.exp(so_far - larger) + math.exp(block - larger))
    return output


def _compare(blocks, difference, weight) -> None:
    keys = [value for value, block in blocks if block == 0.0]
    expected = sum(keys) / len(keys)
    found = fold(blocks, difference, weight)
    refute_unless(
        found == expected,
        "the update does not give the mean of the values",
        blocks=[[value, str(block)] for value, block in blocks],
        found=str(found),
        expected=expected,
    )


@check(
    LOG_SUM_EXP_UPDATE,
    establishes=counterexample(over="one key of score 0 after an empty block", by="IEEE doubles"),
    claimed=dict(blocks=(EMPTY, THREE), difference=plain, weight=logistic),
    controls={
        "two empty blocks": dict(blocks=(EMPTY, EMPTY, THREE)),
        "average instead": dict(blocks=(THREE, EMPTY), weight=one_half),
    },
    repairs={
        "an empty block changes nothing": dict(difference=empty_block_first),
        "key first": dict(blocks=(THREE, EMPTY)),
        "two keys": dict(blocks=(THREE, SEVEN)),
    },
)
def update_from_no_key(blocks, difference, weight) -> None:
    """``−∞ − (−∞)`` is not a number, and stays so for the rest of the ring."""
    _compare(blocks, difference, weight)


@check(
    LOG_SUM_EXP_MERGE,
    part="empty blocks",
    establishes=exact(bound="at most four blocks, empty or a key of score 0", by="IEEE doubles"),
    claimed=dict(difference=empty_block_first, weight=logistic),
    controls={
        "no case": dict(difference=plain),
        "difference reversed": dict(difference=reversed_sign),
        "average": dict(weight=one_half),
    },
)
def empty_blocks_change_nothing(difference, weight) -> None:
    """All sequences of one or two keys of the values 3 and 7 among empty blocks; nothing is rounded
    in ``½(3 + 7)``."""
    for blocks in (
        (THREE,),
        (EMPTY, THREE),
        (THREE, EMPTY),
        (EMPTY, EMPTY, THREE),
        (EMPTY, THREE, EMPTY, SEVEN),
        (THREE, EMPTY, EMPTY, SEVEN),
        (EMPTY, EMPTY, SEVEN, THREE),
    ):
        _compare(blocks, difference, weight)


E, F, o, p = variables("E F o p")


@check(
    LOG_SUM_EXP_MERGE,
    part="blocks with keys",
    establishes=proof(over="all λ, λ_B and values", by="rational-function identity"),
    claimed=dict(share=F / (E + F)),
    controls={"share of the other": dict(share=E / (E + F)), "a half": dict(share=F / (2 * F))},
)
def share_of_the_block(share) -> None:
    """E = e^λ, F = e^{λ_B}; ``σ(λ_B − λ) = F/(E + F)``."""
    identical(o - share * (o - p), (E * o + F * p) / (E + F), "the update is not the merge")
