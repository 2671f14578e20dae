"""The paper itself."""

from __future__ import annotations

from attnproof.theory.paper.catalogue import CATALOGUE

PAPER = CATALOGUE["lean-attn"]
PAPER.contribution = (
    "The rescaling of softmax is treated as an associative reduction, so that the keys of a head "
    "may be cut into unequal pieces. A schedule then gives every processor the same number of "
    "tiles of keys, across the boundaries of heads."
)
