"""From the bias to the rates: the best bandwidth, several channels, the global fit."""

from __future__ import annotations

import numpy as np
from flint import fmpq

from attnproof.theory.algebra.free_algebra import letters
from attnproof.theory.algebra.matrix import inverse
from attnproof.theory.algebra.rational import rational_array
from attnproof.theory.algebra.rational_function import variables
from attnproof.theory.core import check, note, prime_field, proof, refute_unless
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.prime_field_identity import vanishes
from attnproof.theory.engine.rational_identity import identical
from attnproof.theory.operator.local_linear_attention import local_linear_weights
from attnproof.theory.paper.lla.rates import RATES


@check(
    RATES,
    part="best bandwidth",
    establishes=proof(over="every a, d, n, B, V > 0", by="sympy: stationary, and convex in ln h"),
    claimed=dict(rate=lambda a, d: a / (a + d), bandwidth=lambda a, d: 1 / (a + d)),
    controls={
        "rate of the pointwise error": dict(rate=lambda a, d: a / (2 * a + d)),
        "variance forgotten": dict(rate=lambda a, d: a / d),
        "another bandwidth": dict(bandwidth=lambda a, d: 1 / (2 * a + d)),
    },
)
def optimum_over_the_bandwidth(rate, bandwidth) -> None:
    """``F = Be^{at} + (V/n)e^{−dt}``, t = ln h, is strictly convex, a sum of exponentials with
    positive factors; it is stationary at ``h = (dV/aBn)^{1/(a+d)}`` and its value there is as
    stated. The exponents of n for a = 3 and 4 are noted."""
    import sympy

    a, d, n, bias, noise, h = sympy.symbols("a d n B V h", positive=True)
    error = bias * h**a + noise / (n * h**d)
    best = (d * noise / (a * bias * n)) ** bandwidth(a, d)
    constant = (1 + a / d) * bias * (d * noise / (a * bias)) ** (a / (a + d))
    value = constant * n ** (-rate(a, d))
    slope = sympy.powsimp(sympy.expand_power_base(sympy.diff(error, h).subs(h, best), force=True))
    least = sympy.expand_power_base(error.subs(h, best), force=True)
    point = {a: 3, d: 2, n: 32, bias: 5, noise: 7}
    for name, difference in (("slope", slope), ("value", least - value)):
        number = sympy.N(difference.subs(point), 30)
        refute_unless(
            bool(sympy.simplify(sympy.powsimp(sympy.expand(difference), force=True)) == 0),
            f"the {name} is another",
            a=3,
            d=2,
            n=32,
            B=5,
            V=7,
            difference=str(number),
        )
    note(rate_for_3=str(rate(3, d)), rate_for_4=str(rate(4, d)))


@check(
    RATES,
    part="global linear",
    establishes=proof(over="every α, β, γ", by="rational-function identity"),
    claimed=dict(constant="1/180", columns=2),
    controls={
        "quadratic fit": dict(columns=3),
        "constant fit": dict(columns=1),
        "twelve times": dict(constant="1/15"),
    },
)
def residual_of_the_global_fit(constant, columns) -> None:
    """``∫ f² − cᵀG^{−1}c`` with the Gram matrix ``G_ij = ∫ u^{i+j}`` and ``c_i = ∫ u^i f``: no
    bandwidth and no n in it, so the error does not fall."""
    coefficients = variables("alpha beta gamma")
    quadratic, linear, level = coefficients
    target = [level, linear, quadratic]
    gram = rational_array([[fmpq(1, i + j + 1) for j in range(columns)] for i in range(columns)])
    products = np.array(
        [sum(fmpq(1, i + j + 1) * a for j, a in enumerate(target)) for i in range(columns)],
        dtype=object,
    )
    square = sum(
        fmpq(1, i + j + 1) * a * b for i, a in enumerate(target) for j, b in enumerate(target)
    )
    residual = square - products @ (inverse(gram) @ products)
    identical(residual, rational_array([constant])[0] * quadratic * quadratic)


def _constant_weights(keys, query, weights):
    return weights / weights.sum()


def _linear_weights(keys, query, weights):
    return local_linear_weights(keys, query, weights, 0)


@check(
    RATES,
    part="several channels",
    establishes=prime_field(bound="two channels, a grid of 4 × 3 keys, both fits"),
    claimed=dict(fits=(_constant_weights, _linear_weights), joint=lambda a, b: np.outer(a, b)),
    controls={
        "weights no product": dict(joint=lambda a, b: np.add.outer(a, b)),
        "first weights squared on the grid": dict(joint=lambda a, b: np.outer(a * a, b)),
    },
)
def product_grid(fits, joint) -> None:
    """The weights of the definition on the grid against those on its first axis."""
    for fit in fits:

        def defect(first, second, left, right, values, query, fit=fit):
            keys = np.array([[x, y] for x in first for y in second], dtype=object)
            on_grid = fit(keys, query, joint(left, right).reshape(-1))
            line = fit(first[:, None], query[:1], left)
            return np.array([on_grid @ np.repeat(values, len(second)) - line @ values])

        vanishes(defect, [(4,), (3,), (4,), (3,), (4,), (2,)], seed=9)


e, A, Xt, r, f, ft, B, Y = letters("e A Xt r f ft B Y")


def _products(left, right):
    """``Σ_ij a_i b_j left_i r_i right_j``."""
    return left * A * r * f * B * right


def _grid_model(slope_fitted: bool) -> dict:
    """Keys 0, 1, 3 with the weights 1, 2, 1 and the values 0, 1, 9 on the first axis; the residual
    of the constant or the linear fit."""
    keys, values = rational_array([[0], [1], [3]]), rational_array([[0], [1], [9]])
    ones, weights = rational_array([[1, 1, 1]]), rational_array([[1, 0, 0], [0, 2, 0], [0, 0, 1]])
    design = np.hstack([ones.T, keys]) if slope_fitted else ones.T
    fitted = design @ inverse(design.T @ weights @ design) @ design.T @ weights @ values
    return {
        **{"e": ones, "A": weights, "Xt": keys.T, "r": values - fitted},
        **{"f": rational_array([[1, 1]]), "ft": rational_array([[1], [1]])},
        **{"B": rational_array([[1, 0], [0, 3]]), "Y": rational_array([[2], [5]])},
    }


@check(
    RATES,
    part="several channels",
    establishes=proof(over="every product grid, every number of channels, both fits"),
    claimed=dict(slope_fitted=True, products=_products),
    controls={
        "slope not fitted": dict(slope_fitted=False),
        "weights no product": dict(
            products=lambda left, right: left * A * r * f * right + left * r * f * B * right
        ),
    },
)
def normal_equations_on_the_grid(slope_fitted, products) -> None:
    """The fit on the first axis, with slope 0 in the other channels, has the residual
    ``R_ij = r_i`` on the grid, j for a point of all other axes. It satisfies the normal equations
    there: ``Σ a_ib_jR_ij``, ``Σ a_ib_jR_ijx_i`` and ``Σ a_ib_jR_ijy_j`` vanish, as sums over a grid
    of products are products of sums; the first one alone concerns the constant fit. A solution of
    the normal equations is the fit wherever it is unique (classical)."""
    mean, moment = e * A * r, Xt * A * r
    model = _grid_model(slope_fitted)
    steps = {
        "mean": (products(e, ft), [(1, mean, f * B * ft)]),
        "other channels": (products(e, Y), [(1, mean, f * B * Y)]),
        "first channel": (
            products(Xt, ft),
            [(1, moment, f * B * ft)] if slope_fitted else [],
        ),
    }
    for name, (equation, using) in steps.items():
        follows(equation, using=using, models=[model], message=f"the equation of the {name} fails")
