"""Which implementations there are of causal softmax attention."""

from attnproof.kernels.registry import torch_form, triton_form

IMPLEMENTATIONS = (
    torch_form("causal_softmax_attention"),
    triton_form(
        "causal_softmax_attention",
        module="triton_gradient",
        backward="weights P again from each row's largest logit and total; dv = Pᵀg, "
        "dS = P∘(gvᵀ − g·o), dq = scale·dS k, dk = scale·dSᵀq",
    ),
)
