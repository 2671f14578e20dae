"""How large the weights of local linear attention may become."""

from __future__ import annotations

from attnproof.theory.algebra.free_algebra import letters, scalars
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import certificate, check, exact, note, proof, refute_unless
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.inequality import entails
from attnproof.theory.operator.local_linear_attention import local_linear_weights
from attnproof.theory.paper.lla.covariance_form import DENOMINATOR_AND_WEIGHT_BOUNDS

# In an eigenbasis of C with eigenvalues c ≥ 0, and y = (C + λ)^{-1} z̄, each quantity is a sum over
# the eigenvectors: z̄ᵀ(C + λ)^{-1}z̄ = Σ (c + λ) y², ‖z̄‖² = Σ (c + λ)² y², yᵀCy = Σ c y².
c, ridge, m = scalars("c ridge m")
GIVEN = {"c": c, "ridge": ridge}


@check(
    DENOMINATOR_AND_WEIGHT_BOUNDS,
    part="at most one",
    establishes=proof(over="every n and d", by="non-negative combination in an eigenbasis"),
    claimed=dict(factor=1),
    controls={"a ridge of the other sign": dict(factor=-1)},
)
def form_is_not_negative(factor) -> None:
    """Each summand ``(c + λ) y²`` of ``z̄ᵀ(C + λ)^{-1}z̄`` is at least 0."""
    entails(c + factor * ridge, given=GIVEN, certificate=[(1, ["c"], []), (1, ["ridge"], [])])


@check(
    DENOMINATOR_AND_WEIGHT_BOUNDS,
    part="bounded below",
    establishes=proof(over="every n and d", by="non-negative combination in an eigenbasis"),
    claimed=dict(factor=1),
    controls={"half the square": dict(factor=2)},
)
def form_is_bounded_by_the_ridge(factor) -> None:
    """Summand by summand ``(c + λ)² y² − λ(c + λ) y² = (c² + λc) y² ≥ 0``."""
    entails(
        (c + ridge) * (c + ridge) - factor * ridge * (c + ridge),
        given=GIVEN,
        certificate=[(1, [], [c]), (1, ["c", "ridge"], [])],
    )


@check(
    DENOMINATOR_AND_WEIGHT_BOUNDS,
    part="weights",
    establishes=proof(over="every n and d, λ > 0", by="non-negative combination and free algebra"),
    claimed=dict(constant=4, mass=1),
    controls={
        "a smaller bound": dict(constant=5),
        "weights of mass two": dict(mass=2),
    },
)
def variance_against_distance(constant, mass) -> None:
    """``s_j = p_j(1 − a_j)`` with ``a_j = (k_j − k̄)ᵀy``, so ``Σ|s_j| ≤ 1 + Σ p_j|a_j|``. With
    ``m = Σ p_j|a_j|``: ``Σ p_j(|a_j| − m)² = Σ p_j a_j² − m²``, so ``m² ≤ Σ p_j a_j² = yᵀCy``; and
    summand by summand ``(c + λ)² − 4λc = (c − λ)²``, so ``4λ yᵀCy ≤ ‖z̄‖²``."""
    a, at, weights, one, onet = letters("a at P one onet")
    shares = rational_array([[1, 0], [0, 3]]) * rational("1/4") * mass
    entries, ones = rational_array([[2], [6]]), rational_array([[1], [1]])
    given = {"a": entries, "at": entries.T, "P": shares, "one": ones, "onet": ones.T}
    given["m"] = (ones.T @ shares @ entries)[0, 0]
    sums_to_one = [(m * m, onet @ weights @ one - 1, 1)] if mass == 1 else []
    follows(
        (at - m * onet) @ weights @ (a - m * one) - (at @ weights @ a - m * m),
        using=[
            (-1 * m, onet @ weights @ a - m, 1),
            (-1 * m, at @ weights @ one - m, 1),
            *sums_to_one,
        ],
        models=[given],
        message="the mean deviation is not bounded by the variance",
    )
    entails(
        (c + ridge) * (c + ridge) - constant * ridge * c,
        given=GIVEN,
        certificate=[(1, [], [c - ridge])],
        message="the variance is not bounded by the distance",
    )


@check(
    DENOMINATOR_AND_WEIGHT_BOUNDS,
    part="weights",
    establishes=exact(bound="keys ±a with equal weights, a = 1, 2, 3, ridge a², q = 0, …, 60"),
    claimed=dict(constant=4),
    controls={"a constant that is larger by a tenth": dict(constant=rational("22/5"))},
)
def weights_of_far_queries(constant) -> None:
    """``κλ(Σ|s_j| − 1)² ≤ z̄²`` where the sum is above one. These keys have C = λ and equal
    deviations, so that for far queries κ = 4 is nearly reached."""
    closest = rational(0)
    for half in (1, 2, 3):
        keys, weights = rational_array([[-half], [half]]), rational_array([1, 1])
        ridge_is = rational(half * half)
        for query in range(61):
            row = local_linear_weights(keys, rational_array([query]), weights, 2 * ridge_is)
            excess = max(rational(0), sum(abs(x) for x in row) - 1)
            square = rational(query * query)
            refute_unless(
                constant * ridge_is * excess * excess <= square,
                "the weights are larger",
                keys=keys,
                query=query,
                ridge=ridge_is,
                weights=row,
            )
            if query:
                closest = max(closest, 4 * ridge_is * excess * excess / square)
    note(largest_share=str(closest))


@check(
    DENOMINATOR_AND_WEIGHT_BOUNDS,
    part="negative weights",
    establishes=certificate(over="the stated keys and query", by="exact rationals"),
    claimed=dict(query=5, expected=(-4, 5)),
    controls={
        "a query between the keys": dict(query=rational("1/2")),
        "inside the convex hull": dict(expected=(0, 1)),
    },
)
def weights_outside_the_keys(query, expected) -> None:
    """Extrapolation from the keys 0 and 1 to the query 5: the output leaves the convex hull of the
    values."""
    row = local_linear_weights(
        rational_array([[0], [1]]), rational_array([query]), rational_array([1, 1]), rational(0)
    )
    refute_unless(list(row) == list(expected), "the weights are others", query=query, weights=row)
