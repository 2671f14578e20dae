"""Gradient descent on (K, Q) stays in the row space of its start."""

from __future__ import annotations

import numpy as np

from attnproof.theory.algebra.free_algebra import letters, scalars
from attnproof.theory.algebra.matrix import rank
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import check, proof, refute_unless, sampled
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.fuzz import independent_draws
from attnproof.theory.engine.trace_identity import equal_traces
from attnproof.theory.paper.att_svm.nuclear_norm import FACTORISED_STALL

# K = X B and Q = Y B with B a basis of the rows; D and E are changes of K and Q.
K, Kt, Q, Qt, X, Y, B = letters("K Kt Q Qt X Y B")
G, Gt, D, E, Et = letters("G Gt D E Et")
a, b = scalars("a b")


def _one_row() -> dict[str, object]:
    """K = (1, 2)ᵀ(1, 3), Q = (1, −1)ᵀ(1, 3) and G with distinct entries."""
    exact = {
        "X": [[1], [2]],
        "Y": [[1], [-1]],
        "B": [[1, 3]],
        "K": [[1, 3], [2, 6]],
        "Q": [[1, 3], [-1, -3]],
        "G": [[1, 2], [0, -1]],
        "Gt": [[1, 0], [2, -1]],
    }
    return {name: rational_array(rows) for name, rows in exact.items()} | {
        "a": rational(1),
        "b": rational("1/2"),
    }


@check(
    FACTORISED_STALL,
    part="row space",
    establishes=proof(over="every size, width, step size and gradient; every k (induction)"),
    claimed=dict(first=X - a * G * Y, second=Y - b * Gt * X),
    controls={
        "steps exchanged": dict(first=X - b * G * Y, second=Y - a * Gt * X),
        "each factor by itself": dict(first=X - a * G * X),
        "gradient not transposed": dict(second=Y - b * G * X),
        "ascent": dict(first=X + a * G * Y),
    },
)
def a_step_keeps_the_rows(first, second) -> None:
    """If K = XB and Q = YB, then K − aGQ = (X − aGY)B and Q − bGᵀK = (Y − bGᵀX)B. B is a basis of
    the rows of K_0 and Q_0. So the rows of every later K and Q lie in its span, and
    KQᵀ = X(BBᵀ)Yᵀ has at most the rank of B.
    """
    model, keys, queries = _one_row(), K - X * B, Q - Y * B
    follows(
        K - a * G * Q - first * B,
        using=[(1, keys, 1), (-a * G, queries, 1)],
        models=[model],
        message="the new K has other rows",
    )
    follows(
        Q - b * Gt * K - second * B,
        using=[(1, queries, 1), (-b * Gt, keys, 1)],
        models=[model],
        message="the new Q has other rows",
    )


@check(
    FACTORISED_STALL,
    part="row space",
    establishes=proof(over="every size and width, every differentiable loss", by="trace identity"),
    claimed=dict(of_keys=Qt * Gt * D, of_queries=Kt * G * E),
    controls={
        "the factor itself": dict(of_keys=Kt * Gt * D),
        "gradient transposed": dict(of_keys=Qt * G * D),
        "gradient not transposed": dict(of_queries=Kt * Gt * E),
        "twice": dict(of_keys=2 * Qt * Gt * D),
    },
)
def gradients_of_the_factors(of_keys, of_queries) -> None:
    """With G = ∇L(W), a change D of K changes L by ⟨G, DQᵀ⟩ = ⟨GQ, D⟩, and a change E of Q by
    ⟨G, KEᵀ⟩ = ⟨GᵀK, E⟩, to first order: the gradients are GQ and GᵀK.
    """
    transposes = {"K": "Kt", "Q": "Qt", "G": "Gt", "D": "Dt", "E": "Et"}
    for change, gradient in ((Gt * D * Qt, of_keys), (Gt * K * Et, of_queries)):
        equal_traces(change, gradient, transposes=transposes, message="another first-order change")


def _descend(keys, queries, gradient, steps):
    """K − a G Q and Q − b GᵀK, both from the old values."""
    return keys - steps[0] * gradient @ queries, queries - steps[1] * gradient.T @ keys


def _noisy(keys, queries, gradient, steps):
    """The same, and one row more in every row of K."""
    keys, queries = _descend(keys, queries, gradient, steps)
    return keys + rational_array(range(1, keys.shape[1] + 1)), queries


def _one_after_the_other(keys, queries, gradient, steps):
    keys = keys - steps[0] * gradient @ queries
    return keys, queries - steps[1] * gradient.T @ keys


def _decayed(keys, queries, gradient, steps):
    shrunk = rational("9/10")
    return _descend(shrunk * keys, shrunk * queries, gradient, steps)


@check(
    FACTORISED_STALL,
    part="row space",
    establishes=sampled(over="random starts, gradients and step sizes, six steps, d, m ≤ 4"),
    claimed=dict(updates=(_descend, _one_after_the_other, _decayed), draws=40),
    controls={
        "one row added": dict(updates=(_noisy,)),
        "squared entry by entry": dict(
            updates=(lambda K, Q, G, steps: (K - (G @ Q) ** 2, Q - (G.T @ K) ** 2),)
        ),
    },
)
def rank_along_random_runs(updates, draws) -> None:
    """The rank of K Qᵀ stays at most that of the stacked start, whatever the gradients are."""
    for draw in independent_draws(draws, seed=17):
        d, m = (int(size) for size in draw.random.integers(2, 5, 2))
        width = int(draw.random.integers(1, min(d, m) + 1))

        def integers(*shape, random=draw.random):
            return rational_array(random.integers(-3, 4, shape).tolist())

        rows = integers(width, m)
        start = integers(d, width) @ rows, integers(d, width) @ rows
        bound = rank(np.vstack(start))
        for update in updates:
            keys, queries = start
            for _ in range(6):
                keys, queries = update(keys, queries, integers(d, d), abs(integers(2)) / 4)
            reached = rank(keys @ queries.T)
            refute_unless(
                reached <= bound,
                "the rank has grown",
                K=start[0],
                Q=start[1],
                rank_of_the_start=bound,
                rank_reached=reached,
            )
