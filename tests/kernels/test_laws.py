"""Laws that hold whatever the numbers are: for most of them equality is bitwise."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from attnproof.kernels.bounds import error_bound
from attnproof.kernels.registry import IMPLEMENTATIONS, Implementation

BLOCK = 16
# 1, 2, around one block, two blocks, three blocks and a rest.
LENGTHS = (1, 2, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK, 3 * BLOCK + 7)
DECAY, EPSILON, TAIL = 0.5, 1e-6, 2.0**-4

each = pytest.mark.parametrize(
    "one", IMPLEMENTATIONS, ids=lambda one: f"{one.operator}-{one.backend}"
)


def inputs(length: int, *, heads: int = 2, seed: int = 0, width: int = 5, columns: int = 3):
    generator = torch.Generator().manual_seed(seed)
    shapes = [(1, heads, length, width)] * 2 + [(1, heads, length, columns)]
    return [torch.randn(shape, generator=generator) + 0.25 for shape in shapes]


def run(one: Implementation, query, key, value, *, block: int = BLOCK, epsilon=EPSILON):
    extra = {"tail": TAIL} if one.operator == "resolvent_attention" else {}
    return one.load()(query, key, value, gamma=DECAY, epsilon=epsilon, block=block, **extra)


def bound(one: Implementation, query, key, value, *, block: int = BLOCK) -> torch.Tensor:
    """The a-priori bound of every entry of ``run``."""
    heads = [
        error_bound(
            one.operator,
            *(x[0, head].double().numpy() for x in (query, key, value)),
            decay=DECAY,
            epsilon=EPSILON,
            dtype=str(query.dtype).removeprefix("torch."),
            additions=one.additions(query.shape[2], block),
            tail=TAIL if one.operator == "resolvent_attention" else 0.0,
        )
        for head in range(query.shape[1])
    ]
    return torch.from_numpy(np.stack(heads))[None]


@each
@pytest.mark.parametrize("length", LENGTHS)
def test_every_entry_is_written_and_nothing_else(one, length):
    given = inputs(length)
    kept = [x.clone() for x in given]
    output = run(one, *given)
    assert output.shape == given[2].shape and output.dtype == given[2].dtype
    assert bool(torch.isfinite(output).all())
    assert all(torch.equal(x, y) for x, y in zip(given, kept))


@each
def test_the_same_call_gives_the_same_bits(one):
    given = inputs(3 * BLOCK + 7)
    assert torch.equal(run(one, *given), run(one, *given))


@each
def test_doubling_the_values_doubles_the_output_bitwise(one):
    """The operators are linear in V, and scaling by two does not round."""
    query, key, value = inputs(BLOCK + 1)
    assert torch.equal(run(one, query, key, 2 * value), 2 * run(one, query, key, value))


@each
def test_strides_do_not_matter(one):
    given = inputs(BLOCK + 1)
    expected = run(one, *given)
    swapped = [x.transpose(1, 2).contiguous().transpose(1, 2) for x in given]
    assert not swapped[0].is_contiguous()
    assert torch.equal(run(one, *swapped), expected)
    within = [torch.nn.functional.pad(x, (3, 2))[..., 3:-2] for x in given]
    assert not within[0].is_contiguous()
    assert torch.equal(run(one, *within), expected)


@each
def test_heads_and_batches_do_not_meet(one):
    """Each head alone gives what it gives among others; only the resolvent shares its number of
    hops, which may differ between calls."""
    given = inputs(BLOCK + 1, heads=3)
    together = run(one, *given)
    for head in range(3):
        alone = run(one, *(x[:, head : head + 1] for x in given))
        if one.operator == "resolvent_attention":
            allowed = 2 * bound(one, *given)[:, head : head + 1]
            gap = (alone.double() - together[:, head : head + 1].double()).abs()
            assert bool((gap <= allowed).all())
        else:
            assert torch.equal(alone, together[:, head : head + 1])
    batched = run(one, *(x.transpose(0, 1) for x in given)).transpose(0, 1)
    assert torch.equal(batched, together)


@each
def test_the_block_size_changes_rounding_only(one):
    given = inputs(3 * BLOCK + 7)
    small, large = run(one, *given), run(one, *given, block=64)
    allowed = bound(one, *given) + bound(one, *given, block=64)
    assert bool(((small.double() - large.double()).abs() <= allowed).all())


@each
def test_permuting_tokens_permutes_the_output(one):
    """Rounding differs with the order of summation: hence within two bounds, not bitwise."""
    given = inputs(BLOCK + 5)
    order = torch.randperm(BLOCK + 5, generator=torch.Generator().manual_seed(1))
    moved = [x[..., order, :] for x in given]
    gap = run(one, *moved).double() - run(one, *given)[..., order, :].double()
    allowed = bound(one, *moved) + bound(one, *given)[..., order, :]
    assert bool((gap.abs() <= allowed).all())


@pytest.mark.parametrize("backend", ["torch", "triton"])
def test_the_linear_operator_sees_queries_as_a_set(backend):
    (one,) = (
        x
        for x in IMPLEMENTATIONS
        if (x.operator, x.backend) == ("linear_infinite_self_attention", backend)
    )
    query, key, value = inputs(BLOCK + 5)
    order = torch.randperm(BLOCK + 5, generator=torch.Generator().manual_seed(1))
    output = run(one, query, key, value)
    gap = (run(one, query[..., order, :], key, value).double() - output.double()).abs()
    assert bool((gap <= 2 * bound(one, query, key, value)).all())
    assert torch.equal(output, output[..., :1, :].expand(output.shape))


@each
@pytest.mark.parametrize("epsilon", [0.0, 1e-6])
def test_without_any_affinity_nothing_is_attended_to(one, epsilon):
    query, key, value = inputs(BLOCK + 1)
    query, key = query.abs(), -key.abs()
    assert torch.equal(run(one, query, key, value, epsilon=epsilon), torch.zeros_like(value))
    zero = torch.zeros_like(query)
    assert torch.equal(run(one, zero, key, value, epsilon=epsilon), torch.zeros_like(value))


@each
def test_a_row_without_affinity_is_zero_beside_rows_with(one):
    if one.operator == "linear_infinite_self_attention":
        pytest.skip("all of its rows are one row")
    query, key, value = (x.abs() for x in inputs(BLOCK + 1))
    query[..., 3, :] *= -1
    output = run(one, query, key, value)
    assert bool((output[..., 3, :] == 0).all()) and bool((output[..., 4, :] != 0).all())


@each
def test_squares_of_large_halves_do_not_overflow(one):
    """65 504 is the largest float16; its square is not one."""
    query, key, value = (x.clamp(-1, 1).abs().half() for x in inputs(BLOCK + 1))
    query, key = query * 30_000, key * 30_000
    output = run(one, query, key, value)
    assert bool(torch.isfinite(output).all()) and bool((output != 0).all())
    one_bound = bound(one, query, key, value)
    assert bool(torch.isfinite(one_bound).all())
    small = run(one, query.double().mul(2.0**-10).half(), key.mul(2.0**-10), value, epsilon=0.0)
    # Scaling queries and keys leaves the operator alone, up to rounding and to ε.
    assert bool(((output.double() - small.double()).abs() <= 4 * one_bound + 1e-6).all())
