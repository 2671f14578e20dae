"""Which implementations there are of magnitude-aware linear attention."""

from attnproof.kernels.registry import torch_form, triton_form

IMPLEMENTATIONS = (
    torch_form("magnitude_aware_linear_attention"),
    triton_form(
        "magnitude_aware_linear_attention",
        backward="products with the sums over the keys, and sums over the queries",
    ),
)
