"""The paper itself."""

from __future__ import annotations

from attnproof.theory.paper.catalogue import CATALOGUE

PAPER = CATALOGUE["lla"]
PAPER.contribution = (
    "Softmax attention fits a constant around the query; local linear attention fits an affine "
    "map there, with a ridge on its slope. The identities hold at every ridge, exactness on affine "
    "data only without one, and the gain over softmax attention sits at the boundary of the keys."
)
