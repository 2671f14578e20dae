"""Which implementations there are of gated linear attention."""

from attnproof.kernels.registry import compiled_form, torch_form, triton_form

IMPLEMENTATIONS = (
    torch_form("gated_linear_attention", keeps_state=True),
    triton_form(
        "gated_linear_attention",
        module="triton_gradient",
        backward="three passes of the forward kernel; for the gates one over chunks",
    ),
    compiled_form("gated_linear_attention"),
)
