"""The derivative of the resolvent, forwards and backwards."""

from __future__ import annotations

import numpy as np

from attnproof.theory.algebra.free_algebra import FreeElement, letters, scalars
from attnproof.theory.algebra.matrix import identity_like
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.algebra.rational_function import generic_matrix
from attnproof.theory.core import (
    Plot,
    Series,
    check,
    plot,
    prime_field,
    proof,
    refute_unless,
    symbolic,
)
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.prime_field_identity import vanishes
from attnproof.theory.engine.rational_identity import identical
from attnproof.theory.engine.trace_identity import equal_traces
from attnproof.theory.operator.fundamental_matrix import fundamental_matrix
from attnproof.theory.paper.infsa.neumann import RESOLVENT_GRADIENT

# N at (A, γ) and M at (A + D, γ + h).
A, D, N, M = letters("A D N M")
AT, DT, NT, G, GT = letters("At Dt Nt G Gt")
GAMMA, STEP = scalars("gamma h")


def _perturbed() -> list[dict[str, object]]:
    matrix, change = rational_array([[0, "1/2"], ["1/2", 0]]), rational_array([[1, 2], [0, 1]]) / 8
    gamma, step = rational("1/2"), rational("1/4")
    return [
        {
            **{"A": matrix, "D": change, "gamma": gamma, "h": step},
            "N": fundamental_matrix(matrix, gamma),
            "M": fundamental_matrix(matrix + change, gamma + step),
        }
    ]


def _orders(element: FreeElement) -> set[int]:
    """The total degrees in h and D of the terms, M not being expanded."""
    return {dict(central).get("h", 0) + word.count("D") for central, word in element.terms}


@check(
    RESOLVENT_GRADIENT,
    part="differential",
    establishes=proof(over="every n, every A and γ with I − γA regular"),
    claimed=dict(first=GAMMA * N @ D @ N + STEP * N @ A @ N),
    controls={
        "right resolvent missing": dict(first=GAMMA * N @ D + STEP * N @ A @ N),
        "left resolvent missing": dict(first=GAMMA * D @ N + STEP * N @ A @ N),
        "other sign": dict(first=-1 * GAMMA * N @ D @ N + STEP * N @ A @ N),
        "no discount": dict(first=N @ D @ N + STEP * N @ A @ N),
        "derivative in γ squared": dict(first=GAMMA * N @ D @ N + STEP * N @ N),
        "derivative in γ forgotten": dict(first=GAMMA * N @ D @ N),
    },
)
def increment_at_every_size(first):
    """With E = (γ + h)(A + D) − γA, exactly, for increments of any size:

        M − N = (γNDN + hNAN) + hNDN + MENEN.

    Every term after the bracket is of second order in (h, D), and M → N as they tend to zero
    (inversion is continuous), so the bracket is the derivative.
    """
    change = (GAMMA + STEP) * (A + D) - GAMMA * A
    before = (1 - GAMMA * A) @ N - 1
    after = M @ (1 - (GAMMA + STEP) * (A + D)) - 1
    rest = STEP * N @ D @ N + M @ change @ N @ change @ N
    follows(
        M - N - first - rest,
        using=[
            (1, after, N),
            (-1 * M, before, 1),
            (1, after, N @ change @ N),
            (-1 * M, before, change @ N),
        ],
        models=_perturbed(),
        message="the increment of the resolvent is another",
    )
    refute_unless(
        _orders(first) == {1} and min(_orders(rest)) == 2,
        "the two parts are not of first and second order",
        first=str(first),
        rest=str(rest),
    )


@check(
    RESOLVENT_GRADIENT,
    part="differential",
    establishes=symbolic(bound="n = 2, every entry of A and γ"),
    claimed=dict(left=True, right=True, factor=lambda gamma: gamma),
    controls={
        "right resolvent missing": dict(right=False),
        "left resolvent missing": dict(left=False),
        "no discount": dict(factor=lambda gamma: 1),
        "other sign": dict(factor=lambda gamma: -gamma),
    },
)
def derivative_of_every_entry(left, right, factor):
    """∂N/∂a_ij = γ N e_i e_jᵀ N and ∂N/∂γ = NAN, by differentiating the rational functions."""
    matrix, (gamma,) = generic_matrix(2, "gamma")
    resolvent = fundamental_matrix(matrix, gamma)
    unit = identity_like(matrix)
    sides = (resolvent if left else unit, resolvent if right else unit)
    differentiate = np.vectorize(lambda f, x: f.derivative(x), otypes=[object])
    for i, j in np.ndindex(2, 2):
        single = np.outer(unit[i], unit[j])
        identical(
            differentiate(resolvent, matrix[i, j]),
            factor(gamma) * (sides[0] @ single @ sides[1]),
            f"derivative in a{i + 1}{j + 1}",
        )
    identical(differentiate(resolvent, gamma), sides[0] @ matrix @ sides[1], "derivative in gamma")


@check(
    RESOLVENT_GRADIENT,
    part="discount",
    establishes=proof(over="every n, every A and γ with I − γA regular"),
    claimed=dict(square=N @ N - N),
    controls={
        "the other way round": dict(square=N - N @ N),
        "only one resolvent": dict(square=N - 1),
        "identity subtracted": dict(square=N @ N - 1),
    },
)
def discount_times_derivative(square):
    """γNAN = N² − N, from (I − γA)N = I: no second matrix product with A is needed."""
    follows(
        GAMMA * N @ A @ N - square,
        using=[(-1 * N, (1 - GAMMA * A) @ N - 1, 1)],
        models=_perturbed(),
        message="γ ∂N/∂γ is another",
    )


TRANSPOSES = {"G": "Gt", "N": "Nt", "A": "At", "D": "Dt"}


@check(
    RESOLVENT_GRADIENT,
    part="backward",
    establishes=proof(over="every n, every A, γ, G", by="trace identity"),
    claimed=dict(gradient=GAMMA * NT @ G @ NT, in_gamma=GT @ N @ A @ N),
    controls={
        "no transposes": dict(gradient=GAMMA * N @ G @ N),
        "left transpose only": dict(gradient=GAMMA * NT @ G @ N),
        "gradient transposed": dict(gradient=GAMMA * NT @ GT @ NT),
        "right resolvent missing": dict(gradient=GAMMA * NT @ G),
        "no discount": dict(gradient=NT @ G @ NT),
        "G not transposed in the trace": dict(in_gamma=G @ N @ A @ N),
    },
)
def backward_pass_at_every_size(gradient, in_gamma):
    """dℓ = ⟨G, dN⟩ with ⟨X, Y⟩ = tr(XᵀY) and dN = γN(dA)N + (dγ)NAN, so the gradient is the
    matrix whose inner product with every D is tr(GᵀγNDN); in γ it is ⟨G, NAN⟩ = tr((NAN)ᵀG)."""
    equal_traces(
        GT @ (GAMMA * N @ D @ N),
        DT @ gradient,
        transposes=TRANSPOSES,
        message="another gradient in A",
    )
    equal_traces(
        NT @ AT @ NT @ G,
        in_gamma,
        transposes=TRANSPOSES,
        message="another gradient in gamma",
    )


@check(
    RESOLVENT_GRADIENT,
    part="backward",
    establishes=prime_field(bound="n = 12"),
    claimed=dict(
        gradient=lambda resolvent, cotangent: resolvent.T @ cotangent @ resolvent.T, order=1
    ),
    controls={
        "no transposes": dict(
            gradient=lambda resolvent, cotangent: resolvent @ cotangent @ resolvent
        ),
        "right resolvent missing": dict(
            gradient=lambda resolvent, cotangent: resolvent.T @ cotangent
        ),
        "first order only": dict(order=0),
    },
)
def backward_pass_at_twelve(gradient, order):
    """⟨G, N(A + D) − N(A)⟩ = ⟨γNᵀGNᵀ, D + γD N(A + D) D⟩ for all G, A, D and γ: the exact
    increment of the loss, from the definition of the resolvent at two points."""

    def defect(matrix, change, cotangent, gamma):
        before = fundamental_matrix(matrix, gamma)
        after = fundamental_matrix(matrix + change, gamma)
        second = gamma * (change @ after @ change) if order else 0 * change
        pulled = gamma * gradient(before, cotangent)
        return (cotangent * (after - before)).sum() - (pulled * (change + second)).sum()

    vanishes(defect, [(12, 12), (12, 12), (12, 12), ()], seed=12, trials=3)


@plot(RESOLVENT_GRADIENT)
def finite_differences() -> Plot:
    """Error of a central difference against the formula, in floats."""
    generator = np.random.default_rng(20260300175)
    matrix, change = generator.standard_normal((2, 6, 6))
    matrix /= np.linalg.norm(matrix, 2)
    change /= np.linalg.norm(change, 2)
    steps = [10.0 ** (-k / 2) for k in range(2, 25)]
    series = []
    for gamma in (0.5, 0.95):
        resolvent = fundamental_matrix(matrix, gamma)
        formula = gamma * resolvent @ change @ resolvent
        errors = []
        for step in steps:
            ahead = fundamental_matrix(matrix + step * change, gamma)
            behind = fundamental_matrix(matrix - step * change, gamma)
            quotient = (ahead - behind) / (2 * step)
            errors.append(float(np.linalg.norm(quotient - formula) / np.linalg.norm(formula)))
        series.append(Series(label=f"γ = {gamma}", x=steps, y=errors))
    return Plot(
        title="Central difference against γN(dA)N (n = 6)",
        x_label="step",
        y_label="relative error",
        x_scale="log",
        y_scale="log",
        series=series,
        caption="The error falls with the square of the step until rounding takes over.",
    )
