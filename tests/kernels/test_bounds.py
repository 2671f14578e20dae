"""The bounds hold whatever the shape, and a kernel with a bug does not stay within them."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from attnproof.kernels.battery import definition, within_bound
from attnproof.kernels.bounds import error_bound
from attnproof.kernels.registry import implementation
from attnproof.theory.core import Refuted

OPERATORS = ("infinite_self_attention", "resolvent_attention", "linear_infinite_self_attention")


@pytest.mark.parametrize("operator", OPERATORS)
@settings(max_examples=20, deadline=None)
@given(
    length=st.integers(1, 70),
    block=st.integers(1, 40),
    dtype=st.sampled_from(["float32", "float16", "bfloat16"]),
    seed=st.integers(0, 2**32 - 1),
)
def test_the_bound_holds_for_every_shape(operator, length, block, dtype, seed):
    one = implementation(operator, "torch")
    random = np.random.default_rng(seed)
    ratio = within_bound(
        operator, one.load(), one.additions, random, length=length, block=block, dtype=dtype
    )
    assert 0.0 <= ratio <= 1.0


@pytest.mark.parametrize("operator", OPERATORS)
def test_a_logit_that_rounds_across_zero_is_not_promised(operator):
    """Without ε, a true logit of at most 0 that is computed as positive gets all the attention:
    nothing but an infinite bound is honest."""
    query = np.array([[1.0, 2.0**-13, 1.0, 2.0**-13]])
    key = np.array([[1.0, 2.0**-13, -1.0, -(2.0**-13)]])
    assert definition(operator)(query, key, np.ones((1, 1)), 0.5, 1e-6).max() == 0
    bound = error_bound(
        operator, query, key, np.ones((1, 1)), decay=0.5, epsilon=0.0, dtype="float32",
        additions=3, tail=2.0**-20,
    )  # fmt: skip
    assert np.isinf(bound).all()


def _pure(query, key, value, *, gamma, epsilon, divide=None, norm="all", place="beside"):
    logits = query.float() @ key.float().transpose(-1, -2)
    scores = torch.relu(logits / (divide or query.shape[-1]))
    squares = (scores * scores).sum((-1, -2) if norm == "all" else -1, keepdim=True)
    size = squares.sqrt() + epsilon if place == "beside" else (squares + epsilon).sqrt()
    return (gamma * scores @ value.float() / size.clamp_min(1e-30)).to(value.dtype)


def _wrapped(**options):
    return lambda q, k, v, *, gamma, epsilon, block: _pure(
        q, k, v, gamma=gamma, epsilon=epsilon, **options
    )


def _key_lost_at_an_edge(query, key, value, *, gamma, epsilon, block):
    if key.shape[-2] > block:
        key = key.clone()
        key[..., block, :] = 0
    return _pure(query, key, value, gamma=gamma, epsilon=epsilon)


def _narrow_sums(query, key, value, *, gamma, epsilon, block):
    """The numerator is rounded to bfloat16 after every tile."""
    scores = torch.relu(query.float() @ key.float().transpose(-1, -2) / query.shape[-1])
    total = torch.zeros_like(value, dtype=torch.float32)
    for left in range(0, key.shape[-2], block):
        part = scores[..., left : left + block] @ value[..., left : left + block, :].float()
        total = (total + part).bfloat16().float()
    size = (scores * scores).sum((-1, -2), keepdim=True).sqrt() + epsilon
    return (gamma * total / size.clamp_min(1e-30)).to(value.dtype)


PLANTED = {
    "logits divided by the root of the width": _wrapped(divide=2.0),
    "each row has its own norm": _wrapped(norm="row"),
    "epsilon under the root": _wrapped(place="under"),
    "a key lost at the edge of a block": _key_lost_at_an_edge,
    "sums in bfloat16": _narrow_sums,
}


def _examine(kernel) -> None:
    additions = implementation("infinite_self_attention", "torch").additions
    for seed in range(30):
        random = np.random.default_rng(seed)
        within_bound(
            "infinite_self_attention", kernel, additions, random,
            length=35, block=16, dtype="float32",
        )  # fmt: skip


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_bug_leaves_the_bound(name):
    with pytest.raises(Refuted, match="the error exceeds its a-priori bound"):
        _examine(PLANTED[name])


def test_the_same_code_without_a_bug_stays_within():
    _examine(_wrapped())
