"""The paper itself."""

from __future__ import annotations

from attnproof.theory.paper.catalogue import CATALOGUE

PAPER = CATALOGUE["inline"]
PAPER.contribution = (
    "Softmax and linear attention are compared as maps from queries to weights: whether two "
    "queries can get the same weights, and whether nearby keys are favoured. InLine attention "
    "normalises by a difference instead of a quotient and adds a local residual."
)
