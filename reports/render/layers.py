"""A layered drawing of a directed graph: premises on the left, what rests on them to the right."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

Pair = tuple[str, str]

# Sweeps of the barycentre heuristic; drawings of a few dozen nodes settle within four.
SWEEPS = 8


@dataclass(frozen=True)
class Layers:
    """Where each node stands, in units of columns and rows.

    Attributes:
        place: node → (column, row); rows are at least 1 apart within a column.
        ways: edge (node, premise) → the points that its line passes, the node first.
        columns, rows: how far the drawing reaches.
    """

    place: Mapping[str, tuple[int, float]]
    ways: Mapping[Pair, list[tuple[int, float]]]
    columns: int
    rows: float


def layers(pairs: Sequence[Pair]) -> Layers:
    """Sugiyama's method for (node, premise) pairs, circles among them allowed.

    The column of a node is the length of the longest chain of premises below it; edges that close
    a circle do not count. Where an edge passes a column, an empty place is kept for it, so that no
    line crosses a node. Rows follow the barycentre of the neighbours. The result depends on the
    order of ``pairs`` only.
    """
    pairs = list(dict.fromkeys(pairs))
    column = _columns(pairs)
    chains: dict[Pair, list[str]] = {}
    layer: dict[str, int] = dict(column)
    for number, (node, premise) in enumerate(pairs):
        step = 1 if column[premise] >= column[node] else -1
        between = range(column[node] + step, column[premise], step)
        # A space and the number make a name that no node has: names come from pairs of words.
        passing = [f" {number} {at}" for at in between]
        layer.update(zip(passing, between, strict=True))
        chains[node, premise] = [node, *passing, premise]
    neighbours: dict[str, list[str]] = defaultdict(list)
    for chain in chains.values():
        for one, other in pairwise(chain):
            neighbours[one].append(other)
            neighbours[other].append(one)
    order = _order(layer, neighbours)
    row = _rows(order, neighbours)
    return Layers(
        place={node: (column[node], row[node]) for node in column},
        ways={
            pair: [(layer[point], row[point]) for point in chain] for pair, chain in chains.items()
        },
        columns=max(column.values(), default=-1) + 1,
        rows=max(row.values(), default=-1.0) + 1,
    )


def _columns(pairs: Iterable[Pair]) -> dict[str, int]:
    premises: dict[str, list[str]] = {}
    for node, premise in pairs:
        premises.setdefault(node, []).append(premise)
        premises.setdefault(premise, [])
    column: dict[str, int] = {}
    # Depth first without recursion: a chain of claims may be longer than Python's stack.
    for start in premises:
        path = [start] if start not in column else []
        open_nodes = set(path)
        while path:
            node = path[-1]
            waiting = [p for p in premises[node] if p not in column and p not in open_nodes]
            if waiting:
                path.append(waiting[0])
                open_nodes.add(waiting[0])
                continue
            settled = [column[p] for p in premises[node] if p in column]
            column[node] = 1 + max(settled, default=-1)
            open_nodes.discard(path.pop())
    return column


def _order(layer: Mapping[str, int], neighbours: Mapping[str, list[str]]) -> list[list[str]]:
    order: list[list[str]] = [[] for _ in range(max(layer.values(), default=-1) + 1)]
    for node, at in layer.items():
        order[at].append(node)
    for sweep in range(SWEEPS):
        forward = sweep % 2 == 0
        side = -1 if forward else 1
        span = range(1, len(order)) if forward else range(len(order) - 2, -1, -1)
        for at in span:
            position = {node: float(k) for k, node in enumerate(order[at + side])}
            own = {node: float(k) for k, node in enumerate(order[at])}
            order[at].sort(key=lambda n, p=position, o=own: (_mean(n, neighbours, p, o[n]), o[n]))
    return order


def _rows(order: list[list[str]], neighbours: Mapping[str, list[str]]) -> dict[str, float]:
    row = {node: float(k) for nodes in order for k, node in enumerate(nodes)}
    for _ in range(SWEEPS):
        for nodes in order:
            wanted = [_mean(node, neighbours, row, row[node]) for node in nodes]
            for node, at in zip(nodes, _apart(wanted), strict=True):
                row[node] = at
    least = min(row.values(), default=0.0)
    return {node: round(at - least, 3) for node, at in row.items()}


def _apart(wanted: Sequence[float]) -> list[float]:
    """The positions nearest to ``wanted``, in least squares, in this order and at least 1 apart.

    With y_k = x_k − k the condition is that y does not decrease: isotonic regression by pooling
    adjacent violators.
    """
    blocks: list[tuple[float, int]] = []
    for k, value in enumerate(wanted):
        total, size = value - k, 1
        while blocks and blocks[-1][0] * size >= total * blocks[-1][1]:
            before = blocks.pop()
            total, size = total + before[0], size + before[1]
        blocks.append((total, size))
    level = [total / size for total, size in blocks for _ in range(size)]
    return [value + k for k, value in enumerate(level)]


def _mean(
    node: str, neighbours: Mapping[str, list[str]], position: Mapping[str, float], otherwise: float
) -> float:
    found = [position[one] for one in neighbours.get(node, ()) if one in position]
    return sum(found) / len(found) if found else otherwise
