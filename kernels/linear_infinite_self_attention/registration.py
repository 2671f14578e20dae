"""Which implementations there are of linear infinite self-attention."""

from attnproof.kernels.registry import torch_form, triton_form

IMPLEMENTATIONS = (
    torch_form("linear_infinite_self_attention"),
    triton_form(
        "linear_infinite_self_attention",
        module="triton_gradient",
        backward="one pass over keys and values, one over queries",
    ),
)
