"""Linear infinite self-attention at the sequence length of the abstract."""

from __future__ import annotations

from functools import cache

import numpy as np

from attnproof.kernels.registry import implementation
from attnproof.theory.core import Plot, Series, check, measured, note, plot, refute_unless
from attnproof.theory.paper import lab_kernels

TOKENS = (9216 // 16) ** 2
WIDTH = 64
DECAY, EPSILON = 0.95, 1e-6
BLOCK = 1024  # tokens per step of the kernel
OPERATOR = "linear_infinite_self_attention"
# Both ends, both sides of an edge between blocks, and the middle.
WATCHED = (0, 1023, 1024, 200_000, TOKENS - 1)


def blocked(query, key, value):
    """The kernel under test."""
    run = implementation(OPERATOR, "torch").load()
    return run(query, key, value, gamma=DECAY, epsilon=EPSILON, block=BLOCK)


def last_token_dropped(query, key, value):
    """An off-by-one at the end of the sequence."""
    output = blocked(query[..., :-1, :], key[..., :-1, :], value[..., :-1, :])
    return output[..., :1, :].expand(value.shape).contiguous()


def key_dropped(query, key, value):
    """The first key of the second block is lost."""
    key = key.clone()
    key[..., 1024, :] = 0
    return blocked(query, key, value)


def query_dropped(query, key, value):
    """The last query of the first block is lost."""
    query = query.clone()
    query[..., 1023, :] = 0
    return blocked(query, key, value)


def decay_forgotten(query, key, value):
    """γ = 1 instead of 0.95."""
    return blocked(query, key, value) / DECAY


def tail_not_written(query, key, value):
    """``N // 1024`` blocks instead of the ceiling."""
    output = blocked(query, key, value)
    output[..., TOKENS // 1000 * 1000 :, :] = 0
    return output


def pooled_without_norms(query, key, value):
    """The mean of the queries instead of the norm-weighted mean."""
    return blocked(query / query.norm(dim=-1, keepdim=True), key, value)


def accumulated_in_half(query, key, value):
    """Running sums held in bfloat16 between blocks."""
    import torch

    numerator = torch.zeros(WIDTH, dtype=torch.bfloat16)
    total = torch.zeros((), dtype=torch.bfloat16)
    norm = query.norm(dim=-1, keepdim=True)
    pooled = (norm * query).sum(-2, keepdim=True) / norm.sum(-2, keepdim=True)
    scores = torch.relu(key @ pooled.transpose(-1, -2) / WIDTH)[0, 0]
    for start in range(0, TOKENS, 1024):
        block = slice(start, start + 1024)
        numerator += (scores[block].T @ value[0, 0, block])[0].to(torch.bfloat16)
        total += scores[block].sum().to(torch.bfloat16)
    return (DECAY * numerator.float() / total.float()).expand(value.shape).contiguous()


def one_row_off(query, key, value):
    """One token of 331 776 is off by one per cent."""
    output = blocked(query, key, value)
    output[..., 200_000, :] *= 1.01
    return output


@cache
def inputs():
    """Scores and outputs do not cancel, and long queries point elsewhere than short ones, so that
    the result depends on how queries are pooled.

    One ordinary token of 331 776 is below what any rounding bound could see. A watched one carries
    about 2 per cent of all scores as a key, and as a query an axis of its own in the pooled query.
    """
    import torch

    generator = torch.Generator().manual_seed(1)
    query, key, value = torch.randn(3, 1, 1, TOKENS, WIDTH, generator=generator)
    query[..., : TOKENS // 2, : WIDTH // 2] += 4.0
    query[..., TOKENS // 2 :, WIDTH // 2 :] += 1.0
    key += 1.0
    value += key
    key[..., WATCHED, :] *= 6000.0
    query[..., WATCHED, :] = 8000.0 * torch.eye(WIDTH)[: len(WATCHED)]
    return query, key, value


@cache
def reference():
    """The row of the definition in float64, the bound of each of its entries, and the scores."""
    from attnproof.kernels.bounds import EVALUATION
    from attnproof.kernels.specification import specification
    from attnproof.theory.engine.rounding import unit_roundoff
    from attnproof.theory.operator.linear_infinite_self_attention import key_scores

    exact_inputs = [x[0, 0].double().numpy() for x in inputs()]
    scores = key_scores(*exact_inputs[:2], EPSILON)
    bound_at = specification(OPERATOR).bound
    # A term passes through the additions within its block, and then through one per block. The
    # float64 sums of the definition may take any order.
    additions = BLOCK + TOKENS // BLOCK
    bound = bound_at(*exact_inputs, DECAY, EPSILON, unit_roundoff("float32"), additions=additions)[
        0
    ]
    bound = bound + bound_at(*exact_inputs, DECAY, EPSILON, unit_roundoff("float64"))[0]
    bound = EVALUATION * bound
    return DECAY * (scores @ exact_inputs[2]), bound, scores


@check(
    lab_kernels.INFSA_LINEAR_AT_SCALE,
    part="rows",
    establishes=measured(
        over="one instance of N = 331 776, every row", by="a-priori rounding bound, float64"
    ),
    claimed=dict(kernel=blocked),
    controls={
        "tail not written": dict(kernel=tail_not_written),
        "last token dropped": dict(kernel=last_token_dropped),
        "a key dropped at the edge of a block": dict(kernel=key_dropped),
        "a query dropped at the edge of a block": dict(kernel=query_dropped),
        "pooled without norms": dict(kernel=pooled_without_norms),
        "accumulated in half": dict(kernel=accumulated_in_half),
        "one row off": dict(kernel=one_row_off),
    },
)
def every_row(kernel):
    """All rows of the operator are one row, so no sampling is needed: the definition is evaluated
    once in float64, and every one of the 331 776 computed rows must lie within the bound.

    The float64 evaluation streams: it never holds an N × N matrix, nor does the kernel.
    """
    output = kernel(*inputs())[0, 0].double().numpy()
    expected, bound, _ = reference()
    error = np.abs(output - expected)
    worst = np.unravel_index(np.argmax(error - bound), error.shape)
    note(rows=TOKENS, observed_over_bound=f"{float((error / bound).max()):.2g}")
    refute_unless(
        bool((error <= bound).all()),
        "a row is off by more than its bound",
        row=int(worst[0]),
        column=int(worst[1]),
        computed=float(output[worst]),
        expected=float(expected[worst[1]]),
        bound=float(bound[worst[1]]),
    )


@check(
    lab_kernels.INFSA_LINEAR_AT_SCALE,
    part="adjoint",
    establishes=measured(
        over="one instance of N = 331 776, every entry of value and gradient", by="adjoint test"
    ),
    claimed=dict(kernel=blocked),
    controls={
        "decay forgotten": dict(kernel=decay_forgotten),
        "tail not written": dict(kernel=tail_not_written),
        "one row off": dict(kernel=one_row_off),
    },
)
def adjoint(kernel):
    """⟨G, F(V)⟩ = ⟨F*(G), V⟩ with F*(G) = γ a 1ᵀG, the scores a in float64 by the definition.

    The left side uses the computed F(V): each of its entries is within its bound b of the exact
    one, so it is off by at most Σ|G| b, besides the rounding of two float64 sums. G is positive,
    so that no block's error can hide behind another's sign, and large on the last rows and on one
    row in the middle.
    """
    import torch

    query, key, value = inputs()
    cotangent = torch.rand(value.shape, generator=torch.Generator().manual_seed(2))
    cotangent[..., TOKENS - 500 :, :] *= 1000.0
    cotangent[..., 200_000, :] *= 1_000_000.0
    left = float((cotangent.double() * kernel(query, key, value).double()).sum())
    _, bound, scores = reference()
    summed = cotangent[0, 0].double().numpy().sum(0)
    values = value[0, 0].double().numpy()
    right = float(DECAY * (scores @ (values @ summed)))
    # 2N roundings of 2^-53 in either float64 sum, relative to the sums of magnitudes.
    magnitude = float(scores @ (np.abs(values) @ summed))
    allowed = float(summed @ bound) + 4 * TOKENS * 2.0**-53 * magnitude
    refute_unless(
        abs(left - right) <= allowed,
        "the kernel and its adjoint disagree",
        left=left,
        right=right,
        allowed=allowed,
    )


@cache
def extra_bytes(form, length):
    """Peak beyond inputs and output, in a fresh process."""
    from attnproof.kernels.memory import peak_beyond_inputs

    return peak_beyond_inputs(OPERATOR, length, form=form)["extra"]


@check(
    lab_kernels.INFSA_LINEAR_AT_SCALE,
    part="memory",
    establishes=measured(over="N = 65 536 and 331 776, peak resident memory of a fresh process"),
    claimed=dict(form="torch", lengths=(65_536, TOKENS)),
    controls={
        "the quadratic form": dict(form="unblocked", lengths=(8192,)),
    },
)
def memory(form, lengths):
    """Between blocks the kernel holds d + e + 2 numbers and one block of 1 024 tokens in float32,
    under 1 MiB; 8 MiB leave room for what the allocator and the matrix library keep."""
    for length in lengths:
        extra = extra_bytes(form, length)
        note(**{f"extra_bytes_at_{length}": extra})
        refute_unless(
            extra <= 8 << 20,
            "memory beyond inputs and output is not constant",
            length=length,
            extra_bytes=extra,
        )


@plot(lab_kernels.INFSA_LINEAR_AT_SCALE)
def memory_plot():
    """Memory against sequence length."""
    lengths = [65_536, TOKENS]
    return Plot(
        title="Memory beyond inputs and output",
        x_label="tokens",
        y_label="MiB",
        x_scale="log",
        y_scale="log",
        series=[
            Series(
                label="linear, measured",
                x=lengths,
                y=[max(extra_bytes("torch", n), 1) / 2**20 for n in lengths],
                style="points",
            ),
            Series(label="its output", x=lengths, y=[n * 256 / 2**20 for n in lengths]),
            Series(
                label="an N × N matrix in float32",
                x=lengths,
                y=[4 * n * n / 2**20 for n in lengths],
                style="guide",
            ),
        ],
        caption="The output grows with N; what the kernel needs besides does not.",
    )
