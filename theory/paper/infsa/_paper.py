"""The paper itself."""

from __future__ import annotations

from attnproof.theory.paper.catalogue import CATALOGUE

PAPER = CATALOGUE["infsa"]
PAPER.contribution = (
    "Self-attention is read as one diffusion step on a weighted graph of tokens, and the "
    "discounted sum of all multi-hop diffusions, a Neumann series, as a centrality. The pure "
    "variant replaces softmax by a rectifier and Frobenius normalisation; the linear variant "
    "pools the queries into one vector and scores every key against it."
)
