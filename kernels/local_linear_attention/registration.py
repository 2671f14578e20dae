"""Which implementations there are of local linear attention."""

from attnproof.kernels.registry import torch_form, triton_form

IMPLEMENTATIONS = (
    torch_form("local_linear_attention"),
    torch_form(
        "local_linear_attention",
        module="conjugate_gradient",
        backend="conjugate-gradient",
        backward="one more solve with the same matrix, and autograd through the rest",
    ),
    triton_form(
        "local_linear_attention",
        module="triton_gradient",
        backward="one more solve with the same matrix in each row, then a pass over rows or keys "
        "for each gradient",
        slow=True,
    ),
)
