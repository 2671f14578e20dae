"""The paper itself."""

from __future__ import annotations

from attnproof.theory.paper.catalogue import CATALOGUE

PAPER = CATALOGUE["kron-attn"]
PAPER.contribution = (
    "Softmax attention over all pairs of tokens, with keys and values that are entrywise products "
    "of two rows, costs n³ as defined. A polynomial in place of the exponential makes it nearly "
    "linear if the entries are o((log n)^{1/3}); at that size of the entries a truly "
    "subcubic algorithm would contradict the strong exponential time hypothesis. For order k the "
    "exponent is 1/k."
)
