"""The normalised map does not change along its queries: a proof for every size."""

from __future__ import annotations

from attnproof.theory.algebra.free_algebra import letters, scalars
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import check, proof
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.held_premises import held_premises
from attnproof.theory.paper.infsa.attention_map import SCALE_INVARIANCE

# R are the affinities and r their norm; M and m the rates at which they change; u is 1/r, with
# rate du.
R, M = letters("R M")
r, m, u, du = scalars("r m u du")


def _moving_model(epsilon: str, degree: int) -> dict[str, object]:
    """Norm 5, which grows at the rate ``degree`` · 5 when the affinities grow at their own."""
    matrix = rational_array([[3, 0], [0, 4]])
    inverse = 1 / (5 + rational(epsilon))
    return {
        **{"R": matrix, "M": matrix, "r": rational(5), "m": rational(5 * degree), "u": inverse},
        "du": -inverse * inverse * 5 * degree,
        **{"factors": rational_array([1, 1]), "epsilon": rational(epsilon)},
    }


@check(
    SCALE_INVARIANCE,
    part="gradients",
    establishes=proof(over="every N, every Q and K where Â is differentiable, ε = 0"),
    claimed=dict(epsilon="0", degree=1, rate=du * R + u * M),
    controls={
        "epsilon a hundredth": dict(epsilon="1/100", drops="no epsilon"),
        "normaliser of degree two": dict(degree=2),
        "normaliser held fixed": dict(rate=u * M),
        "affinities held fixed": dict(rate=du * R),
    },
)
def rate_of_change_along_the_queries(epsilon, degree, rate) -> None:
    """As Q moves in the direction Q, so do the affinities in their own: M = dR = R, a function
    of degree one. With norm r at rate m, r m = tr(RᵀM) = r², and its inverse u, the rate of uR is
    du R + u M = 0. So is that of every loss, which is ⟨∂L/∂Q, Q⟩ by the chain rule; for K alike,
    and for a of the linear variant, with sums in place of norms.
    """
    model = _moving_model(epsilon, degree)
    own, inverse, chain, norm = M - R, u * r - 1, du * r + u * m, r * m - r * r
    follows(
        rate,
        using=held_premises(
            [
                (-1 * du, inverse, R),
                (u, chain, R),
                (-1 * u**3, norm, R),
                (u * u * m, inverse, R),
                (-1 * u * (u * r + 1), inverse, R),
                (u, own, 1),
            ],
            model,
        ),
        models=[model],
        message="the map changes along its queries",
    )
