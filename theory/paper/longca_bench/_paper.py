"""The paper itself."""

from __future__ import annotations

from attnproof.theory.paper.catalogue import CATALOGUE

PAPER = CATALOGUE["longca-bench"]
PAPER.contribution = (
    "A benchmark of attention for long contexts: dense and block-sparse kernels and attention that "
    "is distributed over devices (ring, Ulysses, combinations of both), by pattern of the mask, "
    "length and number of devices. Its comparisons rest on exactness, on counts of what is "
    "computed and of what is sent, and on how evenly a mask is shared out."
)
