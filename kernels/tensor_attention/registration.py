"""Which implementations there are of tensor attention."""

from attnproof.kernels.registry import FEW_LENGTHS, torch_form, triton_form

IMPLEMENTATIONS = (
    torch_form("tensor_attention", lengths=FEW_LENGTHS, draws=18),
    triton_form(
        "tensor_attention",
        module="triton_gradient",
        backward="the weights formed again from the row's log-sum-exp: a pass for the queries, "
        "and one for each of the two kinds of keys with their values",
        lengths=(2, 16, 17),
        draws=12,
        slow=True,
    ),
)
