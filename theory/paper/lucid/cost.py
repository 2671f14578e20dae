"""What preconditioning costs."""

from __future__ import annotations

from ._paper import PAPER

STREAMING = PAPER.claim(
    "streaming-and-cost",
    title="Preconditioning at most doubles the multiplications of causal attention",
    parts={
        "count": r"\text{kernel rows and substitution: }\tfrac{n(n-1)}2(d+d_v)\ \text{products, "
        r"causal attention: }\tfrac{n(n+1)}2(d+d_v)",
        "blocks": r"\text{solving block by block gives the same }U\text{ for every block size}",
        "cache": r"u_t\text{ needs }k_1,\dots,k_t,\ u_1,\dots,u_{t-1},\ v_t\text{ only}",
    },
    locus="abstract: the same complexity; reconstructed",
    scope="every n, d, d_v and block size",
    not_covered="parallel depth, which grows with n as it does not for softmax attention",
    reconstructed=True,
)
