"""The paper itself."""

from __future__ import annotations

from attnproof.theory.paper.catalogue import CATALOGUE

PAPER = CATALOGUE["heads-ssm"]
PAPER.contribution = (
    "Sequence maps are compared through the matrix by which one token acts on another. The number "
    "of independent interactions of a linear state-space model is set against the number of heads "
    "of an attention layer, and the way gradients reach distant tokens against a stable recurrence."
)
