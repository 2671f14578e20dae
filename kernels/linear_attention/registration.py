"""Which implementations there are of linear attention."""

from attnproof.kernels.registry import torch_form, triton_form

IMPLEMENTATIONS = (
    torch_form("linear_attention"),
    triton_form(
        "linear_attention",
        module="triton_gradient",
        backward="products with the sums over the keys, and sums over the queries",
    ),
)
