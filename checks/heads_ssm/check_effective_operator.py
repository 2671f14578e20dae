"""Blocks that depend on the input are not determined by the outputs."""

from __future__ import annotations

import numpy as np

from attnproof.theory.algebra.free_algebra import letters
from attnproof.theory.algebra.matrix import rank
from attnproof.theory.algebra.rational import rational_array
from attnproof.theory.algebra.rational_function import variables
from attnproof.theory.core import check, counterexample, proof, refute_unless, symbolic
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.held_premises import held_premises
from attnproof.theory.engine.rational_identity import identical
from attnproof.theory.operator.multi_head_factorized_map import (
    factorized_blocks,
    multi_head_factorized_map,
)
from attnproof.theory.paper.heads_ssm.effective_blocks import effective_blocks
from attnproof.theory.paper.heads_ssm.interaction_rank import (
    EFFECTIVE_OPERATOR,
    EFFECTIVE_OPERATOR_CONSTANT,
)

TURN = rational_array([[0, -1], [1, 0]])
COEFFICIENTS = rational_array([[[1, 0], ["1/2", "1/3"]]])
VALUE_MAP = rational_array([[[1, 2], [0, 1]]])
COLUMN = rational_array([1, 1])
SYMBOLS = variables("a b c d")
INPUTS = (
    rational_array([[1, 0], [0, 1]]),
    rational_array([[0, 1], [1, 1]]),
    rational_array([[2, 1], [1, -1]]),
)


def _turned(tokens: np.ndarray) -> np.ndarray:
    """``u (J x_j)ᵀ``, shape (n, p, d)."""
    return np.stack([np.multiply.outer(COLUMN, TURN @ token) for token in tokens])


def _along(tokens: np.ndarray) -> np.ndarray:
    return np.stack([np.multiply.outer(COLUMN, token) for token in tokens])


def _first_token_only(tokens: np.ndarray) -> np.ndarray:
    turned = _turned(tokens)
    return np.stack([turned[0], 0 * turned[1]])


def _none(tokens: np.ndarray) -> np.ndarray:
    return 0 * _turned(tokens)


def _head(tokens: np.ndarray) -> np.ndarray:
    return factorized_blocks(COEFFICIENTS, VALUE_MAP)


def _outputs(blocks: np.ndarray, tokens: np.ndarray) -> np.ndarray:
    return np.stack(
        [sum(blocks[i, j] @ tokens[j] for j in range(i + 1)) for i in range(len(tokens))]
    )


def _with(added):
    """The head with ``added`` in its blocks."""

    def decomposition(tokens: np.ndarray) -> np.ndarray:
        blocks, extra = _head(tokens).copy(), added(tokens)
        for i, j in np.ndindex(2, 2):
            if j <= i:
                blocks[i, j] = blocks[i, j] + extra[j]
        return blocks

    return decomposition


def _by_unit_inputs(tokens: np.ndarray) -> np.ndarray:
    """The blocks read off the outputs for unit inputs."""
    run = lambda given: multi_head_factorized_map(COEFFICIENTS, VALUE_MAP, given)
    return effective_blocks(run, 2, 2)


def _rank_over(decomposition) -> int:
    """``dim span{W_ij(X)}`` over the positions and the inputs together."""
    return rank(np.concatenate([decomposition(tokens).reshape(-1, 4) for tokens in INPUTS]))


@check(
    EFFECTIVE_OPERATOR,
    establishes=counterexample(over="n = d = p = 2, equality of outputs for all inputs"),
    claimed=dict(second=_with(_turned)),
    controls={
        "the token itself instead of its quarter turn": dict(second=_with(_along)),
        "first token only": dict(second=_with(_first_token_only)),
        "three times": dict(second=_with(lambda tokens: 3 * _turned(tokens))),
    },
    repairs={
        "nothing added": dict(second=_with(_none)),
        "constant blocks, read off unit inputs": dict(second=_by_unit_inputs),
    },
)
def two_decompositions_of_one_map(second) -> None:
    """One head against the same head with ``u (J x_j)ᵀ`` added to its blocks. Outputs: for symbols
    in place of the tokens, the operator against the sum of the altered blocks. Ranks: over the
    blocks at three rational inputs."""
    tokens = np.array(SYMBOLS, dtype=object).reshape(2, 2)
    identical(
        _outputs(second(tokens), tokens),
        multi_head_factorized_map(COEFFICIENTS, VALUE_MAP, tokens),
        "the altered blocks have other outputs",
    )
    rank_of_head, rank_of_other = _rank_over(_head), _rank_over(second)
    refute_unless(
        rank_of_head == rank_of_other,
        "the outputs are the same for every input, and the interaction ranks are not",
        V=VALUE_MAP[0],
        u=COLUMN,
        rank=rank_of_head,
        rank_of_the_other=rank_of_other,
        inputs=np.stack(INPUTS),
    )


W, K, L, u, x, t, s = letters("W K L u x t s")


def _skew(**altered) -> dict[str, np.ndarray]:
    """K skew, L its transpose, t the row of x."""
    model = {
        "K": rational_array([[0, 1, 2], [-1, 0, 3], [-2, -3, 0]]),
        "x": rational_array([[1], [2], [-1]]),
        "u": rational_array([[1], [3]]),
        "W": rational_array([[1, 0, 2], [0, 1, 1]]),
        **altered,
    }
    return {**model, "L": model["K"].T, "t": model["x"].T}


@check(
    EFFECTIVE_OPERATOR_CONSTANT,
    part="many decompositions",
    establishes=proof(over="every n, p, d, every decomposition"),
    claimed=dict(model=_skew(), altered=W + u * t * L),
    controls={
        "K not skew": dict(model=_skew(K=rational_array([[0, 1, 2], [1, 0, 3], [-2, -3, 0]]))),
        "K symmetric": dict(model=_skew(K=rational_array([[1, 0, 0], [0, 1, 0], [0, 0, 1]]))),
        "the token itself": dict(altered=W + u * t),
    },
)
def what_is_added_vanishes(model, altered) -> None:
    """xᵀKᵀx is a number, hence equal to its transpose xᵀKx = −xᵀKᵀx: it is zero, and with it what
    u (Kx)ᵀ adds to the output. Here t = xᵀ and L = Kᵀ."""
    steps = [(u / 2, t * L * x - t * K * x, 1), (u * t / 2, K + L, x)]
    follows(
        altered * x - W * x,
        using=held_premises(steps, model),
        models=[model],
        message="the output changes",
    )


@check(
    EFFECTIVE_OPERATOR_CONSTANT,
    part="constant blocks",
    establishes=proof(over="every n, p, d (induction over the tokens)"),
    claimed=dict(other=rational_array([[0], [0]]), step=W * x),
    controls={
        "another token that is not zero": dict(other=rational_array([[1], [0]])),
        "a bias": dict(step=W * x + u),
    },
)
def other_tokens_drop_out(other, step) -> None:
    """A sum s over tokens that are zero is zero, and stays so with one zero token more: s + W x = 0
    from s = 0 and x = 0. So y_i = W_ij e_c where e_c is the only token that is not zero."""
    model = {
        **{"s": rational_array([[0], [0]]), "x": other, "u": rational_array([[1], [1]])},
        "W": rational_array([[1, 2], [3, 4]]),
    }
    follows(
        s + step,
        using=held_premises([(1, s, 1), (W, x, 1)], model),
        models=[model],
        message="a token that is zero changes the sum",
    )


@check(
    EFFECTIVE_OPERATOR_CONSTANT,
    part="constant blocks",
    establishes=symbolic(bound="n = 3, H = p = d = 2, all coefficients and value maps"),
    claimed=dict(run=multi_head_factorized_map),
    controls={
        "outputs doubled": dict(run=lambda *given: 2 * multi_head_factorized_map(*given)),
        "time reversed": dict(run=lambda *given: multi_head_factorized_map(*given)[::-1]),
        "coefficients transposed": dict(
            run=lambda f, V, X: multi_head_factorized_map(f.swapaxes(1, 2), V, X)
        ),
    },
)
def blocks_of_heads_read_off(run) -> None:
    """Unit inputs fed to the operator, against the blocks put together from the heads."""
    symbols = variables([f"f{k}" for k in range(18)] + [f"v{k}" for k in range(8)])
    coefficients = np.array(symbols[:18], dtype=object).reshape(2, 3, 3)
    value_maps = np.array(symbols[18:], dtype=object).reshape(2, 2, 2)
    read = effective_blocks(lambda tokens: run(coefficients, value_maps, tokens), 3, 2)
    identical(read, factorized_blocks(coefficients, value_maps), "the blocks are not those read")
