"""Inputs on which attention passes gradients on at any distance: weight, gradient, limit."""

from __future__ import annotations

from attnproof.theory.algebra.free_algebra import letters, scalars
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import check, proof
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.inequality import entails
from attnproof.theory.paper.heads_ssm.gradient_highway import GRADIENT_HIGHWAY_ATTENTION

M, u, v, ut, vt = letters("M u v ut vt")
t, sigma, own, alpha, near, inverse, self_weight, others, i = scalars(
    "t sigma own alpha near inverse self others i"
)


def _two_tokens() -> dict[str, object]:
    """σ = 1/2, t = 2: base e^{1} is stood for by 3, so that e^{σt²} = 9 and e^{t²vᵀMv} = 1."""
    left, right = rational_array([[1], [0]]), rational_array([[0], [1]])
    return {
        **{"M": rational_array([[0, "1/2"], [0, 0]]), "u": left, "v": right},
        **{"ut": left.T, "vt": right.T, "t": rational(2), "sigma": rational("1/2")},
        **{"own": rational(0), "near": rational(9), "inverse": rational("1/9")},
        **{"self": rational(1), "others": rational(5), "alpha": rational("9/15")},
    }


@check(
    GRADIENT_HIGHWAY_ATTENTION,
    part="weight",
    establishes=proof(over="every i, d, t and singular pair"),
    claimed=dict(
        score=t * ut * M * v * t,
        denominator=1 + others * inverse + self_weight * inverse,
    ),
    controls={
        "query and key exchanged": dict(score=t * vt * M * u * t),
        "earlier token not scaled": dict(score=ut * M * v * t),
        "token itself not counted": dict(denominator=1 + others * inverse),
        "one zero token more": dict(denominator=1 + (others + 1) * inverse + self_weight * inverse),
        "zero tokens at weight one": dict(denominator=1 + others + self_weight * inverse),
    },
)
def weight_of_the_earlier_token(score, denominator) -> None:
    """s_ij = (tu)ᵀM(tv) = σt², s_ii = t²vᵀMv, and 0 for the i − 2 zero tokens. With near =
    e^{σt²}, its inverse e^{−σt²} and self = e^{t²vᵀMv}: α (near + (i − 2) + self) = near gives
    α (1 + (i − 2) e^{−σt²} + e^{−(σ − vᵀMv)t²}) = 1."""
    model = _two_tokens()
    follows(
        score - sigma * t * t,
        using=[(t * t * ut, M * v - sigma * u, 1), (sigma * t * t, ut * u - 1, 1)],
        models=[model],
        message="the score of the earlier token is another",
    )
    follows(
        t * vt * M * v * t - t * t * own,
        using=[(t * t, vt * M * v - own, 1)],
        models=[model],
        message="the score of the token itself is another",
    )
    follows(
        alpha * denominator - 1,
        using=[
            (inverse, alpha * (near + others + self_weight) - near, 1),
            (1 - alpha, inverse * near - 1, 1),
        ],
        models=[model],
        message="the weight is another",
    )


V, gap, g, x, y, part_sum, term = letters("V gap g x y partial term")
mass, added, D, size, so_far, length = scalars("mass added D size sofar length")


def _column(*entries):
    return rational_array([[entry] for entry in entries])


@check(
    GRADIENT_HIGHWAY_ATTENTION,
    part="gradient",
    establishes=proof(
        over="every i, d, p, every norm with ‖a gᵀ‖ ≤ ‖a‖‖g‖",
        by="free algebra and non-negative combination",
    ),
    claimed=dict(
        difference=(alpha - 1) * V + alpha * gap * g,
        own_term=0,
        bound=lambda A, G: (1 - alpha) * A + alpha * (1 - alpha) * D * G,
    ),
    controls={
        "value path kept whole": dict(difference=alpha * gap * g),
        "score path without weight": dict(difference=(alpha - 1) * V + gap * g),
        "token j counted in the mean": dict(own_term=1),
        "value path only": dict(bound=lambda A, G: (1 - alpha) * A),
        "score path only": dict(bound=lambda A, G: alpha * (1 - alpha) * D * G),
        "weight of the others squared": dict(
            bound=lambda A, G: (1 - alpha) * (1 - alpha) * A + alpha * (1 - alpha) * D * G
        ),
    },
)
def distance_to_the_value_matrix(difference, own_term, bound) -> None:
    """J − V = (α − 1) V + α (Vx_j − y) gᵀ with J from the Jacobian used, and ‖g‖ = ‖tMv‖ = σt.
    Vx_j − y = Σ_l α_l V(x_j − x_l) by Σ α_l = 1; the term l = j is zero, and the rest has norm at
    most (1 − α) D, token by token with the triangle inequality. Together the stated bound.
    """
    model = {
        **{"V": rational_array([[1, 2], [0, 1]]), "gap": _column(1, 3)},
        **{"g": rational_array([[2, -1]]), "alpha": rational("1/3")},
    }
    follows(
        alpha * (V + gap * g) - V - difference, models=[model], message="J − V is something else"
    )
    # Sums over the tokens so far: partial = Σ α_l (Vx_j − Vx_l), y = Σ α_l Vx_l, mass = Σ α_l.
    step = {
        **{"x": _column(1, 1), "y": _column(2, 0), "term": _column(3, 5)},
        **{"mass": rational("1/2"), "added": rational("1/4")},
    }
    step["partial"] = step["mass"] * step["x"] - step["y"]
    follows(
        part_sum + added * (x - term) - ((mass + added) * x - (y + added * term)),
        using=[(1, part_sum - mass * x + y, 1)],
        models=[step],
        message="the mean of the differences is another",
    )
    entails(
        (so_far + added) * D - own_term * D - (length + added * size),
        given={"so far": so_far * D - length, "token": D - size, "added": added},
        certificate=[(1, ["so far"], []), (1, ["added", "token"], [])],
        message="the mean difference exceeds its bound",
    )
    A, G, N, mean = scalars("A G norm mean")
    entails(
        bound(A, G) - N,
        given={
            **{"alpha": alpha, "at most one": 1 - alpha, "G": G, "A": A, "D": D},
            "triangle": (1 - alpha) * A + alpha * mean * G - N,
            "mean": (1 - alpha) * D - mean,
        },
        certificate=[(1, ["triangle"], []), (1, ["alpha", "G", "mean"], [])],
        message="the distance exceeds the bound",
    )


@check(
    GRADIENT_HIGHWAY_ATTENTION,
    part="limit",
    establishes=proof(over="every i, d, t", by="non-negative combination"),
    claimed=dict(tokens=lambda m: m, spread=2),
    controls={
        "one token fewer": dict(tokens=lambda m: m - 1),
        "half the spread": dict(spread=1),
        "score path left out": dict(spread=0),
        "independent of the length": dict(tokens=lambda m: 0 * m + 1),
    },
)
def tends_to_the_value_matrix(tokens, spread) -> None:
    """With m = i − 1 other tokens and E = e^{−ct²}, each of the other terms of the denominator is
    at most E, so w = (i − 2)e^{−σt²} + e^{−(σ−vᵀMv)t²} ≤ m E, and from α(1 + w) = 1,

        1 − α = αw ≤ w ≤ m E.

    All tokens have norm at most t, so D ≤ 2t‖V‖ and α(1 − α)Dσt ≤ (1 − α) 2σt²‖V‖; A = ‖V‖ and
    q = σt² below. Classical: (1 + 2σt²)e^{−ct²} → 0 as t → ∞ for c > 0.
    """
    w, m, E, A, q, N = scalars("w m E A q norm")
    zeros, own_term = scalars("zeros own")
    entails(
        m * E - ((m - 1) * zeros + own_term),
        given={"count": m - 1, "zero tokens": E - zeros, "own": E - own_term},
        certificate=[(1, ["count", "zero tokens"], []), (1, ["own"], [])],
        message="a term of the denominator exceeds its bound",
    )
    positive = {"alpha": alpha, "at most one": 1 - alpha, "w": w, "A": A, "q": q}
    entails(
        tokens(m) * E - (1 - alpha),
        given={
            **positive,
            "sum": m * E - w,
            "weight": alpha * (1 + w) - 1,
        },
        certificate=[(1, ["sum"], []), (1, ["weight"], []), (1, ["at most one", "w"], [])],
        models=[
            {name: rational(value) for name, value in values.items()}
            for values in (
                {"alpha": "1/3", "w": 2, "m": 2, "E": 1, "A": 1, "q": 1},
                {"alpha": "1/2", "w": 1, "m": 1, "E": 1, "A": 1, "q": 1},
                {"alpha": "1/2", "w": 1, "m": 4, "E": "1/4", "A": 1, "q": 1},
            )
        ],
        message="more weight is left to the others",
    )
    entails(
        tokens(m) * E * (1 + spread * q) * A - N,
        given={
            **positive,
            "left": m * E - (1 - alpha),
            "gradient": (1 - alpha) * A + alpha * (1 - alpha) * 2 * q * A - N,
        },
        certificate=[
            (1, ["gradient"], []),
            (1, ["left", "A"], []),
            (2, ["left", "q", "A"], []),
            (2, ["at most one", "at most one", "q", "A"], []),
        ],
        models=[
            {name: rational(value) for name, value in values.items()}
            for values in (
                {"alpha": "1/2", "m": 1, "E": "1/2", "A": 1, "q": 4, "w": 1, "norm": "5/2"},
                {"alpha": "9/10", "m": 1, "E": "1/10", "A": 1, "q": 9, "w": 1, "norm": "43/25"},
            )
        ],
        message="the gradient is further from V",
    )


S, a1, a2 = letters("S a1 a2")
E1, E2, m1, m2 = scalars("E1 E2 m1 m2")


@check(
    GRADIENT_HIGHWAY_ATTENTION,
    part="same at every distance",
    establishes=proof(over="every i, d, every permutation (generated by transpositions)"),
    claimed=dict(first=1, second=1),
    controls={
        "score falling with the distance": dict(first=m1, second=m2),
        "nearer token doubled": dict(second=2),
        "further token left out": dict(first=0),
    },
)
def sums_do_not_see_the_order(first, second) -> None:
    """Exchanging two earlier tokens leaves Σ e^{s_l} and Σ e^{s_l} V x_l as they are, since the
    scores s_il have no position term (the factors in front are 1). So y_i is the same, and so are
    α and Vx of the token wherever it stands; the Jacobian used contains nothing else."""
    before = S + first * E1 * a1 + second * E2 * a2
    after = S + first * E2 * a2 + second * E1 * a1
    follows(before - after, message="the sum depends on the order")
    follows(
        first * E1 + second * E2 - (first * E2 + second * E1),
        message="the normaliser depends on the order",
    )


@check(
    GRADIENT_HIGHWAY_ATTENTION,
    part="bounded scores",
    establishes=proof(over="every i, G (induction)", by="non-negative combination"),
    claimed=dict(count=lambda m: m, floor=lambda r: r),
    controls={
        "token itself counted twice": dict(count=lambda m: m + 1),
        "no lower bound": dict(floor=lambda r: 2 * r),
        "others at weight one": dict(floor=lambda r: 0 * r + 1),
    },
)
def bounded_scores_dilute(count, floor) -> None:
    """Every other token has e^{s_l}/e^{s_j} ≥ r = e^{−2G}; so m = i − 1 of them add up to
    w ≥ m r, by induction, and α (1 + w) = 1 gives α (1 + m r) ≤ 1."""
    w, m, r, entry = scalars("w m r entry")
    entails(
        w + entry - (m + 1) * floor(r),
        given={"so far": w - m * floor(r), "entry": entry - r, "r": r, "m": m},
        certificate=[(1, ["so far"], []), (1, ["entry"], [])],
        message="the others add up to less",
    )
    entails(
        1 - alpha * (1 + count(m) * r),
        given={"alpha": alpha, "sum": w - m * r, "weight": 1 - alpha * (1 + w), "r": r},
        certificate=[(1, ["weight"], []), (1, ["alpha", "sum"], [])],
        message="the weight exceeds the bound",
    )


@check(
    GRADIENT_HIGHWAY_ATTENTION,
    part="no score",
    establishes=proof(over="every i, d, p, every input"),
    claimed=dict(stated=V),
    controls={
        "value matrix undivided": dict(stated=i * V),
        "opposite sign": dict(stated=-1 * V),
        "nothing arrives": dict(stated=0 * V),
    },
)
def uniform_weights_without_a_score(stated) -> None:
    """W_KᵀW_Q = 0 makes every score 0, so i α = 1, and the row g of the score path is zero:
    i J = i α (V + (Vx − y) g) = V, whatever the tokens are."""
    model = {
        **{"V": rational_array([[1, 2], [0, 1]]), "gap": _column(1, 3)},
        **{"g": rational_array([[0, 0]]), "i": rational(4), "alpha": rational("1/4")},
    }
    follows(
        i * alpha * (V + gap * g) - stated,
        using=[(V, i * alpha - 1, 1), (i * alpha * gap, g, 1)],
        models=[model],
        message="the Jacobian is another",
    )
