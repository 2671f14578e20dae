"""Large ridges give softmax attention; equal weights give least squares with an intercept."""

from __future__ import annotations

from attnproof.theory.core import Hypothesis
from attnproof.theory.paper.exact_values import exact_array

from ._paper import PAPER
from .covariance_form import COVARIANCE_FORM


def _positive_definite(covariance) -> bool:
    from attnproof.theory.algebra.positive_definite import positive_definite

    return positive_definite(covariance)


RIDGE_LIMIT = PAPER.claim(
    "ridge-limit",
    title="As the ridge grows, local linear attention tends to softmax attention at the rate 1/λ",
    parts={
        "remainder": r"\lambda\,(o_\lambda-\bar v)^{\top}+\bar z^{\top}C_{kv}"
        r"=\bar z^{\top}(C+\lambda I)^{-1}C\,C_{kv},\quad "
        r"C_{kv}=\sum_jp_j(k_j-\bar k)v_j^{\top}",
        "bound": r"\|(C+\lambda I)^{-1}x\|\le\|x\|/\lambda",
    },
    hypotheses={"regular covariance": Hypothesis(r"C+\lambda I\succ0", _positive_definite)},
    instance=lambda: {"covariance": exact_array([[2, 1], [1, 3]])},
    uses=(COVARIANCE_FORM,),
    locus="softmax attention as a limiting case; abstract",
    scope="every n, d and d_v, every λ > 0; by the bound the remainder is at most ‖z̄‖·‖C‖·‖C_kv‖/λ",
    not_covered="how far from the limit a ridge in use is",
    reconstructed=True,
)

BANDWIDTH_LIMIT = PAPER.claim(
    "bandwidth-limit",
    title="With equal weights and no ridge, local linear attention is MesaNet's least squares",
    statement=r"w_j=1,\ \lambda=0:\quad o=V^{\top}K(K^{\top}K)^{-1}q",
    locus="linear attention with the exact solve as a limiting case; abstract",
    scope="every n, d and d_v, every query",
    not_covered="nothing further",
    deviation="A reading: the abstract does not say whether keys and values are centred.",
    reconstructed=True,
)

BANDWIDTH_LIMIT_INTERCEPT = PAPER.claim(
    "bandwidth-limit-intercept",
    title="With equal weights and no ridge it is least squares with an intercept",
    parts={
        "with an intercept": r"w_j=1,\ \lambda=0:\quad o=\hat\theta_0+\hat\Theta^{\top}q,\quad "
        r"(\hat\theta_0,\hat\Theta)=\arg\min\sum_j\|v_j-\theta_0-\Theta^{\top}k_j\|^2",
        "when MesaNet": r"\hat\theta_0+\hat\Theta^{\top}q=V^{\top}K(K^{\top}K)^{-1}q\ "
        r"\text{for all }q\ \Longleftrightarrow\ \bar v=\hat\Theta^{\top}\bar k",
    },
    amends=BANDWIDTH_LIMIT,
    locus="reconstructed",
    scope="every n, d and d_v, keys that span affinely; centred keys and values satisfy the "
    "condition",
    not_covered="a ridge, which here acts on centred keys and in MesaNet on the keys as they are",
    reconstructed=True,
)
