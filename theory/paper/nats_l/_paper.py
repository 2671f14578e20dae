"""The paper itself."""

from __future__ import annotations

from attnproof.theory.paper.catalogue import CATALOGUE

PAPER = CATALOGUE["nats-l"]
PAPER.contribution = (
    "Within one layer each chunk of tokens is kept either for softmax attention or in the state of "
    "a gated delta rule. Which one is learned for every chunk from its mean, through a hard choice "
    "with a straight-through gradient; both branches are computed and mixed token by token."
)
