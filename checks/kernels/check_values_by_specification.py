"""Every kernel that has a specification, against the definition of its operator."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from attnproof.kernels.registry import implementation
from attnproof.theory.core import check, exact, note, refute_unless, sampled
from attnproof.theory.engine.fuzz import independent_draws
from attnproof.theory.paper import lab_kernels

DTYPES = ("float32", "float16", "bfloat16")
CLAIMS = {
    "gated_linear_attention": lab_kernels.GATED_LINEAR,
    "gated_delta_rule": lab_kernels.GATED_DELTA,
    "causal_softmax_attention": lab_kernels.CAUSAL_SOFTMAX,
    "softmax_attention": lab_kernels.SOFTMAX,
    "linear_attention": lab_kernels.LINEAR,
    "inline_attention": lab_kernels.INLINE,
    "magnitude_aware_linear_attention": lab_kernels.MAGNITUDE_AWARE,
    "lucid_attention": lab_kernels.LUCID,
    "channel_gated_linear_attention": lab_kernels.CHANNEL_GATED,
    "tensor_attention": lab_kernels.TENSOR,
    "agent_attention": lab_kernels.AGENT,
    "local_linear_attention": lab_kernels.LOCAL_LINEAR,
}


def altered(operator: str, backend: str, how: str) -> Callable[..., object]:
    """The registered kernel with a planted bug, on named tensors."""
    run = implementation(operator, backend).load()

    def kernel(inputs: dict, **options: object):
        given = dict(inputs)
        values = "value" if "value" in given else "value_two"
        keys = "key" if "key" in given else "key_two"
        if how == "last token lost":
            given[values] = given[values].clone()
            given[values][:, :, -1] = 0
        if how == "keys one token late":
            given[keys] = given[keys].roll(1, 2)
        if how == "values not preconditioned":
            given["normal_key"] = 0 * given["normal_key"]
            options["offset"] = 200.0
        if how == "ridge halved":
            options["ridge"] = options["ridge"] / 2
        if how == "last key lost":
            given["key"] = given["key"].clone()
            given["key"][:, :, -1] = 0
        if how == "gates one token late":
            given["decay"] = given["decay"].roll(1, 2)
        if how == "gates forgotten":
            given["decay"] = 0 * given["decay"] + 1
        if how == "step sizes forgotten":
            given["step_size"] = 0 * given["step_size"] + 1
        if how == "scale forgotten":
            options["scale"] = 1.0
        output = run(**given, **options)
        if how == "future leak":
            output = output + inputs[values][:, :, -1:] * 2.0**-6
        if how == "one element off by two per cent":
            output = output.contiguous()
            output.view(-1)[output.abs().argmax()] *= 1.02
        return output

    return kernel


COMMON = (
    "last token lost",
    "keys one token late",
    "future leak",
    "one element off by two per cent",
)
BUGS = {
    "gated_linear_attention": (*COMMON, "gates one token late", "gates forgotten"),
    "gated_delta_rule": (*COMMON, "gates forgotten", "step sizes forgotten"),
    "causal_softmax_attention": (*COMMON, "scale forgotten"),
    "softmax_attention": (*COMMON, "scale forgotten"),
    "lucid_attention": (*COMMON, "scale forgotten", "values not preconditioned"),
    "channel_gated_linear_attention": (*COMMON, "gates one token late", "gates forgotten"),
    "tensor_attention": (*COMMON, "scale forgotten"),
    "agent_attention": (*COMMON, "scale forgotten"),
    "local_linear_attention": (*COMMON, "scale forgotten", "ridge halved"),
    "linear_attention": (*COMMON, "last key lost"),
    "inline_attention": (*COMMON, "last key lost"),
    "magnitude_aware_linear_attention": (*COMMON, "last key lost"),
}
# On the exact cases scores are 0 or vanish at any scale, and some keys are 0.
HIDDEN_IN_EXACT = {"scale forgotten", "last key lost", "ridge halved"}


def exact_check(operator: str, backend: str, lengths: tuple[int, ...]):
    """The check of the exact cases for one implementation."""

    @check(
        CLAIMS[operator],
        part="exact cases",
        establishes=exact(
            bound=f"{backend}: N ∈ {lengths}, three dtypes, bitwise", by="floats without rounding"
        ),
        claimed=dict(kernel=lambda: altered(operator, backend, "")),
        controls={
            how: dict(kernel=lambda how=how: altered(operator, backend, how))
            for how in BUGS[operator]
            if how not in HIDDEN_IN_EXACT
        },
    )
    def exact_cases(kernel):
        """Bitwise equality where every intermediate number is representable in float32, the output
        being rounded once to the dtype of the inputs."""
        import torch

        from attnproof.kernels.specification import specification
        from attnproof.kernels.verification.draws import DTYPES as NAMES

        function, spec, seen = kernel(), specification(operator), 0
        for case in spec.exact(lengths):
            for name in DTYPES:
                cast = {
                    key: torch.from_numpy(array)[None, None].to(NAMES[name])
                    for key, array in case.inputs.items()
                }
                if any(
                    (tensor[0, 0].double().numpy() != case.inputs[key]).any()
                    for key, tensor in cast.items()
                ):
                    continue
                output = function(cast, **spec.parameters)[0, 0]
                stated = torch.from_numpy(case.output).to(NAMES[name])
                wrong = (~(output == stated)).nonzero()
                at = tuple(map(int, wrong[0])) if len(wrong) else (0, 0)
                refute_unless(
                    not len(wrong),
                    "a case without rounding comes out wrong",
                    case=case.name,
                    dtype=name,
                    entry=list(at),
                    computed=float(output[at]),
                    exact=float(stated[at]),
                )
                seen += 1
        note(cases=seen)

    return exact_cases


def bound_check(operator: str, backend: str, draws: int, lengths: tuple[int, ...]):
    """The check of the rounding bound for one implementation."""

    @check(
        CLAIMS[operator],
        part="error bound",
        establishes=sampled(over=f"{backend}: random inputs, N ≤ {max(lengths)}, three dtypes"),
        claimed=dict(kernel=lambda: altered(operator, backend, "")),
        controls={
            how: dict(kernel=lambda how=how: altered(operator, backend, how))
            for how in BUGS[operator]
        },
    )
    def error_bound(kernel):
        """Every entry within the a-priori bound of the specification, the definition evaluated
        in float64 on the very inputs."""
        from attnproof.kernels.specification import specification
        from attnproof.kernels.verification.draws import Draw
        from attnproof.kernels.verification.questions import error_of

        function, spec = kernel(), specification(operator)
        call = lambda inputs: function(inputs, **spec.parameters)
        worst = dict.fromkeys(DTYPES, 0.0)
        for number, draw in enumerate(independent_draws(draws, seed=12)):
            name = DTYPES[number % 3]
            shape = Draw(
                seed=int(draw.random.integers(2**31)),
                length=int(draw.random.choice(lengths)),
                width=int(draw.random.integers(1, 40)),
                columns=int(draw.random.integers(1, 24)),
                dtype=name,
            )
            wrong, share = error_of(spec, call, shape)
            refute_unless(
                not wrong, "an entry is farther off than rounding explains", **(wrong or {"n": 0})
            )
            worst[name] = max(worst[name], share)
        note(**{f"observed_over_bound_{name}": f"{share:.2g}" for name, share in worst.items()})

    return error_bound


LENGTHS = (1, 2, 15, 16, 17, 63, 64, 65, 130)
# The interpreter takes milliseconds per tile.
FEW = (2, 16, 17, 67)

linear_exact_torch = exact_check("gated_linear_attention", "torch", LENGTHS)
linear_exact_triton = exact_check("gated_linear_attention", "triton", FEW)
delta_exact_torch = exact_check("gated_delta_rule", "torch", LENGTHS)
delta_exact_triton = pytest.mark.slow(exact_check("gated_delta_rule", "triton", FEW))
softmax_exact_torch = exact_check("causal_softmax_attention", "torch", LENGTHS)
softmax_exact_triton = exact_check("causal_softmax_attention", "triton", FEW)

linear_bound_torch = bound_check("gated_linear_attention", "torch", 60, LENGTHS)
linear_bound_triton = bound_check("gated_linear_attention", "triton", 18, FEW)
delta_bound_torch = bound_check("gated_delta_rule", "torch", 60, LENGTHS)
delta_bound_triton = pytest.mark.slow(bound_check("gated_delta_rule", "triton", 18, FEW))
softmax_bound_torch = bound_check("causal_softmax_attention", "torch", 60, LENGTHS)
softmax_bound_triton = bound_check("causal_softmax_attention", "triton", 18, FEW)

linear_exact_compiled = exact_check("gated_linear_attention", "compiled", LENGTHS)
delta_exact_compiled = exact_check("gated_delta_rule", "compiled", LENGTHS)
linear_bound_compiled = bound_check("gated_linear_attention", "compiled", 60, LENGTHS)
delta_bound_compiled = bound_check("gated_delta_rule", "compiled", 60, LENGTHS)

full_exact_torch = exact_check("softmax_attention", "torch", LENGTHS)
full_exact_split = exact_check("softmax_attention", "split", LENGTHS)
full_exact_triton = exact_check("softmax_attention", "triton", FEW)
full_exact_triton_split = exact_check("softmax_attention", "triton-split", FEW)
full_bound_torch = bound_check("softmax_attention", "torch", 60, LENGTHS)
full_bound_split = bound_check("softmax_attention", "split", 60, LENGTHS)
full_bound_triton = bound_check("softmax_attention", "triton", 18, FEW)
full_bound_triton_split = bound_check("softmax_attention", "triton-split", 18, FEW)

normalised_exact_torch = exact_check("linear_attention", "torch", LENGTHS)
normalised_exact_triton = exact_check("linear_attention", "triton", FEW)
normalised_bound_torch = bound_check("linear_attention", "torch", 60, LENGTHS)
normalised_bound_triton = bound_check("linear_attention", "triton", 18, FEW)

inline_exact_torch = exact_check("inline_attention", "torch", LENGTHS)
inline_exact_triton = exact_check("inline_attention", "triton", FEW)
inline_bound_torch = bound_check("inline_attention", "torch", 60, LENGTHS)
inline_bound_triton = bound_check("inline_attention", "triton", 18, FEW)

magnitude_exact_torch = exact_check("magnitude_aware_linear_attention", "torch", LENGTHS)
magnitude_exact_triton = exact_check("magnitude_aware_linear_attention", "triton", FEW)
magnitude_bound_torch = bound_check("magnitude_aware_linear_attention", "torch", 60, LENGTHS)
magnitude_bound_triton = bound_check("magnitude_aware_linear_attention", "triton", 18, FEW)

lucid_exact_torch = exact_check("lucid_attention", "torch", LENGTHS)
lucid_bound_torch = bound_check("lucid_attention", "torch", 60, LENGTHS)

channel_exact_torch = exact_check("channel_gated_linear_attention", "torch", LENGTHS)
channel_bound_torch = bound_check("channel_gated_linear_attention", "torch", 60, LENGTHS)
channel_exact_triton = exact_check("channel_gated_linear_attention", "triton", (2, 16, 17))
channel_bound_triton = bound_check("channel_gated_linear_attention", "triton", 18, FEW)
tensor_exact_torch = exact_check("tensor_attention", "torch", FEW)
tensor_bound_torch = bound_check("tensor_attention", "torch", 18, FEW)
tensor_exact_triton = exact_check("tensor_attention", "triton", (2, 16, 17))
tensor_bound_triton = bound_check("tensor_attention", "triton", 12, (2, 16, 17))

agent_exact_torch = exact_check("agent_attention", "torch", LENGTHS)
agent_exact_triton = exact_check("agent_attention", "triton", FEW)
agent_bound_torch = bound_check("agent_attention", "torch", 60, LENGTHS)
agent_bound_triton = bound_check("agent_attention", "triton", 18, FEW)
local_exact_torch = exact_check("local_linear_attention", "torch", LENGTHS)
local_bound_torch = bound_check("local_linear_attention", "torch", 60, LENGTHS)
