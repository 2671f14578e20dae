"""The share of the Neumann series that L hops capture along an eigenvector."""

from __future__ import annotations

from fractions import Fraction

from attnproof.theory.algebra.free_algebra import FreeElement, letters, scalars
from attnproof.theory.algebra.matrix import identity_like
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import Plot, Series, check, exact, note, plot, proof, refute_unless
from attnproof.theory.engine.equational import follows
from attnproof.theory.operator.fundamental_matrix import fundamental_matrix, neumann_partial_sum
from attnproof.theory.paper.infsa.neumann import TRUNCATION_BOUND

A, N, P, S, V = letters("A N P S v")
GAMMA, RHO, MU = scalars("gamma rho mu")

DISCOUNT = rational("19/20")


def _percent(value) -> str:
    return f"{100 * float(Fraction(int(value.p), int(value.q))):.5g} %"


EIGENPAIRS = (
    ([[1, 2], [2, 1]], [1, 1], 3, "1/4"),
    ([["1/2", "-1/2"], ["1/4", "5/4"]], [-1, 1], 1, "19/20"),
    # A cyclic permutation of 4 tokens, Frobenius-normalised: its radius is 1/√4.
    (
        [[0, "1/2", 0, 0], [0, 0, "1/2", 0], [0, 0, 0, "1/2"], ["1/2", 0, 0, 0]],
        [1, 1, 1, 1],
        "1/2",
        "19/20",
    ),
)


def _eigen_models() -> list[dict[str, object]]:
    models = []
    for rows, entries, root, discount in EIGENPAIRS:
        matrix, gamma = rational_array(rows), rational(discount)
        models.append(
            {
                "A": matrix,
                "gamma": gamma,
                "rho": rational(root),
                "v": rational_array(entries)[:, None],
                "N": fundamental_matrix(matrix, gamma),
                "P": gamma * matrix,
                "S": gamma * matrix,
                "mu": gamma * rational(root),
            }
        )
    return models


@check(
    TRUNCATION_BOUND,
    part="captured share",
    establishes=proof(over="every n, every L (induction), every eigenpair"),
    claimed=dict(share=lambda power: 1 - power, step=GAMMA * RHO, before=0),
    controls={
        "eigenvalue without the discount": dict(step=RHO),
        "discount without the eigenvalue": dict(step=GAMMA),
        "the lost share": dict(share=lambda power: power),
        "squared share": dict(share=lambda power: (1 - power) * (1 - power)),
        "counted from time zero": dict(before=1),
    },
)
def captured_share_by_induction(share, step, before):
    """S_L = Σ_{t=1}^L (γA)^t and μ = (γρ)^L; S_0 = 0 captures nothing, 1 − μ = 0.

    Step:  S v = (1 − μ)(N − I)v and P v = μv with P = (γA)^L  ⟹
    (S + γPA)v = (1 − γρμ)(N − I)v and γPAv = γρμv.
    """
    models = _eigen_models()
    eigen = A @ V - RHO * V
    left = N @ (1 - GAMMA * A) - 1
    power = P @ V - MU * V
    target = (N - 1 + before) @ V
    follows(
        (neumann_partial_sum(A, GAMMA, 0) - 1) @ V - share(FreeElement.one()) * target,
        message="no hop",
    )
    follows(
        (S + GAMMA * P @ A) @ V - share(step * MU) * target,
        using=[
            (1, S @ V - (1 - MU) * (N - 1) @ V, 1),
            (GAMMA * P, eigen, 1),
            (GAMMA * RHO, power, 1),
            (-1 * MU, left, V),
            (-1 * MU * GAMMA * N, eigen, 1),
        ],
        models=models,
        message="one hop more",
    )
    follows(
        GAMMA * P @ A @ V - step * MU * V,
        using=[(GAMMA * P, eigen, 1), (GAMMA * RHO, power, 1)],
        models=models,
        message="growth along the eigenvector",
    )


@check(
    TRUNCATION_BOUND,
    part="captured share",
    establishes=exact(bound="three matrices with rational eigenpairs, L ≤ 8"),
    claimed=dict(exponent=lambda hops: hops, first=1),
    controls={
        "one hop more": dict(exponent=lambda hops: hops + 1),
        "sum from time zero": dict(first=0),
    },
)
def captured_share_by_definition(exponent, first):
    """The definitions on three matrices, and what the share is at the radii of the paper's
    setting: 1 for a rank-one affinity, 1/14 for a permutation of N = 196 tokens, and 0.562 for
    rectified Gaussian logits (measured)."""
    for rows, entries, root, discount in EIGENPAIRS:
        matrix, vector = rational_array(rows), rational_array(entries)
        gamma, root = rational(discount), rational(root)
        everything = (fundamental_matrix(matrix, gamma) - identity_like(matrix)) @ vector
        for hops in range(9):
            hopped = neumann_partial_sum(matrix, gamma, hops) - first * identity_like(matrix)
            refute_unless(
                bool(
                    (hopped @ vector == (1 - (gamma * root) ** exponent(hops)) * everything).all()
                ),
                "the hops capture another share",
                A=matrix,
                gamma=gamma,
                v=vector,
                hops=hops,
            )
    share = lambda root, hops: _percent(1 - (DISCOUNT * rational(root)) ** hops)
    note(
        rank_one_4_hops=share(1, 4),
        gaussian_4_hops=share("562/1000", 4),
        permutation_of_196_4_hops=share("1/14", 4),
        permutation_of_196_1_hop=share("1/14", 1),
    )


@plot(TRUNCATION_BOUND)
def captured_share() -> Plot:
    """The share of Σ_{t≥1} that L hops capture along the dominant eigenvector."""
    hops = [float(count) for count in range(25)]
    radii = {
        "ρ = 1: rank one": 1.0,
        "ρ = 0.562: rectified Gaussian": 0.562,
        "ρ = 1/14: permutation of 196 tokens": 1 / 14,
    }
    return Plot(
        title="Share of the infinite sum captured by L hops (γ = 0.95)",
        x_label="hops L",
        y_label="1 − (γρ)^L",
        series=[
            Series(label=label, x=hops, y=[1 - (0.95 * radius) ** count for count in hops])
            for label, radius in radii.items()
        ],
        caption="Four hops capture 18.5 % where affinities have rank one, and nearly everything "
        "where they are sharp: then only the first hop matters.",
    )
