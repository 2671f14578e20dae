"""Local linear attention as softmax attention and a correction; what bounds its weights."""

from __future__ import annotations

from attnproof.theory.core import Hypothesis
from attnproof.theory.paper.exact_values import exact_array

from ._paper import PAPER
from .closed_form import CLOSED_FORM


def _positive_definite(covariance) -> bool:
    from attnproof.theory.algebra.positive_definite import positive_definite

    return positive_definite(covariance)


_REGULAR = Hypothesis(r"C+\lambda I\succ0", _positive_definite)

COVARIANCE_FORM = PAPER.claim(
    "covariance-form",
    title="Local linear attention is softmax attention minus a first-order correction",
    statement=r"p_j=w_j/\omega,\ \bar k=\sum_jp_jk_j,\ \bar z=\bar k-q,\ "
    r"C=\sum_jp_j(k_j-\bar k)(k_j-\bar k)^{\top}:\quad "
    r"s_j=p_j\bigl(1-(k_j-\bar k)^{\top}(C+\lambda I)^{-1}\bar z\bigr)"
    r"\quad\text{at the ridge }\lambda\omega",
    hypotheses={"regular covariance": _REGULAR},
    instance=lambda: {"covariance": exact_array([[2, 1], [1, 3]])},
    uses=(CLOSED_FORM,),
    locus="reconstructed; the form in which later work computes it",
    scope="every n and d, all weights w > 0 and ridges λ ≥ 0 with C + λI ≻ 0",
    not_covered="rounding: the centred moments avoid a cancellation",
    reconstructed=True,
)

DENOMINATOR_AND_WEIGHT_BOUNDS = PAPER.claim(
    "denominator-and-weight-bounds",
    title="The denominator is never zero, weights may be negative, and the ridge bounds them",
    parts={
        "denominator": r"M=\sum_jp_jz_jz_j^{\top}+\lambda I:\quad 1-\bar z^{\top}M^{-1}\bar z"
        r"=\frac1{1+\bar z^{\top}(C+\lambda I)^{-1}\bar z}",
        "at most one": r"\bar z^{\top}(C+\lambda I)^{-1}\bar z\ge0",
        "bounded below": r"\lambda\,\bar z^{\top}(C+\lambda I)^{-1}\bar z\le\|\bar z\|^2",
        "weights": r"\sum_j|s_j|\le1+\frac{\|\bar z\|}{2\sqrt\lambda}",
        "negative weights": r"d=1,\ k=(0,1),\ q=5,\ p=(\tfrac12,\tfrac12),\ \lambda=0:"
        r"\quad s=(-4,5)",
    },
    hypotheses={"regular covariance": _REGULAR},
    instance=lambda: {"covariance": exact_array([[2, 1], [1, 3]])},
    uses=(COVARIANCE_FORM,),
    locus="new here; the released code shifts the denominator by a small number of its own sign",
    scope="every n and d, all weights; λ > 0 in 'bounded below' and 'weights'",
    not_covered="rounding: a computed denominator may vanish",
    reconstructed=True,
)
