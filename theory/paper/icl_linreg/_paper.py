"""The paper itself."""

from __future__ import annotations

from attnproof.theory.paper.catalogue import CATALOGUE

PAPER = CATALOGUE["icl-linreg"]
PAPER.contribution = (
    "Multi-head softmax attention trained on linear regression in context ends in a simple "
    "pattern: key-query matrices that are multiples of the identity with two signs, and output "
    "weights that add up to zero. Such a layer is close to one step of gradient descent on the "
    "examples, with the mean of the scores removed."
)
