"""What preconditioned attention recalls, and what happens when softmax saturates."""

from __future__ import annotations

from ._paper import PAPER
from .preconditioner import CONDITIONING

EXACT_RECALL = PAPER.claim(
    "exact-recall",
    title="Preconditioning makes the recall of every stored value exact",
    statement=r"GU=V\text{ for the kernel matrix }G\text{ and }U=L^{-1}V",
    locus="abstract: precise retrieval; reconstructed",
    scope="distinct keys, kernel with positive overlaps",
    not_covered="recall up to a decoder",
    deviation="The reading for all stored keys, before the softmax denominator.",
    reconstructed=True,
)

LATEST = PAPER.claim(
    "recall-only-latest",
    title="Recall is exact for the newest key, up to a scale; later keys disturb earlier ones",
    parts={
        "error": r"GU-V=\operatorname{triu}_+(G)\,L^{-1}V",
        "newest": r"\sum_{j\le t}G_{tj}u_j=v_t",
        "scale": r"q_t\text{ with }e^{q_t^{\top}k_j}\propto G_{tj}:\quad o_t=c_tv_t,\ "
        r"c_t=\Bigl(\sum_{j\le t}G_{tj}\Bigr)^{-1}\in\bigl[\tfrac1t,1\bigr]\text{ for }"
        r"0\le G_{tj}\le1",
        "identical keys": r"k_j=k,\ G_{tj}=1:\quad o_t=v_t/t\text{ for every query}",
    },
    locus="abstract; reconstructed",
    amends=EXACT_RECALL,
    scope="every kernel with unit diagonal, length and width. Constants are not reproduced, since "
    "the scale is below one",
    not_covered="queries that differ from the key",
    reconstructed=True,
)

JACOBIAN_STAYS = PAPER.claim(
    "jacobian-stays",
    title="Gradients do not vanish, because the preconditioner is invertible",
    statement=r"\frac{\partial o}{\partial q}=K^{\top}(\operatorname{diag}a-aa^{\top})L^{-1}V\neq0"
    r"\text{ for every }V\neq0\text{ and every }q",
    locus="Theorem 1, from a summary; reconstructed",
    scope="keys that are not all equal",
    not_covered="the empirical claim about the temperature that training chooses",
    reconstructed=True,
)

JACOBIAN_VANISHES = PAPER.claim(
    "jacobian-still-vanishes",
    title="The gradient vanishes with the softmax Jacobian, and for some values everywhere",
    parts={
        "formula": r"\frac{\partial o}{\partial q}=\sum_ja_j(k_j-\bar k)u_j^{\top}"
        r"=K^{\top}(\operatorname{diag}a-aa^{\top})U,\quad \bar k=\sum_ja_jk_j",
        "bound": r"\bigl\|K^{\top}(\operatorname{diag}a-aa^{\top})L^{-1}V\bigr\|"
        r"\le2\,\bigl\|K^{\top}(\operatorname{diag}a-aa^{\top})\bigr\|_2\|V\|",
        "saturation": r"\|\operatorname{diag}a-aa^{\top}\|_2\le1-\sum_ja_j^2\le2\,(1-\max_ja_j)",
        "zero": r"V=L\mathbf 1c^{\top}:\quad(\operatorname{diag}a-aa^{\top})L^{-1}V=0"
        r"\text{ for every }q",
    },
    locus="Theorem 1, from a summary; reconstructed",
    amends=JACOBIAN_STAYS,
    uses=CONDITIONING,
    scope="every length, width and key; the factor 1/√d of the logits multiplies both sides",
    not_covered="generic values at finite logits, for which neither Jacobian vanishes",
    reconstructed=True,
)
