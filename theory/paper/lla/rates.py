"""Integrated errors of local constant, local linear and global linear fits."""

from __future__ import annotations

from attnproof.theory.core import Hypothesis

from ._paper import PAPER

_SOURCE = (
    "arXiv:2510.01450; Fan and Gijbels, Local Polynomial Modelling (1996), §3.2 for the expansions"
)

RATES = PAPER.claim(
    "rates",
    title="Integrated squared bias: h³ for softmax attention, h⁴ for local linear attention",
    parts={
        "local constant": r"\Bigl|\int_0^1 (b^{\mathrm{NW}}_h)^2dx-\kappa h^3\bigl(f'(0)^2+f'(1)^2"
        r"\bigr)\Bigr|\le h^4\bigl(\tfrac{F_1^2}{1000}+2F_1F_2+\tfrac14F_2^2\bigr),\quad "
        r"\kappa=\int_0^\infty\Bigl(\frac{\varphi}{\Phi}\Bigr)^2d\tau",
        "local linear": r"\Bigl|\int_0^1 (b^{\mathrm{LL}}_h)^2dx-\tfrac{h^4}{4}\int_0^1f''^2dx"
        r"\Bigr|\le h^5\bigl(F_2^2+2F_2F_3+\tfrac14F_3^2\bigr)",
        "separation": r"\exists c>0,\ h_0>0:\ \int_0^1 (b^{\mathrm{NW}}_h)^2dx\ge c\,h^3"
        r"\ (0<h<h_0)",
        "global linear": r"\min_{a,b}\int_0^1\bigl(\alpha u^2+\beta u+\gamma-a-bu\bigr)^2du"
        r"=\frac{\alpha^2}{180}",
        "several channels": r"f(u)=g(u_1),\ w(u)=\prod_{c} w_c(u_c)\ \Rightarrow\ \hat f(x)="
        r"\hat g(x_1)\ \text{for keys on a product grid, both fits}",
        "best bandwidth": r"\min_{h>0}\Bigl(Bh^a+\frac{V}{nh^d}\Bigr)=C\,n^{-\frac{a}{a+d}},"
        r"\quad C=\bigl(1+\tfrac ad\bigr)\,B\,\Bigl(\frac{dV}{aB}\Bigr)^{\frac{a}{a+d}}",
    },
    hypotheses={
        "slope at an end": Hypothesis(
            r"f'(0)\ne0\ \text{or}\ f'(1)\ne0",
            lambda left_slope, right_slope: left_slope != 0 or right_slope != 0,
        )
    },
    instance=lambda: dict(left_slope=0, right_slope=2),
    locus="the theorem on integrated errors; exponents as quoted in later work: "
    "3/(d+3), 4/(d+4), none for the global fit",
    source=_SOURCE,
    scope="one channel, keys spread evenly on [0, 1], weights e^{−(u−x)²/2h²}, 0 < h ≤ 1/16; "
    "F_k = max|f^{(k)}|; f of class C² for the local constant fit, C³ for the local linear one. "
    "The hypothesis is used for the separation alone.",
    not_covered="that the variance is of order 1/(n h^d) for random keys and the passage from sums "
    "to integrals (classical, cited); other densities and domains. At a fixed scale 1/√d neither "
    "fit is consistent: the rates need a bandwidth that shrinks with n.",
    deviation="the quoted exponents come without the hypothesis; with both slopes 0 the separation "
    "disappears.",
    reconstructed=True,
)
