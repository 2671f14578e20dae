"""Which implementations there are of linear attention with a gate per channel."""

from attnproof.kernels.registry import torch_form, triton_form

IMPLEMENTATIONS = (
    torch_form("channel_gated_linear_attention"),
    triton_form(
        "channel_gated_linear_attention",
        module="triton_gradient",
        backward="states between chunks in both directions of time, then each chunk",
        blocks=(),
    ),
)
