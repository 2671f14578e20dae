"""Bounds of the nuclear norm from both sides, at every size."""

from __future__ import annotations

from attnproof.theory.algebra.free_algebra import letters, scalars
from attnproof.theory.algebra.free_transpose import free_transpose
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import check, proof
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.inequality import entails
from attnproof.theory.engine.trace_identity import equal_traces
from attnproof.theory.paper.att_svm.nuclear_norm import NUCLEAR_CERTIFICATE

# W = U S Vᵀ with S = R², R = Rᵀ; a letter followed by t is a transpose. P and Q are blocks.
U, Ut, V, Vt, S, R, W, Wt = letters("U Ut V Vt S R W Wt")
K, Kt, L, Lt, P, Q, A, At = letters("K Kt L Lt P Q A At")
(t,) = scalars("t")
LEFT, RIGHT, ROOT = Ut * U - 1, Vt * V - 1, R * R - S
DECOMPOSED = W - U * S * Vt
TRANSPOSES = {"U": "Ut", "V": "Vt", "W": "Wt", "K": "Kt", "L": "Lt", "A": "At"} | {
    name: name for name in "SRPQ"
}


def _with_transposes(values: dict[str, list]) -> dict[str, object]:
    exact = {name: rational_array(rows) for name, rows in values.items()}
    return exact | {name + "t": rows.T.copy() for name, rows in exact.items()}


def _rank_one_of_two() -> dict[str, object]:
    """W = 4 u vᵀ with u = (3/5, 4/5) and v = (1, 0); K = W and L = I are no best factors."""
    return _with_transposes(
        {
            "U": [["3/5"], ["4/5"]],
            "V": [[1], [0]],
            "S": [[4]],
            "R": [[2]],
            "W": [["12/5", 0], ["16/5", 0]],
            "K": [["12/5", 0], ["16/5", 0]],
            "L": [[1, 0], [0, 1]],
            "P": [[2, 1], [1, 3]],
            "Q": [[5, 1], [1, 2]],
            "A": [[1, 0], [1, 2]],
        }
    ) | {"t": rational(3)}


@check(
    NUCLEAR_CERTIFICATE,
    part="factors",
    establishes=proof(over="every size of W, K and Q, every width", by="free algebra and traces"),
    claimed=dict(projected=Kt * U * Vt * L, twice=2),
    controls={
        "factors exchanged": dict(projected=Lt * U * Vt * K),
        "not projected": dict(projected=Kt * L),
        "once instead of twice": dict(twice=1),
        "four times": dict(twice=4),
    },
)
def no_factors_are_shorter(projected, twice) -> None:
    """Here L stands for Q. With F = UᵀK − VᵀL and the projections UUᵀ, VVᵀ,

        KᵀK + LᵀL = FᵀF + 2 sym(KᵀUVᵀL) + Kᵀ(1 − UUᵀ)²K + Lᵀ(1 − VVᵀ)²L,

    and tr(KᵀUVᵀL) = tr(UᵀK LᵀV) = tr(UᵀWV) = tr S. The other traces are sums of squares, so
    ‖K‖² + ‖L‖² ≥ 2 tr S whenever K Lᵀ = W.
    """
    model = _rank_one_of_two()
    difference, turned = Ut * K - Vt * L, Kt * U - Lt * V
    squares = turned * difference
    for factor, flipped, side, across, row in ((K, Kt, U, Ut, LEFT), (L, Lt, V, Vt, RIGHT)):
        complement = 1 - side * across
        squares = squares + flipped * complement * complement * factor
        follows(
            flipped * complement * complement * factor - flipped * complement * factor,
            using=[(flipped * side, row, across * factor)],
            models=[model],
            message="1 − UUᵀ is no projection",
        )
    follows(
        Kt * K + Lt * L - squares - Kt * U * Vt * L - Lt * V * Ut * K,
        using=[(-Kt * U, LEFT, Ut * K), (-Lt * V, RIGHT, Vt * L)],
        models=[model],
        message="the squared norms do not split like that",
    )
    equal_traces(
        Kt * U * Vt * L + Lt * V * Ut * K,
        twice * projected,
        transposes=TRANSPOSES,
        models=[model],
        message="the mixed term is not twice that trace",
    )
    equal_traces(
        projected,
        Ut * K * Lt * V,
        transposes=TRANSPOSES,
        models=[model],
        message="the mixed term is not the trace of UᵀKLᵀV",
    )
    follows(
        Ut * K * Lt * V - S,
        using=[
            (Ut, K * Lt - W, V),
            (Ut, DECOMPOSED, V),
            (1, LEFT, S * Vt * V),
            (S, RIGHT, 1),
        ],
        models=[model],
        message="UᵀWV is not S",
    )


@check(
    NUCLEAR_CERTIFICATE,
    part="factors",
    establishes=proof(over="every size of W, every width of at least its rank"),
    claimed=dict(first=U * R, second=V * R),
    controls={
        "all in the first factor": dict(first=U * S),
        "without the root": dict(first=U * S, second=V * S),
        "not halved": dict(first=2 * U * R),
    },
)
def balanced_factors_attain_it(first, second) -> None:
    """K = U√S and Q = V√S give KQᵀ = W and KᵀK = QᵀQ = S, so that ½(‖K‖² + ‖Q‖²) = tr S."""
    model = _rank_one_of_two()
    follows(
        first * free_transpose(second, TRANSPOSES) - W,
        using=[(U, ROOT, Vt), (-1, DECOMPOSED, 1)],
        models=[model],
        message="the product of the factors is not W",
    )
    for factor, row in ((first, LEFT), (second, RIGHT)):
        follows(
            free_transpose(factor, TRANSPOSES) * factor - S,
            using=[(R, row, R), (1, ROOT, 1)],
            models=[model],
            message="the squared length of a factor is not tr S",
        )


@check(
    NUCLEAR_CERTIFICATE,
    part="blocks",
    establishes=proof(over="every size of W, P and Q", by="free algebra and traces"),
    claimed=dict(form=Ut * P * U - Ut * W * V - Vt * Wt * U + Vt * Q * V, traces=P + Q),
    controls={
        "corner added": dict(form=Ut * P * U + Ut * W * V + Vt * Wt * U + Vt * Q * V),
        "corner once": dict(form=Ut * P * U - Ut * W * V + Vt * Q * V),
        "the other block only": dict(form=2 * (Vt * Q * V) - Ut * W * V - Vt * Wt * U),
        "one block twice": dict(traces=2 * P),
    },
)
def semidefinite_block_bounds_the_norm(form, traces) -> None:
    """Between [Uᵀ, −Vᵀ] and its transpose the block matrix becomes UᵀPU + VᵀQV − 2S ⪰ 0. And
    tr P − tr(UᵀPU) = tr((1 − UUᵀ)P(1 − UUᵀ)) ≥ 0, as P ⪰ 0, and the same with Q. Hence
    tr P + tr Q ≥ 2 tr S.

    Classical: a diagonal block of a semidefinite matrix, and CᵀMC, are semidefinite.
    """
    model = _rank_one_of_two()
    follows(
        form - Ut * P * U - Vt * Q * V + 2 * S,
        using=[
            (-Ut, DECOMPOSED, V),
            (-1, LEFT, S * Vt * V),
            (-S, RIGHT, 1),
            (-Vt, Wt - V * S * Ut, U),
            (-1, RIGHT, S * Ut * U),
            (-S, LEFT, 1),
        ],
        models=[model],
        message="the form is not UᵀPU + VᵀQV − 2S",
    )
    left, right = 1 - U * Ut, 1 - V * Vt
    for block, project, side, across, row in ((P, left, U, Ut, LEFT), (Q, right, V, Vt, RIGHT)):
        follows(
            project * project - project,
            using=[(side, row, across)],
            models=[model],
            message="1 − UUᵀ is no projection",
        )
        equal_traces(
            block * project,
            block - across * block * side,
            transposes=TRANSPOSES,
            models=[model],
            message="the trace outside the range is another",
        )
    equal_traces(
        traces - P * left - Q * right,
        Ut * P * U + Vt * Q * V,
        transposes=TRANSPOSES,
        models=[model],
        message="the traces of the blocks do not add up",
    )


@check(
    NUCLEAR_CERTIFICATE,
    part="duality",
    establishes=proof(over="every size of W", by="free algebra and traces"),
    claimed=dict(product=At * W, scale=2 * t),
    controls={
        "transposed": dict(product=A * W),
        "half of the bound": dict(scale=t),
        "the bound left out": dict(scale=2),
    },
)
def inner_product_is_at_most_bound_times_norm(product, scale) -> None:
    """Between [RUᵀ, −RVᵀ] and its transpose the block matrix of t and A becomes

        t R UᵀU R + t R VᵀV R − R UᵀA V R − R VᵀAᵀU R ⪰ 0,

    the trace of which is 2t tr S − 2 tr(AᵀW).
    """
    model = _rank_one_of_two()
    mixed = R * Ut * A * V * R + R * Vt * At * U * R
    form = t * R * Ut * U * R + t * R * Vt * V * R - mixed
    follows(
        form - scale * S + mixed,
        using=[(t * R, LEFT, R), (t * R, RIGHT, R), (2 * t, ROOT, 1)],
        models=[model],
        message="the diagonal blocks do not give the bound times S",
    )
    equal_traces(
        mixed,
        2 * At * U * R * R * Vt,
        transposes=TRANSPOSES,
        models=[model],
        message="the mixed terms are not twice one trace",
    )
    follows(
        product - At * U * R * R * Vt,
        using=[(At, DECOMPOSED, 1), (-At * U, ROOT, Vt)],
        models=[model],
        message="the inner product is not the one of the decomposition",
    )


before, λ, margin = scalars("before λ margin")


@check(
    NUCLEAR_CERTIFICATE,
    part="duality",
    establishes=proof(
        over="every number of constraints (induction)", by="non-negative combination"
    ),
    claimed=dict(step=λ * margin - λ),
    controls={
        "margin two": dict(step=λ * margin - 2 * λ),
        "margin left out": dict(step=-λ),
        "the other way round": dict(step=λ - λ * margin),
    },
)
def multipliers_are_at_most_the_inner_product(step) -> None:
    """g_0 = 0 and g_k = g_{k−1} + λ_k⟨A_k, W⟩ − λ_k, so g_n = ⟨A, W⟩ − Σ λ_k ≥ 0."""
    entails(
        before + step,
        given={"before": before, "λ": λ, "slack": margin - 1},
        certificate=[(1, ["before"], []), (1, ["λ", "slack"], [])],
        message="the sum of the multipliers exceeds the inner product",
    )
