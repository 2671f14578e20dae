"""From sequences to single tokens, and from spans to numbers of heads."""

from __future__ import annotations

from attnproof.theory.algebra.free_algebra import letters
from attnproof.theory.algebra.rational import rational_array
from attnproof.theory.core import check, proof
from attnproof.theory.engine.equational import follows
from attnproof.theory.paper.heads_ssm.function_level import FUNCTION_LEVEL_HEADS

P, S, F, G, R = letters("P S F G R")
CHOSEN, FACTORED = G * P * R - 1, P - S * F


def _columns() -> dict[str, object]:
    """Two independent columns out of three, from three columns of which two are used."""
    values = {
        "S": rational_array([[1, 0, 1], [0, 1, 1], [1, 1, 1]]),
        "F": rational_array([[1, 0], [0, 1], [0, 0]]),
        "G": rational_array([[1, 0, 0], [0, 1, 0]]),
        "R": rational_array([[1, 0], [0, 1]]),
    }
    return values | {"P": values["S"] @ values["F"]}


FACTORS = dict(through=G * S * F * R, stated=1)
NOT_FACTORS = {
    "the factors exchanged": dict(through=F * R * G * S),
    "one factor taken twice": dict(through=G * S * F * R + G * S * F * R),
}


def _factors(through, stated) -> None:
    follows(
        through - stated,
        using=[(1, CHOSEN, 1), (-G, FACTORED, R)],
        models=[_columns()],
        message="the unit matrix does not factor through the heads",
    )


@check(
    FUNCTION_LEVEL_HEADS,
    part="fixed coefficients",
    establishes=proof(over="every p, d, n and linear causal map"),
    claimed=FACTORS,
    controls=NOT_FACTORS,
)
def operators_factor_through_the_heads(through, stated) -> None:
    """Outputs are equal for every X exactly if the blocks are, because both maps are linear in X.
    Let the columns of P be vec W_ij, those of S be vec V_h: P = S F with F the coefficients. If P
    has rank k, then G P R = I_k for some G and R, hence (G S)(F R) = I_k.

    Machine-checked: the last step. Classical: I_k factors through no fewer than k dimensions.
    """
    _factors(through, stated)


@check(
    FUNCTION_LEVEL_HEADS,
    part="dimension at a token",
    establishes=proof(over="every p, d, n, causal linear map and token"),
    claimed=FACTORS,
    controls=NOT_FACTORS,
)
def one_token_factors_through_the_heads(through, stated) -> None:
    """The same with the vectors W_ij x as the columns of P and the V_h x as those of S."""
    _factors(through, stated)


W, x, T, f, y, z = letters("W x T f y z")


@check(
    FUNCTION_LEVEL_HEADS,
    part="one token",
    establishes=proof(over="every n, p, d, H (induction over the tokens)"),
    claimed=dict(map_step=W * x, heads_step=T * f),
    controls={
        "token taken twice": dict(map_step=W * x + W * x),
        "coefficients doubled": dict(heads_step=T * f + T * f),
        "a bias beside the heads": dict(heads_step=T * f + y),
        "token without its block": dict(map_step=x),
    },
)
def one_token_at_a_time(map_step, heads_step) -> None:
    """Let y and z be the sums over the tokens before, of the map and of the heads, T = [V_h x].

    Backwards: if y = z and W x = T f, the sums agree after the token as well; f may depend on
    that token alone. Forwards: while x = 0, and with it T = 0, both sums stay as they are; so an
    input with one token x that is not zero has the outputs W_ij x and Σ_h f^h_ij V_h x.
    """
    token, frame = rational_array([[1], [2]]), rational_array([[1, 0], [0, 3]])
    model = {
        **{"W": rational_array([[1, 2], [3, 4]]), "x": token, "T": frame},
        **{"f": rational_array([[5], ["11/3"]]), "y": token, "z": token},
    }
    follows(
        y + map_step - (z + heads_step),
        using=[(1, y - z, 1), (1, W * x - T * f, 1)],
        models=[model],
        message="the sums differ after the token",
    )
    zero = model | {"x": 0 * token, "T": 0 * frame, "y": token, "z": 2 * token}
    for step, using in ((map_step, (W, x, 1)), (heads_step, (1, T, f))):
        follows(step, using=[using], models=[zero], message="a zero token changes the sum")
