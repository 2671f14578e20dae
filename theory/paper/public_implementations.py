"""What the lab says about implementations on PyPI, each in one version.

Statements about functions as they were released, held to the same rules as everybody else's. How
each function is called stands in `kernels/public_implementations`.
"""

from __future__ import annotations

from attnproof.theory.core import Claim, Paper

PAPER = Paper(
    key="public-implementations",
    title="Implementations on PyPI compute the operators",
    authors="AttnProof",
    year=2026,
    arxiv="",
    family="Kernels",
    contribution=(
        "Functions of published packages that run on a CPU are asked the questions that the lab's "
        "own kernels are asked. Where one does not compute the operator on the whole of its "
        "domain, the smallest input found that shows it is kept, and a second claim says on which "
        "part it does."
    ),
)

# Package as imported → name, version and licence on PyPI.
PACKAGES = {
    "agent_attention_pytorch": ("agent-attention-pytorch", "0.1.7", "MIT"),
    "fla": ("fla-core", "0.6.0", "MIT"),
    "memory_efficient_attention_pytorch": ("memory-efficient-attention-pytorch", "0.1.6", "MIT"),
    "opengdn": ("opengdn", "0.1.0", "MIT"),
    "performer_pytorch": ("performer-pytorch", "1.1.4", "MIT"),
    "ring_attention_pytorch": ("ring-attention-pytorch", "0.5.20", "MIT"),
    "torch": ("torch", "2.13.0", "BSD-3-Clause"),
    "yet_another_retnet": ("yet-another-retnet", "0.5.1", "MIT"),
}

FORMULAS = {
    "agent_attention": r"y=\operatorname{softmax}(sQA^{\top})\operatorname{softmax}(sAK^{\top})V",
    "causal_softmax_attention": r"y_t=\sum_{j\le t}\operatorname{softmax}_j(s\,q_t^{\top}k_j)\,v_j",
    "channel_gated_linear_attention": r"S_t=S_{t-1}\operatorname{diag}(a_t)+v_tk_t^{\top},\ "
    r"y_t=S_tq_t",
    "gated_delta_rule": r"S_t=\alpha_tS_{t-1}(I-\beta_tk_tk_t^{\top})+\beta_tv_tk_t^{\top},\ "
    r"y_t=S_tq_t",
    "gated_linear_attention": r"S_t=\alpha_tS_{t-1}+v_tk_t^{\top},\ y_t=S_tq_t",
    "linear_attention": r"y_i=\sum_jq_i^{\top}k_jv_j\Big/\sum_jq_i^{\top}k_j",
    "mesa_layer": r"y_t=\Big(\sum_{i\le t}\gamma_{it}v_ik_i^{\top}\Big)"
    r"\Big(\sum_{i\le t}\gamma_{it}k_ik_i^{\top}+\Lambda\Big)^{-1}q_t",
    "momentum_delta_rule": r"Z_t=\eta_tZ_{t-1}+\theta_t(v_t-S_{t-1}k_t)k_t^{\top},\ "
    r"S_t=\alpha_tS_{t-1}+Z_t,\ y_t=S_tq_t",
    "softmax_attention": r"y=\operatorname{softmax}(sQK^{\top})V",
}
EXACT = r"\hat y=y\ \text{bitwise, on the listed cases, which no rounding touches}"
BOUND = r"|\hat y-y|\le b(Q,K,V,u)\ \text{componentwise, } b\text{ a priori}"
NOT_COVERED = "initial states; sequences of several lengths in one call; gradients; GPUs; underflow"

# Of the claims below, those about functions that compute the operator where they are asked.
#   key | function | operator | where | how it is called
_HOLDING = r"""
fla-naive-recurrent-linear-attn | fla.ops.linear_attn.naive:naive_recurrent_linear_attn | gated_linear_attention | \alpha_t=1 |
fla-naive-recurrent-simple-gla | fla.ops.simple_gla.naive:naive_recurrent_simple_gla | gated_linear_attention | 0\le\alpha_t\le1 |
fla-naive-recurrent-gla | fla.ops.gla.naive:naive_recurrent_gla | channel_gated_linear_attention | 0\le a_t\le1 |
fla-naive-retention | fla.ops.retention.naive:naive_retention | gated_linear_attention | \alpha_t=31/32 | one head at a time
fla-naive-recurrent-gated-delta-rule | fla.ops.gated_delta_rule.naive:naive_recurrent_gated_delta_rule | gated_delta_rule | 0\le\alpha_t\le1 |
fla-fused-recurrent-gated-delta-rule | fla.ops.gated_delta_rule:fused_recurrent_gated_delta_rule | gated_delta_rule | 0\le\alpha_t\le1 | in Triton's interpreter
fla-naive-recurrent-gated-delta-product | fla.ops.gated_delta_product.naive:naive_recurrent_gated_delta_product | gated_delta_rule | 0\le\alpha_t\le1 | with one step per token
fla-naive-recurrent-kda | fla.ops.kda.naive:naive_recurrent_kda | gated_delta_rule | 0\le\alpha_t\le1 | the same gate in every channel
fla-fused-recurrent-kda | fla.ops.kda:fused_recurrent_kda | gated_delta_rule | 0\le\alpha_t\le1 | the same gate in every channel; in Triton's interpreter
fla-naive-recurrent-comba | fla.ops.comba.naive:naive_recurrent_comba | gated_delta_rule | 0\le\alpha_t\le1 | with the keys as the vectors p that predict
fla-delta-rule-recurrence | fla.ops.delta_rule.naive:delta_rule_recurrence | gated_delta_rule | \alpha_t=1 |
fla-fused-recurrent-delta-rule | fla.ops.delta_rule:fused_recurrent_delta_rule | gated_delta_rule | \alpha_t=1 | in Triton's interpreter
fla-naive-parallel-attn-causal | fla.ops.attn.naive:naive_parallel_attn | causal_softmax_attention | |
fla-naive-parallel-attn | fla.ops.attn.naive:naive_parallel_attn | softmax_attention | | with causal=False
fla-parallel-attn | fla.ops.attn:parallel_attn | causal_softmax_attention | | in Triton's interpreter
torch-sdpa-causal | torch.nn.functional:scaled_dot_product_attention | causal_softmax_attention | | with is_causal=True; in half precision one rounding of the weights is allowed for
torch-sdpa | torch.nn.functional:scaled_dot_product_attention | softmax_attention | | in half precision one rounding of the weights is allowed for
memory-efficient-attention-causal | memory_efficient_attention_pytorch.memory_efficient_attention:memory_efficient_attention | causal_softmax_attention | | in buckets of 16 queries and 32 keys
memory-efficient-attention | memory_efficient_attention_pytorch.memory_efficient_attention:memory_efficient_attention | softmax_attention | | in buckets of 16 queries and 32 keys
ring-flash-attn-causal | ring_attention_pytorch.ring_flash_attention:ring_flash_attn | causal_softmax_attention | e=d | in one process, in buckets of 16
ring-flash-attn | ring_attention_pytorch.ring_flash_attention:ring_flash_attn | softmax_attention | e=d | in one process, in buckets of 16
performer-linear-attention | performer_pytorch.performer_pytorch:linear_attention | linear_attention | | on features that are not negative, which the caller computes
agent-self-attention | agent_attention_pytorch.agent_transformer:AgentSelfAttention | agent_attention | e=d | projections and normalisation replaced by the identity, without gates and talking heads
retnet-retention-parallel | yet_another_retnet.retention:retention_parallel | gated_linear_attention | \alpha_t=31/32 | one head at a time
retnet-retention-recurrent | yet_another_retnet.retention:retention_recurrent | gated_linear_attention | \alpha_t=31/32 | one head at a time
retnet-retention-chunkwise | yet_another_retnet.retention:retention_chunkwise | gated_linear_attention | \alpha_t=31/32 | one head at a time, in chunks of 16
opengdn-gated-delta | opengdn:gated_delta | gated_delta_rule | 0\le\alpha_t\le1 |
flash-attention-function-causal | memory_efficient_attention_pytorch.flash_attention:FlashAttentionFunction | causal_softmax_attention | e=d | in buckets of 16 queries and 32 keys
fla-recurrent-momentum-delta-rule-ref | fla.ops.momentum_delta_rule.naive:recurrent_momentum_delta_rule_ref | momentum_delta_rule | 0.1\le\eta_t,\alpha_t\le1 | with the keys as the vectors p that predict, β = 1
fla-mesa-net-exact | fla.ops.mesa_net.naive:naive_mesa_net_exact | mesa_layer | \tfrac14\le\Lambda\le1 |
"""  # noqa: E501 (a table reads better with a row a line)

# Those that do not on all of it: what is claimed, and what holds (the second row amends the first).
#   key | function | operator | where | how it is called | why not, or empty
_AMENDED = r"""
fla-naive-chunk-linear-attn | fla.ops.linear_attn.naive:naive_chunk_linear_attn | gated_linear_attention | \alpha_t=1,\ \text{every }N\ge1 | | it raises where N is no multiple of 64
+multiples-of-64 | | | \alpha_t=1,\ 64\mid N | other lengths filled up with zeros by the caller |
fla-naive-chunk-simple-gla | fla.ops.simple_gla.naive:naive_chunk_simple_gla | gated_linear_attention | 0\le\alpha_t\le1 | | a gate that is zero gives no number, as differences of logarithms are formed
+positive-gates | | | 2^{-6}\le\alpha_t\le1 | |
fla-naive-parallel-simple-gla | fla.ops.simple_gla.naive:naive_parallel_simple_gla | gated_linear_attention | 0\le\alpha_t\le1 | | a gate that is zero gives no number, as differences of logarithms are formed
+positive-gates | | | 2^{-6}\le\alpha_t\le1 | |
fla-naive-chunk-gated-delta-rule | fla.ops.gated_delta_rule.naive:naive_chunk_gated_delta_rule | gated_delta_rule | 0\le\alpha_t\le1 | | a gate that is zero gives no number, as differences of logarithms are formed
+positive-gates | | | 2^{-6}\le\alpha_t\le1 | |
fla-naive-chunk-kda | fla.ops.kda.naive:naive_chunk_kda | gated_delta_rule | 0\le\alpha_t\le1,\ \text{every }N\ge1 | the same gate in every channel | it raises where N is no multiple of 64, and a gate that is zero gives no number
+multiples-of-64 | | | 2^{-6}\le\alpha_t\le1,\ 64\mid N | the same gate in every channel; other lengths filled up with zeros by the caller |
fla-naive-chunk-comba | fla.ops.comba.naive:naive_chunk_comba | gated_delta_rule | 0<\alpha_t\le1 | with the keys as the vectors p that predict | it takes the prediction S_{t−1}p before the gate, naive_recurrent_comba of the same module after it
+before-the-gate | | | 2^{-6}\le\alpha_t\le1 | with step sizes αβ and values v/α, which undo the difference |
fla-fused-recurrent-comba | fla.ops.comba:fused_recurrent_comba | gated_delta_rule | 0<\alpha_t\le1 | with the keys as the vectors p that predict; in Triton's interpreter | it takes the prediction S_{t−1}p before the gate, naive_recurrent_comba of the same package after it
+before-the-gate | | | 2^{-6}\le\alpha_t\le1 | with step sizes αβ and values v/α, which undo the difference; in Triton's interpreter |
fla-delta-rule-chunkwise | fla.ops.delta_rule.naive:delta_rule_chunkwise | gated_delta_rule | \alpha_t=1,\ \text{every }N\ge1 | | it raises where N is no multiple of 32
+multiples-of-32 | | | \alpha_t=1,\ 32\mid N | other lengths filled up with zeros by the caller |
fla-delta-rule-parallel | fla.ops.delta_rule.naive:delta_rule_parallel | gated_delta_rule | \alpha_t=1,\ 32\mid N | | it raises where N is no multiple of 128, its default BM
+multiples-of-128 | | | \alpha_t=1,\ 128\mid N | other lengths filled up with zeros by the caller |
flash-attention-function | memory_efficient_attention_pytorch.flash_attention:FlashAttentionFunction | softmax_attention | \text{every }d,e\ge1 | in buckets of 16 queries and 32 keys | the output is made as wide as the queries: other values raise, or are repeated where their width is one
+equal-widths | | | e=d | in buckets of 16 queries and 32 keys |
opengdn-gated-delta-chunkwise | opengdn:gated_delta_chunkwise | gated_delta_rule | 0\le\alpha_t\le1 | | it divides products of gates, which lose their digits below 2⁻¹²⁶ before they are zero
+products-above-underflow | | | \textstyle\prod_{t\in\text{chunk}}\alpha_t\ge2^{-126}\ \text{or some }\alpha_t=0 | |
fla-chunk-momentum-delta-rule-ref | fla.ops.momentum_delta_rule.naive:chunk_momentum_delta_rule_ref | momentum_delta_rule | 0<\eta_t,\alpha_t\le1 | with the keys as the vectors p that predict, β = 1 | it takes differences of logarithms of cumulative sums, which lose every digit where momenta are below gates for long
+slow-momenta | | | \eta_t,\alpha_t\ge0.9,\ \text{chunks of }16 | with the keys as the vectors p that predict, β = 1 |
fla-mesa-net-cg | fla.ops.mesa_net.naive:naive_mesa_net_CG | mesa_layer | \text{every }q_t | 30 iterations | 10⁻⁵ is added to denominators that shrink with the square of the query
+unit-queries | | | \lVert q_t\rVert=\lVert k_t\rVert=1,\ \tfrac14\le\Lambda\le1 | 30 iterations |
"""  # noqa: E501

WORDS = {
    "agent_attention": "agent attention",
    "causal_softmax_attention": "causal softmax attention",
    "channel_gated_linear_attention": "linear attention with a gate per token and channel",
    "gated_delta_rule": "the gated delta rule",
    "gated_linear_attention": "linear attention with a gate per token",
    "linear_attention": "normalised linear attention",
    "mesa_layer": "the mesa layer",
    "momentum_delta_rule": "the delta rule with momentum",
    "softmax_attention": "softmax attention",
}
# Claims with one statement, up to a share of the largest entry, measured.
WITHIN = {
    "fla-chunk-momentum-delta-rule-ref-slow-momenta": 15,
    "fla-mesa-net-cg-unit-queries": 10,
    "fla-mesa-net-exact": 18,
    "fla-recurrent-momentum-delta-rule-ref": 18,
}


def _claim(key: str, function: str, operator: str, where: str, how: str, **more: object) -> Claim:
    distribution, version, licence = PACKAGES[function.partition(".")[0].partition(":")[0]]
    name = function.rpartition(":")[2]
    formula = FORMULAS[operator] + (rf"\quad({where})" if where else "")
    if "deviation" not in more and key not in WITHIN:
        parts = {"error bound": rf"{formula}:\quad {BOUND}"}
        if r"\alpha_t=31/32" not in where:
            # A gate of 31/32 is formed as a power, which rounds.
            parts["exact cases"] = rf"{formula}:\quad {EXACT}"
        more["parts"] = parts
    elif key in WITHIN:
        bound = rf"|\hat y-y|\le2^{{-{WITHIN[key]}}}\max|y|"
        more["statement"] = rf"{formula}:\quad {bound}"
    else:
        more["statement"] = rf"{formula}:\quad \hat y=y\ \text{{up to rounding}}"
    extra = f": {more.pop('part')}" if "part" in more else ""
    return PAPER.claim(
        key,
        title=f"{name} ({distribution} {version}) computes {WORDS[operator]}{extra}",
        locus=function,
        source=f"PyPI: {distribution} {version} ({licence})",
        scope=f"tensors on a CPU{'; ' + how if how else ''}",
        not_covered=NOT_COVERED,
        **more,
    )


def _rows(text: str) -> list[list[str]]:
    return [[cell.strip() for cell in row.split("|")] for row in text.strip().splitlines()]


# Key → claim: what is to hold, and what does not on the whole of what is said.
HOLDS: dict[str, Claim] = {row[0]: _claim(*row) for row in _rows(_HOLDING)}
FAILS: dict[str, Claim] = {}

for _whole, _part in zip(_rows(_AMENDED)[::2], _rows(_AMENDED)[1::2]):
    _key, _function, _operator, _where, _how, _why = _whole
    FAILS[_key] = _claim(*_whole[:5], part="every input", deviation=f"As released, {_why}.")
    _suffix = _part[0].removeprefix("+")
    HOLDS[f"{_key}-{_suffix}"] = _claim(
        f"{_key}-{_suffix}",
        _function,
        _operator,
        *_part[3:5],
        part=_suffix.replace("-", " "),
        amends=FAILS[_key],
    )
