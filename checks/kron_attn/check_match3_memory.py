"""What one token's answer needs to know about half of the other tokens."""

from __future__ import annotations

from itertools import product

import numpy as np
from flint import nmod_mat

from attnproof.theory.algebra.free_algebra import scalars
from attnproof.theory.algebra.prime_field import PRIME
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import check, exact, note, proof, refute_unless
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.inequality import entails
from attnproof.theory.operator.softmax_attention import power_of_two, softmax_attention
from attnproof.theory.paper.kron_attn.match3 import MATCH3_MATRIX
from attnproof.theory.paper.kron_attn.match3_layer import match3


def _tokens(alice, bob, modulus: int, dummy: int) -> list[int]:
    first = [i + 2 if bit else dummy for i, bit in enumerate(alice)]
    return [1, *first, *(modulus - i - 3 if bit else dummy for i, bit in enumerate(bob))]


@check(
    MATCH3_MATRIX,
    part="embedding",
    establishes=exact(bound="m ≤ 4, M = 2m + 4, …, 2m + 8: all 4^m inputs", by="enumeration"),
    claimed=dict(dummy=1, least=4),
    controls={
        "dummy 0": dict(dummy=0, least=3),
        "smaller modulus": dict(least=2),
        "dummy 2": dict(dummy=2),
    },
)
def match_is_intersection(dummy, least) -> None:
    """1 + (i + 2) + (M − k − 3) = M + i − k. All other sums with token 1 lie strictly between 0 and
    M or between M and 2M, for every m; here they are enumerated."""
    for m in range(1, 5):
        for modulus in range(2 * m + least, 2 * m + least + 5):
            for alice, bob in product(product((0, 1), repeat=m), repeat=2):
                tokens = _tokens(alice, bob, modulus, dummy)
                answer = match3(tokens, modulus)[0]
                common = any(x and y for x, y in zip(alice, bob, strict=True))
                refute_unless(
                    answer == common,
                    "the answer is not the intersection",
                    M=modulus,
                    alice=list(alice),
                    bob=list(bob),
                    tokens=tokens,
                )


def _table(m: int) -> np.ndarray:
    sets = np.arange(2**m)
    return ((sets[:, None] & sets[None, :]) != 0).astype(int)


def _first(m: int) -> np.ndarray:
    sets = np.arange(2**m) & 1
    return sets[:, None] & sets[None, :]


@check(
    MATCH3_MATRIX,
    part="truth table",
    establishes=exact(
        bound="m = 1, …, 7", by="rank modulo 2^61 − 1, a lower bound, and a zero row"
    ),
    claimed=dict(table=_table, stated=lambda m: 2**m - 1),
    controls={
        "full rank": dict(stated=lambda m: 2**m),
        "disjointness": dict(table=lambda m: 1 - _table(m)),
        "only the first element": dict(table=lambda m: _table(m) * (_table(m) & _first(m))),
    },
)
def rank_of_the_intersection(table, stated) -> None:
    """The row of the empty set is zero, so 2^m − 1 is the most. For every m: disjointness is the
    m-fold Kronecker product of [[1, 1], [1, 0]], invertible; its complement to the all-ones matrix,
    of rank one, has rank at least 2^m − 1 (classical). Distinct rows are counted as well."""
    for m in range(1, 8):
        values = table(m)
        size = len(values)
        rank = nmod_mat(size, size, [int(x) for x in values.flat], PRIME).rank()
        rows = len({tuple(row) for row in values.tolist()})
        refute_unless(
            rank == stated(m) and rows == size,
            "the rank is another one",
            m=m,
            rank=rank,
            stated=stated(m),
            distinct_rows=rows,
        )


l_a, l_b, o_a, o_b, whole_l, o, z = scalars("lA lB oA oB l o z")


@check(
    MATCH3_MATRIX,
    part="summary",
    establishes=proof(over="every number of tokens and split", by="equational proof"),
    claimed=dict(total=l_a + l_b, sums=o_a + o_b),
    controls={
        "one denominator": dict(total=l_a),
        "only one half": dict(sums=o_a),
    },
)
def output_from_two_summaries(total, sums) -> None:
    """Sums over all tokens are the sums over both halves: l = l_A + l_B, o = o_A + o_B. With
    z l = 1 the output z o satisfies ``(l_A + l_B)·z o = o_A + o_B``. The maximum only rescales."""
    model = {
        name: rational(value)
        for name, value in dict(lA=1, lB=3, oA=2, oB=6, l=4, o=8, z="1/4").items()
    }
    follows(
        total * z * o - sums,
        using=[
            (1, o - o_a - o_b, 1),
            (o, z * whole_l - 1, 1),
            (-z * o, whole_l - l_a - l_b, 1),
        ],
        models=[model],
        message="the output is not that of the two summaries",
    )


@check(
    MATCH3_MATRIX,
    part="summary",
    establishes=exact(
        bound="7 tokens with the scores −1, 2, 0, 1, 3, −2, 1: every split", by="base-two softmax"
    ),
    claimed=dict(merge=lambda la, oa, lb, ob: (oa + ob) / (la + lb)),
    controls={
        "mean of the two outputs": dict(merge=lambda la, oa, lb, ob: (oa / la + ob / lb) / 2),
        "halves exchanged in the denominators": dict(
            merge=lambda la, oa, lb, ob: (oa / lb + ob / la) / 2
        ),
    },
)
def every_split_of_seven_tokens(merge) -> None:
    """Attention by definition against the two summaries, for all 126 splits into two parts."""
    scores, values = [-1, 2, 0, 1, 3, -2, 1], [3, -1, 4, 1, -5, 9, 2]
    whole = softmax_attention(
        rational_array([[1]]),
        rational_array([[x] for x in scores]),
        rational_array([[x] for x in values]),
        power=power_of_two,
    )[0, 0]
    for mask in range(1, 127):
        parts = [[j for j in range(7) if mask >> j & 1 == side] for side in (0, 1)]
        sums = []
        for part in parts:
            weights = [rational(2) ** scores[j] for j in part]
            sums.append(sum(weights))
            sums.append(sum(w * values[j] for w, j in zip(weights, part, strict=True)))
        merged = merge(*sums)
        refute_unless(
            bool(merged == whole),
            "the merged output is another one",
            part=parts[0],
            merged=merged,
            whole=whole,
        )


bits, m_, heads, width = scalars("p m H w")


@check(
    MATCH3_MATRIX,
    part="bits",
    establishes=proof(
        over="every m, H, w and p", by="pigeonhole principle (classical), exponents compared"
    ),
    claimed=dict(needed=m_, numbers=heads * (width + 2)),
    controls={
        "twice as many bits": dict(needed=2 * m_),
        "w numbers for each head": dict(numbers=heads * width),
    },
)
def pigeonhole(needed, numbers) -> None:
    """The 2^m rows of the table are distinct, so Alice's 2^m inputs need 2^m summaries, of which
    there are at most 2^{H(w+2)p}; as 2^x is increasing, H(w + 2)p ≥ m. Below, the premise is the
    comparison of the exponents, and N = 2m + 1."""
    tokens = 2 * m_ + 1
    given = {"enough": heads * (width + 2) * bits - m_, "m": m_ - 1}
    points = [
        {name: rational(value) for name, value in dict(p=1, m=3, H=1, w=1).items()},
    ]
    entails(
        2 * numbers * bits - (tokens - 1) - 2 * (needed - m_),
        given=given,
        certificate=[(2, ("enough",), ())],
        models=points,
        message="fewer bits suffice",
    )
    note(example="H = 8, w = 64, p = 16: at most 16 897 tokens")
