"""Bounded entries keep attention near the average."""

from __future__ import annotations

import numpy as np

from attnproof.theory.algebra.free_algebra import scalars
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import (
    Plot,
    Series,
    check,
    exact,
    note,
    plot,
    proof,
    refute_unless,
    sampled,
)
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.fuzz import independent_draws
from attnproof.theory.engine.inequality import entails
from attnproof.theory.operator.softmax_attention import softmax_weights
from attnproof.theory.paper.kron_attn.finite_size import NEAR_UNIFORM

u, w, S, m, M, s = scalars("u w S m M s")


def _numbers(**values) -> dict[str, object]:
    return {name: rational(value) for name, value in values.items()}


@check(
    NEAR_UNIFORM,
    part="bound",
    establishes=proof(over="every m ≥ 1 and R ≥ 0", by="non-negative combination"),
    claimed=dict(top=u**2, others=u * S - (m - 1)),
    controls={
        "e^R instead of e^{2R}": dict(top=u),
        "m others": dict(top=u**2 - u / 100),
        "others without a lower bound": dict(others=S),
    },
)
def cross_multiplied(top, others) -> None:
    """u = e^R, w = e^{s_1} ≤ u, S = Σ_{j>1} e^{s_j} ≥ (m − 1)/u. Then
    ``e^{2R}(w + S) − w(e^{2R} + m − 1) = u(uS − (m − 1)) + (m − 1)(u − w)``."""
    given = {"w": w, "w up": u - w, "S": others, "u": u, "m": m - 1, "R": u - 1}
    points = [
        _numbers(u=2, w=2, S="1/2", m=2),
        _numbers(u=2, w=2, S=2, m=5),
        _numbers(u=2, w=2, S=0, m=2),
    ]
    entails(
        top * (w + S) - w * (top + m - 1),
        given=given,
        certificate=[(1, ("u", "S"), ()), (1, ("m", "w up"), ())],
        models=points,
        message="a candidate gets more weight",
    )


def _bound(size, count, power=2):
    return size**power / (size**power + count - 1)


@check(
    NEAR_UNIFORM,
    part="attained",
    establishes=proof(over="every m and R", by="equational proof with commuting scalars"),
    claimed=dict(first=u**2, others=m - 1),
    controls={
        "e^R instead of e^{2R}": dict(first=u),
        "m others": dict(others=m),
    },
)
def extremal_weights(first, others) -> None:
    """w = u and m − 1 weights v = 1/u: ``w(u² + m − 1) = u²(w + (m − 1)v)`` given uv = 1."""
    (v,) = scalars("v")
    follows(
        u * (first + others) - first * (u + (m - 1) * v),
        using=[(-u * (m - 1), u * v - 1, 1)],
        models=[_numbers(u=2, v="1/2", m=5)],
        message="the weight is another one",
    )


@check(
    NEAR_UNIFORM,
    part="attained",
    establishes=exact(bound="m = 2, …, 50, e^R = 2, 5/2: keys B and −B, d = 4, B = 1"),
    claimed=dict(stated=_bound),
    controls={
        "e^R instead of e^{2R}": dict(stated=lambda size, count: _bound(size, count, 1)),
        "m others": dict(stated=lambda size, count: _bound(size, count + 1)),
    },
)
def weights_by_definition(stated) -> None:
    """Any base: q = 1, first key 1, the others −1, scores ⟨q, k⟩/d = ±1 are exact."""
    for size in (rational(2), rational("5/2")):
        for count in range(2, 51):
            keys = [[1] * 4] + [[-1] * 4] * (count - 1)
            scores = rational("1/4") * (rational_array([[1] * 4]) @ rational_array(keys).T)
            weights = softmax_weights(
                scores,
                np.vectorize(lambda score, base=size: base ** int(score.p), otypes="O"),
            )
            refute_unless(
                bool(weights[0, 0] == stated(size, count)),
                "the weight is another one",
                m=count,
                e_to_R=size,
                weight=weights[0, 0],
                stated=stated(size, count),
            )
    note(weight_at_m_50_and_R_1=round(float(np.exp(2) / (np.exp(2) + 49)), 6))


@check(
    NEAR_UNIFORM,
    part="bound",
    establishes=sampled(over="2 to 12 candidates, e^{s_j} rational in [1/u, u]"),
    claimed=dict(stated=_bound, reach=1),
    controls={
        "e^R instead of e^{2R}": dict(stated=lambda size, count: _bound(size, count, 1)),
        "scores up to 2R": dict(reach=2, drops="bounded scores"),
    },
)
def random_scores(stated, reach) -> None:
    """e^{s} = u^{p} with p = −1, …, 1 at ends more often than inside."""
    for draw in independent_draws(200, seed=12):
        size = rational(int(draw.random.integers(2, 6)))
        count = int(draw.random.integers(2, 13))
        powers = draw.random.choice([-1, -1, -1, 0, 1], count)
        weights = np.array([size ** (reach * int(p)) for p in powers], dtype=object)
        largest = max(weights) / sum(weights)
        refute_unless(
            bool(largest <= stated(size, count)),
            "a candidate gets more weight",
            weights=weights,
            u=size,
            largest=largest,
            bound=stated(size, count),
        )


@check(
    NEAR_UNIFORM,
    part="influence",
    establishes=proof(over="every s ≤ m, m ≥ 2, R and V", by="non-negative combination"),
    claimed=dict(factor=2, top=u**2),
    controls={
        "half of it": dict(factor=1),
        "e^R instead of e^{2R}": dict(top=u),
    },
)
def weight_times_change(factor, top) -> None:
    """|y − y'| ≤ 2M p, p the weight of the s candidates (convexity, classical). Each weight is at
    most e^{2R}/(e^{2R} + m − 1) ≤ e^{2R}/(m − 1), so p(m − 1) ≤ s e^{2R}: with z the change of y,
    ``2Ms e^{2R} − z(m − 1) = 2M(s e^{2R} − p(m − 1)) + (2Mp − z)(m − 1)``."""
    z, p = scalars("z p")
    given = {"z": 2 * M * p - z, "p": s * u**2 - p * (m - 1), "M": M, "m": m - 1, "u": u - 1}
    points = [
        _numbers(z=4, p="1/2", s=1, M=4, m=9, u=2),
        _numbers(z=4, p="1/2", s=1, M=4, m=8, u=2),
    ]
    entails(
        factor * M * s * top - z * (m - 1),
        given=given,
        certificate=[(2, ("M", "p"), ()), (1, ("z", "m"), ())],
        models=points,
        message="the output moves further",
    )


@plot(NEAR_UNIFORM)
def largest_weight() -> Plot:
    """Largest weight of one pair against the size of the entries."""
    sizes = np.linspace(0.2, 3.2, 61)
    series = []
    for doublings in (10, 20):
        pairs = float(4**doublings)
        weights = 1 / (1 + (pairs - 1) * np.exp(-2 * sizes**3))
        series.append(Series(label=f"n = 2^{doublings}", x=sizes.tolist(), y=weights.tolist()))
        cube_root = float(np.log(2**doublings) ** (1 / 3))
        series.append(
            Series(
                label=f"(ln n)^(1/3), n = 2^{doublings}",
                x=[cube_root, cube_root],
                y=[1 / pairs, 1.0],
                style="guide",
            )
        )
    return Plot(
        title="Largest weight that one pair of keys can get",
        x_label="bound B of the entries",
        y_label="largest weight",
        y_scale="log",
        series=series,
        caption="One pair can dominate only from B = (ln n)^{1/3} on, where the algorithm ends.",
    )
