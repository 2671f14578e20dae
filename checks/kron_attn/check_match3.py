"""Match3 by one layer of tensor attention."""

from __future__ import annotations

from itertools import combinations_with_replacement

from flint import arb

from attnproof.theory.algebra.ball import ball, precision
from attnproof.theory.algebra.free_algebra import scalars
from attnproof.theory.algebra.rational import rational
from attnproof.theory.algebra.rational_function import variables
from attnproof.theory.core import (
    Plot,
    Refuted,
    Series,
    Undecided,
    check,
    enclosure,
    note,
    plot,
    proof,
    refute_unless,
)
from attnproof.theory.engine.ball_comparison import at_most
from attnproof.theory.engine.inequality import entails
from attnproof.theory.engine.rational_identity import identical
from attnproof.theory.paper.kron_attn.match3 import MATCH3_SOLVES
from attnproof.theory.paper.kron_attn.match3_layer import match3, match3_layer, needed_scale

a, X, y, b, m, N, v = scalars("a X y b m N v")
QUERY_SIGNS = (1, -1, -1, -1)


@check(
    MATCH3_SOLVES,
    part="score",
    establishes=proof(over="all angles", by="addition theorem (classical) and expansion"),
    claimed=dict(signs=QUERY_SIGNS, first="cscs", second="cssc"),
    controls={
        "one sign": dict(signs=(1, -1, -1, 1)),
        "sines of the first key exchanged": dict(first="csss"),
        "same features for both keys": dict(second="cscs"),
    },
)
def cosine_of_the_sum(signs, first, second) -> None:
    """cos(α + β) = cos α cos β − sin α sin β and sin(α + β) = sin α cos β + cos α sin β, twice."""
    c1, s1, c2, s2, c3, s3 = variables("c1 s1 c2 s2 c3 s3")
    cosine = (c1 * c2 - s1 * s2) * c3 - (s1 * c2 + c1 * s2) * s3
    queries = [sign * factor for sign, factor in zip(signs, (c1, c1, s1, s1), strict=True)]
    keys = [{"c": c2, "s": s2}[name] for name in first]
    others = [{"c": c3, "s": s3}[name] for name in second]
    form = sum(q * k * w for q, k, w in zip(queries, keys, others, strict=True))
    identical(form, cosine, "the form is not the cosine of the sum")


def _numbers(**values) -> dict[str, object]:
    return {name: rational(value) for name, value in values.items()}


@check(
    MATCH3_SOLVES,
    part="margins",
    establishes=proof(over="every N and M", by="non-negative combination"),
    claimed=dict(blank=4 * N**2 * y, mixed=2 * N, times=5),
    controls={
        "scale halved": dict(blank=2 * N * y),
        "one sixth": dict(times=6),
        "pairs with the blank token left out": dict(mixed=0 * N),
    },
)
def masses_of_both_cases(blank, mixed, times) -> None:
    """Let a be the sum of the exponentials over real pairs, X = e^c; the blank token has the score
    1 − δ/2, and e^{cδ/2} = 4N², so its exponential is b = X/(4N²); 2N mixed pairs have e^0 = 1.

    None: every real score is at most 1 − δ, so a ≤ N²y with y = X/(4N²)², b = 4N²y, and
    b + m − 4a ≥ 0 gives a/(a + b + m) ≤ 1/5. Match: a ≥ X; with v = 1/(4N²) the claim is
    (a − X)(Xv + 2N) ≥ 0 after multiplying by the denominators. The scores are cosines of multiples
    of 2π/M: 1 or at most cos(2π/M).
    """
    entails(
        blank + m - (times - 1) * a,
        given={"a": N**2 * y - a, "m": m, "y": y, "N": N - 1},
        certificate=[(4, ("a",), ()), (1, ("m",), ())],
        models=[_numbers(a=4, N=2, y=1, m=0), _numbers(a=1, N=1, y=1, m=0)],
        message="without a match the output exceeds the bound",
    )
    # 1/output = (a + Xv + 2N)/a at most 1 + v + 2N/X, multiplied by aX.
    entails(
        a * (X + X * v + mixed) - X * (a + X * v + 2 * N),
        given={"a": a - X, "X": X, "N": N - 1, "v": v},
        certificate=[(1, ("a", "X", "v"), ()), (2, ("a", "N"), ()), (2, ("a",), ())],
        models=[_numbers(a=2, X=1, N=1, v=1), _numbers(a=1, X=1, N=1, v=0)],
        message="with a match the output falls below the bound",
    )


@check(
    MATCH3_SOLVES,
    part="constant",
    establishes=proof(
        over="every N ≥ 2, M ≥ 3", by="ball arithmetic at N = 2, δ = 3/2, and monotonicity"
    ),
    claimed=dict(least="0.86", delta="3/2", count=2),
    controls={
        "0.87": dict(least="0.87"),
        "M = 2": dict(delta="2"),
        "N = 1": dict(count=1),
    },
)
def smallest_margin(least, delta, count) -> None:
    """e^{−c} = (4N²)^{−2/δ} grows with δ ≤ 3/2 (M ≥ 3); then 2N(4N²)^{−4/3} = 2·4^{−4/3} N^{−5/3}
    falls with N, as does 1/(4N²). So N = 2 and δ = 3/2 are the worst."""
    with precision(64):
        square = 4 * arb(count) ** 2
        small = (-2 / ball(delta) * square.log()).exp()
        value = 1 / (1 + 1 / square + 2 * count * small)
        at_most(ball(least), value, "the bound is smaller", N=count, delta=delta)
        note(bound=value.str(4))


@check(
    MATCH3_SOLVES,
    part="every input",
    establishes=enclosure(
        bound="(M, N) = (5, 4), (7, 4), (11, 3), (16, 3), (6, 5): every input up to the order of "
        "tokens, which the layer does not see"
    ),
    claimed=dict(factor=1, blank=True),
    controls={
        "half of the scale": dict(factor="1/2"),
        "no blank token": dict(blank=False),
    },
)
def decided_by_definition(factor, blank) -> None:
    """The layer by the definition of tensor attention, against Match3 by enumeration."""
    found = {}
    for modulus, count in ((5, 4), (7, 4), (11, 3), (16, 3), (6, 5)):
        smallest, largest = arb(1), arb(0)
        # The bound 1/5 is nearly attained, so 64 bits do not decide.
        with precision(256):
            scale = needed_scale(modulus, count) * ball(factor)
            for tokens in combinations_with_replacement(range(modulus), count):
                outputs = match3_layer(tokens, modulus, scale, blank)
                for x, truth, output in zip(tokens, match3(tokens, modulus), outputs, strict=True):
                    if truth:
                        smallest = smallest.min(output)
                    else:
                        largest = largest.max(output)
                    right = output >= ball("0.86") if truth else output <= ball("1/5")
                    wrong = output < ball("0.86") if truth else output > ball("1/5")
                    if wrong:
                        raise Refuted(
                            "the output is on the wrong side",
                            dict(M=modulus, tokens=list(tokens), x=x, match=truth, output=output),
                        )
                    if not right:
                        raise Undecided("the enclosure is too wide")
            refute_unless(True, M=modulus, N=count)
        found[f"M={modulus}, N={count}"] = (
            f"least on matches {smallest.str(3, radius=False)}, "
            f"largest otherwise {largest.str(3, radius=False)}"
        )
    note(**found)


ENTRIES = {(5, 4): "3.9", (10, 10): "6.8", (10**3, 10**3): "197", (10**6, 10**6): "24000"}


@check(
    MATCH3_SOLVES,
    part="entries",
    establishes=enclosure(bound="the four sizes"),
    claimed=dict(width=5, table=ENTRIES),
    controls={
        "not divided by d": dict(width=1),
        "four features": dict(width=4),
    },
)
def size_of_the_entries(width, table) -> None:
    """All features are at most 1 (β < 1), and three of them share the factor d·c; rounded to the
    digits shown (two for the last)."""
    for (modulus, count), shown in table.items():
        with precision(96):
            size = (width * needed_scale(modulus, count)) ** ball("1/3")
            half = {"3.9": "0.05", "6.8": "0.05", "197": "0.5", "24000": "500"}[shown]
            named = dict(M=modulus, N=count, B=size)
            at_most(ball(shown) - ball(half), size, "the entries are smaller", **named)
            at_most(size, ball(shown) + ball(half), "the entries are larger", **named)
            # The threshold of the fast algorithm is far below.
            at_most(
                2 * arb(count).log() ** ball("1/3"), size, "within twice the threshold", **named
            )


@plot(MATCH3_SOLVES)
def entries_needed() -> Plot:
    """B of the construction with M = N against the threshold."""
    sizes = [4, 10, 30, 100, 300, 1000, 10**4, 10**5, 10**6]
    with precision(96):
        needed = [float(((5 * needed_scale(n, n)) ** ball("1/3")).mid()) for n in sizes]
        threshold = [float((arb(n).log() ** ball("1/3")).mid()) for n in sizes]
    return Plot(
        title="Entries that the construction for Match3 needs, M = N",
        x_label="tokens N",
        y_label="bound B of the entries",
        x_scale="log",
        y_scale="log",
        series=[
            Series(label="B of the construction", x=sizes, y=needed),
            Series(label="(ln N)^(1/3)", x=sizes, y=threshold, style="guide"),
        ],
        caption="The construction lies above the threshold at every size: it decides triples, but "
        "not in nearly linear time.",
    )
