"""What two branches of the released layer compute."""

from __future__ import annotations

from ._paper import PAPER

FILE = "GPT_Trainer/LlamaDecoderLayer.py of the released code, commit 04d82e5"

TAYLOR_BRANCH = PAPER.claim(
    "released-taylor-branch",
    title="The branch with eighty terms computes normalised attention",
    statement=r"o_t=\frac{\sum_{j\le t}T_{79}(x_{tj})\,v_j}{\sum_{j\le t}T_{79}(x_{tj})}",
    locus=f"{FILE}, the branch softmax_taylor_80terms, whose comment says 'Denominator'",
    scope="every input",
    not_covered="the trained models of the paper",
    deviation="The lines were read and written again in exact arithmetic; they were not run.",
)

TAYLOR_BRANCH_AS_WRITTEN = PAPER.claim(
    "released-taylor-branch-as-written",
    title="The branch with eighty terms returns the numerator alone",
    statement=r"o_t=\sum_{j\le t}T_{79}(x_{tj})\,v_j,\quad\text{the normalised weights being "
    r"computed and not used}",
    locus=f"{FILE}, the branch softmax_taylor_80terms",
    amends=TAYLOR_BRANCH,
    scope="every input",
    not_covered="whether the layers behind it undo the scale",
)

COSINE_BRANCH = PAPER.claim(
    "released-cosine-branch",
    title="The cosine branch normalises each query and key over its features",
    statement=r"\hat k_{b,h,s,\cdot}=\frac{k_{b,h,s,\cdot}}{\|k_{b,h,s,\cdot}\|}",
    locus=f"{FILE}, the branch linear_cosine: normalize without dim on a tensor (batch, head, "
    "token, feature)",
    scope="every input with two heads or more",
    not_covered="the trained models of the paper",
    deviation="The default axis of torch.nn.functional.normalize is 1; the lines were read and "
    "written again in exact arithmetic.",
)

COSINE_BRANCH_AS_WRITTEN = PAPER.claim(
    "released-cosine-branch-as-written",
    title="The cosine branch normalises each feature over the heads",
    statement=r"\hat k_{b,h,s,i}=\frac{k_{b,h,s,i}}{\sqrt{\sum_{h'}k_{b,h',s,i}^2}}",
    locus=f"{FILE}, the branch linear_cosine",
    amends=COSINE_BRANCH,
    scope="every input without a feature that is zero in all heads; with one head all features "
    "become ±1",
    not_covered="the ε of 10⁻¹² that the library adds",
)
