"""Arguments that a kernel cannot honour are refused with what to do."""

from __future__ import annotations

import pytest
import torch

from attnproof.kernels.registry import IMPLEMENTATIONS

each = pytest.mark.parametrize(
    "one", IMPLEMENTATIONS, ids=lambda one: f"{one.operator}-{one.backend}"
)


def call(one, dtype=torch.float32, **options):
    tensors = [torch.zeros(1, 1, 5, 4).to(dtype) for _ in range(3)]
    return one.load()(*tensors, gamma=0.5, **options)


@each
@pytest.mark.parametrize("dtype", ["float64", "float16", "float8_e4m3fn", "int32"])
def test_a_dtype_is_computed_in_or_refused(one, dtype):
    """Triton sums in float32: to take float64 in silence would lose half of its digits."""
    if dtype in one.dtypes:
        assert call(one, getattr(torch, dtype)).dtype == getattr(torch, dtype)
    else:
        with pytest.raises(ValueError, match=f"query is torch.{dtype}; .* convert it"):
            call(one, getattr(torch, dtype))


@each
def test_devices_must_agree(one):
    here = torch.zeros(1, 1, 5, 4)
    with pytest.raises(ValueError, match="are on meta, cpu and cpu; move them to one device"):
        one.load()(here.to("meta"), here, here, gamma=0.5)


@each
def test_a_block_without_rows_is_refused(one):
    with pytest.raises(ValueError, match="block = 0; a tile needs at least one row"):
        call(one, block=0)


@each
def test_triton_blocks_are_powers_of_two(one):
    if one.backend == "torch":
        assert call(one, block=3).shape == (1, 1, 5, 4)
    else:
        for block in (8, 48):
            with pytest.raises(ValueError, match=f"block = {block}; Triton tiles need a power of"):
                call(one, block=block)
