"""With strict complementarity the regularisation path keeps a bounded distance from the ray of the
max-margin solution."""

from __future__ import annotations

from attnproof.theory.algebra.free_algebra import scalars
from attnproof.theory.algebra.rational import rational
from attnproof.theory.core import check, proof
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.inequality import entails
from attnproof.theory.paper.att_svm.regularisation_path import PATH_RATE

EVERY = "every n, T and d, every R that is large enough"

# b: a multiplier; v: its margin at W_R; o: Σ of λ ⟨A, W_R⟩ over the others; q: ν²; p: R/ν.
b, v, o, q, p, c = scalars("b v o q p c")


@check(
    PATH_RATE,
    part="active margins",
    establishes=proof(over=EVERY),
    claimed=dict(upper=b * (p - c) + c * q, others=q - b, ball=p * q),
    controls={
        "without the squared norm": dict(upper=b * (p - c) + c),
        "half the constant": dict(upper=b * (p - c) + c * q / 2),
        "multiplier counted twice": dict(others=q - 2 * b),
        "twice the ball": dict(ball=2 * p * q),
    },
)
def margin_of_an_active_constraint(upper, others, ball) -> None:
    """Write R = p ν. With Σ λ = ν² and W^mm = Σ λ A (optimality conditions),
    Σ λ ⟨A, W_R⟩ = ⟨W^mm, W_R⟩ ≤ ν R = p ν² (Cauchy and Schwarz). Every margin is at least p − c by
    the part on the margin of the minimiser, so that the others take at least (ν² − λ_s)(p − c) of
    it: λ_s ⟨A_s, W_R⟩ ≤ λ_s (p − c) + c ν². Dividing by λ_s gives the upper bound.
    """
    entails(
        upper - b * v,
        given={"cauchy": ball - o - b * v, "others": o - others * (p - c), "b": b, "c": c, "q": q},
        certificate=[(1, ["cauchy"], []), (1, ["others"], [])],
        message="the margin of an active constraint may be larger",
    )


# P, N: squared norms of the two parts; nu: ν; n: ‖N‖; g: ‖∇L‖; X: Σ of the coefficients outside.
P, N, nu, n, g, X, y, r, R = scalars("P N nu n g X y r R")
# x, y: coefficients of a constraint outside and of an active one; lo = β, hi = B, least, most: Δ.
x, lo, hi, least, most, T, Es, Ek, lead, f, Y = scalars("x lo hi least most T Es Ek lead f Y")


@check(
    PATH_RATE,
    part="orthogonal part",
    establishes=proof(over=EVERY),
    claimed=dict(square=2 * c * p * nu**2, factor=2 * T, product=R * r * nu * X),
    controls={
        "half the square": dict(square=c * p * nu**2),
        "constant once": dict(factor=T),
        "without the norm of the solution": dict(product=R * r * X),
        "without the radius": dict(product=r * nu * X),
    },
)
def part_outside_the_span(square, factor, product) -> None:
    """1. ‖W_R‖ ≤ R = p ν and ⟨W_R, W^mm⟩ ≥ (R − c ν) ν: the part in the span has norm ≥ R − c ν,
       so that ‖N‖² ≤ R² − (R − c ν)² ≤ 2 c ν R.
    2. −∇L = Σ c_k A_k with c_k = |ℓ'| s_k (f − γ_k)/n. As f ≥ best score − Y with Y ≤ Δ_min/2,
       f − γ_k ≥ Δ_min/2: all c_k > 0. Hence ν ‖∇L‖ ≥ ⟨−∇L, W^mm⟩ ≥ Σ c_k > 0, W_R lies on the
       sphere and W_R = R (−∇L)/‖∇L‖ (Lagrange).
    3. n c_s ≥ β Δ_min/2 e^{−m_s}/T and n c_k ≤ B Δ_max e^{−m_k} give
       c_k/c_s ≤ 2 T B Δ_max/(β Δ_min) e^{m_s − m_k}.
    4. Only the k outside contribute to N: ‖N‖ ‖∇L‖ ≤ R ϱ X, X = Σ_outside c_k; with
       ν ‖∇L‖ ≥ c_s, ‖N‖ c_s ≤ R ϱ ν X. There are at most n (T − 1) of them, so that
       X/c_s ≤ 2 e^{c} e^{m_s − m_k}.
    """
    entails(
        square - N,
        given={
            "sphere": p**2 * nu**2 - P - N,
            "inner": P - (p * nu - c * nu) ** 2,
            **{"N": N, "P": P, "c": c, "p": p, "nu": nu},
        },
        certificate=[(1, ["sphere"], []), (1, ["inner"], []), (1, [], [c * nu])],
        models=[
            {name: rational(value) for name, value in zip(("p", "nu", "c", "P", "N"), point)}
            for point in ((1, 1, 1, 0, 1), (1, 1, "1/2", "1/4", "3/4"))
        ],
        message="the orthogonal part may be larger",
    )
    entails(
        f - lead - least / 2,
        given={"output": f - (Y - x), "gap": Y - lead - least, "close": least / 2 - x},
        certificate=[(1, ["output"], []), (1, ["gap"], []), (1, ["close"], [])],
        message="the output does not exceed the score",
    )
    entails(
        factor * hi * most * Ek * y - lo * least * Es * x,
        given={
            "active": 2 * T * y - lo * least * Es,
            "outside": hi * most * Ek - x,
            **{"hi": hi, "most": most, "Ek": Ek, "lo": lo, "least": least, "Es": Es, "x": x},
        },
        certificate=[
            (1, ["hi", "most", "Ek", "active"], []),
            (1, ["lo", "least", "Es", "outside"], []),
        ],
        models=[
            {**{name: rational(1) for name in ("hi", "most", "Ek", "lo", "least", "Es", "x")}}
            | {"T": rational(2), "y": rational(value)}
            for value in ("1/4", "1/2", 1)
        ],
        message="the coefficients outside may be larger",
    )
    entails(
        product - n * y,
        given={
            "norms": R * r * X - n * g,
            "active": nu * g - y,
            **{"n": n, "nu": nu, "R": R, "r": r, "X": X},
        },
        certificate=[(1, ["nu", "norms"], []), (1, ["n", "active"], [])],
        message="the orthogonal part may be larger",
    )


w, u, k, a, d, K, s, m, t = scalars("w u k a d K s m t")


@check(
    PATH_RATE,
    part="rate",
    establishes=proof(
        over=EVERY + ", strictly complementary data", by="non-negative combination; limit as R → ∞"
    ),
    claimed=dict(deficit=2 * R**2 * (1 - k), surplus=d, bound=K + t),
    controls={
        "deficit without the factor": dict(deficit=R**2 * (1 - k)),
        "radius not squared": dict(deficit=2 * R * (1 - k)),
        "twice the surplus": dict(surplus=2 * d),
        "orthogonal part dropped": dict(bound=K),
    },
)
def distance_from_the_ray(deficit, surplus, bound) -> None:
    """1. With ‖W_R‖ = R and a unit vector U along W^mm: ‖W_R − R U‖² = R² − 2R ⟨W_R, U⟩ + R²
       = 2 R² (1 − corr), where R U = (R/ν) W^mm.
    2. The part of W_R − p W^mm in the span has bounded products with the A_s by the first part,
       hence a bounded norm √K.
    3. Outside, m_k ≥ p (1 + δ) − ϱ (√K + ‖N‖) with ‖N‖ = O(√R), while m_s ≤ p + const: the
       exponent m_s − m_k is at most −δ p + O(√R), so that ‖N‖ → 0 by the second part.
    4. ‖W_R − p W^mm‖² = (part in the span)² + ‖N‖² ≤ K + t is bounded, t ≥ ‖N‖².
    """
    # w: ‖W_R‖², s: ⟨W_R, U⟩, u: ‖U‖².
    values = {"w": rational(4), "R": rational(2), "s": rational(1), "k": "1/2", "u": rational(1)}
    follows(
        (w - 2 * R * s + R**2 * u) - deficit,
        using=[(1, w - R**2, 1), (R**2, u - 1, 1), (-2 * R, s - R * k, 1)],
        models=[{name: rational(value) for name, value in values.items()}],
        message="the squared distance is another one",
    )
    entails(
        m - (p + p * surplus - r * (a + n)),
        given={
            "solution": v - 1 - d,
            "cauchy": m - p * v + r * (a + n),
            **{"p": p, "r": r, "a": a, "n": n, "d": d},
        },
        certificate=[(1, ["p", "solution"], []), (1, ["cauchy"], [])],
        message="the margin outside may be smaller",
    )
    entails(
        bound - (P + N),
        given={"span": K - P, "outside": t - N, "P": P, "N": N},
        certificate=[(1, ["span"], []), (1, ["outside"], [])],
        message="the distance may be larger",
    )
