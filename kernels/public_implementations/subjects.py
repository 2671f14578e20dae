"""Which published functions are asked, as which operator, and on what part of its domain.

The keys are those of the claims in `theory/paper/public_implementations.py`. Importing this loads
no tensor library.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from attnproof.kernels.specification import Specification, specification

NARROW = ("float32", "bfloat16", "float16")
# Beyond one chunk of 16, 32 and 64. In this order, so that a wrong function is found out soon.
LENGTHS = (17, 1, 2, 33, 67)
FEW_LENGTHS = (5, 1)


@dataclass(frozen=True)
class Subject:
    """One published function as one operator.

    Attributes:
        wrapper: ``module:function`` within this folder, which calls it by our names.
        operator: the operator that it is held against.
        clamped: input → (lowest, highest): the part of the domain on which it is asked.
        dtypes: in which number formats.
        rounded_weights: whether one rounding of the weights is allowed for in half precision.
        lengths: tokens of the cases without rounding, and in turn of the random instances.
        draws: how many random instances.
        columns: values of the random instances are at most so wide.
    """

    wrapper: str
    operator: str
    clamped: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    dtypes: tuple[str, ...] = ("float32",)
    rounded_weights: bool = False
    lengths: tuple[int, ...] = LENGTHS
    draws: int = 6
    columns: int = 23

    def load(self) -> Callable[..., object]:
        """The function on named tensors in our layout."""
        from . import flash_linear_attention, recurrences, softmax

        modules = {FLA: flash_linear_attention, OTHER: softmax, RECURRENCES: recurrences}
        module, _, name = self.wrapper.partition(":")
        return getattr(modules[module], name)

    def specification(self) -> Specification:
        """That of the operator, on the part of the domain that is asked."""
        return replace(
            specification(self.operator),
            clamped=self.clamped,
            rounded_weights=self.rounded_weights,
        )

    def fixed(self) -> set[str]:
        """Inputs that have one value only: the function has no parameter for them."""
        return {name for name, (low, high) in self.clamped.items() if low == high}


LINEAR, DELTA = "gated_linear_attention", "gated_delta_rule"
CAUSAL, SOFTMAX = "causal_softmax_attention", "softmax_attention"
FLA, OTHER, RECURRENCES = "flash_linear_attention", "softmax", "recurrences"

ONE = {"decay": (1.0, 1.0)}
RETENTION = {"decay": (31 / 32, 31 / 32)}
POSITIVE = {"decay": (2.0**-6, 1.0)}
# Few tokens, as each takes milliseconds in the interpreter of Triton; two blocks of eight values.
TRITON = {"lengths": FEW_LENGTHS, "draws": 2, "columns": 16}


def _fla(name: str, operator: str, **more) -> Subject:
    return Subject(f"{FLA}:{name}", operator, **more)


def _half(name: str, operator: str) -> Subject:
    return Subject(f"{OTHER}:{name}", operator, dtypes=NARROW, rounded_weights=True)


def _other(name: str, operator: str) -> Subject:
    return Subject(f"{OTHER}:{name}", operator)


def _retention(name: str) -> Subject:
    return Subject(f"{RECURRENCES}:{name}", LINEAR, clamped=RETENTION)


SUBJECTS: dict[str, Subject] = {
    "fla-naive-recurrent-linear-attn": _fla(
        "naive_recurrent_linear_attn", LINEAR, clamped=ONE, dtypes=NARROW
    ),
    "fla-naive-chunk-linear-attn-multiples-of-64": _fla(
        "naive_chunk_linear_attn_padded", LINEAR, clamped=ONE
    ),
    "fla-naive-recurrent-simple-gla": _fla("naive_recurrent_simple_gla", LINEAR, dtypes=NARROW),
    "fla-naive-chunk-simple-gla-positive-gates": _fla(
        "naive_chunk_simple_gla", LINEAR, clamped=POSITIVE
    ),
    "fla-naive-parallel-simple-gla-positive-gates": _fla(
        "naive_parallel_simple_gla", LINEAR, clamped=POSITIVE
    ),
    "fla-naive-recurrent-gla": _fla("naive_recurrent_gla", "channel_gated_linear_attention"),
    "fla-naive-retention": _fla("naive_retention", LINEAR, clamped=RETENTION),
    "fla-naive-recurrent-gated-delta-rule": _fla("naive_recurrent_gated_delta_rule", DELTA),
    "fla-naive-chunk-gated-delta-rule-positive-gates": _fla(
        "naive_chunk_gated_delta_rule", DELTA, clamped=POSITIVE
    ),
    "fla-fused-recurrent-gated-delta-rule": _fla(
        "fused_recurrent_gated_delta_rule", DELTA, **TRITON
    ),
    "fla-naive-recurrent-gated-delta-product": _fla(
        "naive_recurrent_gated_delta_product", DELTA, dtypes=NARROW
    ),
    "fla-naive-recurrent-kda": _fla("naive_recurrent_kda", DELTA, dtypes=NARROW),
    "fla-naive-chunk-kda-multiples-of-64": _fla("naive_chunk_kda_padded", DELTA, clamped=POSITIVE),
    "fla-fused-recurrent-kda": _fla("fused_recurrent_kda", DELTA, **TRITON),
    "fla-naive-recurrent-comba": _fla("naive_recurrent_comba", DELTA),
    "fla-naive-chunk-comba-before-the-gate": _fla(
        "naive_chunk_comba_before_the_gate", DELTA, clamped=POSITIVE
    ),
    "fla-fused-recurrent-comba-before-the-gate": _fla(
        "fused_recurrent_comba_before_the_gate", DELTA, clamped=POSITIVE, **TRITON
    ),
    "fla-delta-rule-recurrence": _fla("delta_rule_recurrence", DELTA, clamped=ONE),
    "fla-delta-rule-chunkwise-multiples-of-32": _fla(
        "delta_rule_chunkwise_padded", DELTA, clamped=ONE
    ),
    "fla-delta-rule-parallel-multiples-of-128": _fla(
        "delta_rule_parallel_padded", DELTA, clamped=ONE, lengths=(17, 1, 130), draws=3
    ),
    "fla-fused-recurrent-delta-rule": _fla(
        "fused_recurrent_delta_rule", DELTA, clamped=ONE, **TRITON
    ),
    "fla-naive-parallel-attn-causal": _fla("naive_parallel_attn", CAUSAL),
    "fla-naive-parallel-attn": _fla("naive_parallel_attn_not_causal", SOFTMAX),
    "fla-parallel-attn": _fla("parallel_attn", CAUSAL, lengths=(17, 1, 70), draws=3),
    "torch-sdpa-causal": _half("scaled_dot_product_attention_causal", CAUSAL),
    "torch-sdpa": _half("scaled_dot_product_attention", SOFTMAX),
    "memory-efficient-attention-causal": _other("memory_efficient_attention_causal", CAUSAL),
    "memory-efficient-attention": _other("memory_efficient_attention", SOFTMAX),
    "flash-attention-function-causal": _other("flash_attention_function_causal", CAUSAL),
    "flash-attention-function-equal-widths": _other(
        "flash_attention_function_equal_widths", SOFTMAX
    ),
    "ring-flash-attn-causal": _other("ring_flash_attn_causal", CAUSAL),
    "ring-flash-attn": _other("ring_flash_attn", SOFTMAX),
    "performer-linear-attention": _other("performer_linear_attention", "linear_attention"),
    "agent-self-attention": _other("agent_self_attention", "agent_attention"),
    "retnet-retention-parallel": _retention("retention_parallel"),
    "retnet-retention-recurrent": _retention("retention_recurrent"),
    "retnet-retention-chunkwise": _retention("retention_chunkwise"),
    "opengdn-gated-delta": Subject(f"{RECURRENCES}:gated_delta", DELTA),
    "opengdn-gated-delta-chunkwise-products-above-underflow": Subject(
        f"{RECURRENCES}:gated_delta_chunkwise", DELTA, dtypes=NARROW
    ),
}
