"""Coefficients that see the input but are continuous at zero, and tokens of norm one."""

from __future__ import annotations

import numpy as np

from attnproof.theory.algebra.free_algebra import letters, scalars
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.algebra.rational_function import variables
from attnproof.theory.core import check, exact, proof, refute_unless
from attnproof.theory.engine.equational import follows
from attnproof.theory.paper.heads_ssm.function_level import FUNCTION_LEVEL_HEADS
from attnproof.theory.paper.heads_ssm.value_frame import (
    composition_frame,
    fixed_coefficients,
    frame_at,
    least_norm_coefficients,
)

W, F, L, U, V = letters("W F L U V")
e, w = scalars("e w")


@check(
    FUNCTION_LEVEL_HEADS,
    part="continuous at zero",
    establishes=proof(
        over="every p, d, n, H and causal linear map",
        by="equational proof in the free algebra; uniqueness of limits, cited",
    ),
    claimed=dict(outputs=lambda block: e * block * U, limit=L),
    controls={
        "outputs quadratic in the scale": dict(outputs=lambda block: e * e * block * U),
        "outputs without the scale on one side": dict(outputs=lambda block: block * U),
        "the limit doubled": dict(limit=L + L),
    },
)
def the_limit_is_the_map(outputs, limit) -> None:
    """Let X = ε U with a single token that runs through the columns of an invertible U, F(ε) =
    Σ_h f^h(εU) V_h, column by column. The outputs agree: ε W U = ε F(ε) U; for ε ≠ 0 this gives
    W U = F(ε) U. By continuity F(ε) → L = Σ_h f^h(0) V_h for every column, so that W U = L U and
    W = L. So the coefficients f(0), which are fixed, give the map, and H ≥ dim L follows.

    Machine-checked: division by ε and by U. Classical: uniqueness of limits.
    """
    model = {
        **{"W": rational_array([[1, 2], [3, 4]]), "F": rational_array([[1, 2], [3, 4]])},
        **{"L": rational_array([[1, 2], [3, 4]]), "U": rational_array([[1, 1], [0, 1]])},
        **{"V": rational_array([[1, -1], [0, 1]]), "e": rational("1/3"), "w": rational(3)},
    }
    difference = e * W * U - e * F * U
    follows(
        w * outputs(W) - F * U,
        using=[(w, difference, 1), (1, w * e - 1, F * U)],
        models=[model],
        message="the scale does not cancel",
    )
    follows(
        W - limit,
        using=[(1, W * U - L * U, V), (-W, U * V - 1, 1), (L, U * V - 1, 1)],
        models=[model],
        message="the map is not the limit",
    )


LAGS = rational_array([[[1, 0], [0, 1]], [[0, 0], [1, 0]], [[0, 1], [0, 0]], [[1, 0], [0, 0]]])
TURN = composition_frame(2, 2, 2)
RAYS = rational_array([[1, 0], [0, 1], [1, 1], [1, -2]])


def _share(token):
    """|x|²/(1 + |x|²): zero at zero."""
    return (token @ token) / (1 + token @ token)


@check(
    FUNCTION_LEVEL_HEADS,
    part="continuous at zero",
    establishes=exact(bound="four lag operators, six heads, these coefficients"),
    claimed=dict(share=_share),
    controls={
        "two heads carry all": dict(share=lambda token: 1, drops="continuous"),
        "two heads carry half": dict(share=lambda token: rational("1/2"), drops="continuous"),
        "a share that is one at zero": dict(
            share=lambda token: 1 / (1 + token @ token), drops="continuous"
        ),
    },
)
def values_at_zero_are_fixed_coefficients(share) -> None:
    """The lag operators and the pair I, J side by side, the block shared between the two ways to
    represent it: (1 − g) by fixed coefficients and g by coefficients that see the token.
    """
    maps = np.concatenate([LAGS, TURN])
    (t,) = variables("t")
    symbols = np.array(variables("x1 x2"), dtype=object)

    def coefficients(block, token):
        part = share(token)
        fixed = fixed_coefficients(LAGS, block, token)
        seeing = least_norm_coefficients(TURN, block, token)
        return np.concatenate([(1 - part) * fixed, part * seeing])

    for block in LAGS:
        weights = coefficients(block, symbols)
        realised = bool((frame_at(maps, symbols) @ weights == block @ symbols).all())
        refute_unless(realised, "the heads do not give the block", block=block)
        limits = [_at_zero(coefficients(block, t * ray)) for ray in RAYS]
        for ray, limit in zip(RAYS, limits, strict=True):
            combined = sum(weight * one for weight, one in zip(limit, maps, strict=True))
            refute_unless(
                bool((combined == block).all()),
                "the coefficients at zero are not those of the block",
                block=block,
                value_maps=maps,
                ray=ray,
                limit_along_a_ray=limit,
                limit_along_another=next(
                    (one for one in limits if (one != limit).any()), limits[0]
                ),
                combined=combined,
            )


def _at_zero(entries: np.ndarray) -> np.ndarray:
    return rational_array(
        [one.substitute({"t": 0}) if hasattr(one, "substitute") else one for one in entries]
    )


x1, x2, a, b, c, d = scalars("x1 x2 a b c d")
UNIT = x1 * x1 + x2 * x2 - 1


@check(
    FUNCTION_LEVEL_HEADS,
    part="unit tokens",
    establishes=proof(over="every 2 × 2 block and every token of norm one"),
    claimed=dict(turned=(-x2, x1), norm=UNIT, point=("3/5", "4/5")),
    controls={
        "reflected in place of turned": dict(turned=(x2, x1)),
        "turned and doubled": dict(turned=(-2 * x2, 2 * x1)),
        "tokens of norm two": dict(norm=x1 * x1 + x2 * x2 - 4, point=(2, 0)),
    },
)
def polynomial_coefficients(turned, norm, point) -> None:
    """Both entries of (xᵀWx) x + ((Jx)ᵀWx) Jx − Wx, modulo |x|² − 1. The four blocks of the shift
    on four states are independent, so that two such heads do what four fixed ones do."""
    token, image = (x1, x2), (a * x1 + b * x2, c * x1 + d * x2)
    along = token[0] * image[0] + token[1] * image[1]
    across = turned[0] * image[0] + turned[1] * image[1]
    model = {
        **{"x1": rational(point[0]), "x2": rational(point[1])},
        **{"a": rational(1), "b": rational(2), "c": rational(3), "d": rational(5)},
    }
    for r in range(2):
        follows(
            along * token[r] + across * turned[r] - image[r],
            using=[(image[r], norm, 1)],
            models=[model],
            message="the two heads give another vector",
        )
