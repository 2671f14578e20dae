"""Stacks with one shared matrix: which of them are the truncated Neumann series."""

from __future__ import annotations

from attnproof.theory.algebra.free_algebra import FreeElement, letters, scalars
from attnproof.theory.algebra.matrix import identity_like
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import (
    Plot,
    Series,
    check,
    counterexample,
    plot,
    proof,
    refute_unless,
)
from attnproof.theory.engine.equational import follows
from attnproof.theory.operator.fundamental_matrix import neumann_partial_sum
from attnproof.theory.paper.infsa.layer_stack import (
    layer_stack,
    plain,
    reinjected,
    residual,
    running_sum,
)
from attnproof.theory.paper.infsa.stacked_layers import (
    REINJECTION,
    STACKING,
)

A, X, Y, T, P, S, HOP = letters("A X Y T P S hop")
GAMMA, LAMBDA, MU, ALPHA, BETA = scalars("gamma lambda mu alpha beta")
LAYERS, INDEX, COMMON, BEFORE, SAME = scalars("L t common before same")

SWAP = rational_array([[0, 1], [1, 0]])
HALF = rational("1/2")


def _neumann(layers: int, first: int):
    return neumann_partial_sum(SWAP, HALF, layers) - first * identity_like(SWAP)


def _compare_with_the_series(layer, layers: int, first: int) -> None:
    stack = layer_stack(layer, [SWAP] * layers, HALF, identity_like(SWAP))
    series = _neumann(layers, first)
    refute_unless(
        bool((stack == series).all()),
        "the stack is not the truncated Neumann series",
        A=SWAP,
        gamma=HALF,
        layers=layers,
        stack=stack,
        series=series,
        difference=stack - series,
    )


@check(
    STACKING,
    part="residual stack",
    establishes=counterexample(over="two layers, A = [[0, 1], [1, 0]], γ = 1/2, X_0 = I"),
    claimed=dict(layer=residual, layers=2, first=0),
    repairs={
        "input added again": dict(layer=reinjected),
        "input added again, seven layers": dict(layer=reinjected, layers=7),
        "a single layer": dict(layers=1),
    },
    controls={
        "three layers": dict(layers=3),
        "twelve layers": dict(layers=12),
        "sum from the first hop": dict(first=1),
        "plain layers": dict(layer=plain),
    },
)
def residual_stack_is_the_series(layer, layers, first):
    """The difference after two layers is γA: the one-hop term comes twice."""
    _compare_with_the_series(layer, layers, first)


@check(
    STACKING,
    part="plain stack",
    establishes=counterexample(over="two layers, A = [[0, 1], [1, 0]], γ = 1/2, X_0 = I"),
    claimed=dict(layer=plain, layers=2, first=0),
    repairs={
        "input added again": dict(layer=reinjected),
        "no layer": dict(layers=0),
        "one layer, sum from the first hop": dict(layers=1, first=1),
    },
    controls={
        "one layer": dict(layers=1),
        "three layers": dict(layers=3),
        "sum from the first hop": dict(first=1),
        "residual layers": dict(layer=residual),
    },
)
def plain_stack_is_the_series(layer, layers, first):
    """Only the last hop is left, all shorter ones are missing."""
    _compare_with_the_series(layer, layers, first)


def _states(hops: int = 1) -> dict[str, object]:
    """An exact state of the inductions, for one shared matrix."""
    matrix = rational_array([[1, 2], [0, 3]])
    power = (HALF * HALF) * matrix @ matrix if hops == 2 else HALF * matrix
    start = rational_array([[1], [2]])
    partial = neumann_partial_sum(matrix, HALF, hops)
    return {
        **{"A": matrix, "gamma": HALF, "X": start, "T": partial, "Y": partial @ start},
        **{"P": power, "hop": power @ start, "S": (partial - identity_like(matrix)) @ start},
    }


@check(
    REINJECTION,
    part="re-injection",
    establishes=proof(over="every ring, every L (induction)"),
    claimed=dict(layer=reinjected),
    controls={
        "residual layers": dict(layer=residual),
        "plain layers": dict(layer=plain),
        "no discount": dict(layer=lambda state, matrix, gamma, start: start + matrix @ state),
        "input subtracted": dict(
            layer=lambda state, matrix, gamma, start: gamma * (matrix @ state) - start
        ),
        "discount on the input": dict(
            layer=lambda state, matrix, gamma, start: gamma * (start + matrix @ state)
        ),
    },
)
def reinjection_by_induction(layer):
    """Definitions, L = 0, …, 8. Step, with Y = T X_0 and P = (γA)^{L+1}:
    (I − γA)T = I − P (finite identity)  ⟹  X_0 + γAY = (T + P)X_0."""
    for layers in range(9):
        follows(
            layer_stack(layer, [A] * layers, GAMMA, X) - neumann_partial_sum(A, GAMMA, layers) @ X,
            message="re-injection is not the truncated series",
        )
    model = _states(1)
    model["P"] = HALF * HALF * model["A"] @ model["A"]  # type: ignore[operator]
    follows(
        layer(Y, A, GAMMA, X) - (T + P) @ X,
        using=[(GAMMA * A, Y - T @ X, 1), (-1, (1 - GAMMA * A) @ T - 1 + P, X)],
        models=[model],
        message="one layer more",
    )


@check(
    REINJECTION,
    part="running sum",
    establishes=proof(over="every ring, every L (induction)"),
    claimed=dict(first=1, hop=lambda power: GAMMA * A @ power),
    controls={
        "sum from time zero": dict(first=0),
        "sum from the second hop": dict(first=2),
        "no discount in the step": dict(hop=lambda power: A @ power),
    },
)
def running_sum_by_induction(first, hop):
    """Definitions, L = 0, …, 8. Step, with S = (T − I)X_0, p = PX_0 and P = (γA)^L:
    S + γAp = (T + γPA − I)X_0."""
    for layers in range(9):
        follows(
            running_sum([A] * layers, GAMMA, X)
            - (neumann_partial_sum(A, GAMMA, layers) - first) @ X,
            message="the running sum is not the truncated series",
        )
    follows(
        S + hop(HOP) - (T + GAMMA * P @ A - first) @ X,
        using=[
            (1, S - (T - 1) @ X, 1),
            (GAMMA * A, HOP - P @ X, 1),
            (GAMMA, A @ P - P @ A, X),
        ],
        models=[_states(1), _states(2)],
        message="one hop more",
    )


def coefficients(element: FreeElement, layers: int) -> list[int]:
    """The weights of ``γ^t A^t X_0``, t = 0, …, L, read off the expansion."""
    weights = [0] * (layers + 1)
    for (_, word), coefficient in element.terms.items():
        weights[word.count("A")] += int(coefficient)
    return weights


@plot(STACKING)
def weights_of_the_hops() -> Plot:
    """Weight of γ^t A^t after four layers, read off the definitions."""
    stacks = {
        "plain": layer_stack(plain, [A] * 4, GAMMA, X),
        "residual": layer_stack(residual, [A] * 4, GAMMA, X),
        "Neumann (input added again)": layer_stack(reinjected, [A] * 4, GAMMA, X),
    }
    return Plot(
        title="Weight of each hop after four layers",
        x_label="hops t",
        y_label="coefficient of γ^t A^t X_0",
        series=[
            Series(
                label=label,
                x=[str(t) for t in range(5)],
                y=[float(weight) for weight in coefficients(stack, 4)],
                style="bars",
            )
            for label, stack in stacks.items()
        ],
        caption="A plain stack keeps the last hop only, a residual stack prefers the middle ones; "
        "equal weights need the input in every layer, or a running sum.",
    )
