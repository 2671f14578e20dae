"""What heads can do once their coefficients see the input."""

from __future__ import annotations

from attnproof.theory.core import Hypothesis
from attnproof.theory.paper.exact_values import exact_array

from ._paper import PAPER

FUNCTION_LEVEL_GAP = PAPER.claim(
    "function-level-gap",
    title="Heads whose coefficients see the input are at least as many as the lag operators span",
    statement=r"y_i=\sum_{j\le i}\sum_{h=1}^{H}f^h_{ij}(X)\,V_hx_j\ \text{ for every }X"
    r"\ \Longrightarrow\ H\ge k,\qquad k=\dim\operatorname{span}\{CA^{\tau}B:0\le\tau<n\}",
    locus="abstract (the head-count theorem); reconstructed",
    scope="every linear time-invariant state-space model, every n; V_h of size p × d, coefficients "
    "that may be any functions of the whole input",
    not_covered="the same count for coefficients that depend on the positions alone, or that are "
    "continuous where the input is zero, as softmax scores are: both make it true",
    deviation="The class of heads in the paper has coefficients that depend on the input. This is "
    "its necessity statement with equality of the outputs and no assumption on how the "
    "coefficients depend on the input; the abstract names none.",
    reconstructed=True,
)

FUNCTION_LEVEL_HEADS = PAPER.claim(
    "function-level-heads",
    title="The count binds coefficients that are fixed or continuous at zero; others, and all on "
    "unit tokens, may need no more than p + d − 1 heads",
    parts={
        "fixed coefficients": r"f^h_{ij}\text{ independent of }X,\ "
        r"\sum_{h=1}^{H}f^h_{ij}V_h=\mathcal W_{ij}\ \Longrightarrow\ "
        r"H\ge\dim\mathcal L,\qquad\mathcal L=\operatorname{span}\{\mathcal W_{ij}\}",
        "continuous at zero": r"f^h_{ij}\text{ continuous at }X=0,\ "
        r"\sum_{j\le i}\sum_hf^h_{ij}(X)V_hx_j=\sum_{j\le i}\mathcal W_{ij}x_j"
        r"\ \text{ for every }X\ \Longrightarrow\ "
        r"\mathcal W_{ij}=\sum_hf^h_{ij}(0)V_h,\ H\ge\dim\mathcal L",
        "unit tokens": r"p=d=2,\ |x|=1:\quad "
        r"Wx=(x^{\top}Wx)\,x+\bigl((Jx)^{\top}Wx\bigr)Jx,\text{ so two heads with polynomial "
        r"coefficients give every map}",
        "one token": r"y_i=\sum_{j\le i}\sum_hf^h_{ij}(X)V_hx_j\ \text{ for every }X"
        r"\text{ and some }f\iff \mathcal Lx\subseteq\operatorname{span}\{V_1x,\dots,V_Hx\}"
        r"\ \text{ for every }x",
        "dimension at a token": r"\mathcal Lx\subseteq\operatorname{span}\{V_1x,\dots,V_Hx\}"
        r"\ \text{ for every }x\ \Longrightarrow\ H\ge\max_x\dim(\mathcal Lx)",
        "Hankel frame": r"(V_h)_{rc}=[\,r+c=h\,],\ 0\le h\le p+d-2,\ T(x)=[V_0x,\dots,V_{p+d-2}x]:"
        r"\quad \operatorname{rank}T(x)=p\ (x\ne0),\quad "
        r"T(x)f=\mathcal W_{ij}x\ \text{ for }\ f=T(x)^{\top}\bigl(T(x)T(x)^{\top}\bigr)^{-1}"
        r"\mathcal W_{ij}x",
    },
    hypotheses={
        "continuous": Hypothesis(
            r"f^h_{ij}\text{ continuous at }X=0,\text{ as constants are}\quad"
            r"(\text{first two parts})",
            lambda limit_along_a_ray, limit_along_another: bool(
                (limit_along_a_ray == limit_along_another).all()
            ),
        ),
    },
    instance=lambda: dict(
        limit_along_a_ray=exact_array([1, 2]),
        limit_along_another=exact_array([1, 2]),
    ),
    locus="abstract (the head-count theorem); reconstructed",
    scope="every causal linear map with blocks of size p × d, time-invariant or not, every n",
    not_covered="whether the coefficients that save heads are scores of a softmax: they are "
    "bounded, homogeneous of degree 0 in the token, and not continuous where it is zero",
    deviation="dim L is the number k of the paper. For p, d ≥ 2 it can be p d, which is more than "
    "p + d − 1. That k heads are needed holds for coefficients that do not see the input, and for "
    "those that are continuous at zero if small inputs are allowed; softmax scores are. It fails "
    "where the tokens are normalised, even for polynomial coefficients.",
    amends=FUNCTION_LEVEL_GAP,
    reconstructed=True,
)

HEADS_FOR_EVERY_MAP = PAPER.claim(
    "function-level-every-map",
    title="Heads that represent every linear map are nonsingular bilinear maps: two for 2 × 2, "
    "four for 3 × 3 and 4 × 4, eight for 8 × 8",
    parts={
        "composition frames": r"p,d\le n\in\{2,4,8\},\ V_hx=(\langle e_r,e_hx\rangle)_{r<p}"
        r"\text{ in the complex numbers, quaternions, octonions}:\quad "
        r"T(x)T(x)^{\top}=|x|^2I_p,\text{ so }n\text{ heads suffice}",
        "both widths": r"\mathcal L=\mathbb R^{p\times d}\ \Longrightarrow\ H\ge\max(p,d)",
        "odd widths": r"p=d\ge3\text{ odd},\ \mathcal L=\mathbb R^{p\times p}"
        r"\ \Longrightarrow\ H\ge p+1",
    },
    locus="the class of heads in the paper; the count is ours",
    scope="coefficients that may be any functions of the input, every n ≥ 1",
    not_covered="the least number of heads for other sizes: it is the least H with a nonsingular "
    "bilinear map of ℝ^p × ℝ^d into ℝ^H, which is not known in general",
    uses=(FUNCTION_LEVEL_HEADS,),
    reconstructed=True,
)
