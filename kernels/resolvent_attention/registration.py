"""Which implementations there are of infinite self-attention, all hops."""

from attnproof.kernels.registry import torch_form, triton_form

IMPLEMENTATIONS = (
    torch_form("resolvent_attention"),
    triton_form(
        "resolvent_attention",
        module="triton_gradient",
        backward="dV by as many hops of the transposed map; dQ and dK as for one hop",
        draws=12,
        slow=True,
    ),
)
