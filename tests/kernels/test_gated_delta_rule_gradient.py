"""The gradient of the Triton kernel against autograd through the recurrence in float64.

The tolerance is derived, for one head and all N tokens at once; chunks only order the sums. With
``T̃ = (I + L̃)^{−1}``, ``L̃ = tril_−(KKᵀ ⊙ Γ)diag(β)``, T and L as in the operator's own bound, |X|' a
product of absolute values, and γ for the roundings a term passes through at most, the prediction
errors E and the cotangents P of the writes ``U = diag(β)E`` come out of substitutions, so that

    |Ê − E| ≤ (I − γ|T̃||L̃|')^{−1} γ|T̃| (|V| + |L̃|'|E|),
    |P̂ − P| ≤ (I − γ|T|ᵀ|L|'ᵀ)^{−1} γ|T|ᵀ (|W|'ᵀ|G| + |L|'ᵀ|P|).

Every gradient is a sum of products of inputs, E and P. Let F be that sum with absolute values
throughout: it is off by at most ``(1 + γ) F(|E| + δE, |P| + δP) − F(|E|, |P|)``.
"""

from __future__ import annotations

import importlib.util
import inspect
from importlib.util import find_spec

import numpy as np
import pytest
import torch

from attnproof.theory.engine.rounding import gamma, unit_roundoff

if find_spec("triton") is None:
    pytest.skip("needs triton ([kernels])", allow_module_level=True)

from attnproof.kernels.gated_delta_rule import triton_gradient
from attnproof.kernels.gated_delta_rule.triton_gradient import gated_delta_rule

U = unit_roundoff("float32")
BLOCK = triton_gradient.BLOCK
NAMES = ("query", "key", "value", "step_size", "decay")


def instance(length, width, columns, seed, *, heads=1, resets=True):
    """Unit keys, a run of them the same with β = 1, a β of zero, and gates of zero."""
    generator = torch.Generator().manual_seed(seed)
    normal = lambda size: torch.randn(1, heads, length, size, generator=generator)
    uniform = lambda: torch.rand(1, heads, length, generator=generator)
    key, step_size, low = normal(width), uniform(), 0.8 if resets else 0.95
    decay = low + (1 - low) * uniform()
    if length > 9:
        key[:, :, 3:9] = key[:, :, 2:3]
        step_size[:, :, 3:9] = 1
        step_size[:, :, 10] = 0 if resets else 0.5
        if resets:
            decay[:, 0, [4, length // 2]] = 0
            decay[:, -1, length - 1] = 0
    key = key / key.norm(dim=-1, keepdim=True)
    return (normal(width), key, normal(columns), step_size, decay), normal(columns)


def recurrence(query, key, value, step_size, decay):
    state, rows = query.new_zeros(*query.shape[:2], value.shape[-1], query.shape[-1]), []
    for q, k, v, beta, alpha in zip(*(x.unbind(2) for x in (query, key, value, step_size, decay))):
        state = alpha[..., None, None] * state
        recalled = (state @ k[..., None])[..., 0]
        write = beta[..., None] * (v - recalled)
        state = state + write[..., None] * k[..., None, :]
        rows.append((state @ q[..., None])[..., 0])
    return torch.stack(rows, 2)


def gradients(function, tensors, cotangent):
    leaves = [x.detach().clone().requires_grad_() for x in tensors]
    return torch.autograd.grad(function(*leaves), leaves, cotangent)


def roundings(length, width, columns, decay):
    """Of one term: dot products and sums over tokens, and gates, twice for the gates' gradient.

    A chunk's gates are the exponential of a difference of two cumulative sums of ``B`` logarithms
    of size ≤ λ: each sum is off by (B + 8)Bλu, the difference by another Bλu, and logarithm and
    exponential are taken to be within 4 ulp, which is 8u.
    """
    largest = np.abs(np.log(decay[decay > 0])).max(initial=0.0)
    gates = (2 * (BLOCK + 8) + 1) * BLOCK * largest + 8
    chunks = -(-length // BLOCK) + 1
    return 2 * (width + columns) + 4 * length + 2 * chunks * int(np.ceil(gates)) + 32


def allowed(query, key, value, step_size, decay, cotangent):
    """The bound of each gradient, for one head in float64."""
    length = len(key)
    factor = gamma(roundings(length, key.shape[1], value.shape[1], decay), U)
    gates = np.eye(length)
    for i in range(1, length):
        gates[i, :i] = gates[i - 1, :i] * decay[i]
    earlier = np.zeros_like(gates)
    earlier[1:] = gates[:-1]
    size = np.abs
    below = lambda x: np.tril(x, -1)
    one = np.eye(length)
    beta, g = step_size[:, None], size(cotangent)
    among, scores = below(key @ key.T * gates), query @ key.T * gates
    keys, reads = size(key) @ size(key).T, size(query) @ size(key).T
    tilde = np.linalg.inv(one + among * beta.T)
    errors = tilde @ value
    couple = below(keys * gates) * beta.T
    grown = factor * size(tilde) @ couple
    right = factor * size(tilde) @ (size(value) + couple @ size(errors))
    off_errors = np.linalg.solve(one - grown, right)
    inverse = np.linalg.inv(one + beta * among).T
    adjoint = inverse @ scores.T @ cotangent
    couple = (beta * below(keys * gates)).T
    grown = factor * size(inverse) @ couple
    right = factor * size(inverse) @ ((reads * gates).T @ g + couple @ size(adjoint))
    off_adjoint = np.linalg.solve(one - grown, right)

    def formulas(errors, adjoint):
        writes, recalls = beta * errors, beta * adjoint
        read, coupled = g @ writes.T, recalls @ writes.T
        both = below(coupled * gates)
        pairs = reads * read + keys * coupled
        return (
            (read * gates) @ size(key),
            (read * gates).T @ size(query) + (both + both.T) @ size(key),
            recalls,
            (adjoint * errors).sum(1),
            ((gates.T @ pairs) * earlier).sum(1),
        )

    exact = formulas(size(errors), size(adjoint))
    moved = formulas(size(errors) + off_errors, size(adjoint) + off_adjoint)
    return [(1 + factor) * two - one for one, two in zip(exact, moved)]


def beyond(function, tensors, cotangent):
    """For each input the largest |error| over bound; 0/0 is 0."""
    found = gradients(function, tensors, cotangent)
    exact = gradients(recurrence, [x.double() for x in tensors], cotangent.double())
    worst = dict.fromkeys(NAMES, 0.0)
    for head in range(cotangent.shape[1]):
        arrays = [x[0, head].double().numpy() for x in (*tensors, cotangent)]
        for name, one, two, limit in zip(NAMES, found, exact, allowed(*arrays)):
            off = np.abs((one[0, head].double() - two[0, head]).numpy())
            share = np.where(off == 0, 0.0, off / np.where(limit > 0, limit, 1e-300))
            # A NaN is beyond every bound.
            share = np.where(np.isnan(share), np.inf, share)
            worst[name] = max(worst[name], float(share.max()))
    return worst


@pytest.mark.parametrize(
    "shape", [(1, 5, 3), (17, 40, 20), (40, 3, 5)], ids=lambda x: "x".join(map(str, x))
)
def test_gradients_are_within_the_bound(shape):
    """The second shape has two slices of the values and two parts of the keys' channels."""
    worst = beyond(gated_delta_rule, *instance(*shape, seed=shape[0], heads=2))
    assert max(worst.values()) <= 1, worst


WRONG = {
    "a decay power too few in the state's adjoint": (
        "tl.trans(before[:, None] * q)",
        "tl.trans(decays_one_token_earlier(decay + head * length, rows, place, inside, BLOCK)[1]"
        "[:, None] * q)",
        ("query", "key", "value", "step_size", "decay"),
    ),
    "substitution not transposed": (
        "coupling = tl.trans(tl.where(place[:, None] > place[None, :], coupling, 0.0))",
        "coupling = tl.where(place[:, None] > place[None, :], coupling, 0.0)",
        ("key", "value", "step_size", "decay"),
    ),
    "the step sizes' gradient without the state": (
        "    ends = tl.sum(",
        "    recalled_step = before * tl.sum(k * recalled, axis=1) / tl.where(inside, beta, 1.0)\n"
        "    tl.store(of_step_size + head * length + rows, steps + recalled_step, mask=inside)\n"
        "    ends = tl.sum(",
        ("step_size",),
    ),
    "the gates' gradient without what the state passes on": (
        "    gates += after * before_earlier * tl.sum(carried, axis=0)\n",
        "",
        ("decay",),
    ),
}


@pytest.mark.parametrize("how", WRONG)
def test_a_wrong_gradient_is_noticed(how, tmp_path):
    """Three chunks, so that one of them has a state before it and a cotangent after it."""
    right, wrong, reached = WRONG[how]
    source = inspect.getsource(triton_gradient)
    assert source.count(right) == 1
    path = tmp_path / "altered.py"
    path.write_text(source.replace(right, wrong))
    spec = importlib.util.spec_from_file_location(f"{triton_gradient.__package__}.altered", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    worst = beyond(module.gated_delta_rule, *instance(34, 5, 3, seed=6, resets=False))
    noticed = {name for name, share in worst.items() if share > 1}
    assert noticed and noticed <= set(reached), worst


def test_narrow_gradients_are_rounded_once():
    """bfloat16 leaves: what float32 gives on the same numbers, rounded at the end."""
    tensors, cotangent = instance(12, 5, 3, seed=1)
    narrow = [x.bfloat16() for x in tensors]
    found = gradients(gated_delta_rule, narrow, cotangent.bfloat16())
    wide = gradients(gated_delta_rule, [x.float() for x in narrow], cotangent.bfloat16().float())
    assert all(torch.equal(one, two.bfloat16()) for one, two in zip(found, wide))


def test_only_what_is_asked_for():
    tensors, cotangent = instance(12, 5, 3, seed=2)
    whole = gradients(gated_delta_rule, tensors, cotangent)
    for asked in ((2,), (0, 3)):
        leaves = [x.detach().clone().requires_grad_(i in asked) for i, x in enumerate(tensors)]
        gated_delta_rule(*leaves).backward(cotangent)
        assert all(torch.equal(leaves[i].grad, whole[i]) for i in asked)
        assert all(leaves[i].grad is None for i in range(5) if i not in asked)
