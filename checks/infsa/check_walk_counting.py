"""Powers of the matrix count walks; the resolvent is their generating function."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise, product

import numpy as np

from attnproof.theory.algebra.free_algebra import FreeElement, letters
from attnproof.theory.algebra.matrix import identity_like, to_flint
from attnproof.theory.algebra.rational import rational_array
from attnproof.theory.core import (
    Plot,
    Series,
    check,
    exact,
    plot,
    proof,
    refute_unless,
    symbolic,
)
from attnproof.theory.engine.equational import follows
from attnproof.theory.paper.infsa.neumann import WALK_COUNTING

Walk = tuple[int, ...]


def walks(size: int, length: int, start: int, end: int) -> Iterator[Walk]:
    """Every sequence of ``length + 1`` vertices from ``start`` to ``end``."""
    if length == 0:
        yield from [(start,)] if start == end else []
        return
    for inner in product(range(size), repeat=length - 1):
        yield (start, *inner, end)


def weight(matrix: np.ndarray, walk: Walk):
    """The product of the entries along the walk, in the order of the walk."""
    result = matrix[walk[0], walk[1]] if len(walk) > 1 else 1
    for before, after in pairwise(walk[1:]):
        result = result * matrix[before, after]
    return result


def matrix_power(matrix: np.ndarray, exponent: int) -> np.ndarray:
    """``A^exponent`` by repeated products of arrays."""
    result = identity_like(matrix)
    for _ in range(exponent):
        result = result @ matrix
    return result


START, P, E, ET, F, FT, A, END, REST = letters("i P e et f ft A j rest")


def _states() -> dict[str, object]:
    """Three states, one split off; P = A², from state 1 to state 3."""
    matrix = rational_array([[1, 2, 3], [3, 1, 2], [0, 2, 1]])
    unit = identity_like(matrix)
    split = unit[:, :1]
    return {
        **{"A": matrix, "P": matrix @ matrix, "i": unit[:1], "j": unit[:, 2:]},
        **{"e": split, "et": split.T, "f": unit[:, 1:2], "ft": unit[1:2]},
        "rest": unit - split @ split.T,
    }


@check(
    WALK_COUNTING,
    part="walks",
    establishes=proof(over="every ring, every n, every t (induction over states and steps)"),
    claimed=dict(last_edge=ET @ A @ END, arrival=START @ P @ E),
    controls={
        "last edge reversed": dict(last_edge=ET @ A @ E),
        "walk arrives elsewhere": dict(arrival=START @ P @ F),
        "first edge twice": dict(arrival=START @ P @ A @ E),
        "last edge forgotten": dict(last_edge=ET @ END),
    },
)
def powers_by_induction(last_edge, arrival):
    """A walk of t + 1 steps to j is a walk of t steps to some k and the edge from k to j, so the
    sums W_t(i, j) over walks satisfy W_0 = I and W_{t+1}(i, j) = Σ_k W_t(i, k) a_kj.

    Powers satisfy the same: A^{t+1} = P I A with P = A^t and I = Σ_k e_k e_kᵀ. The states are split
    off one by one: if `rest` is the projection on the states not yet treated, then

        iᵀ P (e eᵀ + rest) A j = (iᵀ P e)(eᵀ A j) + iᵀ P rest A j,

    the first term being P_ik a_kj. The order of the factors is kept, so the entries need not
    commute.
    """
    follows(
        START @ P @ A @ END - arrival @ last_edge - START @ P @ REST @ A @ END,
        using=[(-1 * START @ P, E @ ET + REST - 1, A @ END)],
        models=[_states()],
        message="splitting off one state",
    )
    # The next state: nothing of the first is left over or counted again.
    follows(
        START @ P @ REST @ A @ END
        - START @ P @ F @ FT @ A @ END
        - START @ P @ (REST - F @ FT) @ A @ END,
        message="splitting off the next state",
    )


@check(
    WALK_COUNTING,
    part="walks",
    establishes=symbolic(bound="n ≤ 4, t ≤ 4, entries of any ring", by="free algebra"),
    claimed=dict(keep=lambda walk: True, shift=0),
    controls={
        "simple paths": dict(keep=lambda walk: len(set(walk)) == len(walk)),
        "walks that never stand still": dict(
            keep=lambda walk: all(a != b for a, b in pairwise(walk))
        ),
        "walks that do not return at once": dict(
            keep=lambda walk: all(a != b for a, b in zip(walk, walk[2:], strict=False))
        ),
        "one step more": dict(shift=1),
    },
)
def powers_over_free_letters(keep: Callable[[Walk], bool], shift: int):
    """Every entry is a letter of its own, and letters do not commute: a word then is a walk."""
    for size, length in product((1, 2, 3, 4), range(5)):
        names = [f"a{i + 1}{j + 1}" for i in range(size) for j in range(size)]
        matrix = np.empty((size, size), dtype=object)
        matrix.flat = letters(names)
        power = matrix_power(matrix, length)
        for start, end in np.ndindex(size, size):
            total = FreeElement.constant(0)
            for walk in walks(size, length + shift, start, end):
                total = total + weight(matrix, walk) if keep(walk) else total
            follows(power[start, end] - total, message="a walk is missing or counted twice")


def _graphs() -> Iterator[np.ndarray]:
    yield rational_array([[0, 1], [1, 0]])
    for size in (1, 2, 3):
        for edges in product((0, 1), repeat=size * size):
            yield rational_array(edges).reshape(size, size)


@check(
    WALK_COUNTING,
    part="walks",
    establishes=exact(
        bound="every directed graph of at most 3 vertices, t ≤ 4", by="enumeration of the walks"
    ),
    claimed=dict(keep=lambda walk: True, start=0),
    controls={
        "simple paths": dict(keep=lambda walk: len(set(walk)) == len(walk)),
        "closed walks only": dict(keep=lambda walk: walk[0] == walk[-1]),
        "walks from elsewhere": dict(start=-1),
    },
)
def counts_on_graphs(keep: Callable[[Walk], bool], start: int):
    """The number of walks from the first vertex, counted one by one, against A^t of FLINT."""
    for graph in _graphs():
        size = len(graph)
        for length in range(5):
            power = (to_flint(graph) ** length).tolist()
            for end in range(size):
                found = [
                    walk
                    for walk in walks(size, length, 0, end)
                    if keep(walk) and weight(graph, walk) != 0
                ]
                refute_unless(
                    power[start][end] == len(found),
                    "the power of the matrix is not the number of walks",
                    A=graph,
                    length=length,
                    end=end,
                    power=power[start][end],
                    walks=found,
                )


@check(
    WALK_COUNTING,
    part="generating function",
    establishes=exact(
        bound="every directed graph of at most 3 vertices, t ≤ 5", by="enumeration of the walks"
    ),
    claimed=dict(keep=lambda walk: True, sign=1),
    controls={
        "simple paths": dict(keep=lambda walk: len(set(walk)) == len(walk)),
        "det of I + γA": dict(sign=-1),
    },
)
def counts_satisfy_the_recurrence(keep: Callable[[Walk], bool], sign: int):
    """det(I − γA) = Σ_s d_s γ^s as denominator means Σ_s d_s W_{t−s} = 0 for t ≥ n, W_t being the
    numbers of walks. The d_s come from the characteristic polynomial, the W_t from counting."""
    for graph in _graphs():
        size = len(graph)
        reversed_coefficients = [int(c) for c in to_flint(graph).charpoly().coeffs()][::-1]
        denominator = [sign**s * d for s, d in enumerate(reversed_coefficients)]
        for end in range(min(size, 2)):
            counts = [
                sum(weight(graph, walk) != 0 for walk in walks(size, length, 0, end) if keep(walk))
                for length in range(6)
            ]
            for length in range(size, 6):
                total = sum(d * counts[length - s] for s, d in enumerate(denominator))
                refute_unless(
                    total == 0,
                    "the numbers of walks violate the recurrence of the denominator",
                    A=graph,
                    end=end,
                    counts=counts,
                    denominator=denominator,
                )


@plot(WALK_COUNTING)
def walks_and_paths() -> Plot:
    """Numbers of walks and of simple paths between two vertices of a small graph."""
    graph = rational_array([[0, 1, 1, 0], [1, 0, 1, 1], [1, 1, 0, 1], [0, 1, 1, 0]])
    lengths = list(range(1, 7))
    found = [
        [walk for walk in walks(4, length, 0, 3) if weight(graph, walk) != 0] for length in lengths
    ]
    axis = [str(length) for length in lengths]
    return Plot(
        title="Walks from 1 to 4 in two triangles that share an edge",
        x_label="length t",
        y_label="number",
        series=[
            Series(label="walks, (A^t)_14", x=axis, y=[len(each) for each in found], style="bars"),
            Series(
                label="simple paths",
                x=axis,
                y=[sum(len(set(walk)) == len(walk) for walk in each) for each in found],
                style="bars",
            ),
        ],
        caption="Powers count every walk, returns included; simple paths end with the number of "
        "vertices.",
    )
