"""The paper itself."""

from __future__ import annotations

from attnproof.theory.paper.catalogue import CATALOGUE

PAPER = CATALOGUE["lucid"]
PAPER.contribution = (
    "Values are preconditioned by the inverse of a triangular matrix of key similarities before "
    "softmax attention reads them. The preconditioned values are the writes of a delta rule in the "
    "feature space of the kernel, which is to make recall exact and learning easier."
)
