"""Loss, margin and correlation: why the regularisation path tends to the max-margin solution."""

from __future__ import annotations

from fractions import Fraction

from attnproof.theory.algebra.free_algebra import scalars
from attnproof.theory.algebra.rational import rational
from attnproof.theory.core import check, proof
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.inequality import entails
from attnproof.theory.paper.att_svm.regularisation_path import (
    CORRELATION_BOUND,
    REGULARISATION_PATH,
)

EVERY = "every n, T and d, every W, every data set in scope"

D, b, v, m, k, w, mu, a = scalars("D b v m k w mu a")


@check(
    CORRELATION_BOUND,
    establishes=proof(over=EVERY),
    claimed=dict(multiplier=b, margin=v - m, product=k * w * mu - m * mu * mu),
    controls={
        "multipliers of any sign": dict(multiplier=-b),
        "margins below m": dict(margin=m - v),
        "norm squared too often": dict(product=k * w * mu - m * mu * mu * mu),
        "without the norm": dict(product=k * w * mu - m),
    },
)
def inner_product_with_the_solution(multiplier, margin, product) -> None:
    """By the optimality conditions W^mm = Σ λ A with λ ≥ 0 and λ (⟨A, W^mm⟩ − 1) = 0. Hence

    1. ‖W^mm‖² = Σ λ ⟨A, W^mm⟩ = Σ λ, term by term;
    2. ⟨W, W^mm⟩ − m(W) Σ λ = Σ λ (⟨A, W⟩ − m(W)) ≥ 0, by induction over the constraints;
    3. with ⟨W, W^mm⟩ = k w μ, μ = ‖W^mm‖ and w = ‖W‖, k w μ ≥ m μ².

    Dividing by w μ > 0 gives the bound.
    """
    values = {"b": rational(0), "a": rational(3)}
    follows(
        b * a - b,
        using=[(1, b * (a - 1), 1)],
        models=[values],
        message="an inactive constraint contributes",
    )
    entails(
        D + b * v - b * m,
        given={"so far": D, "multiplier": multiplier, "margin": margin},
        certificate=[(1, ["so far"], []), (1, ["multiplier", "margin"], [])],
        message="a further constraint lowers the inner product",
    )
    entails(
        product,
        given={"inner": k * w * mu - m * mu * mu, "mu": mu, "w": w},
        certificate=[(1, ["inner"], [])],
        message="the correlation is smaller",
    )


# E = e^{−m}, q = e^{−margin of one token}, Q = Σ q, r = 1/(1 + Q); g: lead of the score; T: tokens.
E, q, Q, r, g, T, least, most, x, slow, fast, n, S = scalars(
    "E q Q r g T least most x slow fast n S"
)


@check(
    REGULARISATION_PATH,
    part="loss and margin",
    establishes=proof(over=EVERY),
    claimed=dict(count=T - 1, larger=E - q, weight=r, share=T),
    controls={
        "best token counted among the others": dict(count=T),
        "half the tokens in the normaliser": dict(share=T / 2),
        "margins below m": dict(larger=q - E),
        "every token twice": dict(weight=2 * r),
    },
)
def loss_between_exponentials(count, larger, weight, share) -> None:
    """In one sample let q_t = e^{−margin} ≤ E = e^{−m}, Q = Σ q and r = 1/(1 + Q), so that
    s_t = r q_t and f falls short of the best score by Σ_t r q_t g_t, least ≤ g_t ≤ most.

    Upper bound: r q g ≤ E most; T − 1 such terms; a mean over samples.
    Lower bound: margins are ≥ 0, hence q ≤ 1 and 1 + Q ≤ T (induction over the tokens), r ≥ 1/T;
    the token with the least margin alone gives r E g ≥ E least/T in one of n samples.
    For the loss itself, ℓ(f) − ℓ(best) = −ℓ'(ξ)(best − f) with β ≤ −ℓ' ≤ B (mean value theorem).
    """
    premises = {"r": r, "one less r": 1 - r, "q": q, "larger": larger, "g": g, "most": most - g}
    entails(
        E * most - weight * q * g,
        given=premises | {"cap": most},
        certificate=[
            (1, ["larger", "cap"], []),
            (1, ["q", "most"], []),
            (1, ["q", "g", "one less r"], []),
        ],
        message="a token takes more than E times the largest lead",
    )
    entails(
        (S + 1) - (Q + q),
        given={"so far": S - Q, "at most one": 1 - q},
        certificate=[(1, ["so far"], []), (1, ["at most one"], [])],
        message="the exponentials exceed their number",
    )
    entails(
        share * r - 1,
        given={"r": r, "tokens": count - Q, "inverse": r * (1 + Q) - 1},
        certificate=[(1, ["r", "tokens"], []), (1, ["inverse"], [])],
        models=[{name: rational(value) for name, value in point} for point in _SMALL],
        message="the normaliser exceeds the number of tokens",
    )
    entails(
        T * r * E * g - E * least,
        given={"E": E, "share": T * r - 1, "lead": g - least, "least": least},
        certificate=[
            (1, ["E", "share", "lead"], []),
            (1, ["E", "share", "least"], []),
            (1, ["E", "lead"], []),
        ],
        message="the token of least margin takes less",
    )
    for bound in (x * fast - x * k, x * k - x * slow):
        entails(
            bound,
            given={"x": x, "fast": fast - k, "slow": k - slow},
            certificate=[(1, ["x", "fast" if bound == x * fast - x * k else "slow"], [])],
            message="the slope of the loss lies outside its bounds",
        )


# Points with r (1 + Q) = 1: T tokens of margin zero.
_SMALL = [
    (("T", tokens), ("Q", tokens - 1), ("r", Fraction(1, tokens))) for tokens in (2, 3, 4)
] + [(("T", 3), ("Q", 3), ("r", Fraction(1, 4)))]

low, high, X, Y, F, rho, c = scalars("low high X Y F rho c")


@check(
    REGULARISATION_PATH,
    part="margin of the minimiser",
    establishes=proof(over=EVERY),
    claimed=dict(minimal=Y - X, tokens=(T - 1) * q - Q, constant=lambda high, low: (high, low)),
    controls={
        "not a minimiser": dict(minimal=X - Y),
        "one token more than counted": dict(tokens=T * q - Q),
        "constants exchanged": dict(constant=lambda high, low: (low, high)),
    },
)
def minimiser_has_a_large_margin(minimal, tokens, constant) -> None:
    """Let X = L(W_R) − L_⋆ and Y the same at R W^mm/ν, whose margin is at least R/ν; F = e^{−R/ν}.
    With low = β Δ_min/(nT) and high = B (T − 1) Δ_max, whose ratio is e^c:

    1. If m(W_R) ≥ 0, then low E ≤ X ≤ Y ≤ high F: E ≤ e^c F, that is m(W_R) ≥ R/ν − c.
    2. If m(W_R) < 0, the largest q of that sample is at least 1 and T r q ≥ 1: X ≥ low. Then
       1 ≤ e^c F, that is R ≤ c ν, which is excluded.
    """
    top, bottom = constant(high, low)
    given = {"lower": X - low * E, "minimal": minimal, "upper": high * F - Y}
    entails(
        top * F - bottom * E,
        given=given | {"positive": low, "ordered": high - 2 * low, "F": F, "E": E},
        certificate=[(1, ["lower"], []), (1, ["minimal"], []), (1, ["upper"], [])],
        message="the minimiser may have a smaller margin",
    )
    entails(
        T * r * q - 1,
        given={"r": r, "tokens": tokens, "above": q - 1, "inverse": r * (1 + Q) - 1},
        certificate=[
            (1, ["r", "tokens"], []),
            (1, ["r", "above"], []),
            (1, ["inverse"], []),
        ],
        models=[
            {"T": rational(t), "q": rational(u), "Q": rational(s), "r": 1 / rational(1 + s)}
            for t, u, s in ((2, 1, 1), (3, 2, 4), (2, 2, 4), (3, 1, 2))
        ],
        message="the largest weight is below 1/T",
    )


@check(
    REGULARISATION_PATH,
    part="Frobenius",
    establishes=proof(over=EVERY),
    claimed=dict(bound=k * mu * rho - mu * rho + c * mu, ball=rho * mu - w),
    controls={
        "constant halved": dict(bound=k * mu * rho - mu * rho + c * mu / 2),
        "without the norm": dict(bound=k * mu * rho - mu * rho + c),
        "outside the ball": dict(ball=w - rho * mu),
    },
)
def correlation_on_the_path(bound, ball) -> None:
    """Write R = ρ ν. From k ‖W_R‖ ≥ m ν (the bound on the correlation k), m ≥ ρ − c and
    ‖W_R‖ ≤ ρ ν follows k R ≥ R − c ν; k is positive because m is."""
    entails(
        bound,
        given={
            "k": k,
            "mu": mu,
            "correlation": k * w - m * mu,
            "margin": m - rho + c,
            "ball": ball,
            "w": w,
        },
        certificate=[
            (1, ["k", "ball"], []),
            (1, ["correlation"], []),
            (1, ["mu", "margin"], []),
        ],
        message="the correlation on the path is smaller",
    )


K, G, L, t = scalars("K G L t")


@check(
    REGULARISATION_PATH,
    part="nuclear",
    establishes=proof(over=EVERY + ", K and Q of width at least min(n, d)"),
    claimed=dict(half=Fraction(1, 2), operator=L - G, ratio=t * rho * mu - rho * mu + c * mu),
    controls={
        "a quarter of the squares": dict(half=Fraction(1, 4)),
        "operator norm above one": dict(operator=G - L),
        "constant halved": dict(ratio=t * rho * mu - rho * mu + c * mu / 2),
    },
)
def margin_ratio_on_the_path(half, operator, ratio) -> None:
    """1. ‖KQᵀ‖_⋆ = max {⟨K, GQ⟩ : ‖G‖ ≤ 1} ≤ ½(‖K‖² + ‖Q‖²): with x = ⟨K, GQ⟩,
       ‖K − GQ‖² = ‖K‖² − 2x + ‖GQ‖² ≥ 0 and ‖GQ‖² ≤ ‖Q‖². So ‖K_R Q_Rᵀ‖_⋆ ≤ R = ρ ν_⋆.
    2. The point of comparison is a nuclear solution times R/ν_⋆, factored so that equality holds.
       The argument for the ball gives m ≥ ρ − c.
    3. With t = m ν_⋆/‖K_R Q_Rᵀ‖_⋆, that is t w = m ν_⋆, and w ≤ ρ ν_⋆: t R ≥ R − c ν_⋆.
    """
    # K, L and G stand for ‖K‖², ‖Q‖² and ‖GQ‖².
    entails(
        half * K + half * L - x,
        given={"square": K - 2 * x + G, "operator": operator, "K": K, "L": L, "x": x},
        certificate=[(Fraction(1, 2), ["square"], []), (Fraction(1, 2), ["operator"], [])],
        message="the nuclear norm exceeds half the squares",
    )
    entails(
        ratio,
        given={
            "t": t,
            "mu": mu,
            "ratio": t * w - m * mu,
            "margin": m - rho + c,
            "ball": rho * mu - w,
        },
        certificate=[(1, ["t", "ball"], []), (1, ["ratio"], []), (1, ["mu", "margin"], [])],
        message="the margin ratio on the path is smaller",
    )
