"""Weight decay inside the loss is not the decay of Gated DeltaNet; decaying first is."""

from __future__ import annotations

from attnproof.theory.algebra.free_algebra import letters, scalars
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import check, counterexample, proof
from attnproof.theory.engine.equational import follows
from attnproof.theory.operator.gated_delta_rule import gated_delta_step
from attnproof.theory.paper.ttr.delta_rule import GATED_REPARAMETRISED, GATED_TWO_CONVENTIONS

S, k, kt, v, w = letters("S k kt v w")
alpha, beta, size, mu = scalars("alpha beta size mu")


def _error(state):
    """``w − Sk``; the gradient of ``½‖w − Sk‖²`` is minus this, times kᵀ."""
    return w - state @ k


# Each returns the new state, the state at which the gradient was taken, and whether the step
# itself multiplies the state by 1 − size·μ.
def _regularised():
    """One step on ``½‖w − Sk‖² + ½μ‖S‖²``."""
    return S - size * (-1 * _error(S) @ kt + mu * S), S, 1


def _fit_only():
    return S + size * _error(S) @ kt, S, 0


def _decayed_first():
    state = alpha * S
    return state + size * _error(state) @ kt, state, 0


def _decayed_last():
    return alpha * (S + size * _error(S) @ kt), S, 0


def _numbers(step_size: str, value: str) -> dict[str, object]:
    """α = 1/2, β = 1/2; ``size`` is the step size of the loss, ``w`` its value, μ what makes the
    decay of the state α."""
    key = rational_array([[1], [2]])
    used = rational(step_size)
    return {
        **{"S": rational_array([[1, 1]]), "k": key, "kt": key.T, "v": rational_array([[3]])},
        **{"alpha": rational("1/2"), "beta": rational("1/2"), "size": used},
        **{"mu": rational("1/2") / used, "w": rational(value) * rational_array([[3]])},
    }


# What the step size is, (c, x) for a value w with cw = x, and numbers for size and w/v.
SAME = dict(size_is=beta, value_is=(1, v), numbers=("1/2", "1"))
REPARAMETRISED = dict(size_is=alpha * beta, value_is=(alpha, v), numbers=("1/4", "2"))


def _equals_gated_delta_net(descent, size_is, value_is, numbers) -> None:
    """The descent with step size ``size`` and value ``w`` against the definition with β and v, from
    ``1 − α = size·μ``, the stated step size and the stated value."""
    factor, value = value_is
    after, state, decays = descent()
    published = gated_delta_step(S, k, kt, v, beta, alpha)
    same_size, same_value, decay = size - size_is, factor * w - value, 1 - alpha - size * mu
    follows(
        after - published,
        using=[(decays, decay, S), (1, same_size, _error(state) @ kt), (beta, same_value, kt)],
        models=[_numbers(*numbers)],
        message="the step is not that of Gated DeltaNet",
    )


@check(
    GATED_TWO_CONVENTIONS,
    establishes=counterexample(over="d = 2, d_v = 1, α = β = 1/2"),
    claimed=dict(descent=_regularised, **SAME),
    controls={
        "only the step size changed": dict(size_is=alpha * beta, numbers=("1/4", "1")),
        "only the value changed": dict(value_is=(alpha, v), numbers=("1/2", "2")),
        "decay after the step": dict(descent=_decayed_last),
    },
    repairs={
        "step αβ towards v/α": REPARAMETRISED,
        "decay before the step": dict(descent=_decayed_first),
    },
)
def one_regularised_step(descent, size_is, value_is, numbers) -> None:
    """The gradient is taken at the decayed state in one and at the state itself in the other."""
    _equals_gated_delta_net(descent, size_is, value_is, numbers)


@check(
    GATED_REPARAMETRISED,
    part="decay first",
    establishes=proof(over="every width, every S, k, v, α, β"),
    claimed=dict(descent=_decayed_first, **SAME),
    controls={
        "decay after the step": dict(descent=_decayed_last),
        "decay inside the loss": dict(descent=_regularised),
        "no decay": dict(descent=_fit_only),
    },
)
def decoupled_decay(descent, size_is, value_is, numbers) -> None:
    """``αS + β(v − αSk)kᵀ = αS(I − βkkᵀ) + βvkᵀ``."""
    _equals_gated_delta_net(descent, size_is, value_is, numbers)


@check(
    GATED_REPARAMETRISED,
    part="reparametrised",
    establishes=proof(over="every width, every S, k, v, β, every α ≠ 0"),
    claimed=dict(descent=_regularised, **REPARAMETRISED),
    controls={
        "same step size and value": SAME,
        "only the step size changed": dict(value_is=(1, v), numbers=("1/4", "1")),
        "decay before the step as well": dict(descent=_decayed_first),
    },
)
def regularised_step_reparametrised(descent, size_is, value_is, numbers) -> None:
    """``S − αβ(−(v/α − Sk)kᵀ + μS) = αS − αβSkkᵀ + βvkᵀ`` with ``αβμ = 1 − α``."""
    _equals_gated_delta_net(descent, size_is, value_is, numbers)
