"""Which implementations there are of InLine attention."""

from attnproof.kernels.registry import torch_form, triton_form

IMPLEMENTATIONS = (
    torch_form("inline_attention"),
    triton_form(
        "inline_attention",
        backward="products with the sums over the keys, and sums over the queries",
    ),
)
