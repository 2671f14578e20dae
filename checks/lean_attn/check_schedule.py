"""Equal shares of consecutive tiles, and splits of fixed number."""

from __future__ import annotations

from fractions import Fraction
from heapq import heapify, heapreplace
from itertools import pairwise

from attnproof.theory.algebra.free_algebra import scalars
from attnproof.theory.algebra.rational import rational
from attnproof.theory.core import check, counterexample, exact, note, proof, refute_unless
from attnproof.theory.engine.inequality import entails
from attnproof.theory.paper.lean_attn.schedule import BALANCE, FASTER, NEVER_SLOWER, PERFECT


def equal_shares(tiles: int, processors: int) -> list[range]:
    """Consecutive tiles: the first C mod G processors take one more."""
    shorter, more = divmod(tiles, processors)
    starts = [g * shorter + min(g, more) for g in range(processors + 1)]
    return [range(a, b) for a, b in pairwise(starts)]


def shares_of_the_ceiling(tiles: int, processors: int) -> list[range]:
    """``⌈C/G⌉`` tiles each until none are left: same time, unequal loads."""
    size = -(-tiles // processors)
    return [range(min(g * size, tiles), min((g + 1) * size, tiles)) for g in range(processors)]


def partial_results(shares: list[range], per_head: int) -> int:
    """Distinct pairs of processor and head, tile by tile."""
    return sum(len({tile // per_head for tile in share}) for share in shares)


def split_time(heads: int, per_head: int, splits: int, processors: int) -> int:
    """Time of jobs of ``⌈τ/s⌉`` tiles, the last one of a head shorter, each given to the processor
    that is free first."""
    size = -(-per_head // splits)
    jobs = [min(size, per_head - start) for start in range(0, per_head, size)] * heads
    free = [0] * processors
    heapify(free)
    for job in jobs:
        heapreplace(free, free[0] + job)
    return max(free)


@check(
    PERFECT,
    establishes=counterexample(over="8 heads of 4 tiles on 108 processors"),
    claimed=dict(heads=8, per_head=4, processors=108),
    controls={
        "one tile more than processors": dict(heads=109, per_head=1),
        "eight heads of 32 tiles": dict(per_head=32),
    },
    repairs={
        "256 tiles a head": dict(per_head=256),
        "64 heads of 1024 tiles": dict(heads=64, per_head=1024),
    },
)
def busy_share(heads, per_head, processors) -> None:
    """Tiles over processors times the longest share, counted from the schedule."""
    shares = equal_shares(heads * per_head, processors)
    busy = Fraction(heads * per_head, processors * max(len(share) for share in shares))
    note(occupancy=f"{float(busy):.2%}")
    refute_unless(
        busy >= Fraction(9, 10),
        "processors are idle",
        tiles=heads * per_head,
        processors=processors,
        occupancy=busy,
    )


C, G, x, load, total, rest = scalars("C G x load total rest")


@check(
    BALANCE,
    part="lower bound",
    establishes=proof(over="every G (induction), every schedule", by="non-negative combination"),
    claimed=dict(more=1),
    controls={"half a bound more": dict(more=Fraction(1, 2))},
)
def no_schedule_is_shorter(more) -> None:
    """Base: no processor, no tile. Step: if the loads of G processors sum to at most Gx, one more
    load of at most x makes the sum at most (G + 1)x. So x ≥ C/G, and ⌈C/G⌉ for whole loads."""
    entails(
        (G + more) * x - (total + load),
        given={"so far": G * x - total, "load": x - load},
        certificate=[(1, ["so far"], []), (1, ["load"], [])],
        models=[{name: rational(1) for name in ("G", "x", "total", "load")}],
        message="the loads can sum to more",
    )


@check(
    BALANCE,
    part="occupancy",
    establishes=proof(over="every C, G ≥ 1", by="non-negative combination"),
    claimed=dict(lost=1),
    controls={"nothing lost": dict(lost=0), "a processor fewer lost": dict(lost=2)},
)
def occupancy_bound(lost) -> None:
    """With P = G⌈C/G⌉ = C + G − 1 − rest, rest ≥ 0: ``C/P ≥ 1 − (G − 1)/C`` times CP is
    ``C² ≥ (C − (G − 1))P``. For C ≥ G − 1 the difference is ``(G − 1)² + (C − G + 1)·rest``; for
    smaller C the right side is not positive. In the controls the bound is 1 or 1 − (G − 2)/C."""
    slack = {0: 0 * G, 1: G - 1, 2: G - 2}[lost]
    entails(
        C**2 - (C - slack) * (C + G - 1 - rest),
        given={"rest": rest, "C ≥ G − 1": C - G + 1},
        certificate=[(1, [], [G - 1]), (1, ["rest", "C ≥ G − 1"], [])],
        models=[{"C": rational(4), "G": rational(3), "rest": rational(0)}],
        message="the occupancy is lower",
    )


@check(
    BALANCE,
    part="loads",
    establishes=exact(bound="C ≤ 400, G ≤ 40, every schedule", by="integers"),
    claimed=dict(shares=equal_shares),
    controls={"shares of the ceiling": dict(shares=shares_of_the_ceiling)},
)
def loads(shares) -> None:
    """Every tile once, in order, and loads of ⌊C/G⌋ or ⌈C/G⌉."""
    for processors in range(1, 41):
        for tiles in range(1, 401):
            found = shares(tiles, processors)
            dealt = sum(len(share) for share in found)
            contiguous = all(a.stop == b.start for a, b in pairwise(found))
            sizes = {len(share) for share in found}
            refute_unless(
                dealt == tiles
                and contiguous
                and sizes <= {tiles // processors, -(-tiles // processors)},
                "the loads differ by more than one",
                tiles=tiles,
                processors=processors,
                loads=sorted(sizes),
            )


@check(
    BALANCE,
    part="partials",
    establishes=exact(bound="H, τ ≤ 20, G = 3, 5, 8, 13", by="integers"),
    claimed=dict(allowed=lambda heads, processors, tiles: heads + min(processors, tiles) - 1),
    controls={
        "one fewer": dict(
            allowed=lambda heads, processors, tiles: heads + min(processors, tiles) - 2
        ),
        "one per head": dict(allowed=lambda heads, processors, tiles: heads),
        "one per processor": dict(allowed=lambda heads, processors, tiles: processors),
    },
)
def number_of_partials(allowed) -> None:
    """Pairs of processor and head, counted tile by tile."""
    for processors in (3, 5, 8, 13):
        for heads in range(1, 21):
            for per_head in range(1, 21):
                tiles = heads * per_head
                counted = partial_results(equal_shares(tiles, processors), per_head)
                bound = allowed(heads, processors, tiles)
                refute_unless(
                    counted <= bound,
                    "more partial results",
                    heads=heads,
                    tiles_per_head=per_head,
                    processors=processors,
                    counted=counted,
                    bound=bound,
                )


TABLE = {
    (8, 4): (1, 32), (8, 32): (3, 110), (8, 256): (19, 115),
    (32, 4): (2, 108), (56, 32): (17, 140), (64, 1024): (607, 171),
}  # fmt: skip


@check(
    BALANCE,
    part="table",
    establishes=exact(bound="the six stated settings, G = 108", by="integers"),
    claimed=dict(shares=equal_shares, processors=108),
    controls={
        "107 processors": dict(processors=107),
        "shares of the ceiling": dict(shares=shares_of_the_ceiling),
    },
)
def table_of_settings(shares, processors) -> None:
    """Longest share and partial results of the schedule."""
    for (heads, per_head), stated in TABLE.items():
        found = shares(heads * per_head, processors)
        counted = max(len(share) for share in found), partial_results(found, per_head)
        refute_unless(
            counted == stated, "other counts", heads=heads, tiles_per_head=per_head,
            counted=list(counted), stated=list(stated),
        )  # fmt: skip


@check(
    FASTER,
    establishes=counterexample(over="2 heads of 5 tiles on 5 processors, 5 splits"),
    claimed=dict(heads=2, per_head=5, splits=5, processors=5),
    controls={"one head of 64": dict(heads=1, per_head=64, splits=64, processors=108)},
    repairs={"no split": dict(splits=1), "two splits": dict(splits=2)},
)
def strictly_faster(heads, per_head, splits, processors) -> None:
    """Longest equal share against the simulated splits."""
    shares = max(len(share) for share in equal_shares(heads * per_head, processors))
    other = split_time(heads, per_head, splits, processors)
    refute_unless(shares < other, "not faster", equal_shares=shares, fixed_split=other)


def shares_time(tiles: int, processors: int) -> int:
    """The longest of the equal shares."""
    return max(len(share) for share in equal_shares(tiles, processors))


def one_idle_time(tiles: int, processors: int) -> int:
    """Equal shares that use one processor fewer."""
    return shares_time(tiles, processors - 1)


@check(
    NEVER_SLOWER,
    part="never slower",
    establishes=exact(bound="H, τ ≤ 12, every s ≤ τ, G = 3, 5, 8", by="integers, simulation"),
    claimed=dict(time=shares_time),
    controls={"one processor idle": dict(time=one_idle_time)},
)
def against_every_split(time) -> None:
    """By the lower bound this holds for every schedule; here both are simulated."""
    for processors in (3, 5, 8):
        for heads in range(1, 13):
            for per_head in range(1, 13):
                mine = time(heads * per_head, processors)
                for splits in range(1, per_head + 1):
                    other = split_time(heads, per_head, splits, processors)
                    refute_unless(
                        mine <= other, "a split is faster", heads=heads, tiles_per_head=per_head,
                        processors=processors, splits=splits, equal_shares=mine, fixed_split=other,
                    )  # fmt: skip


@check(
    NEVER_SLOWER,
    part="one tile a job",
    establishes=exact(bound="H, τ ≤ 20, G = 3, 5, 8, 13", by="integers, simulation"),
    claimed=dict(size=1),
    controls={"two tiles a job": dict(size=2)},
)
def one_tile_a_job(size) -> None:
    """``s = ⌈τ/size⌉`` against ``⌈C/G⌉``."""
    for processors in (3, 5, 8, 13):
        for heads in range(1, 21):
            for per_head in range(1, 21):
                other = split_time(heads, per_head, -(-per_head // size), processors)
                mine = -(-heads * per_head // processors)
                refute_unless(
                    mine == other, "the times differ", heads=heads, tiles_per_head=per_head,
                    processors=processors, equal_shares=mine, fixed_split=other,
                )  # fmt: skip


@check(
    NEVER_SLOWER,
    part="fixed splits",
    establishes=exact(bound="the stated settings", by="integers, simulation"),
    claimed=dict(heads=1),
    controls={"two hundred heads": dict(heads=200)},
)
def few_splits(heads) -> None:
    """One head of 64 tiles on 108 processors."""
    stated = {1: 64, 2: 32, 4: 16}
    counted = {splits: split_time(heads, 64, splits, 108) for splits in stated}
    shares = shares_time(heads * 64, 108)
    refute_unless(
        counted == stated and shares == 1,
        "other times",
        fixed_splits=list(counted.values()),
        equal_shares=shares,
    )
