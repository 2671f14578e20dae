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
    "gradient": r"\widehat{\nabla}\langle G, y\rangle \approx \nabla\langle G, y\rangle"
    r"\quad\text{in every entry of every input}",
}
_NOT_COVERED = (
    "underflow; other block sizes than the tested ones; what a GPU does in place of the "
    "interpreter of Triton"
)


# Operator → (key of the claim, what it is in words).
_WORDS = {
    "agent_attention": ("agent-attention", "Agent attention, two passes"),
    "causal_softmax_attention": (
        "causal-softmax-attention",
        "Causal softmax attention, online over tiles (FlashAttention)",
    ),
    "channel_gated_linear_attention": (
        "channel-gated-linear-attention",
        "Linear attention with a gate per token and channel (GLA)",
    ),
    "gated_delta_rule": (
        "gated-delta-rule",
        "The gated delta rule, in chunks with a triangular solve",
    ),
    "gated_linear_attention": (
        "gated-linear-attention",
        "Linear attention with a gate per token (Lightning Attention, RetNet, Mamba-2)",
    ),
    "infinite_self_attention": ("infsa-pure", "Infinite self-attention, one hop"),
    "inline_attention": ("inline-attention", "InLine attention"),
    "linear_attention": ("linear-attention", "Normalised linear attention"),
    "linear_infinite_self_attention": ("infsa-linear", "Linear infinite self-attention"),
    "local_linear_attention": (
        "local-linear-attention",
        "Local linear attention, by Cholesky factors and by conjugate gradients",
    ),
    "lucid_attention": ("lucid-attention", "LUCID attention, by substitution in blocks"),
    "magnitude_aware_linear_attention": (
        "magnitude-aware-linear-attention",
        "Magnitude-aware linear attention (MALA)",
    ),
    "masked_softmax_attention": (
        "masked-softmax-attention",
        "Softmax attention under a mask, rows without keys included",
    ),
    "polynomial_tensor_attention": (
        "polynomial-tensor-attention",
        "Tensor attention with a polynomial in place of the exponential",
    ),
    "resolvent_attention": ("infsa-resolvent", "Infinite self-attention, all hops"),
    "softmax_attention": (
        "softmax-attention",
        "Softmax attention, online over tiles and split over the keys (FlashAttention, Lean "
        "Attention)",
    ),
    "tensor_attention": ("tensor-attention", "Tensor attention of order three, exact"),
}
_USES = {"resolvent_attention": (infsa.neumann.TRUNCATION_BOUND,)}

# Operator → the claim that its kernels compute it.
VALUES = {
    operator: PAPER.claim(
        key,
        title=f"{words}: the kernels compute the operator",
        parts=_PARTS,
        locus=f"kernels/{operator}",
        scope="float32, float16, bfloat16; torch and Triton; every length, width and stride",
        not_covered=_NOT_COVERED,
        uses=_USES.get(operator, ()),
    )
    for operator, (key, words) in _WORDS.items()
}

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
    locus="kernels/recorded_launches.py, kernels/ahead_of_time.py",
    scope="what every registered kernel launches, forward and backward, at 300 tokens and "
    "d = e = 64, with float32 and bfloat16 inputs and pointers aligned to 16 bytes",
    not_covered="running on these GPUs; other widths; lengths that are multiples of 16, which "
    "Triton compiles apart",
)

CONSTANT_SPEED = PAPER.claim(
    "constant-speed",
    title="Time and memory of gated linear attention grow in proportion to the sequence",
    parts={
        "time": r"\text{slope of }\log(\text{time})\text{ against }\log N\text{ over }"
        r"256\le N\le331\,776\text{ is at most }1.15",
        "memory": r"\text{peak} - \text{inputs} - \text{output} \le 8\,\text{MiB}"
        r"\quad\text{at } N = 65\,536 \text{ and } 331\,776",
    },
    locus="abstract of Lightning Attention: constant speed for sequences of any length",
    source="arXiv:2405.17381",
    scope="the compiled recurrence, one thread of the machine that runs the check, d = e = 64, "
    "float32",
    not_covered="GPUs; the blocked torch form, which holds its output twice; the speed itself, for "
    "which see no-peer-is-faster",
    deviation="The limits 1.15 and 8 MiB are ours: caches that are left behind on the way cost "
    "something, and allocators round up.",
)

NO_PEER_IS_FASTER = PAPER.claim(
    "no-peer-is-faster",
    title="The dispatcher is not slower than any listed peer, at any length",
    parts={
        "every peer": r"t_{\text{ours}}(N) \le 1.05\; t_{\text{peer}}(N)"
        r"\quad\text{for } 128\le N\le331\,776",
        "three times": r"3\, t_{\text{ours}}(N) \le t_{\text{fla}}(N)"
        r"\quad\text{for } N\ge 4096",
    },
    locus="kernels/dispatch.py",
    scope="gated linear attention with one decay, two heads, d = e = 64, float32, one thread of "
    "the machine that runs the check; peers: the naive forms, torch.compile of them, scaled "
    "dot-product attention, the torch forms of flash-linear-attention, a plain numba recurrence",
    not_covered="GPUs; other widths; more threads",
)

UT_INVERSE_STABILITY = PAPER.claim(
    "ut-inverse-stability",
    title="The triangle of a chunk: substitution is stable, repeated squaring is exact only in "
    "exact arithmetic",
    parts={
        "substitution": r"|\hat T-T|\le\gamma_C\,|T|\,|L|\,|\hat T|\quad\text{componentwise, for }"
        r"T=(I+L)^{-1}\text{ by substitution, } L\text{ strictly lower triangular, } C\times C",
        "repeated squaring": r"(I+L)^{-1}=\prod_{k<K}\bigl(I+(-L)^{2^k}\bigr)\quad\text{if }"
        r"2^K\ge C",
        "small chunks": r"\text{squaring in float32 is exact for one repeated key, } \beta=1,\ "
        r"C\le16",
    },
    locus="kernels/gated_delta_rule",
    source="Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., section 8.2",
    scope="every order of summation; no overflow or underflow",
    not_covered="Higham's Lemma 3.1, which is classical; products with a computed inverse",
)
