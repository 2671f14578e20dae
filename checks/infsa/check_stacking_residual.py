"""A residual stack: binomial weights and growth; a plain stack: a single power."""

from __future__ import annotations

from math import comb

from attnproof.theory.algebra.free_algebra import FreeElement, letters, scalars
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import check, exact, note, proof, refute_unless
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.inequality import entails
from attnproof.theory.operator.fundamental_matrix import fundamental_matrix
from attnproof.theory.paper.infsa.layer_stack import layer_stack, plain, reinjected, residual
from attnproof.theory.paper.infsa.stacked_layers import RESIDUAL_BINOMIAL

A, X, Y, P = letters("A X Y P")
GAMMA, LAMBDA, MU, ALPHA, BETA = scalars("gamma lambda mu alpha beta")
LAYERS, INDEX, COMMON, BEFORE, SAME = scalars("L t common before same")

SWAP = rational_array([[0, 1], [1, 0]])
HALF = rational("1/2")


def _weighted(weight, layers: int) -> FreeElement:
    terms = (weight(layers, t) * GAMMA**t * A**t @ X for t in range(layers + 1))
    return sum(terms, start=FreeElement.constant(0))


@check(
    RESIDUAL_BINOMIAL,
    part="binomial weights",
    establishes=proof(over="every ring, every L (induction)"),
    claimed=dict(weight=comb, sum_of=lambda before, same: before + same, pascal=LAYERS - INDEX + 1),
    controls={
        "equal weights": dict(weight=lambda layers, t: 1),
        "only the last hop": dict(weight=lambda layers, t: int(t == layers)),
        "weights of one layer fewer": dict(weight=lambda layers, t: comb(max(layers - 1, 0), t)),
        "shorter walks not carried on": dict(sum_of=lambda before, same: same),
        "another rule of Pascal": dict(pascal=LAYERS - INDEX),
    },
)
def residual_stack_by_induction(weight, sum_of, pascal):
    """Definitions, L = 0, …, 8. Step: in (I + γA) Σ_t c_t γ^tA^t the weight of A^t is
    c_{t−1} + c_t, here for three consecutive powers of which the middle one is looked at; and
    C(L, t) + C(L, t−1) = C(L+1, t), both sides being multiples of L!/(t!(L−t+1)!)."""
    for layers in range(9):
        follows(
            layer_stack(residual, [A] * layers, GAMMA, X) - _weighted(weight, layers),
            message="the weights of the hops are others",
        )
    note(weights_after_four_layers=[comb(4, t) for t in range(5)])
    follows(
        residual(BEFORE * P + SAME * GAMMA * A @ P, A, GAMMA, X)
        - (BEFORE * P + sum_of(BEFORE, SAME) * GAMMA * A @ P + SAME * GAMMA**2 * A @ A @ P),
        message="the weight of one power",
    )
    follows(
        COMMON * pascal + COMMON * INDEX - COMMON * (LAYERS + 1),
        message="Pascal's rule",
    )


@check(
    RESIDUAL_BINOMIAL,
    part="single power",
    establishes=proof(over="every ring, every L (induction)"),
    claimed=dict(layer=plain, exponent=lambda layers: layers),
    controls={
        "residual layers": dict(layer=residual),
        "input added again": dict(layer=reinjected),
        "one power fewer": dict(exponent=lambda layers: max(layers - 1, 0)),
        "one power more": dict(exponent=lambda layers: layers + 1),
    },
)
def plain_stack_by_induction(layer, exponent):
    """Definitions, L = 0, …, 8. Step: Y = PX_0  ⟹  γAY = (γAP)X_0."""
    for layers in range(9):
        power = exponent(layers)
        follows(
            layer_stack(layer, [A] * layers, GAMMA, X) - GAMMA**power * A**power @ X,
            message="a plain stack is another power",
        )
    matrix, start = rational_array([[1, 2], [0, 3]]), rational_array([[1], [2]])
    power = HALF * matrix
    follows(
        layer(Y, A, GAMMA, X) - GAMMA * A @ P @ X,
        using=[(GAMMA * A, Y - P @ X, 1)],
        models=[{"A": matrix, "gamma": HALF, "X": start, "P": power, "Y": power @ start}],
        message="one layer more",
    )


def _eigenvector() -> dict[str, object]:
    matrix, start = rational_array([[1, 2], [2, 1]]), rational_array([[1], [1]])
    return {
        **{"A": matrix, "X": start, "gamma": HALF, "lambda": rational(3), "mu": rational("5/2")},
        "Y": rational("5/2") * start,
    }


@check(
    RESIDUAL_BINOMIAL,
    part="growth",
    establishes=proof(
        over="every n, every L, every complex eigenvalue",
        by="free algebra and non-negative combination",
    ),
    claimed=dict(factor=1 + GAMMA * LAMBDA, half_plane=ALPHA),
    controls={
        "factor of the plain stack": dict(factor=GAMMA * LAMBDA),
        "factor without the discount": dict(factor=1 + LAMBDA),
        "eigenvalue with a negative real part": dict(half_plane=ALPHA + 1),
    },
)
def residual_stack_grows(factor, half_plane):
    """Y = μX_0 and AX_0 = λX_0  ⟹  Y + γAY = (1 + γλ)μX_0. For λ = α + βi with α ≥ 0 and γ ≥ 0,
    |1 + γλ|² − 1 = 2γα + γ²|λ|² ≥ γ²|λ|², which is positive unless γλ = 0."""
    aligned, eigen = Y - MU * X, A @ X - LAMBDA * X
    follows(
        residual(Y, A, GAMMA, X) - factor * MU * X,
        using=[(1, aligned, 1), (GAMMA * A, aligned, 1), (GAMMA * MU, eigen, 1)],
        models=[_eigenvector()],
        message="the factor of one layer",
    )
    square = (1 + GAMMA * ALPHA) ** 2 + (GAMMA * BETA) ** 2
    entails(
        square - 1 - GAMMA * GAMMA * (ALPHA * ALPHA + BETA * BETA),
        given={"gamma": GAMMA, "half plane": half_plane},
        certificate=[(2, ["gamma", "half plane"], [])],
        message="the modulus does not grow",
    )


@check(
    RESIDUAL_BINOMIAL,
    part="growth",
    establishes=exact(bound="A = [[0, 1], [1, 0]], γ = 1/2, L ≤ 40"),
    claimed=dict(layer=residual),
    controls={"input added again": dict(layer=reinjected), "plain layers": dict(layer=plain)},
)
def stack_leaves_the_convergent_series(layer):
    """On the eigenvector (1, 1) with eigenvalue 1: 1.5^L, while the series converges to 2."""
    ones = rational_array([1, 1])
    limit = fundamental_matrix(SWAP, HALF) @ ones
    for layers in range(41):
        stack = layer_stack(layer, [SWAP] * layers, HALF, ones)
        refute_unless(
            bool((stack == rational("3/2") ** layers * ones).all()),
            "the stack does not grow like 1.5 to the power L",
            A=SWAP,
            gamma=HALF,
            layers=layers,
            stack=stack,
        )
    note(limit_of_the_series=limit[0], after_40_residual_layers=f"{1.5**40:.3g}")
