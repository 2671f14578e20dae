"""What this lab claims about its own kernels, held to the same rules as everybody else's."""

from __future__ import annotations

from attnproof.theory.core import Paper
from attnproof.theory.paper import infsa

PAPER = Paper(
    key="lab-kernels",
    title="The kernels of this lab compute the operators",
    authors="AttnProof",
    year=2026,
    arxiv="",
    family="Kernels",
    contribution=(
        "Blocked torch and Triton implementations are compared with the operators' definitions: "
        "exactly where every intermediate number is representable, within an a-priori rounding "
        "bound elsewhere, and by compiling them for GPUs that need not be present."
    ),
)

_PARTS = {
    "exact cases": r"\hat y = y\quad\text{bitwise, on the listed cases, which no rounding touches}",
    "error bound": r"|\hat y-y|\le b(Q,K,V,u)\quad\text{componentwise, } b\text{ a priori}",
}
_NOT_COVERED = (
    "underflow; other block sizes than the tested ones; what a GPU does in place of the "
    "interpreter of Triton"
)


def _value(key: str, operator: str, words: str, uses: tuple = ()):
    return PAPER.claim(
        key,
        title=f"{words}: the kernels compute the operator",
        parts=_PARTS,
        locus=f"kernels/{operator}",
        scope="float32, float16, bfloat16; torch and Triton; every length, width and stride",
        not_covered=_NOT_COVERED,
        uses=uses,
    )


INFSA_PURE = _value("infsa-pure", "infinite_self_attention", "Infinite self-attention, one hop")
INFSA_RESOLVENT = _value(
    "infsa-resolvent",
    "resolvent_attention",
    "Infinite self-attention, all hops",
    uses=(infsa.neumann.TRUNCATION_BOUND,),
)
INFSA_LINEAR = _value(
    "infsa-linear", "linear_infinite_self_attention", "Linear infinite self-attention"
)

INFSA_LINEAR_AT_SCALE = PAPER.claim(
    "infsa-linear-at-scale",
    title="Linear infinite self-attention at 331 776 tokens, in memory linear in N",
    parts={
        "rows": r"|\hat y_i-y_i|\le b\quad\text{for every row } i \text{ of } N=331\,776",
        "adjoint": r"\langle G, F(V)\rangle = \langle F^{*}(G), V\rangle"
        r"\quad\text{with } F^{*}(G)=\gamma\, a\,\mathbf 1^{\top} G",
        "memory": r"\text{peak} - \text{inputs} - \text{output} \le 8\,\text{MiB}"
        r"\quad\text{at every } N \le 331\,776",
    },
    locus="abstract (331 776 = 9216²/16² tokens, O(N) cost)",
    source=f"arXiv:{infsa.PAPER.arxiv}",
    scope="one head, d = 64, float32, blocked torch",
    not_covered="speed; the memory of a GPU",
)

TRITON_COMPILES = PAPER.claim(
    "triton-compiles",
    title="The Triton kernels compile for four GPU generations without spilling registers",
    statement=r"\text{spilled bytes} = 0,\quad \text{shared memory} \le \text{budget}"
    r"\quad\text{on sm\_80, sm\_90, sm\_100 and gfx942}",
    locus="kernels/ahead_of_time.py",
    scope="d = e = 64, float32 and bfloat16 inputs, pointers aligned to 16 bytes",
    not_covered="running on these GPUs",
)

GATED_LINEAR = _value(
    "gated-linear-attention",
    "gated_linear_attention",
    "Linear attention with a gate per token (Lightning Attention, RetNet, Mamba-2)",
)
GATED_DELTA = _value(
    "gated-delta-rule",
    "gated_delta_rule",
    "The gated delta rule, in chunks with a triangular solve",
)
CAUSAL_SOFTMAX = _value(
    "causal-softmax-attention",
    "causal_softmax_attention",
    "Causal softmax attention, online over tiles",
)

SOFTMAX = _value(
    "softmax-attention",
    "softmax_attention",
    "Softmax attention, online over tiles and split over the keys (FlashAttention, Lean Attention)",
)
LINEAR = _value("linear-attention", "linear_attention", "Normalised linear attention")
INLINE = _value("inline-attention", "inline_attention", "InLine attention")
MAGNITUDE_AWARE = _value(
    "magnitude-aware-linear-attention",
    "magnitude_aware_linear_attention",
    "Magnitude-aware linear attention (MALA)",
)

LUCID = _value(
    "lucid-attention", "lucid_attention", "LUCID attention, by substitution in blocks (torch)"
)

CHANNEL_GATED = _value(
    "channel-gated-linear-attention",
    "channel_gated_linear_attention",
    "Linear attention with a gate per token and channel (GLA)",
)
TENSOR = _value("tensor-attention", "tensor_attention", "Tensor attention of order three, exact")

AGENT = _value("agent-attention", "agent_attention", "Agent attention, two passes")
LOCAL_LINEAR = _value(
    "local-linear-attention",
    "local_linear_attention",
    "Local linear attention, by Cholesky factors (torch)",
)

CONSTANT_SPEED = PAPER.claim(
    "constant-speed",
    title="The time per token of gated linear attention does not grow with the sequence",
    statement=r"\text{slope of }\log(\text{time})\text{ against }\log N\text{ over }"
    r"1024\le N\le65\,536\text{ is at most }1.15",
    locus="abstract of Lightning Attention: constant speed for sequences of any length",
    source="arXiv:2405.17381",
    scope="one thread of the machine that runs the check, two heads, d = e = 64, float32",
    not_covered="GPUs; the speed itself, for which see kernels/benchmark.py",
    deviation="The limit 1.15 is ours: caches that are left behind on the way cost something.",
)
