"""Which implementations there are of agent attention."""

from attnproof.kernels.registry import torch_form, triton_form

IMPLEMENTATIONS = (
    torch_form("agent_attention"),
    triton_form("agent_attention", backward="autograd through two differentiable softmax steps"),
)
