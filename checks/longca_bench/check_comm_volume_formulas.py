"""Closed forms of the volume, for every size."""

from __future__ import annotations

from attnproof.theory.algebra.free_algebra import scalars
from attnproof.theory.algebra.rational import rational
from attnproof.theory.algebra.rational_function import variables
from attnproof.theory.core import check, proof
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.inequality import entails
from attnproof.theory.engine.rational_identity import identical
from attnproof.theory.paper.longca_bench.communication import ULYSSES_LESS_IF, VOLUME

T, P, hq, hk, d = variables("T P hq hk d")


@check(
    VOLUME,
    part="ratio",
    establishes=proof(over="every T, P ≥ 2, h_q, h_k and d", by="rational-function identity"),
    claimed=dict(ratio=P * hk / (hq + hk)),
    controls={
        "P": dict(ratio=1 * P),
        "equal heads": dict(ratio=P / 2),
        "one rank fewer": dict(ratio=(P - 1) * hk / (hq + hk)),
    },
)
def one_over_the_other(ratio) -> None:
    """The quotient of the two closed forms; P/2 for equal heads."""
    ring = 2 * (P - 1) * T / P * hk * d
    ulysses = (2 * hq + 2 * hk) * T / P * d * (P - 1) / P
    identical(ring / ulysses, ratio, "the ratio is another one")


t, p, q, k, w, s = scalars("t p q k w s")
ALL = proof(over="every T, P, heads and width")


@check(
    VOLUME,
    part="ring",
    establishes=ALL,
    claimed=dict(step=2 * t * k * w, steps=p - 1),
    controls={"a step too many": dict(steps=1 * p), "keys only": dict(step=t * k * w)},
)
def steps_of_the_ring(step, steps) -> None:
    """T = tP. A step sends keys and values of t tokens in k heads of width w; there are P − 1."""
    follows(steps * step - 2 * (p - 1) * t * k * w, message="another volume")


@check(
    VOLUME,
    part="Ulysses",
    establishes=ALL,
    claimed=dict(partners=p - 1, kinds=2 * q + 2 * k),
    controls={"itself as a partner": dict(partners=1 * p), "no output": dict(kinds=q + 2 * k)},
)
def exchanges(partners, kinds) -> None:
    """T = tP; q and k are heads of a rank after the exchange, h = qP and kP. Each of the P − 1
    others gets t tokens of q heads of Q, of k heads of K and of V; and of the output t tokens of q
    heads go back. ``(2qP + 2kP)t(P − 1)/P``, the factor P cancelled."""
    follows(partners * t * w * kinds - (2 * q + 2 * k) * t * w * (p - 1), message="another volume")


@check(
    VOLUME,
    part="both",
    establishes=ALL,
    claimed=dict(ring_heads=1 * k),
    controls={"all key heads": dict(ring_heads=k * p), "query heads": dict(ring_heads=1 * q)},
)
def sum_of_both(ring_heads) -> None:
    """p = P_u and s = P_r; T = tps, so that a rank holds t tokens, h_q = qp and h_k = kp. The
    exchange is that of p ranks on tp tokens; the ring has s ranks that hold tp tokens
    of k heads each."""
    total = (p - 1) * t * w * (2 * q + 2 * k) + (s - 1) * 2 * (t * p) * ring_heads * w
    stated = (2 * q + 2 * k) * t * w * (p - 1) + 2 * (s - 1) * (t * p) * k * w
    follows(total - stated, message="another volume")


@check(
    VOLUME,
    part="double ring",
    establishes=proof(over="every W and w"),
    claimed=dict(within=w - 1, between=(p - 1) * w),
    controls={"own block counted": dict(within=1 * w), "a node too many": dict(between=p * w)},
)
def blocks_of_a_double_ring(within, between) -> None:
    """p nodes of w ranks: w − 1 blocks of one's own node and w of each of the p − 1 others."""
    follows(within + between - (p * w - 1), message="another number of blocks")


@check(
    ULYSSES_LESS_IF,
    establishes=proof(over="every P ≥ 2 and all sizes", by="non-negative combination"),
    claimed=dict(threshold=q + k),
    controls={
        "key heads twice": dict(threshold=2 * k),
        "query heads only": dict(threshold=q * 1),
        "both twice": dict(threshold=2 * q + 2 * k),
    },
)
def sign_of_the_difference(threshold) -> None:
    """P²/2T times ``E_ring − E_Ulysses`` is ``d(P − 1)(Ph_k − (h_q + h_k))``, and d(P − 1) > 0:
    both have the same sign."""
    difference = p * (p - 1) * k * w - (q + k) * w * (p - 1)
    given = {"P ≥ 2": p - 2, "d ≥ 1": w - 1, "h_q ≥ 1": q - 1, "h_k ≥ 1": k - 1}
    follows(difference - w * (p - 1) * (p * k - threshold), message="the signs can differ")
    entails(
        w * (p - 1) - 1,
        given=given,
        certificate=[(1, ["P ≥ 2", "d ≥ 1"], []), (1, ["P ≥ 2"], []), (1, ["d ≥ 1"], [])],
        models=[{name: rational(4) for name in ("p", "w", "q", "k")}],
        message="the factor is not positive",
    )
