"""Bias of the two fits at the end of an interval of keys and inside it."""

from __future__ import annotations

from ._paper import PAPER

BOUNDARY_CONSTANTS = PAPER.claim(
    "boundary-constants",
    title="At the end of the keys softmax attention errs by order h, local linear attention by h²",
    parts={
        "local constant": r"\Bigl|b^{\mathrm{NW}}_h(0)-\sqrt{\tfrac{2}{\pi}}\,h f'(0)\Bigr|"
        r"\le h^2\Bigl(\tfrac{1}{500}|f'(0)|+\tfrac23\max|f''|\Bigr),\quad 0<h\le\tfrac14",
        "local linear": r"\Bigl|b^{\mathrm{LL}}_h(0)-\tfrac{\pi-4}{2(\pi-2)}\,h^2 f''(0)\Bigr|"
        r"\le h^3\Bigl(\tfrac{1}{20}|f''(0)|+2\max|f'''|\Bigr),\quad 0<h\le\tfrac14",
        "interior": r"\Bigl|b_h(x)-\tfrac12h^2f''(x)\Bigr|\le h^3\Bigl(\tfrac1{20}|f'(x)|"
        r"+\tfrac1{20}|f''(x)|+\tfrac13\max|f'''|\Bigr)\ \text{for both fits},\quad "
        r"\tfrac14\le x\le\tfrac34,\ 0<h\le\tfrac1{16}",
    },
    locus="the comparison of boundary biases; constants from the theory of local polynomials",
    source="arXiv:2510.01450; Fan and Gijbels, Local Polynomial Modelling (1996), §3.2.5",
    scope="one channel, keys spread evenly on [0, 1], weights e^{−(u−x)²/2h²}, values f(u) without "
    "noise; f of class C² for the local constant fit, C³ for the others",
    not_covered="other densities and kernels; keys of a finite sequence, whose sums approach these "
    "integrals; the ridge",
    deviation="the paper gives orders in h; here the constants and explicit remainders. With f of "
    "class C² only, the remainder of the local linear fit is o(h²), not O(h³).",
    reconstructed=True,
)
