"""PageRank is the discounted resolvent of a row-stochastic matrix, and of no other."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from attnproof.theory.algebra.free_algebra import FreeElement, letters, scalars
from attnproof.theory.algebra.matrix import ones_like
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import check, note, proof, refute_unless, sampled
from attnproof.theory.engine.equational import Step, follows
from attnproof.theory.engine.fuzz import independent_draws
from attnproof.theory.engine.inequality import entails
from attnproof.theory.operator.fundamental_matrix import fundamental_matrix
from attnproof.theory.operator.infinite_self_attention import frobenius_normalised
from attnproof.theory.paper.infsa.centrality import PAGERANK
from attnproof.theory.paper.infsa.pagerank import google_matrix, pagerank, stationary_law

# P and N = (I − γP)^{-1} are square, ones is a column, tau and pi are rows.
P, N, ONES, TAU, PI = letters("P N ones tau pi")
(GAMMA,) = scalars("gamma")
GOOGLE = GAMMA * P + (1 - GAMMA) * ONES * TAU

HYPOTHESES = {
    "row-stochastic": P * ONES - ONES,
    "teleport": TAU * ONES - 1,
    "right inverse": (1 - GAMMA * P) * N - 1,
    "left inverse": N * (1 - GAMMA * P) - 1,
}

THIRDS = ["1/3", "1/3", "1/3"]
CHAIN = rational_array([["0", "1/2", "1/2"], ["1", "0", "0"], ["1/3", "2/3", "0"]])
DANGLING = rational_array([["0", "1"], ["0", "0"]])
FROBENIUS = frobenius_normalised(rational_array([[4, 1], [4, 4]]))

CANDIDATES = [
    (CHAIN, "17/20", THIRDS),
    (rational_array([["0", "1"], ["1", "0"]]), "1/2", ["1/4", "3/4"]),
    (DANGLING, "1/2", ["1/2", "1/2"]),
    (FROBENIUS, "1/2", ["1/2", "1/2"]),
    (rational_array([["1/2", "1/2"], ["1", "0"]]), "1/2", ["1", "1"]),
]


def _models(assumed: tuple[str, ...]) -> list[dict[str, object]]:
    """The candidates that satisfy what is assumed."""
    models = []
    for chain, discount, teleport in CANDIDATES:
        gamma, tau = rational(discount), rational_array(teleport)
        model = {
            "P": chain,
            "N": fundamental_matrix(chain, gamma),
            "ones": ones_like(chain)[:, None],
            "tau": tau[None, :],
            "gamma": gamma,
        }
        if all(_vanishes(HYPOTHESES[name], model) for name in assumed):
            models.append(model)
    return models


def _vanishes(element: FreeElement, model: dict[str, object]) -> bool:
    return all(entry == 0 for entry in element.evaluate(model).flat)


def _steps(assumed: tuple[str, ...], *steps: tuple[object, str, object]) -> list[Step]:
    """The steps of a certificate whose hypothesis is assumed."""
    return [(left, HYPOTHESES[name], right) for left, name, right in steps if name in assumed]


def _total(left: object, right: object) -> list[tuple[object, str, object]]:
    """``left ((1 − γ)τN1 − 1) right``: by (1 − γ)N1 = 1 from P1 = 1, then τ1 = 1."""
    return [
        (left * TAU, "left inverse", ONES * right),
        (GAMMA * left * TAU * N, "row-stochastic", right),
        (left, "teleport", right),
    ]


ALL = ("row-stochastic", "teleport", "left inverse", "right inverse")


@check(
    PAGERANK,
    part="fixed point",
    establishes=proof(over="every n, every ring in which I − γP has an inverse"),
    claimed=dict(law=(1 - GAMMA) * TAU * N, assumed=ALL, google=GOOGLE),
    controls={
        "without 1 − γ": dict(law=TAU * N),
        "time zero not counted": dict(law=(1 - GAMMA) * TAU * (N - 1)),
        "weights exchanged": dict(google=(1 - GAMMA) * P + GAMMA * ONES * TAU),
        "dangling token or Frobenius map": dict(
            assumed=("teleport", "left inverse", "right inverse"), drops="row-stochastic"
        ),
        "teleport weights of another sum": dict(
            assumed=("row-stochastic", "left inverse", "right inverse"), drops="teleport"
        ),
    },
)
def fixed_point_at_every_size(law, assumed, google):
    """π1 = 1 and πG = π for π = (1 − γ)τN, from P1 = 1, τ1 = 1 and N(I − γP) = I.

    (1 − γ)N1 = N(1 − γP1) = N(I − γP)1 = 1 gives π1 = 1; then
    πG − π = −π(I − γP) + (1 − γ)(π1)τ = 0.
    """
    models = _models(assumed)
    follows(
        law * ONES - 1,
        using=_steps(assumed, *_total(1, 1)),
        models=models,
        message="the law does not sum to 1",
    )
    follows(
        law * google - law,
        using=_steps(assumed, (-(1 - GAMMA) * TAU, "left inverse", 1), *_total((1 - GAMMA), TAU)),
        models=models,
        message="the law is not invariant",
    )


@check(
    PAGERANK,
    part="uniqueness",
    establishes=proof(over="every n, every ring in which I − γP has an inverse"),
    claimed=dict(law=(1 - GAMMA) * TAU * N, total=PI * ONES - 1),
    controls={
        "any multiple": dict(total=FreeElement.constant(0)),
        "without 1 − γ": dict(law=TAU * N),
        "teleport law itself": dict(law=TAU),
    },
)
def uniqueness_at_every_size(law, total):
    """π′ = π′G and π′1 = 1 give π′(I − γP) = (1 − γ)τ, and N is a right inverse of I − γP.

    That G has an invariant row of sum 1 is used nowhere: the row-stochastic and the teleport
    hypothesis enter only in the existence.
    """
    models = []
    for scale in (2, 1):
        for model in _models(ALL):
            tau, gamma = model["tau"][0], model["gamma"]
            row = scale * stationary_law(google_matrix(model["P"], gamma, tau))
            models.append({**model, "pi": row[None, :]})
    models = [model for model in models if _vanishes(total, model)]
    invariant = PI * GOOGLE - PI
    follows(
        PI - law,
        using=[
            (-PI, HYPOTHESES["right inverse"], 1),
            (-1, invariant, N),
            *([] if total.is_zero else [((1 - GAMMA), total, TAU * N)]),
        ],
        models=models,
        message="an invariant row is another one",
    )


DEFICIT, INFLOW = scalars("deficit inflow")


@check(
    PAGERANK,
    part="non-negativity",
    establishes=proof(over="every n", by="non-negative combination"),
    claimed=dict(kept=GAMMA, row_sum=1),
    controls={
        "discount forgotten": dict(kept=FreeElement.one()),
        "rows that sum to 2": dict(row_sum=2),
    },
)
def non_negativity_at_every_size(kept, row_sum):
    """Let s = Σ_j π_j^- be the sum of the negative parts of π = (1 − γ)τ + γπP.

    As τ ≥ 0 and P ≥ 0, π_j^- ≤ γ Σ_i π_i^- P_ij for every j; summed over j, where every row of P
    sums to 1, s ≤ γs. So s(1 − γ) ≤ 0, and s = 0 because γ < 1.
    """
    entails(
        -DEFICIT * (1 - GAMMA),
        given={
            "deficit": DEFICIT,
            "gamma": GAMMA,
            "row sums": row_sum * DEFICIT - INFLOW,
            "entries": kept * INFLOW - DEFICIT,
            "discount": 1 - GAMMA,
        },
        certificate=[(1, ["entries"], []), (1, ["gamma", "row sums"], [])],
        message="some probability is negative",
    )


def _drawn() -> Iterator[tuple[np.ndarray, object, np.ndarray]]:
    yield CHAIN, rational("17/20"), rational_array(THIRDS)
    for draw in independent_draws(40, seed=6):
        size = int(draw.random.integers(2, 8))
        weights = rational_array(draw.random.integers(0, 5, (size, size)).tolist())
        sums = weights.sum(axis=1)
        if not all(sums):
            draw.discard()
            continue
        teleport = rational_array(draw.random.integers(1, 5, size).tolist())
        gamma = rational(int(draw.random.integers(0, 100))) / 100
        yield weights / sums[:, None], gamma, teleport / teleport.sum()


def _only(chain: np.ndarray, discount: str, teleport: list[str]) -> Callable:
    return lambda: iter([(chain, rational(discount), rational_array(teleport))])


def _compare(instances, law) -> None:
    for chain, gamma, teleport in instances():
        given = {"P": chain, "gamma": gamma, "tau": teleport}
        scores = law(chain, gamma, teleport)
        refute_unless(scores.sum() == 1, "the law does not sum to 1", **given, pi=scores)
        refute_unless(
            bool((scores == stationary_law(google_matrix(chain, gamma, teleport))).all()),
            "the law is not the stationary law of the Google matrix",
            **given,
            pi=scores,
        )
        refute_unless(bool((scores >= 0).all()), "some probability is negative", **given, pi=scores)


def _transposed(chain: np.ndarray, gamma, teleport: np.ndarray) -> np.ndarray:
    return (1 - gamma) * (fundamental_matrix(chain, gamma) @ teleport)


INSTANCES = sampled(over="n ≤ 7, random chains", by="exact rationals")


@check(
    PAGERANK,
    part="fixed point",
    establishes=INSTANCES,
    claimed=dict(instances=_drawn, law=pagerank),
    controls={
        "columns instead of rows": dict(law=_transposed),
        "without 1 − γ": dict(law=lambda P, gamma, tau: tau @ fundamental_matrix(P, gamma)),
        "dangling token": dict(
            instances=_only(DANGLING, "1/2", ["1/2", "1/2"]), drops="row-stochastic"
        ),
        "Frobenius map": dict(
            instances=_only(FROBENIUS, "1/2", ["1/2", "1/2"]), drops="row-stochastic"
        ),
        "teleport weights of another sum": dict(
            instances=_only(CHAIN, "1/2", ["1", "1", "0"]), drops="teleport"
        ),
    },
)
def laws_on_instances(instances, law):
    """The definition against the stationary law of the Google matrix, solved for separately."""
    _compare(instances, law)
    note(
        pagerank_of_the_example=str(
            [str(entry) for entry in pagerank(CHAIN, rational("17/20"), rational_array(THIRDS))]
        )
    )


@check(
    PAGERANK,
    part="non-negativity",
    establishes=INSTANCES,
    claimed=dict(instances=_drawn),
    controls={
        "discount above 1": dict(instances=_only(CHAIN, "2", ["0", "0", "1"]), drops="discount"),
        "negative teleport weight": dict(
            instances=_only(CHAIN, "1/2", ["2", "-1", "0"]), drops="teleport"
        ),
    },
)
def probabilities_on_instances(instances):
    """The same, with what makes the entries negative."""
    _compare(instances, pagerank)
