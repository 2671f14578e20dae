"""The paper itself."""

from __future__ import annotations

from attnproof.theory.paper.catalogue import CATALOGUE

PAPER = CATALOGUE["softmax-rnn"]
PAPER.contribution = (
    "The exponential of softmax attention is expanded in a series, whose terms are linear "
    "recurrent networks on tensor powers of queries and keys. Linear attention is one term, "
    "the others are what it lacks, and the softmax denominator is read as a gate or as a norm."
)
