"""Normalised gradient descent with equal other scores: proof of convergence in direction."""

from __future__ import annotations

from fractions import Fraction

from attnproof.theory.algebra.free_algebra import scalars
from attnproof.theory.algebra.rational import rational
from attnproof.theory.core import check, proof
from attnproof.theory.engine.inequality import entails
from attnproof.theory.paper.att_svm.gradient_descent import NORMALISED_LIMIT

EVERY = "every n, T and d, every W, equal other scores, ℓ(x) = −x"

# One sample: w its weight, h = ψ' and c = −ψ'' at q, a = q', v = Σ_t of the squares, r = ϱ² ‖V‖²;
# sums over the samples so far: S = Σ w, Y = Σ w h a, D = Σ of the bounds.
w, h, c, a, v, r, S, Y, D = scalars("w h c a v r S Y D")


@check(
    NORMALISED_LIMIT,
    part="curvature",
    establishes=proof(over=EVERY, by="non-negative combination; derivatives of log Σ exp"),
    claimed=dict(slope=1 - h, concave=c, bound=r),
    controls={
        "slope above one": dict(slope=h - 1),
        "outer function convex": dict(concave=-c),
        "half the bound": dict(bound=r / 2),
    },
)
def second_derivative(slope, concave, bound) -> None:
    """With Q_i = Σ_t e^{−⟨A_it, W⟩} the best token misses the weight Q_i/(1 + Q_i), so that

        F = log Σ_i (Δ_i/n) e^{ψ(q_i)},   q_i = log Q_i,   ψ(q) = −log(1 + e^{−q}),

    with 0 ≤ ψ' ≤ 1 and ψ'' ≤ 0. Along V, with weights w_i of the samples and means E_t within one,
    D²F = Σ w (ψ' q')² − (Σ w ψ' q')² + Σ w (ψ'' q'² + ψ' q''), where q' = −E_t a and
    q'' = E_t a² − (E_t a)² for a = ⟨A, V⟩.

    1. Per sample, (ψ' q')² + ψ'' q'² + ψ' q'' ≤ ψ' (q'² + q'') = ψ' E_t a² ≤ ϱ² ‖V‖².
    2. The sum with weights that add up to one is at most the largest; the square that is taken
       off is not needed.
    """
    premises = {"h": h, "slope": slope, "concave": concave, "squares": r - v, "v": v}
    entails(
        bound - (h**2 * a**2 - c * a**2 + h * (v - a**2)),
        given=premises,
        certificate=[
            (1, ["slope", "h"], [a]),
            (1, ["concave"], [a]),
            (1, ["squares"], []),
            (1, ["slope", "v"], []),
        ],
        models=[
            {name: rational(value) for name, value in zip("hcavr", point, strict=True)}
            for point in ((1, 0, 1, 1, 1), (2, 0, 1, 1, 1), (1, -1, 1, 1, 1), (1, 0, 0, 1, 1))
        ],
        message="a sample curves more",
    )
    entails(
        r * (S + w) - (D + w * v) + Y**2,
        given={"so far": r * S - D, "w": w, "sample": r - v},
        certificate=[(1, ["so far"], []), (1, ["w", "sample"], []), (1, [], [Y])],
        message="the curvature exceeds that of every sample",
    )


# p: the weight that the best token misses; e = Δ p; M: Δ_min; L = L − L_⋆; n: samples.
p, M, L, n, g, nu, x, th, lead = scalars("p M L n g nu x th lead")


@check(
    NORMALISED_LIMIT,
    part="slope",
    establishes=proof(over=EVERY),
    claimed=dict(inner=1 - p, margin=x - 1, cauchy=nu * g - D),
    controls={
        "margins below one": dict(margin=1 - x),
        "weight of the best token squared": dict(inner=(1 - p) ** 2),
        "norm of the solution squared": dict(cauchy=nu * nu * g - D),
    },
)
def gradient_is_bounded_below(inner, margin, cauchy) -> None:
    """⟨−∇F, W^mm⟩ = Σ w_i ψ'_i E_t⟨A, W^mm⟩ ≥ Σ w_i ψ'_i, as margins are ≥ 1; ψ' = 1 − p.

    1. A mean that misses p gives inner · x ≥ 1 − p, x = E_t⟨A, W^mm⟩ ≥ 1.
    2. L − L_⋆ = (1/n) Σ Δ_i p_i ≥ Δ_min p/n: p ≤ θ = n (L − L_⋆)/Δ_min for every sample, so that
       the weighted mean of 1 − p is at least 1 − θ.
    3. By Cauchy and Schwarz ν ‖∇F‖ ≥ ⟨−∇F, W^mm⟩ ≥ 1 − θ.
    """
    entails(
        inner * x - (1 - p),
        given={"margin": margin, "rest": 1 - p, "p": p},
        certificate=[(1, ["margin", "rest"], [])],
        message="a sample contributes less",
    )
    entails(
        n * L - M * p,
        given={"sum": n * L - lead * p, "lead": lead - M, "p": p},
        certificate=[(1, ["sum"], []), (1, ["lead", "p"], [])],
        message="a sample may miss more",
    )
    entails(
        nu * g - (1 - th),
        given={"cauchy": cauchy, "mean": D - (1 - th), "nu": nu, "g": g},
        certificate=[(1, ["cauchy"], []), (1, ["mean"], [])],
        message="the gradient may be smaller",
    )


# F, G: log(L − L_⋆) before and after a step e; q = ϱ²; H: Σ η; J: Σ η²; K: Σ η θ; k: F_0.
F, G, e, q, H, J, K, k, m, W, c0 = scalars("F G e q H J K k m W c0")

NAMES = ("a", "w", "W", "H", "K", "J", "q", "k", "c0", "m", "G", "nu")
# One step from F = F_0 = 0 with θ = ½, ‖∇F‖ = ½ and ν = ϱ = 1: its length and F afterwards.
STEPS = [
    {name: rational(0) for name in ("F", "k", "H", "J", "K")}
    | {name: rational("1/2") for name in ("g", "th")}
    | {"q": rational(1), "nu": rational(1), "e": rational(length), "G": rational(after)}
    for length, after in (("1/2", "-1/8"), ("1/2", 0), (2, 1))
]


@check(
    NORMALISED_LIMIT,
    part="limit",
    establishes=proof(over=EVERY, by="non-negative combination; limits of means"),
    claimed=dict(half=q / 2, cap=1 - 2 * nu * q * e, decrease=e / 4, lost=q * nu / 2),
    controls={
        "no curvature": dict(lost=0 * q),
        "steps four times as long": dict(cap=4 - 2 * nu * q * e),
        "twice the decrease": dict(decrease=e / 2),
        "curvature twice as large": dict(half=q),
    },
)
def margin_against_the_sum_of_the_steps(half, cap, decrease, lost) -> None:
    """Normalised steps are the same for F and L. By the curvature (Taylor)
    F_{k+1} ≤ F_k − η‖∇F_k‖ + η² ϱ²/2, and ν‖∇F_k‖ ≥ 1 − θ_k.

    1. While θ ≤ ½ and η ≤ 1/(2νϱ²), ν (F_k − F_{k+1}) ≥ η/4: F falls, θ ≤ ½ is kept, and as
       Σ η = ∞, F → −∞ and θ → 0.
    2. Summed, with H = Σ η, J = Σ η², K = Σ η θ:  ν (F_0 − F_k) ≥ H − K − νϱ² J/2 (induction).
    3. L − L_⋆ ≥ Δ_min e^{−m}/(nT) gives m ≥ −F_k − c₀, and ‖W_k‖ ≤ ‖W_0‖ + H. With the bound
       corr ‖W‖ ≥ m ν:  corr (‖W_0‖ + H) ≥ H − K − νϱ² J/2 − const.

    Divided by H → ∞, where K/H → 0 as a mean of θ → 0, this is the stated limit.
    """
    step = {"taylor": F - e * g + e**2 * half - G, "slope": nu * g - 1 + th, "e": e, "nu": nu}
    entails(
        nu * (F - G) - decrease,
        given=step | {"start": 1 - 2 * th, "cap": cap, "g": g, "q": q, "th": th},
        certificate=[
            (1, ["nu", "taylor"], []),
            (1, ["e", "slope"], []),
            (Fraction(1, 2), ["e", "start"], []),
            (Fraction(1, 4), ["e", "cap"], []),
        ],
        models=STEPS,
        message="the loss may fall by less",
    )
    entails(
        nu * (k - G) - (H + e - (K + e * th) - lost * (J + e**2)),
        given=step | {"so far": nu * (k - F) - (H - K - nu * q * J / 2)},
        certificate=[(1, ["so far"], []), (1, ["nu", "taylor"], []), (1, ["e", "slope"], [])],
        models=STEPS,
        message="the decreases do not add up so",
    )
    entails(
        a * (W + H) - (H - K - nu * q * J / 2 - nu * (k + c0)),
        given={
            "correlation": a * w - m * nu,
            "margin": m + G + c0,
            "decrease": nu * (k - G) - (H - K - nu * q * J / 2),
            "norm": W + H - w,
            **{"a": a, "nu": nu, "w": w},
        },
        certificate=[
            (1, ["a", "norm"], []),
            (1, ["correlation"], []),
            (1, ["nu", "margin"], []),
            (1, ["decrease"], []),
        ],
        models=[
            {
                name: rational(0)
                for name in ("a", "w", "W", "H", "K", "J", "q", "k", "c0", "m", "G", "nu")
            }
        ],
        message="the correlation may be smaller",
    )
