"""The paper itself."""

from __future__ import annotations

from attnproof.theory.paper.catalogue import CATALOGUE

PAPER = CATALOGUE["ttr"]
PAPER.contribution = (
    "A causal sequence layer memorises key-value pairs by weighted least squares and answers a "
    "query with the function it has fitted. The choice of weights, function class and optimiser "
    "gives linear attention, decaying and gated variants, delta rules, exact regression layers and "
    "softmax attention as special cases."
)
