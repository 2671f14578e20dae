"""The linear variant as an operator: rank one, the same output for every token."""

from __future__ import annotations

from attnproof.theory.algebra.free_algebra import letters, scalars
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.algebra.rational_function import variables
from attnproof.theory.core import check, proof
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.rational_identity import identical
from attnproof.theory.operator.fundamental_matrix import fundamental_matrix
from attnproof.theory.operator.linear_infinite_self_attention import key_scores
from attnproof.theory.paper.infsa.linear_variant import LINEAR_RANK_ONE

one, onet, a, at, V, N, et, ft, g, h = letters("one onet a at V N et ft g h")
gamma, sigma, r, p, q = scalars("gamma sigma r p q")
M = gamma * one * at
MASS = at * one - sigma


def _model(epsilon: str = "0", discount: str = "1/2") -> dict[str, object]:
    """Every letter from the operator's scores on exact queries and keys."""
    query = rational_array([[3, 4, 0, 0], [1, 1, 1, 1], [0, 0, 2, 0]])
    key = rational_array([[1, 2, 0, 1], [5, -1, 2, 0], [0, 3, 1, 1]])
    value = rational_array([[1, 2], [0, 1], [3, 1]])
    factor = rational(discount)
    scores = key_scores(query, key, rational(epsilon)).reshape(1, -1)
    ones = rational_array([[1], [1], [1]])
    column = lambda entries: rational_array(entries).reshape(-1, 1)
    mass = scores.sum()
    return {
        "one": ones,
        "onet": ones.T,
        "a": scores.T,
        "at": scores,
        "V": value,
        "N": fundamental_matrix(ones @ scores, factor),
        "et": column([1, 0, 0]).T,
        "ft": column([0, 0, 1]).T,
        "g": column([0, 1, 0]),
        "h": column([0, 0, 1]),
        "gamma": factor,
        "sigma": mass,
        "r": 1 / (1 - factor * mass),
        "p": scores[0, 1],
        "q": scores[0, 2],
    }


def _only(names: str, *models: dict[str, object]) -> list[dict[str, object]]:
    """The letters that a proof speaks of, so that a witness shows nothing else."""
    return [{name: model[name] for name in names.split()} for model in models]


def _models(names: str) -> list[dict[str, object]]:
    return _only(names, _model(), _model(epsilon="1", discount="19/20"))


def _chain(factors: list) -> list:
    """Certificate of x_1 x_2 … − v_1 v_2 … = 0 from x_i − v_i = 0, v_i scalars: one at a time."""
    steps = []
    for position, (element, value) in enumerate(factors):
        before: object = 1
        for _, earlier in factors[:position]:
            before = earlier * before
        after: object = 1
        for later, _ in factors[position + 1 :]:
            after = after * later
        steps.append((before, element - value, after))
    return steps


@check(
    LINEAR_RANK_ONE,
    part="equal rows",
    establishes=proof(over="every N, every scores a, every value V, every ε ≥ 0"),
    claimed=dict(operator=M, other_row=ft, minor_sign=1),
    controls={
        "the identity added": dict(operator=M + 1),
        "the outer product transposed": dict(operator=gamma * a * onet),
        "a general resolvent": dict(operator=N),
        "sum of both rows": dict(other_row=-1 * ft),
        "permanent instead of minor": dict(minor_sign=-1),
    },
)
def rows_are_equal_and_minors_vanish(operator, other_row, minor_sign) -> None:
    """Two rows e_i, e_k of 1aᵀ agree since e_iᵀ1 = e_kᵀ1 = 1, whatever they are applied to. Every
    2 × 2 minor vanishes: for columns g, h of the identity with p = aᵀg and q = aᵀh it is
    γ²(p q − q p).
    """
    first, second = et * one, ft * one
    follows(
        (et - other_row) * operator * V,
        using=[(1, first - 1, gamma * at * V), (-1, second - 1, gamma * at * V)],
        models=_models("one onet a at V N et ft g h gamma p q"),
        message="two rows of the output differ",
    )
    straight = _chain([(first, 1), (at * g, p), (second, 1), (at * h, q)])
    crossed = _chain([(first, 1), (at * h, q), (second, 1), (at * g, p)])
    entry = lambda row, column: row * operator * column
    follows(
        entry(et, g) * entry(ft, h) - minor_sign * entry(et, h) * entry(ft, g),
        using=[(gamma * gamma * left, hypothesis, right) for left, hypothesis, right in straight]
        + [(-1 * gamma * gamma * left, hypothesis, right) for left, hypothesis, right in crossed],
        models=_models("one onet a at V N et ft g h gamma p q"),
        message="a minor of order two does not vanish",
    )


@check(
    LINEAR_RANK_ONE,
    part="eigenvectors",
    establishes=proof(over="every N, every scores a, every ε ≥ 0"),
    claimed=dict(value=gamma * sigma, right=one, left=at),
    controls={
        "eigenvalue one": dict(value=1),
        "eigenvalue without the discount": dict(value=sigma),
        "eigenvalue without the mass": dict(value=gamma),
        "eigenvectors exchanged": dict(right=a, left=onet),
        "opposite sign": dict(value=-1 * gamma * sigma),
    },
)
def one_eigenvalue(value, right, left) -> None:
    """M1 = γ1(aᵀ1), aᵀM = γ(aᵀ1)aᵀ and M² = γ²1(aᵀ1)aᵀ, with σ = aᵀ1."""
    models = list(reversed(_models("one onet a at gamma sigma")))
    follows(
        M * right - value * right,
        using=[(gamma * one, MASS, 1)],
        models=models,
        message="the right eigenvector is another",
    )
    follows(
        left * M - value * left,
        using=[(gamma, MASS, at)],
        models=models,
        message="the left eigenvector is another",
    )
    follows(
        M * M - value * M,
        using=[(gamma * gamma * one, MASS, at)],
        models=models,
        message="the square is another multiple",
    )


@check(
    LINEAR_RANK_ONE,
    part="resolvent",
    establishes=proof(over="every N, every scores a with γ aᵀ1 ≠ 1"),
    claimed=dict(kernel=1 + r * M),
    controls={
        "opposite sign": dict(kernel=1 - r * M),
        "first order only": dict(kernel=1 + M),
        "without the identity": dict(kernel=r * M),
        "without the discount": dict(kernel=1 + r * one * at),
        "denominator squared": dict(kernel=1 + r * r * M),
        "transposed": dict(kernel=1 + r * gamma * a * onet),
    },
)
def sherman_morrison(kernel) -> None:
    """With r = 1/(1 − γσ): (I − M)(I + rM) = I + (r(1 − γσ) − 1) M, as M² = γσM; on the other side
    the same."""
    inverse = r * (1 - gamma * sigma) - 1
    for message, defect in (
        ("no right inverse", (1 - M) * kernel - 1),
        ("no left inverse", kernel * (1 - M) - 1),
    ):
        follows(
            defect,
            using=[(1, inverse, M), (-1 * r * gamma * gamma * one, MASS, at)],
            models=_models("one onet a at gamma sigma r"),
            message=message,
        )


@check(
    LINEAR_RANK_ONE,
    part="substochastic",
    establishes=proof(
        over="every N, every ε ≥ 0",
        by="free algebra and rational-function identity",
    ),
    claimed=dict(sums=M * one, mass=lambda s, epsilon: s / (s + epsilon)),
    controls={
        "column sums": dict(sums=gamma * a * onet * one),
        "discount left out": dict(sums=one * at * one),
        "epsilon subtracted": dict(mass=lambda s, epsilon: s / (s - epsilon)),
        "epsilon in the numerator": dict(mass=lambda s, epsilon: (s + epsilon) / s),
    },
)
def row_sums_are_the_discount_times_the_mass(sums, mass) -> None:
    """M1 = γσ1. The mass is σ = s/(s + ε) with the sum s > 0 of the rectified scores, so that
    1 − σ = ε/(s + ε) is non-negative, and zero for ε = 0. No entry γ[·]_+/(s + ε) is negative.
    """
    follows(
        sums - gamma * sigma * one,
        using=[(gamma * one, MASS, 1)],
        models=_models("one onet a at gamma sigma"),
        message="the row sums are not the discount times the mass",
    )
    s, epsilon = variables("s epsilon")
    identical(1 - mass(s, epsilon), epsilon / (s + epsilon), "the missing mass is another")


@check(
    LINEAR_RANK_ONE,
    part="stationary law",
    establishes=proof(over="every N, every scores a with aᵀ1 = 1, every γ with I − M regular"),
    claimed=dict(law=at, abel=lambda identity, limit: (1 - gamma) * identity + gamma * limit),
    controls={
        "uniform law": dict(law=onet),
        "the limit itself": dict(abel=lambda identity, limit: limit),
        "weights exchanged": dict(abel=lambda identity, limit: gamma * identity + limit),
        "not discounted": dict(abel=lambda identity, limit: (1 - gamma) * identity + limit),
    },
)
def abel_mean_of_the_chain(law, abel) -> None:
    """For ε = 0 the matrix 1aᵀ is row-stochastic with stationary law a, and its Abel mean is
    (1 − γ)N = (1 − γ)I + γ1aᵀ, N being the inverse of I − M: with B the right-hand side,
    B(I − M) = (1 − γ)I because aᵀ1 = 1.
    """
    stochastic = at * one - 1
    models = _only("one onet at N gamma", _model(), _model(discount="19/20"))
    follows(
        law * one * at - law,
        using=[(1, stochastic, at)],
        models=models,
        message="the law is not stationary",
    )
    mean = (1 - gamma) + gamma * one * at
    follows(
        (1 - gamma) * N - abel(1, one * at),
        using=[
            (mean, (1 - M) * N - 1, 1),
            (gamma * gamma * one, stochastic, at * N),
        ],
        models=models,
        message="the Abel mean is another",
    )
