"""The analytic gradient of the reference code, and the ridge that moves with the weights."""

from __future__ import annotations

from ._paper import PAPER

_SOURCE = "FlashLLA at d104afa, flashlla/ops/naive.py, lla_forward_naive and lla_backward_naive"
_NOTATION = (
    "g_j = gᵀv_j, D = ω − μᵀρ, β = Σ g_j s_j/D, t = Σ g_j w_j z_j/D, u = (Σ + λωI)^{−1} t, "
    "m = 2βρ − u"
)

OFFICIAL_BACKWARD_RIDGE = PAPER.claim(
    "official-backward-ridge",
    title="The reference backward is the gradient of the reference forward",
    statement=r"\left.\frac{\partial\, g^\top o}{\partial\ln w_j}\right|_{z}=g_js_j+w_j\Bigl(-\beta"
    r"+z_j^\top m+z_j^\top\rho\, z_j^\top u-\beta(z_j^\top\rho)^2\Bigr)\quad"
    r"\text{for every }\lambda\ge0",
    locus="lla_backward_naive, the factor of W",
    source=_SOURCE,
    scope="one query, " + _NOTATION + "; derivatives in q and K follow by the chain rule with "
    "w_j proportional to exp(s qᵀk_j)",
    not_covered="the Triton kernels; the shift delta_eps of D",
    deviation="the code does not say that its ridge is to be differentiated; where it is meant as "
    "a constant, the formula is right (see the amended claim).",
    reconstructed=True,
)

OFFICIAL_BACKWARD_RIDGE_TERM = PAPER.claim(
    "official-backward-ridge-term",
    title="A ridge that moves with the weights adds one term to the gradient",
    parts={
        "moving ridge": r"\left.\frac{\partial\, g^\top o}{\partial\ln w_j}\right|_{z}=g_js_j+w_j"
        r"\Bigl(-\beta+z_j^\top m+z_j^\top\rho\, z_j^\top u-\beta(z_j^\top\rho)^2"
        r"+\lambda\bigl(u^\top\rho-\beta\|\rho\|^2\bigr)\Bigr)",
        "ridge held": r"\left.\frac{\partial\, g^\top o}{\partial\ln w_j}\right|_{z,\ \lambda\omega"
        r"\text{ held}}=g_js_j+w_j\Bigl(-\beta+z_j^\top m+z_j^\top\rho\, z_j^\top u"
        r"-\beta(z_j^\top\rho)^2\Bigr)",
    },
    locus="lla_backward_naive, the factor of W",
    source=_SOURCE,
    scope="every n, d and λ with a regular matrix; " + _NOTATION,
    not_covered="rounding; the shift delta_eps of D",
    reconstructed=True,
    amends=OFFICIAL_BACKWARD_RIDGE,
)
