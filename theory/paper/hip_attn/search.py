"""The search for keys: what it evaluates, what it finds, and what it costs to miss a key."""

from __future__ import annotations

from ._paper import PAPER

EVALUATIONS = PAPER.claim(
    "eval-count",
    title="Score evaluations of the search, per query",
    parts={
        "powers of two": r"T=2^a>k=2^b:\quad 2k\log_2(T/k)\text{ evaluations}",
        "every length": r"k<T<200:\quad\text{at most }"
        r"2k\lceil\log_2\lceil T/k\rceil\rceil\text{ evaluations}",
    },
    locus="abstract: O(T log T); reconstructed",
    scope="one query; powers of two up to 4096, and every length below 200",
    not_covered="a budget that grows with the length, for which the total is quadratic",
    reconstructed=True,
)

NONE_OVERLOOKED = PAPER.claim(
    "no-token-overlooked",
    title="No token is overlooked",
    statement=r"\text{every key's score is evaluated for every query}",
    locus="abstract of the first version",
    scope="the statement read for each query",
    not_covered="other readings; one of them is the amended claim",
    reconstructed=True,
)

REACHABLE = PAPER.claim(
    "every-key-reachable",
    title="Every key is selected for some scores",
    statement=r"\forall i\ \exists s\in\mathbb Z^T:\quad i\in S(s)",
    locus="reconstructed",
    amends=NONE_OVERLOOKED,
    scope="centre representatives, T = 8, 64 and 100 with k = 1, 2, 4",
    not_covered="whether given scores lead to the largest key",
    reconstructed=True,
)

UNIMODAL = PAPER.claim(
    "exact-for-one-peak",
    title="Scores with one peak lead the search to it",
    statement=r"s_1<\dots<s_p>\dots>s_T,\ k=1\ \Longrightarrow\ S=\{p\}",
    locus="attention locality, as an assumption; reconstructed",
    scope="centre representatives",
    not_covered="several beams",
    reconstructed=True,
)

SYMMETRIC = PAPER.claim(
    "exact-under-symmetric-unimodal",
    title="Scores that decrease with the distance from a peak lead the search to it",
    statement=r"T=2^a\le256,\ s_i=-|i-p|,\ k=1\ \Longrightarrow\ S=\{p\}",
    locus="reconstructed",
    amends=UNIMODAL,
    scope="centre representatives; the search compares scores only, so every strictly decreasing "
    "function of the distance gives the same selection",
    not_covered="functions with ties, other lengths",
    reconstructed=True,
)

BETTER_THAN_RANDOM = PAPER.claim(
    "better-than-random",
    title="The selection finds the largest key at least as often as a random one",
    statement=r"\forall s:\quad[\arg\max s\in S(s)]\ge\frac kT",
    locus="abstract of the second version: guaranteed to be better than random pruning",
    scope="every score vector",
    not_covered="averages over scores with locality, for which the search does better",
    reconstructed=True,
)

AVERAGE_NEEDLE = PAPER.claim(
    "better-than-random-on-average",
    title="Averaged over its position, a single large key is found more often than at random",
    statement=r"(T,k)=(64,4),(256,8):\quad\frac{\#\{i:i\in S(\mathbf 1_i)\}}T=\frac3{16},\ "
    r"\frac3{32}\ \ge\ \frac kT",
    locus="reconstructed",
    amends=BETTER_THAN_RANDOM,
    scope="one key of score 1 among keys of score 0, every position; centre representatives, "
    "earlier intervals kept at ties",
    not_covered="other scores",
    reconstructed=True,
)

MISSED_MASS = PAPER.claim(
    "missed-mass",
    title="The error of any selection is the mass it misses times a difference of means",
    statement=r"m=\sum_{i\notin S}p_i:\quad o-o_S=m\,(\mu_{S^c}-\mu_S)",
    locus="reconstructed",
    scope="every selection, every number of keys, every width",
    not_covered="how large the missed mass is",
    reconstructed=True,
)

LIPSCHITZ = PAPER.claim(
    "lipschitz-guarantee",
    title="Scores that change slowly bound how far the best selected key falls short",
    parts={
        "descent": r"|s_i-s_{i+1}|\le L,\ h=\frac T{2k}\text{ a power of two}:\quad"
        r"\max_is_i-\max_{i\in S}s_i\le Lh",
        "centres": r"\text{centres of an interval of }2h\text{ keys and of its halves are at most }"
        r"\tfrac h2\text{ apart }(h\ge2),\text{ or }1\ (h=1)",
    },
    locus="attention locality, made precise; reconstructed",
    scope="centre representatives, intervals whose lengths are powers of two",
    not_covered="the best constant",
    reconstructed=True,
)
