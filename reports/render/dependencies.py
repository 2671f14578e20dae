"""Which claims rest on which, and which amend which."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from attnproof.theory.core import Judgement


@dataclass(frozen=True)
class Edge:
    """``claim`` uses or amends ``premise``."""

    claim: str
    premise: str
    kind: Literal["uses", "amends"]


def dependencies(judgements: Mapping[str, Judgement]) -> list[Edge]:
    """Every use and amendment that is declared, each once, in order of the claims.

    A premise need not be in the ledger.
    """
    found: dict[Edge, None] = {}
    for name, judgement in judgements.items():
        for used in judgement.claim.uses:
            found[Edge(name, used, "uses")] = None
        if judgement.claim.amends:
            found[Edge(name, judgement.claim.amends, "amends")] = None
    return list(found)


def connected(edges: list[Edge]) -> list[list[Edge]]:
    """The edges, sorted into groups that share no claim; the largest group first."""
    neighbours: dict[str, list[str]] = defaultdict(list)
    for edge in edges:
        neighbours[edge.claim].append(edge.premise)
        neighbours[edge.premise].append(edge.claim)
    group: dict[str, int] = {}
    for number, start in enumerate(neighbours):
        waiting = [start]
        while waiting:
            one = waiting.pop()
            if one not in group:
                group[one] = number
                waiting += neighbours[one]
    groups: dict[int, list[Edge]] = defaultdict(list)
    for edge in edges:
        groups[group[edge.claim]].append(edge)
    return sorted(groups.values(), key=len, reverse=True)
