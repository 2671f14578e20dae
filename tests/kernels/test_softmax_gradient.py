"""The gradient of softmax attention in Triton, within its a-priori bound."""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np
import pytest
import torch

from attnproof.kernels.causal_softmax_attention.gradient_bound import gradient_with_bound
from attnproof.theory.engine.rounding import HALF_SMALLEST, unit_roundoff

if find_spec("triton") is None:
    pytest.skip("needs triton ([kernels])", allow_module_level=True)

from attnproof.kernels.agent_attention.triton_kernel import agent_attention
from attnproof.kernels.causal_softmax_attention import triton_gradient
from attnproof.kernels.causal_softmax_attention.triton_kernel import tiled_state
from attnproof.kernels.softmax_attention import stream_k_triton
from attnproof.kernels.softmax_attention.triton_gradient import softmax_attention

SCALE = 0.5
# The float64 evaluation of gradient and bound: a few thousand roundings of 2⁻⁵³.
EVALUATION = 1.0 + 2.0**-20
FORMS = {
    "causal": (triton_gradient.causal_softmax_attention, True),
    "all keys": (softmax_attention, False),
    "split": (stream_k_triton.softmax_attention, False),
}


def instance(length: int, width: int, columns: int, seed: int = 0):
    """Queries, keys, values and a cotangent of two heads."""
    generator = torch.Generator().manual_seed(seed)
    sizes = (width, width, columns, columns)
    return [torch.randn(1, 2, length, size, generator=generator) for size in sizes]


def pairs(length: int, causal: bool) -> np.ndarray:
    whole = np.ones((length, length), dtype=bool)
    return np.tril(whole) if causal else whole


def gradients(function, tensors, cotangent):
    leaves = [x.detach().clone().requires_grad_() for x in tensors]
    output = function(*leaves, scale=SCALE)
    return torch.autograd.grad(output, leaves, cotangent.to(output.dtype))


def excess(found, query, key, value, cotangent, seen, dtype: str = "float32") -> list[float]:
    """The largest |error|/bound of dq, dk and dv over two heads: at most 1 if they are right."""
    worst = [0.0, 0.0, 0.0]
    for head in range(2):
        given = [x[0, head].double().numpy() for x in (query, key, value, cotangent)]
        inner = "float64" if dtype == "float64" else "float32"
        right = gradient_with_bound(*given, seen, scale=SCALE, u=unit_roundoff(inner))
        exact = right.of_query, right.of_key, right.of_value
        bounds = right.query_bound, right.key_bound, right.value_bound
        for number, (one, two, bound) in enumerate(zip(found, exact, bounds)):
            if inner != dtype:
                bound = bound + unit_roundoff(dtype) * (np.abs(two) + bound) + HALF_SMALLEST[dtype]
            error = np.abs(one[0, head].double().numpy() - two)
            assert np.isfinite(error).all()
            share = error / np.maximum(bound * EVALUATION, 1e-300)
            worst[number] = max(worst[number], float(share.max()))
    return worst


@pytest.mark.parametrize("causal", [True, False])
def test_the_formulas_are_the_derivative(causal):
    """In float64, where autograd through a plain softmax obeys the same bound at u = 2⁻⁵³, and the
    formulas another time: twice the bound."""
    q, k, v, g = (x.double() for x in instance(9, 3, 2))
    seen = pairs(9, causal)
    hidden = torch.from_numpy(~seen)

    def plain(query, key, value, scale):
        scores = (scale * query @ key.transpose(-1, -2)).masked_fill(hidden, -torch.inf)
        return scores.softmax(-1) @ value

    found = gradients(plain, (q, k, v), g)
    assert max(excess(found, q, k, v, g, seen, "float64")) <= 2


@pytest.mark.parametrize(("length", "width", "columns"), [(1, 4, 3), (17, 5, 3), (50, 3, 6)])
@pytest.mark.parametrize("form", FORMS)
def test_gradients_are_within_their_bound(form, length, width, columns):
    function, causal = FORMS[form]
    q, k, v, g = instance(length, width, columns, seed=length)
    found = gradients(function, (q, k, v), g)
    assert max(excess(found, q, k, v, g, pairs(length, causal))) <= 1


def test_one_key_gives_its_value_the_whole_cotangent():
    """Scores 0 and −1024: weights of 1 and 0, dS of 0, with nothing to round."""
    query, key = torch.zeros(1, 1, 40, 4), torch.zeros(1, 1, 40, 4)
    query[..., 0], key[..., 0] = 4.0, -512.0
    key[:, :, 33, 0] = 0.0
    value = torch.arange(120.0).reshape(1, 1, 40, 3) % 7 - 3
    cotangent = torch.arange(120.0).reshape(1, 1, 40, 3) % 5 - 2
    found = gradients(softmax_attention, (query, key, value), cotangent)
    assert not found[0].any() and not found[1].any()
    whole = torch.zeros_like(value)
    whole[:, :, 33] = cotangent.sum(2)
    assert torch.equal(found[2], whole)


def wrong(how: str):
    """The causal operator's gradient with a planted bug, on 36 tokens."""
    q, k, v, g = instance(36, 5, 3, seed=1)
    output, largest, total = tiled_state(q, k, v, scale=SCALE, block=16, causal=True)
    if how == "D forgotten":
        output = 0 * output
    if how == "D of outputs in bfloat16":
        output = output.bfloat16().float()
    if how == "totals of the last tiles alone":
        total = total.clone()
        total[..., 32:] = tiled_state(
            q[:, :, 32:], k[:, :, 32:], v[:, :, 32:], scale=SCALE, block=16, causal=True
        )[2]
    found = list(
        triton_gradient.gradients(
            q, k, v, None, g, (output, largest, total),
            scale=SCALE, causal=how != "mask forgotten", needed=(True, True),
        )
    )  # fmt: skip
    if how == "scale forgotten in dq":
        found[0] = found[0] / SCALE
    if how == "one entry of dv off by 1/1000":
        found[2].view(-1)[found[2].abs().argmax()] *= 1.001
    return excess(found, q, k, v, g, pairs(36, True))


@pytest.mark.parametrize(
    ("how", "where"),
    [
        ("", ()),
        ("scale forgotten in dq", (0,)),
        ("D forgotten", (0, 1)),
        ("D of outputs in bfloat16", (0, 1)),
        ("totals of the last tiles alone", (0, 1, 2)),
        ("mask forgotten", (0, 1, 2)),
        ("one entry of dv off by 1/1000", (2,)),
    ],
)
def test_a_wrong_gradient_would_be_noticed(how, where):
    assert [share > 1 for share in wrong(how)] == [number in where for number in range(3)]


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_narrow_gradients_are_rounded_once(dtype):
    """What the float32 passes give, rounded at the end; also within the bound of the dtype."""
    q, k, v, g = (x.to(dtype) for x in instance(20, 5, 3))
    run = lambda *tensors, scale: softmax_attention(*tensors, scale=scale, block=16)
    found = gradients(run, (q, k, v), g)
    wide = gradients(run, [x.float() for x in (q, k, v)], g.float())
    assert all(torch.equal(one, two.to(dtype)) for one, two in zip(found, wide))
    name = str(dtype).removeprefix("torch.")
    assert max(excess(found, q, k, v, g, pairs(20, False), name)) <= 1


def test_outputs_of_rounded_weights_are_computed_again(monkeypatch):
    """As on a GPU, where weights in bfloat16 make an output that D must not be of."""
    asked = []

    def attend(query, key, value, mask, block):
        asked.append((query.dtype, block))
        output, *rest = tiled_state(query, key, value, mask, scale=SCALE, block=16, causal=False)
        return (output.to(query.dtype).float(), *rest)

    def run(query, key, value, scale):
        return triton_gradient.with_gradient(
            query, key, value, attend=attend, scale=scale, causal=False, block=64
        )

    q, k, v, g = (x.bfloat16() for x in instance(20, 5, 3))
    monkeypatch.setattr(triton_gradient, "compute_dtype", lambda _: triton_gradient.tl.bfloat16)
    found = gradients(run, (q, k, v), g)
    assert asked == [(torch.bfloat16, 64), (torch.float32, 0)]
    assert max(excess(found, q, k, v, g, pairs(20, False), "bfloat16")) <= 1


@pytest.mark.parametrize("wanted", [0, 1, 2])
def test_only_what_is_asked_for_is_computed(monkeypatch, wanted):
    tensors = instance(17, 5, 3)
    cotangent = tensors.pop()
    everything = gradients(softmax_attention, tensors, cotangent)
    unused = "dkv_kernel" if wanted == 0 else "dq_kernel"
    monkeypatch.setattr(triton_gradient, unused, None)  # to launch it would raise TypeError
    leaf = tensors[wanted].clone().requires_grad_()
    given = [*tensors[:wanted], leaf, *tensors[wanted + 1 :]]
    (alone,) = torch.autograd.grad(softmax_attention(*given, scale=SCALE), leaf, cotangent)
    assert torch.equal(alone, everything[wanted])


def test_a_second_derivative_is_refused():
    tensors = instance(4, 2, 2)
    leaf = tensors[0].requires_grad_()
    output = softmax_attention(leaf, *tensors[1:3], scale=SCALE)
    (first,) = torch.autograd.grad(output.square().sum(), leaf, create_graph=True)
    with pytest.raises(RuntimeError, match="once_differentiable"):
        first.sum().backward()


def test_agent_attention_is_two_steps_of_its_gradient():
    """What the agents gather comes with the error of the first step, and its cotangent with that of
    the second; the two shares of da meet in one addition."""
    q, k, v, g = instance(19, 3, 2, seed=5)
    a = instance(19, 3, 2, seed=6)[0]
    found = gradients(agent_attention, (q, a, k, v), g)
    u, seen = unit_roundoff("float32"), pairs(19, False)
    for head in range(2):
        one, agent, two, three, given = (x[0, head].double().numpy() for x in (q, a, k, v, g))
        forward = gradient_with_bound(agent, two, three, 0 * given, seen, scale=SCALE, u=u)
        weights = np.exp(SCALE * agent @ two.T)
        gathered = weights / weights.sum(1)[:, None] @ three
        second = gradient_with_bound(
            one, agent, gathered, given, seen,
            scale=SCALE, u=u, value_error=forward.output_bound,
        )  # fmt: skip
        first = gradient_with_bound(
            agent, two, three, second.of_value, seen,
            scale=SCALE, u=u, cotangent_error=second.value_bound,
        )  # fmt: skip
        of_agent = second.of_key + first.of_query
        agent_bound = second.key_bound + first.query_bound
        exact = second.of_query, of_agent, first.of_key, first.of_value
        bounds = (
            second.query_bound,
            agent_bound + u * (np.abs(of_agent) + agent_bound),
            first.key_bound,
            first.value_bound,
        )
        for computed, right, bound in zip(found, exact, bounds):
            error = np.abs(computed[0, head].double().numpy() - right)
            assert (error <= bound * EVALUATION).all()
            # A share of one per cent lost anywhere would be seen.
            assert (np.abs(0.01 * right) > bound).any()
