"""Which implementations there are of softmax attention."""

from attnproof.kernels.registry import torch_form, triton_form

BACKWARD = (
    "weights P again from each row's largest logit and total; dv = Pᵀg, dS = P∘(gvᵀ − g·o), "
    "dq = scale·dS k, dk = scale·dSᵀq"
)

IMPLEMENTATIONS = (
    torch_form("softmax_attention"),
    torch_form(
        "softmax_attention",
        module="stream_k",
        backend="split",
        backward="autograd through the merged states",
    ),
    triton_form("softmax_attention", module="triton_gradient", backward=BACKWARD),
    triton_form(
        "softmax_attention",
        module="stream_k_triton",
        backend="triton-split",
        backward=BACKWARD,
    ),
)
