"""What the type of a chunk does to causality, to the state, and to the two extremes."""

from __future__ import annotations

from ._paper import PAPER

CAUSAL = PAPER.claim(
    "causal-despite-chunk-types",
    title="The layer is causal although a chunk's type is chosen from the whole chunk",
    parts={
        "types read": r"o_t\text{ reads the types of chunks }c'<c(t)\text{ only}",
        "tokens read": r"a_{c'}\text{ is a function of the tokens of chunk }c':\quad "
        r"o_t\text{ is a function of the tokens }x_{\le t}",
    },
    locus="the layer as released, own chunk seen by both branches",
    scope="every length and chunk length, every rule that chooses a type from its own chunk",
    not_covered="the options in which the own chunk is seen by one branch alone",
    reconstructed=True,
)

MASK = PAPER.claim(
    "mask-equals-beta-zero",
    title="A chunk kept for softmax is a chunk without writes in the delta branch",
    parts={
        "state": r"H_{c+1}\text{ of the layer is the state of the gated delta rule with }\beta_t=0"
        r"\text{ on the chunks of type softmax}\ (\alpha_t=1\text{ there without decay})",
        "step": r"\beta=0:\quad \alpha S(I-\beta kk^{\top})+\beta vk^{\top}=\alpha S",
    },
    locus="the delta branch as released",
    scope="every length, chunk length, width and pattern of types",
    not_covered="rounding",
    reconstructed=True,
)

EXTREMES = PAPER.claim(
    "extremes-contained",
    title="The layer contains gated DeltaNet and softmax attention as extremes",
    statement=r"a_c=\text{linear for all }c:\quad o_t=w_{t,1}o^{\text{delta}}_t"
    r"+w_{t,2}o^{\text{softmax}}_t\text{ is the output of the gated delta rule, up to the weight }"
    r"w_{t,1}",
    locus="the search space; reconstructed",
    scope="mixing weights from a softmax, which are never zero",
    not_covered="weights that are set to zero by hand",
    deviation="The norms in front of the mixing are left out; they keep a branch from vanishing "
    "all the more.",
    reconstructed=True,
)

EXTREMES_BY_BRANCH = PAPER.claim(
    "extremes-by-branch",
    title="Each branch contains its own extreme",
    parts={
        "all linear": r"a_c=\text{linear for all }c:\quad o^{\text{delta}}\text{ is the gated "
        r"delta rule over the whole sequence}",
        "all softmax": r"a_c=\text{softmax for all }c:\quad o^{\text{softmax}}\text{ is causal "
        r"softmax attention over the whole sequence}",
        "other branch": r"\text{with all chunks linear, }o^{\text{softmax}}\text{ is softmax "
        r"attention within the chunk}",
    },
    locus="the search space; reconstructed",
    amends=EXTREMES,
    scope="every length, chunk length and width",
    not_covered="the mixed output",
    reconstructed=True,
)

PREFIX = PAPER.claim(
    "chunk-equals-recurrent",
    title="Decoding token by token gives what prefilling in chunks gives",
    parts={
        "prefix": r"o_t(x_1,\dots,x_L)=o_t(x_1,\dots,x_m)\text{ for every }t\le m\le L,\text{ also "
        r"in the middle of a chunk}",
        "decoder": r"o_t\text{ is a function of the token }t\text{ and of: keys and values of "
        r"softmax chunks and of the chunk so far, the state, and the state without this chunk's "
        r"writes}",
    },
    locus="decoding with caches; reconstructed",
    scope="every pattern of types",
    not_covered="the released kernels; rounding",
    reconstructed=True,
)
