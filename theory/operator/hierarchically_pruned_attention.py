"""Selection of keys by a beam search over intervals."""

from __future__ import annotations

from collections.abc import Callable, Sequence


def centre(start: int, stop: int) -> int:
    """``⌊(l + r − 1)/2⌋``, the representative of ``[l, r)`` in the text."""
    return (start + stop - 1) // 2


def first_token(start: int, stop: int) -> int:
    """``l``, the representative of ``[l, r)`` in the released code."""
    return start


def initial_intervals(length: int, budget: int) -> list[tuple[int, int]]:
    """``[⌊Tj/k⌋, ⌊T(j+1)/k⌋)`` for j = 0, …, k − 1."""
    return [(length * j // budget, length * (j + 1) // budget) for j in range(budget)]


def hierarchical_selection(
    scores: Sequence,
    budget: int,
    representative: Callable[[int, int], int] = centre,
) -> tuple[list[int], list[int]]:
    """Keys selected for one query, and the keys whose scores were evaluated, in order.

    Start with k intervals; split each at ``⌊(l + r)/2⌋``; keep the k children with the largest
    scores of their representatives (earlier ones at ties); repeat until all have length one.

    Args:
        scores: length T.
        budget: k; for T ≤ k every key is selected and none is evaluated.

    Source: arXiv:2406.09827 (reconstructed).
    """
    length = len(scores)
    if length <= budget:
        return list(range(length)), []
    beam, evaluated = initial_intervals(length, budget), []
    while any(stop - start > 1 for start, stop in beam):
        children = []
        for start, stop in beam:
            middle = (start + stop) // 2
            halves = [(start, middle), (middle, stop)] if stop - start > 1 else [(start, stop)]
            children.extend(halves)
        chosen = []
        for start, stop in children:
            key = representative(start, stop)
            evaluated.append(key)
            chosen.append((-scores[key], start, stop))
        beam = [(start, stop) for _, start, stop in sorted(chosen)[:budget]]
    return sorted(start for start, _ in beam), evaluated
