"""Small integer data sets for attention support vector machines.

A data set is ``n`` samples of ``T`` tokens ``x_it`` and a query ``z_i`` in ``d`` dimensions, with
a score ``γ_it`` for each token. The scores come from a linear head, ``γ_it = vᵀ x_it``, except
where one dimension leaves no room for that.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from itertools import product


@dataclass(frozen=True)
class DataSet:
    """``tokens[i][t]`` is x_it, ``queries[i]`` is z_i, ``scores[i][t]`` is γ_it; all exact."""

    name: str
    tokens: tuple[tuple[tuple[Fraction, ...], ...], ...]
    queries: tuple[tuple[Fraction, ...], ...]
    scores: tuple[tuple[Fraction, ...], ...] = field(repr=False)

    @property
    def samples(self) -> int:
        return len(self.queries)

    @property
    def length(self) -> int:
        return len(self.tokens[0])

    @property
    def dimension(self) -> int:
        return len(self.queries[0])

    @property
    def optimal(self) -> tuple[int, ...]:
        """The token with the highest score in each sample; ValueError where two share it."""
        chosen = []
        for sample, scores in enumerate(self.scores):
            best = [token for token, score in enumerate(scores) if score == max(scores)]
            if len(best) > 1:
                raise ValueError(
                    f"{self.name}: tokens {best} of sample {sample} share the top score"
                )
            chosen.append(best[0])
        return tuple(chosen)

    def constraints(
        self, selection: tuple[int, ...]
    ) -> dict[tuple[int, int], list[list[Fraction]]]:
        """``A_it = (x_{i α_i} − x_it) z_iᵀ`` (d×d, nested lists) for every i and t ≠ α_i."""
        found = {}
        for i, t in product(range(self.samples), range(self.length)):
            if t != selection[i]:
                ahead = [a - b for a, b in zip(self.tokens[i][selection[i]], self.tokens[i][t])]
                found[i, t] = [[a * z for z in self.queries[i]] for a in ahead]
        return found


def data_set(name, tokens, queries, *, head=None, scores=None) -> DataSet:
    """A data set from nested sequences of exact numbers; give a ``head`` v or the ``scores`` γ."""
    exact = tuple(tuple(tuple(map(Fraction, x)) for x in sample) for sample in tokens)
    if (head is None) == (scores is None):
        raise ValueError(f"{name}: give either a linear head or the scores, not both or neither")
    if scores is None:
        vector = tuple(map(Fraction, head))
        scores = [[sum(a * b for a, b in zip(vector, x)) for x in sample] for sample in exact]
    return DataSet(
        name=name,
        tokens=exact,
        queries=tuple(tuple(map(Fraction, z)) for z in queries),
        scores=tuple(tuple(map(Fraction, row)) for row in scores),
    )


# Two samples in the plane; one constraint is active with multiplier zero.
DEGENERATE = data_set(
    "degenerate",
    [[[1, 2], [-1, 1], [0, -1]], [[2, -1], [1, 1], [-1, 0]]],
    [[1, 0], [1, 2]],
    head=(1, 1),
)
# Two samples in the plane, strictly complementary: the reference for rates.
STRICTLY_COMPLEMENTARY = data_set(
    "strictly complementary",
    [[[0, 0], [0, 1], [0, 2]], [[-2, 0], [-1, 2], [-2, 1]]],
    [[2, -1], [-1, 1]],
    head=(1, 1),
)
# One sample: token 1 is locally, not globally, optimal.
LOCALLY_OPTIMAL = data_set(
    "locally optimal",
    [[[-4, 1], [1, 0], [0, 0]]],
    [[1, 0]],
    head=(Fraction(9, 10), Fraction(23, 5)),
)
# Two samples whose nuclear-norm solution has rank two.
RANK_TWO = data_set(
    "rank two",
    [[[2, 1], [-2, -1], [0, -2]], [[-1, -2], [-2, -2], [-1, 1]]],
    [[1, 2], [-2, -2]],
    head=(1, 1),
)
# Two samples whose nuclear-norm solution is rational and known in closed form.
RATIONAL_NUCLEAR = data_set(
    "rational nuclear solution",
    [[[1, 0], [0, 0]], [[Fraction(336, 625), Fraction(527, 625)], [0, 0]]],
    [[1, 0], [0, 1]],
    head=(1, 1),
)
# Two samples whose nuclear-norm solutions form a segment.
NOT_UNIQUE = data_set(
    "not unique", [[[1, 0], [0, 0]], [[0, 1], [0, 0]]], [[1, 0], [0, 1]], head=(1, 1)
)
# One sample on the line: the loss is stationary at W = 0.
STATIONARY_AT_ZERO = data_set(
    "stationary at zero", [[[1], [-2], [0]]], [[1]], scores=[[1, Fraction(4, 5), 0]]
)

ALL = (
    DEGENERATE,
    STRICTLY_COMPLEMENTARY,
    LOCALLY_OPTIMAL,
    RANK_TWO,
    RATIONAL_NUCLEAR,
    NOT_UNIQUE,
    STATIONARY_AT_ZERO,
)
