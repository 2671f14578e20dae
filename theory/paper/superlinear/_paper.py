"""The paper itself."""

from __future__ import annotations

from attnproof.theory.paper.catalogue import CATALOGUE

PAPER = CATALOGUE["superlinear"]
PAPER.contribution = (
    "Attention is organised as a search in several steps: a query scores a number of anchors that "
    "grows like a root of the length, and attends within spans around the best of them. Spans are "
    "laid out so that no key is excluded by the pattern itself."
)
