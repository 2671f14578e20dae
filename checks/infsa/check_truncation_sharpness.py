"""The bound of the remainder is attained; what it is for normalised affinities."""

from __future__ import annotations

from fractions import Fraction

from attnproof.theory.algebra.free_algebra import FreeElement, letters, scalars
from attnproof.theory.algebra.matrix import rank
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import check, exact, note, proof, refute_unless
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.inequality import entails
from attnproof.theory.operator.fundamental_matrix import fundamental_matrix, neumann_partial_sum
from attnproof.theory.paper.infsa.neumann import TRUNCATION_BOUND

N, R, P, U, UT, X, XT = letters("N R P u ut x xt")
GAMMA, KAPPA, MU = scalars("gamma kappa mu")
Q, TAIL, LIMIT, CEILING = scalars("q tail limit ceiling")

DISCOUNT = rational("19/20")


def _unit_vector_models() -> list[dict[str, object]]:
    models = []
    for entries in (["3/5", "4/5"], ["2/3", "-1/3", "2/3"]):
        column, gamma = rational_array(entries)[:, None], rational("1/2")
        projector = column @ column.T
        resolvent = fundamental_matrix(projector, gamma)
        models.append(
            {
                "u": column,
                "ut": column.T,
                "x": rational_array([[1], [2], [5]])[: len(entries)],
                "xt": rational_array([[1, 2, 5]])[:, : len(entries)],
                "gamma": gamma,
                "kappa": 1 / (1 - gamma),
                "mu": gamma**2,
                "N": resolvent,
                "P": gamma**2 * projector @ projector,
                "R": resolvent - neumann_partial_sum(projector, gamma, 1),
            }
        )
    return models


@check(
    TRUNCATION_BOUND,
    part="sharpness",
    establishes=proof(over="every n, every L (induction), every unit vector"),
    claimed=dict(factor=lambda power: power * KAPPA, contraction=1, step=GAMMA),
    controls={
        "only the first term of the tail": dict(factor=lambda power: power),
        "one hop fewer": dict(factor=lambda power: KAPPA),
        "tail of the other sign": dict(factor=lambda power: -1 * power * KAPPA),
        "norm one half": dict(contraction=Fraction(1, 2)),
        "step without a discount": dict(step=FreeElement.one()),
    },
)
def rank_one_attains_the_bound(factor, contraction, step):
    """E = uuᵀ is idempotent, so (γE)^{L+1} = μE with μ = γ^{L+1}. With κ = 1/(1 − γ):

        R_0 = γκE,   R_L = μκE  ⟹  R_{L+1} = R_L − μE = γμκE.

    ‖x‖² − ‖Ex‖² = ‖x − Ex‖² ≥ 0 and Eu = u, so ‖E‖₂ = 1 and ‖R_L‖₂ = γ^{L+1}/(1 − γ).
    """
    models = _unit_vector_models()
    projector, unit = U @ UT, UT @ U - 1
    idempotent = (U, unit, UT)
    geometric = KAPPA * (1 - GAMMA) - 1
    solves = (1 - GAMMA * projector) @ N - 1
    # R_0 = N − 1 = γEN, and EN = κE.
    follows(
        N - neumann_partial_sum(projector, GAMMA, 0) - factor(GAMMA) * projector,
        using=[
            (1, solves, 1),
            (GAMMA * KAPPA * projector, solves, 1),
            (GAMMA**2 * KAPPA * U, unit, UT @ N),
            (-1 * GAMMA, geometric, projector @ N),
        ],
        models=models,
        message="remainder of no hop",
    )
    powers = (1, P - MU * projector, 1)
    follows(
        step * P @ projector - GAMMA * MU * projector,
        using=[(GAMMA, P - MU * projector, projector), (GAMMA * MU * U, unit, UT)],
        models=models,
        message="powers of the projector",
    )
    follows(
        R - P - factor(GAMMA * MU) * projector,
        using=[
            (1, R - MU * KAPPA * projector, 1),
            (-1, *powers[1:]),
            (MU, geometric, projector),
        ],
        models=models,
        message="one hop more",
    )
    residual = (XT - contraction * XT @ projector) @ (X - contraction * projector @ X)
    follows(
        XT @ X - contraction * contraction * XT @ projector @ projector @ X - residual,
        using=[(-2 * XT @ idempotent[0], unit, UT @ X)],
        models=models,
        message="the projector is no contraction",
    )
    follows(projector @ U - contraction * U, using=[(U, unit, 1)], models=models, message="Eu = u")


@check(
    TRUNCATION_BOUND,
    part="sharpness",
    establishes=exact(bound="u = (3/5, 4/5) and (2/3, −1/3, 2/3), γ = 19/20, L ≤ 6"),
    claimed=dict(vectors=(("3/5", "4/5"), ("2/3", "-1/3", "2/3")), exponent=lambda hops: hops + 1),
    controls={
        "one hop fewer": dict(exponent=lambda hops: hops),
        "one hop more": dict(exponent=lambda hops: hops + 2),
        "shorter vector": dict(vectors=(("1/2", "1/2"),)),
    },
)
def rank_one_by_definition(vectors, exponent):
    """The remainder has rank one, so that its 2-norm is its Frobenius norm, whose square is
    rational."""
    for entries in vectors:
        column = rational_array(entries)
        matrix = column[:, None] * column[None, :]
        for hops in range(7):
            rest = fundamental_matrix(matrix, DISCOUNT) - neumann_partial_sum(
                matrix, DISCOUNT, hops
            )
            bound = DISCOUNT ** exponent(hops) / (1 - DISCOUNT)
            refute_unless(
                rank(rest) == 1 and (rest * rest).sum() == bound**2,
                "the remainder does not attain the bound",
                u=column,
                hops=hops,
                squared_norm=(rest * rest).sum(),
                squared_bound=bound**2,
            )
    bound = DISCOUNT**5 / (1 - DISCOUNT)
    note(worst_tail_after_4_hops=float(Fraction(int(bound.p), int(bound.q))), of=20)


@check(
    TRUNCATION_BOUND,
    part="normalised",
    establishes=proof(over="every L, every n", by="non-negative combination"),
    claimed=dict(
        cleared=lambda gamma, ceiling, tail: ceiling - tail * (1 - gamma),
        growth=lambda gamma, ceiling, q, limit: gamma * ceiling - q * limit,
    ),
    controls={
        "one hop more": dict(
            cleared=lambda gamma, ceiling, tail: gamma * ceiling - tail * (1 - gamma)
        ),
        "first term only": dict(cleared=lambda gamma, ceiling, tail: ceiling - tail),
        "half the bound": dict(
            cleared=lambda gamma, ceiling, tail: ceiling / 2 - tail * (1 - gamma)
        ),
        "squared discount": dict(
            growth=lambda gamma, ceiling, q, limit: gamma * gamma * ceiling - q * limit
        ),
    },
)
def bound_for_normalised_affinities(cleared, growth):
    """q = γ‖Â‖₂ ≤ γ, because ‖Â‖₂ ≤ ‖Â‖_F ≤ 1 (claim frobenius-contraction). By induction
    q^{L+1} ≤ γ^{L+1}, and (1 − q)‖R‖ ≤ q^{L+1} becomes (1 − γ)‖R‖ ≤ γ^{L+1}."""
    positive = {
        "q": Q,
        "tail": TAIL,
        "limit": LIMIT,
        "normalised": GAMMA - Q,
        "discount": 1 - GAMMA,
        "powers": CEILING - LIMIT,
    }
    entails(
        growth(GAMMA, CEILING, Q, LIMIT),
        given={**positive, "gamma": GAMMA},
        certificate=[(1, ["gamma", "powers"], []), (1, ["normalised", "limit"], [])],
        models=_rank_one_numbers(),
        message="the powers of q grow faster",
    )
    entails(
        cleared(GAMMA, CEILING, TAIL),
        given={**positive, "bound": LIMIT - TAIL * (1 - Q)},
        certificate=[(1, ["powers"], []), (1, ["bound"], []), (1, ["tail", "normalised"], [])],
        models=_rank_one_numbers(),
        message="the remainder exceeds the bound",
    )


def _rank_one_numbers() -> list[dict[str, object]]:
    """The numbers of Â = uuᵀ at L = 1, for which all inequalities are equalities."""
    return [
        {
            **{"gamma": gamma, "q": gamma, "limit": gamma**2, "ceiling": gamma**2},
            "tail": gamma**2 / (1 - gamma),
        }
        for gamma in (rational("1/2"), rational("3/4"))
    ]
