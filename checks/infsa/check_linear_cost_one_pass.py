"""One pass: two accumulators for head width one, no fixed-size linear state beyond."""

from __future__ import annotations

import numpy as np

from attnproof.theory.algebra.elementwise import maximum
from attnproof.theory.algebra.free_algebra import scalars
from attnproof.theory.algebra.matrix import rank
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import check, exact, note, proof, refute_unless, smt
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.smt import unsatisfiable
from attnproof.theory.paper.infsa.linear_variant import LINEAR_COST


@check(
    LINEAR_COST,
    part="one pass, head width one",
    establishes=proof(over="every real q and k"),
    claimed=dict(
        decomposed=lambda p, n, r, t: p * r + n * t, rest=lambda p, n, r, t: p * t + n * r
    ),
    controls={
        "positive parts only": dict(decomposed=lambda p, n, r, t: p * r),
        "opposite sign": dict(decomposed=lambda p, n, r, t: p * r - n * t),
        "mixed parts": dict(decomposed=lambda p, n, r, t: p * t + n * r),
    },
)
def two_accumulators_suffice(decomposed, rest) -> None:
    """With q = p − n and k = r − t split into positive and negative parts, pn = 0 and rt = 0:

        qk = (pr + nt) − (pt + nr)  and  (pr + nt)(pt + nr) = 0,

    both terms being non-negative. Two non-negative numbers with product 0 and difference x are the
    positive and the negative part of x; so [qk]_+ = pr + nt. Hence Σ_j [q k_j]_+ v_j is read off
    the two accumulators Σ [k_j]_+ v_j and Σ [−k_j]_+ v_j, for every q.
    """
    p, n, r, t = scalars("p n r t")
    one_sided = [(2, 0, 3, 0), (0, 2, 3, 0), (2, 0, 0, 3), (0, 2, 0, 3)]
    models = [
        {name: rational(entry) for name, entry in zip("pnrt", entries, strict=True)}
        for entries in one_sided
    ]
    positive, negative = decomposed(p, n, r, t), rest(p, n, r, t)
    follows(
        positive - negative - (p - n) * (r - t),
        models=models,
        message="the difference of the parts is not the product",
    )
    follows(
        positive * negative,
        using=[(p * p + n * n, r * t, 1), (r * r + t * t, p * n, 1)],
        models=models,
        message="the parts overlap",
    )


@check(
    LINEAR_COST,
    part="one pass, head width one",
    establishes=smt(over="every real q and k", bounded=False),
    claimed=dict(sign=1),
    controls={"opposite sign": dict(sign=-1), "positive parts only": dict(sign=0)},
)
def solver_finds_no_exception(sign: int) -> None:
    """z3 looks for real q, k with [qk]_+ different from [q]_+[k]_+ + [−q]_+[−k]_+."""
    import z3

    q, k = z3.Reals("q k")
    differs = lambda q, k, part: part(q * k) != part(q) * part(k) + sign * part(-q) * part(-k)
    unsatisfiable(
        [differs(q, k, lambda x: z3.If(x >= 0, x, 0))],
        {"q": q, "k": k},
        recheck=lambda q, k: differs(q, k, lambda x: max(x, 0)),
        message="the two accumulators give another value",
    )


@check(
    LINEAR_COST,
    part="one pass, head width two",
    establishes=proof(
        over="every N; d = 2, keys (1, j), and with further zeros every d ≥ 2",
        by="second differences in the free algebra, case by case",
    ),
    claimed=dict(
        rectified=lambda x, positive: x if positive else 0 * x,
        stencil=(1, -2, 1),
    ),
    controls={
        "no rectifier": dict(rectified=lambda x, positive: x),
        "a quarter of the absolute value": dict(
            rectified=lambda x, positive: x / 4 if positive else -1 * x / 4
        ),
        "first difference": dict(stencil=(0, -1, 1)),
        "middle weight of three": dict(stencil=(1, -3, 1)),
    },
)
def second_differences_single_out_every_key(rectified, stencil) -> None:
    """For the query (−t, 1), the product with the key (1, j) is x = j − t, an integer for integer
    t. The second difference in t at t = i of [j − t]_+ is

        [x + 1]_+ − 2 [x]_+ + [x − 1]_+ = 1 if x = j − i = 0, else 0:

    if x ≥ 1, all three arguments are ≥ 0, so nothing is rectified; if x ≤ −1, all three are ≤ 0;
    and at x = 0 it is 1. So the N functionals i = 1 … N applied to the N functions j give the
    identity matrix: the functions are independent, for every N.

    A state from which Σ_j [q·k_j]_+ v_j can be read for every q by a linear map that depends on q
    alone, and which is linear in the values, therefore has at least N numbers for each channel.
    """
    (x,) = scalars("x")
    after, here, before = stencil
    difference = lambda left, middle, right: after * left + here * middle + before * right
    follows(
        difference(*(rectified(x + step, True) for step in (1, 0, -1))),
        models=[{"x": rational(entry)} for entry in (1, 2, 5)],
        message="a key that scores on the whole stencil is not annihilated",
    )
    follows(
        difference(*(rectified(x + step, False) for step in (1, 0, -1))),
        models=[{"x": rational(entry)} for entry in (-1, -2, -5)],
        message="a key that scores nowhere on the stencil is not annihilated",
    )
    at_the_kink = difference(
        rectified(rational(1), True), rectified(rational(0), True), rectified(rational(-1), False)
    )
    refute_unless(
        at_the_kink == 1, "the key itself does not give one", second_difference=at_the_kink
    )


@check(
    LINEAR_COST,
    part="one pass, head width two",
    establishes=exact(
        bound="20 queries and 8 keys of small integers, head width 1, 2 and 3; N ≤ 12 keys (1, j)",
        by="exact rank",
    ),
    claimed=dict(
        rectifier=maximum, ranks={1: 2, 2: 8, 3: 8}, ladder=lambda N: N, key=lambda j: [1, j]
    ),
    controls={
        "no rectifier": dict(rectifier=lambda logits: logits),
        "rank of the head width": dict(ranks={1: 1, 2: 2, 3: 3}),
        "one less than the number of keys": dict(ladder=lambda N: N - 1),
        "twice the head width": dict(ladder=lambda N: min(N, 4)),
        "parallel keys": dict(key=lambda j: [j, j]),
    },
)
def rank_of_the_rectified_products(rectifier, ranks, ladder, key) -> None:
    """The exact rank of [q_i·k_j]_+ is how many numbers a linear state needs at least."""
    found = {}
    for width, stated in ranks.items():
        generator = np.random.default_rng(100 + width)
        queries = rational_array(generator.integers(-5, 6, (20, width)).tolist())
        keys = rational_array(generator.integers(-5, 6, (8, width)).tolist())
        found[width] = rank(rectifier(queries @ keys.T))
        refute_unless(
            found[width] == stated,
            "the rank is another",
            width=width,
            rank=found[width],
            stated=stated,
            queries=queries,
            keys=keys,
        )
    for tokens in range(1, 13):
        keys = rational_array([key(j) for j in range(1, tokens + 1)])
        queries = rational_array([[-t, 1] for t in range(tokens + 2)])
        measured = rank(rectifier(queries @ keys.T))
        refute_unless(
            measured == ladder(tokens),
            "the rank of the keys (1, j) is another",
            N=tokens,
            rank=measured,
            stated=ladder(tokens),
        )
    note(rank_by_head_width=str(found))
