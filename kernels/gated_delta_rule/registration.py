"""Which implementations there are of the gated delta rule."""

from attnproof.kernels.registry import compiled_form, torch_form, triton_form

IMPLEMENTATIONS = (
    torch_form("gated_delta_rule", keeps_state=True),
    triton_form(
        "gated_delta_rule",
        module="triton_gradient",
        backward="states again, their adjoints backwards by transposed substitution, then chunks",
        slow=True,
    ),
    compiled_form("gated_delta_rule"),
)
