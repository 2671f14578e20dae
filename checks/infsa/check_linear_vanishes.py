"""How often every score of the linear variant is rectified away."""

from __future__ import annotations

from itertools import product
from math import prod

from attnproof.theory.algebra.free_algebra import scalars
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import check, exact, note, proof, refute_unless
from attnproof.theory.engine.equational import follows
from attnproof.theory.operator.linear_infinite_self_attention import pooled_query
from attnproof.theory.paper.infsa.linear_variant import LINEAR_VANISHES
from attnproof.theory.paper.infsa.rectified_scores import rectified_scores

LARGEST = 7
# Rows of rational norm; the pooled query is (60, 9)/17, to which no key below is orthogonal.
QUERY = [[3, 4], [5, 0], [4, -3], [0, 2]]
MAGNITUDES = [[1, 0], [0, 1], [2, 1], [1, -1], [-3, 1], [1, 5], [-1, -4]]


@check(
    LINEAR_VANISHES,
    establishes=exact(
        bound=f"N ≤ {LARGEST}, one pooled query, one key magnitude per token",
        by="enumeration of all sign patterns through the operator, exact rationals",
    ),
    claimed=dict(expected=lambda N: rational(1) / 2**N, probability="1/2", magnitudes=MAGNITUDES),
    controls={
        "one token more": dict(expected=lambda N: rational(1) / 2 ** (N + 1)),
        "one token fewer": dict(expected=lambda N: rational(1) / 2 ** (N - 1)),
        "never": dict(expected=lambda N: rational(0)),
        "one over N": dict(expected=lambda N: rational(1) / N),
        "three quarters of the keys flipped": dict(probability="3/4", drops="random signs"),
        "a key orthogonal to the pooled query": dict(
            magnitudes=[[3, -20], *MAGNITUDES], drops="no ties"
        ),
    },
)
def enumerated_sign_patterns(expected, probability: str, magnitudes) -> None:
    """Every pattern of signs of the keys with its probability; summed where no score
    survives the rectifier (taken before normalisation, so that a zero vector is defined).
    """
    flipped = rational(probability)
    query = rational_array(QUERY)
    keys = rational_array(magnitudes)
    mean = pooled_query(query)
    for tokens in range(1, LARGEST + 1):
        vanishing = rational(0)
        for signs in product((1, -1), repeat=tokens):
            key = keys[:tokens] * rational_array(signs)[:, None]
            if not any(rectified_scores(query, key)):
                vanishing += prod(
                    (flipped if sign < 0 else 1 - flipped for sign in signs), start=rational(1)
                )
        refute_unless(
            vanishing == expected(tokens),
            "the probability that all scores vanish is another",
            N=tokens,
            found=vanishing,
            stated=expected(tokens),
            probability=flipped,
            projections=list(keys[:tokens] @ mean),
        )
    note(tokens=LARGEST, probability_of_no_score=vanishing)


@check(
    LINEAR_VANISHES,
    establishes=proof(over="every N, by induction on N"),
    claimed=dict(start=1, negative=lambda f: f, power=lambda before, half: before * half),
    controls={
        "starts at one half": dict(start="1/2"),
        "probability of a positive key doubled": dict(negative=lambda f: 2 * (1 - f)),
        "a quarter for each token": dict(power=lambda before, half: before * half * half),
        "not independent": dict(power=lambda before, half: before),
    },
)
def one_token_more_halves_it(start, negative, power) -> None:
    """Given q̄, key j scores nothing exactly if the sign σ_j is the one that makes q̄·k_j negative,
    which has probability f = 1 − f = 1/2. By independence the probability p_N that nothing scores
    satisfies p_0 = 1 and p_{N+1} = p_N f; with h_N = 2^{-N}, h_{N+1} = h_N/2, it equals h_N.
    """
    p, h, f = scalars("p h f")
    half = rational("1/2")
    models = [{"p": rational(value), "h": rational(value), "f": half} for value in ("1", "1/2")]
    refute_unless(rational(start) == 1, "with no key, nothing scores for certain", p_0=start)
    follows(
        p * negative(f) - power(h, f),
        using=[(f, p - h, 1)],
        models=models,
        message="one more token does not halve the probability",
    )
    follows(
        2 * power(h, f) - h,
        using=[(h, 2 * f - 1, 1)],
        models=models,
        message="the stated probability does not halve",
    )
