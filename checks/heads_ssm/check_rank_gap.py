"""What one head with arbitrary scalar coefficients can realise."""

from __future__ import annotations

from attnproof.theory.algebra.free_algebra import letters, scalars
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import check, proof
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.held_premises import held_premises
from attnproof.theory.paper.heads_ssm.interaction_rank import RANK_GAP

V, W, x, z, y, s, u, t, w, g, h = letters("V W x z y s u t w g h")
c, k, e, m, f = scalars("c k e m f")
UNIT = rational_array([[1, 0], [0, 1]])


def _sums(**altered) -> dict[str, object]:
    """A token x that is not zero after tokens that are: y and s, the sums of the map and the head,
    are equal after it, and both zero before."""
    model = {
        **{"x": rational_array([[1], [2]]), "V": UNIT, "W": 3 * UNIT, "f": rational(3)},
        **{"y": rational_array([[0], [0]]), "s": rational_array([[0], [0]])},
    }
    return {**model, **altered}


@check(
    RANK_GAP,
    part="one token",
    establishes=proof(over="every n, p, d, every coefficient function"),
    claimed=dict(model=_sums(), multiple=f * V * x),
    controls={
        "other tokens that are not zero": dict(
            model=_sums(
                y=rational_array([[1], [0]]),
                s=rational_array([[0], [1]]),
                x=rational_array([[1], [1]]),
                W=rational_array([[1, 0], [0, 3]]),
                f=rational(2),
            )
        ),
        "coefficient twice": dict(multiple=2 * f * V * x),
        "value map left out": dict(multiple=f * x, model=_sums(V=3 * UNIT, f=rational(1))),
    },
)
def one_token_that_is_not_zero(model, multiple) -> None:
    """Let x be the token j and all others zero. The sums over them are y = 0 for the map and s = 0
    for the head, whatever its coefficients; equal outputs y + W x = s + f V x give W x = f V x."""
    steps = [(1, y + W * x - s - f * V * x, 1), (-1, y, 1), (1, s, 1)]
    follows(
        W * x - multiple,
        using=held_premises(steps, model),
        models=[model],
        message="the block does not map the token into the line of V x",
    )


def _plane(**altered) -> dict[str, object]:
    """V = I on the plane, x and z the unit vectors, g and h the dual rows; y a vector of ker V."""
    model = {
        **{"V": UNIT, "W": 3 * UNIT, "x": rational_array([[1], [0]])},
        **{"z": rational_array([[0], [1]]), "y": rational_array([[0], [0]])},
        **{"g": rational_array([[1, 0]]), "h": rational_array([[0, 1]])},
        **{"c": rational(3), "k": rational(3), "e": rational(3), "m": rational(5)},
    }
    return {**model, **altered}


DIAGONAL = rational_array([[1, 0], [0, 2]])
KERNEL = {
    **{"V": rational_array([[1, 0, 0], [0, 1, 0]]), "y": rational_array([[0], [0], [1]])},
    **{"W": rational_array([[1, 0, 1], [0, 1, 0]]), "x": rational_array([[1], [0], [0]])},
    **{"z": rational_array([[0], [1], [0]]), "c": rational(1), "k": rational(1), "e": rational(1)},
}


@check(
    RANK_GAP,
    part="rank two or more",
    establishes=proof(over="every p, d, every V of rank two or more, every W"),
    claimed=dict(model=_plane()),
    controls={
        "not on the sum of two vectors": dict(
            model=_plane(W=DIAGONAL, c=rational(1), k=rational(2))
        ),
        "parallel images": dict(
            model=_plane(
                V=rational_array([[1, 1], [0, 0]]),
                W=rational_array([[1, 2], [0, 0]]),
                c=rational(1),
                k=rational(2),
                e=rational("3/2"),
            )
        ),
        "kernel not mapped to zero": dict(model=_plane(**KERNEL)),
    },
)
def coefficients_agree(model) -> None:
    """Let V x and V z be independent, with rows g, h such that g V x = h V z = 1 and
    g V z = h V x = 0. From W x = c V x, W z = k V z and W (x + z) = e V (x + z) it follows that
    e = c and e = k. So any two vectors with independent images have the same coefficient; as
    rank V ≥ 2, a vector whose image is parallel to V x has an image independent of V z, and there
    is one c for all vectors outside ker V. A vector y of ker V has W y = m V y = 0 = c V y.

    Machine-checked: the three equations. Classical: that they cover all vectors.
    """
    together = W * (x + z) - e * V * (x + z)
    first, second = W * x - c * V * x, W * z - k * V * z
    for row, own, other, coefficient, on_x, on_z in (
        (g, g * V * x - 1, g * V * z, c, first, second),
        (h, h * V * z - 1, h * V * x, k, second, first),
    ):
        left_over = k if coefficient is c else c
        steps = [
            *((-row, together, 1), (row, on_x, 1), (row, on_z, 1)),
            *((coefficient - e, own, 1), (left_over - e, other, 1)),
        ]
        follows(
            e - coefficient,
            using=held_premises(steps, model),
            models=[model],
            message="two vectors have different coefficients",
        )
    follows(
        W * y - c * V * y,
        using=held_premises([(1, W * y - m * V * y, 1), (m - c, V * y, 1)], model),
        models=[model],
        message="a vector of the kernel is not mapped to zero",
    )


def _line(**altered) -> dict[str, object]:
    """V = u t of rank one, t w = 1, z any vector."""
    model = {
        **{"u": rational_array([[1], [0]]), "t": rational_array([[1, 0]])},
        **{"w": rational_array([[1], [0]]), "z": rational_array([[2], [1]])},
        **{"c": rational(3), "m": rational(7), "W": rational_array([[3, 0], [0, 0]])},
    }
    return {**model, "V": model["u"] @ model["t"], **altered}


@check(
    RANK_GAP,
    part="rank one",
    establishes=proof(over="every p, d, every V of rank one, every W"),
    claimed=dict(model=_line(), stated=c * V * z),
    controls={
        "image in the line, kernel not mapped to zero": dict(
            model=_line(W=rational_array([[1, 1], [0, 0]]), c=rational(1))
        ),
        "image outside the line": dict(model=_line(W=rational_array([[3, 0], [1, 0]]))),
        "value map of rank two": dict(model=_line(V=UNIT, W=rational_array([[3, 0], [0, 7]]))),
        "coefficient twice": dict(stated=2 * c * V * z),
    },
)
def one_line(model, stated) -> None:
    """V = u t with a row t, and w with t w = 1. For every z the vector z − w (t z) lies in ker V,
    so that W (z − w t z) = m V (z − w t z) = 0, and W z = W w t z = c V w t z = c V z with the
    coefficient c of w alone. For V = 0 the same premise gives W = 0."""
    rest = z - w * t * z
    steps = [
        *((1, W * rest - m * V * rest, 1), (1, W * w - c * V * w, t * z)),
        *((m - c, V - u * t, rest), (-(m - c) * u, t * w - 1, t * z)),
    ]
    follows(
        W * z - stated,
        using=held_premises(steps, model),
        models=[model],
        message="the block is no multiple of the value map",
    )
