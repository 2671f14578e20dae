"""The blocks of H heads span at most H dimensions."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from attnproof.theory.algebra.free_algebra import letters
from attnproof.theory.algebra.matrix import rank
from attnproof.theory.algebra.rational import rational_array
from attnproof.theory.core import check, note, proof, refute_unless, sampled
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.fuzz import independent_draws
from attnproof.theory.engine.held_premises import held_premises
from attnproof.theory.operator.multi_head_factorized_map import multi_head_factorized_map
from attnproof.theory.paper.heads_ssm.effective_blocks import effective_blocks
from attnproof.theory.paper.heads_ssm.interaction_rank import FACTORIZED_SPAN

U, V, F, v, f, w, g, E, J, P, Q = letters("U V F v f w g E J P Q")


def _one_head_so_far(**altered) -> dict[str, np.ndarray]:
    """One head so far, U = V F; P = Eᵀ and Q = Jᵀ."""
    model = {
        **{"V": rational_array([[1], [2], [0]]), "F": rational_array([[1, 3]])},
        **{"v": rational_array([[0], [1], [1]]), "f": rational_array([[2, -1]])},
        **{"w": rational_array([[0], [0], [1]]), "g": rational_array([[1, 1]])},
        **{"E": rational_array([[1, 0]]), "J": rational_array([[0, 1]])},
    }
    model |= {"U": model["V"] @ model["F"], **altered}
    return {**model, "P": model["E"].T, "Q": model["J"].T}


@check(
    FACTORIZED_SPAN,
    establishes=proof(over="every n, p, d, H, every field (induction over the heads)"),
    claimed=dict(model=_one_head_so_far(), longer=U + v * f),
    controls={
        "a value map that depends on the token": dict(longer=U + v * f + w * g),
        "the new head beside the old one": dict(model=_one_head_so_far(J=rational_array([[1, 0]]))),
        "the heads so far not factored": dict(
            model=_one_head_so_far(U=rational_array([[1, 0], [0, 1], [0, 0]]))
        ),
    },
)
def one_head_more(model, longer) -> None:
    """U holds the columns vec W_ij(X) for all positions and inputs, V the columns vec V_h, F the
    coefficients. If U = V F with H − 1 columns in V, then with one head more

        U + v f = [V v] [F; f],        [V v] = V E + v J,   [F; f] = P F + Q f,

    with E = [1 0], J = [0 1], P = Eᵀ, Q = Jᵀ: H columns. A head whose value map varies with the
    token adds v f + w g, with two columns. Classical: a product through H columns has rank at most
    H; finitely many columns at a time suffice for all inputs.
    """
    steps = [
        *((1, U - V * F, 1), (-V, E * P - 1, F), (-v, J * Q - 1, f)),
        *((-V, E * Q, f), (-v, J * P, F)),
    ]
    follows(
        longer - (V * E + v * J) * (P * F + Q * f),
        using=held_premises(steps, model),
        models=[model],
        message="one head more is not one column more",
    )


def _linear_attention(tokens, queries, keys) -> np.ndarray:
    """``f_ij = (Q x_i)ᵀ (K x_j)``, shape (H, n, n)."""
    return np.stack([(tokens @ q.T) @ (tokens @ k.T).T for q, k in zip(queries, keys, strict=True)])


def _normalised(tokens, queries, keys) -> np.ndarray:
    """Positive scores ``1 + (Q x_i)ᵀ(K x_j)²``, divided by their causal row sums."""
    scores = 1 + _linear_attention(tokens, queries, keys) ** 2
    sums = np.cumsum(scores, axis=2)
    return scores / np.stack([np.diagonal(one) for one in sums])[:, :, None]


def _seen_by_the_whole_input(tokens, queries, keys) -> np.ndarray:
    return _linear_attention(tokens, queries, keys) * tokens.sum() ** 3


def _plain(value_maps, coefficients, tokens) -> np.ndarray:
    run = lambda given: multi_head_factorized_map(coefficients, value_maps, given)
    return effective_blocks(run, len(tokens), tokens.shape[1])


def _gated(value_maps, coefficients, tokens) -> np.ndarray:
    """Values gated by the token: ``diag(x_j) V_h`` in place of ``V_h``."""
    return _plain(value_maps, coefficients, tokens) * tokens[None, :, :, None]


def _models() -> Iterator[tuple[int, list[np.ndarray], np.ndarray, np.ndarray, np.ndarray]]:
    for draw in independent_draws(6, seed=11):
        integers = lambda *shape, random=draw.random: rational_array(random.integers(-3, 4, shape))
        heads = 1 + int(draw.random.integers(0, 4))
        inputs = [integers(4, 3) for _ in range(3)]
        yield heads, inputs, integers(heads, 2, 3), integers(heads, 2, 3), integers(heads, 3, 3)


@check(
    FACTORIZED_SPAN,
    establishes=sampled(over="n = 4, p = d = 3, H ≤ 4, three inputs each", by="exact rationals"),
    claimed=dict(
        scores=(_linear_attention, _normalised, _seen_by_the_whole_input),
        blocks=_plain,
        bound=lambda heads: heads,
    ),
    controls={
        "values gated by the token": dict(blocks=_gated),
        "one dimension fewer": dict(bound=lambda heads: heads - 1),
    },
)
def rank_over_several_inputs(scores, blocks, bound) -> None:
    """The blocks read off the operator with the coefficients of each input held fixed, those of
    three inputs together: rational linear attention, normalised weights, and weights that depend
    on the whole input."""
    largest = {}
    for heads, inputs, queries, keys, value_maps in _models():
        for score in scores:
            columns = np.concatenate(
                [
                    blocks(value_maps, score(tokens, queries, keys), tokens).reshape(-1, 9)
                    for tokens in inputs
                ]
            )
            found = rank(columns)
            largest[heads] = max(found, largest.get(heads, 0))
            refute_unless(
                found <= bound(heads),
                "the blocks span more",
                H=heads,
                V=value_maps,
                rank=found,
                bound=bound(heads),
            )
    note(largest_rank_by_heads=str(dict(sorted(largest.items()))))
