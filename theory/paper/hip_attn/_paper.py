"""The paper itself."""

from __future__ import annotations

from attnproof.theory.paper.catalogue import CATALOGUE

PAPER = CATALOGUE["hip-attn"]
PAPER.contribution = (
    "A trained transformer is served with sparse attention: for each query a search over a binary "
    "tree of intervals, with as many beams as keys are wanted, finds the keys to attend to from a "
    "few representative scores on every level."
)
