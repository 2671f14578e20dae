"""Gates on the state as weights of the regression."""

from __future__ import annotations

from ._paper import PAPER

DECAY_WEIGHTS = PAPER.claim(
    "decay-weights",
    title="One gate per token is a geometric weight in the regression",
    parts={
        "state": r"S_t=\alpha_tS_{t-1}+v_tk_t^{\top},\ S_0=0\ \Longrightarrow\ "
        r"S_t=\sum_{i\le t}\gamma^{(t)}_iv_ik_i^{\top},\quad "
        r"\gamma^{(t)}_i=\prod_{j=i+1}^{t}\alpha_j",
        "gradient": r"S_t=-\nabla_S\,\tfrac12\sum_{i\le t}\gamma^{(t)}_i\|v_i-Sk_i\|^2\Big|_{S=0}",
        "parallel form": r"O=(QK^{\top}\odot D)V,\quad D_{ti}=\gamma^{(t)}_i\,1_{i\le t}",
        "which weights": r"\gamma^{(t-1)}_i\neq0:\quad \sum_{i\le t}\gamma^{(t)}_iv_ik_i^{\top}"
        r"=\alpha_t\sum_{i<t}\gamma^{(t-1)}_iv_ik_i^{\top}+\gamma^{(t)}_tv_tk_t^{\top}"
        r"\text{ for all }k,v\ \Longleftrightarrow\ "
        r"\gamma^{(t)}_i/\gamma^{(t-1)}_i=\alpha_t\text{ for every }i<t",
    },
    locus="Section on linear attention with gates; reconstructed",
    scope="every length and width, every commutative ring; the constant gate is RetNet, gates from "
    "the input are those of Mamba-2 and mLSTM, all ones is linear attention",
    not_covered="gates per key channel, which are another claim",
    reconstructed=True,
)

VECTOR_GATES = PAPER.claim(
    "vector-gates",
    title="Gates per key channel are weights of the regression as well",
    statement=r"S_t=S_{t-1}\operatorname{diag}(a_t)+v_tk_t^{\top}\ \Longrightarrow\ "
    r"S_t=\sum_{i\le t}\gamma^{(t)}_iv_ik_i^{\top}\text{ with numbers }\gamma^{(t)}_i",
    locus="Figure 1 lists GLA among the layers with decaying weights; reconstructed",
    scope="two key channels or more",
    not_covered="one channel, where it is true",
    deviation="The reading that takes the weights to be numbers, as in the paper's loss.",
    reconstructed=True,
)

VECTOR_GATES_RESCALE_KEYS = PAPER.claim(
    "vector-gates-rescale-keys",
    title="Gates per key channel are a feature map that changes with time",
    statement=r"S_t=\sum_{i\le t}v_i\,(k_i\odot a_{i+1}\odot\cdots\odot a_t)^{\top}"
    r"=-\nabla_S\,\tfrac12\sum_{i\le t}\bigl\|v_i-S\,(k_i\odot a_{i+1}\odot\cdots\odot a_t)"
    r"\bigr\|^2\Big|_{S=0}",
    locus="Figure 1; reconstructed",
    amends=VECTOR_GATES,
    uses=DECAY_WEIGHTS,
    scope="every length and width, every commutative ring",
    not_covered="weights that are matrices in the loss, the other possible repair",
    reconstructed=True,
)
