"""Head counts where the value maps have low rank."""

from __future__ import annotations

from attnproof.theory.core import Hypothesis
from attnproof.theory.paper.exact_values import exact_array

from ._paper import PAPER
from .function_level import FUNCTION_LEVEL_HEADS


def _rank_at_most(value_map, bound) -> bool:
    from attnproof.theory.algebra.matrix import rank

    return rank(value_map) <= bound


LOW_RANK_HEADS = PAPER.claim(
    "low-rank-heads",
    title="With value maps of rank at most r more heads than k may be needed: a rotation has k = 2 "
    "and needs three of rank one",
    parts={
        "bound": r"M_\tau=\sum_{h=1}^{H}f_h(\tau)V_h,\ \operatorname{rank}V_h\le r"
        r"\ \Longrightarrow\ H\ge\bigl\lceil\tfrac1r\operatorname{rank}M_\tau\bigr\rceil"
        r"\ \text{ for every }\tau",
        "two of rank one": r"M_\tau=A^{\tau}\in\mathbb R^{2\times2},\ n\ge2,\ "
        r"A\notin\mathbb RI,\ r=1:\quad H=2\text{ suffices}\iff(\operatorname{tr}A)^2>4\det A",
        "three of rank one": r"M_\tau=A^{\tau}\in\mathbb R^{2\times2},\ r=1:\quad "
        r"H=3\text{ suffices}",
        "rotation": r"aI+bJ=(a+b)\begin{pmatrix}1\\1\end{pmatrix}(1,0)"
        r"+b\begin{pmatrix}-1\\0\end{pmatrix}(1,1)+a\begin{pmatrix}0\\1\end{pmatrix}(-1,1),\quad "
        r"J=\begin{pmatrix}0&-1\\1&0\end{pmatrix},\quad \det(sI+tJ)=s^2+t^2",
        "complex numbers": r"aI+bJ=\tfrac{b-ia}2(J+iI)+\tfrac{b+ia}2(J-iI),\quad "
        r"\operatorname{rank}(J\pm iI)=1",
    },
    hypotheses={
        "low rank": Hypothesis(r"\operatorname{rank}V_h\le r", _rank_at_most),
    },
    instance=lambda: dict(value_map=exact_array([[1, 0], [1, 0]]), bound=1),
    locus="the class of heads in the paper, with value maps W_O W_V of the rank of a head",
    scope="coefficients that do not depend on the input; real value maps except in the last part",
    not_covered="the least number of heads for larger systems: for r = 1 it is the tensor rank of "
    "the p × d × n array of the lag operators over the real numbers",
    deviation="The count of the paper takes value maps of any rank. H ≥ k holds beside the bound "
    "of the first part, since the lag operators lie in the span of the value maps.",
    uses=(FUNCTION_LEVEL_HEADS,),
    reconstructed=True,
)
