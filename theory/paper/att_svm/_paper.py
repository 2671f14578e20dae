"""The paper itself."""

from __future__ import annotations

from attnproof.theory.paper.catalogue import CATALOGUE

PAPER = CATALOGUE["att-svm"]
PAPER.contribution = (
    "One layer of attention with a fixed linear head is trained by gradient descent on its "
    "key-query matrix. The iterates grow without bound, and their direction is that of a support "
    "vector machine which separates the best token of every sample from the others. Training the "
    "matrix itself leads to the Frobenius norm, training the two factors to the nuclear norm."
)
