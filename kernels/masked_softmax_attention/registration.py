"""Which implementations there are of masked softmax attention."""

from attnproof.kernels.registry import torch_form, triton_form

IMPLEMENTATIONS = (
    torch_form("masked_softmax_attention"),
    triton_form(
        "masked_softmax_attention",
        module="triton_gradient",
        backward="weights P again from each row's largest logit and total, 0 for keys not seen; "
        "dv = Pᵀg, dS = P∘(gvᵀ − g·o), dq = scale·dS k, dk = scale·dSᵀq",
    ),
)
