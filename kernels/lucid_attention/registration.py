"""Which implementations there are of LUCID attention."""

from attnproof.kernels.registry import torch_form, triton_form

IMPLEMENTATIONS = (
    torch_form("lucid_attention"),
    triton_form(
        "lucid_attention",
        module="triton_gradient",
        backward="the substitution on reversed tokens, and sums over tiles of pairs",
    ),
)
