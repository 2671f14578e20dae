"""Which implementations there are of polynomial tensor attention."""

from attnproof.kernels.registry import torch_form, triton_form

IMPLEMENTATIONS = (
    torch_form("polynomial_tensor_attention", draws=30),
    triton_form(
        "polynomial_tensor_attention",
        module="triton_gradient",
        backward="the moments of queries and cotangents, the rows of the keys for their values, "
        "and the slopes of the monomials",
        lengths=(2, 16, 17, 33),
        draws=12,
        slow=True,
    ),
)
