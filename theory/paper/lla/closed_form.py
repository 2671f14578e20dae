"""What local linear attention minimises, and that its weights sum to one."""

from __future__ import annotations

from attnproof.theory.core import Hypothesis
from attnproof.theory.paper.exact_values import exact_array

from ._paper import PAPER


def _positive_definite(second_moment) -> bool:
    from attnproof.theory.algebra.positive_definite import positive_definite

    return positive_definite(second_moment)


CLOSED_FORM = PAPER.claim(
    "closed-form",
    title="Local linear attention is the intercept, at the query, of a ridge fit",
    parts={
        "normal equations": r"s_j=w_j\frac{1-z_j^{\top}\rho}{\omega-\mu^{\top}\rho},\ "
        r"\rho=\Sigma^{-1}\mu,\ b=\sum_js_jv_j^{\top},\ B=\Sigma^{-1}\sum_jw_jz_j(v_j^{\top}-b):"
        r"\quad \sum_jw_je_j=0,\ \ \sum_jw_jz_je_j=\lambda B\quad (e_j=v_j^{\top}-b-z_j^{\top}B)",
        "minimum": r"\sum_jw_j\|e_j-h-z_j^{\top}H\|^2+\lambda\|B+H\|^2"
        r"=\sum_jw_j\|e_j\|^2+\lambda\|B\|^2+\sum_jw_j\|h+z_j^{\top}H\|^2+\lambda\|H\|^2"
        r"\quad\text{for all }h,H",
    },
    hypotheses={
        "regular moments": Hypothesis(
            r"\Sigma=\sum_jw_jz_jz_j^{\top}+\lambda I\succ0", _positive_definite
        ),
    },
    instance=lambda: {"second_moment": exact_array([[2, 1], [1, 3]])},
    locus="the definition of local linear attention; abstract",
    scope="every n, d and d_v, all weights w > 0 and ridges λ ≥ 0 with Σ ≻ 0 and ω ≠ μᵀρ; "
    "z_j = k_j − q, ω = Σ w_j, μ = Σ w_j z_j",
    not_covered="the shift of the denominator in the released code",
    reconstructed=True,
)

PARTITION_OF_UNITY = PAPER.claim(
    "partition-of-unity",
    title="The weights sum to one at every ridge",
    statement=r"\sum_js_j=1",
    hypotheses={
        "regular moments": Hypothesis(r"\Sigma\succ0", _positive_definite),
    },
    instance=lambda: {"second_moment": exact_array([[2, 1], [1, 3]])},
    locus="implied by the definition; reconstructed",
    scope="every n and d, all weights w > 0 and ridges λ ≥ 0 with Σ ≻ 0 and ω ≠ μᵀρ",
    not_covered="a denominator to which a small number is added, as in the released code: that "
    "breaks the identity, as a control shows",
    reconstructed=True,
)
