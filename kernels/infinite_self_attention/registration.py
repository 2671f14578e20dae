"""Which implementations there are of infinite self-attention, one hop."""

from attnproof.kernels.registry import torch_form, triton_form

IMPLEMENTATIONS = (
    torch_form("infinite_self_attention"),
    triton_form(
        "infinite_self_attention",
        module="triton_gradient",
        backward="dV by the same product on exchanged roles; dQ and dK by sums over tiles of pairs",
    ),
)
