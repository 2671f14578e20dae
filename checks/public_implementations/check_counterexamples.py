"""The smallest inputs on which published functions are not the operator, and what they do beside.

Every number is a float32 and every defined output one too, so that nothing here is rounding.
"""

from __future__ import annotations

import numpy as np

from attnproof.kernels.specification import specification
from attnproof.theory.core import Undecided, check, counterexample, refute_unless
from attnproof.theory.paper.public_implementations import FAILS

Inputs = dict[str, np.ndarray]


def published(module: str, name: str, bug=None):
    """What loads the published function, with a planted bug or none."""

    def load():
        from attnproof.kernels.public_implementations import (
            flash_linear_attention,
            recurrences,
            softmax,
        )

        modules = {
            "flash_linear_attention": flash_linear_attention,
            "recurrences": recurrences,
            "softmax": softmax,
        }
        run = getattr(modules[module], name)
        return run if bug is None else lambda **inputs: bug(run(**inputs), inputs)

    return load


def linear(length: int, gate: float = 1.0) -> Inputs:
    """Ones, the first token alone having a value; gates as said after the first token."""
    decay = np.full(length, gate)
    decay[0] = gate if length == 1 else 1.0
    value = np.zeros((length, 1))
    value[0] = 1.0
    column = np.ones((length, 1))
    return {"query": column, "key": column, "value": value, "decay": decay}


def delta(length: int, gates: tuple[float, ...] = (), steps: tuple[float, ...] = ()) -> Inputs:
    """The same with step sizes, one unless said; gates and steps fill the last tokens."""
    inputs = linear(length)
    step_size, decay = np.ones(length), np.ones(length)
    for given, into in ((steps, step_size), (gates, decay)):
        if given:
            into[-len(given) :] = given
    return {**inputs, "step_size": step_size, "decay": decay}


def softmax(columns: int) -> Inputs:
    """One token, its queries and keys of width two."""
    two = np.ones((1, 2))
    return {"query": two, "key": two, "value": np.arange(1.0, columns + 1)[None]}


def future_leak(output, inputs):
    return output + 1 / 8


def scaled(output, inputs):
    return 1.5 * output


LINEAR, DELTA = "gated_linear_attention", "gated_delta_rule"
FLA, RECURRENCES = "flash_linear_attention", "recurrences"

# Claim → (module, function, operator, the input that refutes, the input that does not, what that
# changes, both in words).
FOUND = {
    "fla-naive-chunk-linear-attn": (
        (FLA, "naive_chunk_linear_attn", LINEAR),
        (linear(1), linear(64)),
        ("64 tokens", "one token of width one"),
    ),
    "fla-naive-chunk-simple-gla": (
        (FLA, "naive_chunk_simple_gla", LINEAR),
        (linear(1, 0.0), linear(1, 0.5)),
        ("a gate of 1/2", "one token of width one, its gate zero"),
    ),
    "fla-naive-parallel-simple-gla": (
        (FLA, "naive_parallel_simple_gla", LINEAR),
        (linear(1, 0.0), linear(1, 0.5)),
        ("a gate of 1/2", "one token of width one, its gate zero"),
    ),
    "fla-naive-chunk-gated-delta-rule": (
        (FLA, "naive_chunk_gated_delta_rule", DELTA),
        (delta(1, (0.0,)), delta(1, (0.5,))),
        ("a gate of 1/2", "one token of width one, its gate zero"),
    ),
    "fla-naive-chunk-kda": (
        (FLA, "naive_chunk_kda", DELTA),
        (delta(64, (0.0,)), delta(64, (0.5,))),
        ("a gate of 1/2", "64 tokens of width one, the last gate zero"),
    ),
    "fla-naive-chunk-comba": (
        (FLA, "naive_chunk_comba", DELTA),
        (delta(2, (0.5,)), delta(2, (1.0,))),
        ("gates one", "two tokens of width one: keys and steps one, values 1 and 0, a gate of 1/2"),
    ),
    "fla-fused-recurrent-comba": (
        (FLA, "fused_recurrent_comba", DELTA),
        (delta(2, (0.5,)), delta(2, (1.0,))),
        ("gates one", "two tokens of width one: keys and steps one, values 1 and 0, a gate of 1/2"),
    ),
    "fla-delta-rule-chunkwise": (
        (FLA, "delta_rule_chunkwise", DELTA),
        (delta(1), delta(32)),
        ("32 tokens", "one token of width one"),
    ),
    "fla-delta-rule-parallel": (
        (FLA, "delta_rule_parallel", DELTA),
        (delta(32), delta(128)),
        ("128 tokens", "32 tokens of width one"),
    ),
    "flash-attention-function": (
        ("softmax", "flash_attention_function", "softmax_attention"),
        (softmax(1), softmax(2)),
        ("values of width two", "one token, keys of width two and values of width one"),
    ),
    "opengdn-gated-delta-chunkwise": (
        (RECURRENCES, "gated_delta_chunkwise", DELTA),
        (delta(2, (2.0**-148, 0.75), (1.0, 0.0)), delta(2, (2.0**-100, 0.75), (1.0, 0.0))),
        (
            "gates 2⁻¹⁰⁰ and 3/4",
            "two tokens of width one: gates 2⁻¹⁴⁸ and 3/4, steps one and zero",
        ),
    ),
}


def outcome(function, operator: str, inputs: Inputs) -> tuple[np.ndarray, str]:
    """The output of one head in float64, or nothing and what was raised."""
    import torch

    given = {name: torch.from_numpy(array)[None, None].float() for name, array in inputs.items()}
    try:
        output = function(**given, **specification(operator).parameters)
    except Undecided:
        raise
    except Exception as error:
        words = " ".join(str(error).split())
        return np.full(inputs["value"].shape, np.nan), f"{type(error).__name__}: {words}"[:200]
    return output[0, 0].double().numpy(), ""


def refuting_check(key: str, named, inputs, words):
    """The check that one input refutes the claim, and another does not."""
    (module, name, operator), (bad, good), (change, over) = named, inputs, words

    @check(
        FAILS[key],
        establishes=counterexample(over=over, by="floats without rounding"),
        claimed=dict(run=published(module, name), inputs=bad),
        controls={
            f"{change}, and 1/8 added": dict(run=published(module, name, future_leak), inputs=good),
            f"{change}, and half as much again": dict(
                run=published(module, name, scaled), inputs=good
            ),
        },
        repairs={change: dict(inputs=good)},
    )
    def the_operator_on_one_input(run, inputs):
        """Within a hundredth of the largest entry: far more than rounding explains."""
        expected = specification(operator).expected(inputs)
        computed, raised = outcome(run(), operator, inputs)
        refute_unless(
            computed.shape == expected.shape,
            "the output has another shape",
            shape=list(computed.shape),
            defined=list(expected.shape),
            **inputs,
        )
        off = np.abs(computed - expected)
        row, column = np.unravel_index(np.argmax(np.nan_to_num(off, nan=np.inf)), off.shape)
        ended = {"raised": raised} if raised else {"computed": float(computed[row, column])}
        refute_unless(
            bool((off <= 0.01 * np.abs(expected).max()).all()),
            "the function raises" if raised else "the output is not the operator's",
            **ended,
            defined=float(expected[row, column]),
            row=int(row),
            **inputs,
        )

    return the_operator_on_one_input


for _key, _row in FOUND.items():
    globals()[_key.replace("-", "_")] = refuting_check(_key, *_row)
del _key, _row
