"""Steps with a barrier: as long as the busiest rank."""

from __future__ import annotations

from attnproof.theory.algebra.free_algebra import scalars
from attnproof.theory.core import check, exact, note, proof, refute_unless
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.inequality import entails
from attnproof.theory.operator.attention_mask import causal
from attnproof.theory.operator.sequence_partition import contiguous, striped, zigzag
from attnproof.theory.paper.longca_bench.balance import WALL_CLOCK


def busiest(counts: list[int]) -> int:
    """A barrier waits for the last."""
    return max(counts)


def mean(counts: list[int]) -> int:
    """No barrier: as if work were shared."""
    return sum(counts) // len(counts)


def time_with_barriers(partition, length: int, ranks: int, step=busiest) -> int:
    """``Σ_s max_r n_{r,s}``."""
    held = partition(length, ranks)
    return sum(
        step([int(causal(held[r][:, None], held[(r - s) % ranks]).sum()) for r in range(ranks)])
        for s in range(ranks)
    )


def contiguous_time(h, P):
    """``c(c + 1)/2 + (P − 1)c²``, c = 2h."""
    return h * (2 * h + 1) + (P - 1) * 4 * h * h


def zigzag_time(h, P):
    """``2Ph² + h``."""
    return 2 * P * h * h + h


COUNTED = exact(bound="P ≤ 8, T = 2Ph tokens, h ≤ 4", by="cells of the mask")


def _compare(partition, formula, step) -> None:
    for P in range(1, 9):
        for h in range(1, 5):
            counted = time_with_barriers(partition, 2 * P * h, P, step)
            refute_unless(
                counted == formula(h, P),
                "the steps add up to another time",
                ranks=P,
                half=h,
                counted=counted,
                stated=formula(h, P),
            )


@check(
    WALL_CLOCK,
    part="contiguous",
    establishes=COUNTED,
    claimed=dict(partition=contiguous, formula=contiguous_time, step=busiest),
    controls={
        "mean instead of the busiest": dict(step=mean),
        "zig-zag instead": dict(partition=zigzag),
        "every step full": dict(formula=lambda h, P: P * 4 * h * h),
    },
)
def steps_of_contiguous(partition, formula, step) -> None:
    """Counted in the mask, step by step."""
    _compare(partition, formula, step)


@check(
    WALL_CLOCK,
    part="zig-zag",
    establishes=COUNTED,
    claimed=dict(partition=zigzag, formula=zigzag_time, step=busiest),
    controls={
        "contiguous instead": dict(partition=contiguous),
        "striped instead": dict(partition=striped),
        "without the diagonal": dict(formula=lambda h, P: 2 * P * h * h),
    },
)
def steps_of_zigzag(partition, formula, step) -> None:
    """Counted in the mask, step by step."""
    _compare(partition, formula, step)
    pair = (time_with_barriers(contiguous, 4096, 4), time_with_barriers(zigzag, 4096, 4))
    note(speed_up_4096_on_4=f"{pair[0] / pair[1]:.4f}")


h, P, c = scalars("h P c")


@check(
    WALL_CLOCK,
    part="contiguous",
    establishes=proof(over="every P ≥ 1 and c"),
    claimed=dict(first=c * (c + 1) / 2, later=c * c),
    controls={
        "first step full": dict(first=1 * c * c),
        "later steps with a diagonal": dict(later=c * (c + 1) / 2),
    },
)
def contiguous_steps_add_up(first, later) -> None:
    """At step 0 every rank has a triangle; at step s the last rank, and any with r ≥ s, has a full
    block of c², which no rank exceeds. P − 1 steps follow the first."""
    follows(
        first + (P - 1) * later - (c * (c + 1) / 2 + (P - 1) * c * c),
        message="the steps add up to another time",
    )


@check(
    WALL_CLOCK,
    part="zig-zag",
    establishes=proof(over="every P ≥ 1 and h, from the cells of a step"),
    claimed=dict(first=2 * h * h + h, later=2 * h * h),
    controls={
        "later steps with a diagonal": dict(later=2 * h * h + h),
        "half a step": dict(later=1 * h * h),
    },
)
def zigzag_steps_add_up(first, later) -> None:
    """Every rank has 2h² + h cells at step 0 and 2h² later (claim on balance, by step). With
    T = 2Ph the sum is T²/2P + T/2P; cross-multiplied by 2P."""
    follows(first + (P - 1) * later - (2 * P * h * h + h), message="another time")
    T = 2 * P * h
    follows(2 * P * (2 * P * h * h + h) - (T * T + T), message="another time in terms of T")


@check(
    WALL_CLOCK,
    part="ratio",
    establishes=proof(over="every P ≥ 1 and h ≥ 1", by="non-negative combination"),
    claimed=dict(slow=(4 * P - 2) * h + 1, fast=2 * P * h + 1, bound=2 * P - 1),
    controls={
        "a bound one less over P": dict(bound=2 * P - 2),
        "no speed-up": dict(bound=1 * P),
        "contiguous steps all full": dict(slow=4 * P * h),
    },
)
def between_the_limit_and_below(slow, fast, bound) -> None:
    """The times divided by h. The ratio is below (2P − 1)/P by ``(P − 1)/(P(2Ph + 1))``, which is
    at most 1/(2Ph); cross-multiplied."""
    follows(h * slow - (h * (2 * h + 1) + (P - 1) * 4 * h * h), message="another slow time")
    given = {"P ≥ 1": P - 1, "h ≥ 1": h - 1}
    entails(
        bound * fast - P * slow,
        given=given,
        certificate=[(1, ["P ≥ 1"], [])],
        message="the ratio exceeds the bound",
    )
    # (P − 1)·2h ≤ 2Ph + 1
    entails(
        fast - 2 * h * (bound * fast - P * slow),
        given=given,
        certificate=[(2, ["h ≥ 1"], []), (3, [], [])],
        message="the ratio stays away from the bound",
    )
