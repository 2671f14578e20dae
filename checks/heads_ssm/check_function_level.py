"""Two heads for four lag operators, and what is left of the count."""

from __future__ import annotations

import numpy as np

from attnproof.theory.algebra.matrix import rank
from attnproof.theory.algebra.rational import rational_array
from attnproof.theory.algebra.rational_function import variables
from attnproof.theory.core import check, counterexample, exact, note, refute_unless
from attnproof.theory.paper.heads_ssm.effective_blocks import effective_blocks, interaction_rank
from attnproof.theory.paper.heads_ssm.function_level import (
    FUNCTION_LEVEL_GAP,
    FUNCTION_LEVEL_HEADS,
)
from attnproof.theory.paper.heads_ssm.time_varying_recurrence import time_varying_recurrence
from attnproof.theory.paper.heads_ssm.value_frame import (
    composition_frame,
    fixed_coefficients,
    frame_at,
    hankel_frame,
    heads_output,
    least_norm_coefficients,
)

LENGTH = 4
TOKENS = rational_array([[1, 2], [0, 0], [-3, 1], [0, "1/2"]])
OTHER_TOKENS = rational_array([[0, 1], [1, 1], [2, 0], [1, -1]])


def _model(states: int, input_matrix: list, output_matrix: list) -> tuple[np.ndarray, ...]:
    """The shift on ``states`` states, the same coefficients at every time."""
    shift = np.eye(states, k=-1, dtype=int)
    return tuple(
        np.stack([rational_array(matrix)] * LENGTH)
        for matrix in (shift, input_matrix, output_matrix)
    )


def _four_operators() -> tuple[np.ndarray, ...]:
    """CB = I, CAB = E₂₁, CA²B = E₁₂, CA³B = E₁₁."""
    return _model(4, [[1, 0], [0, 1], [0, 0], [0, 0]], [[1, 0, 0, 1], [0, 1, 0, 0]])


def _three_operators() -> tuple[np.ndarray, ...]:
    """CB = E₁₁, CAB = E₂₂, CA²B = E₁₂, CA³B = 0."""
    return _model(3, [[0, 1], [0, 0], [1, 0]], [[0, 0, 1], [0, 1, 0]])


def _two_operators() -> tuple[np.ndarray, ...]:
    """CB = E₁₁, CAB = E₂₂: a token is mapped to both axes."""
    return _model(2, [[1, 0], [0, 1]], [[1, 0], [0, 1]])


def _independent(blocks: np.ndarray) -> np.ndarray:
    """The first lag operators of which none is a combination of those before."""
    chosen: list[np.ndarray] = []
    for lag in range(LENGTH):
        candidates = [*chosen, blocks[lag, 0]]
        if rank(np.stack(candidates).reshape(len(candidates), -1)) == len(candidates):
            chosen = candidates
    return np.stack(chosen)


def _two_heads(blocks: np.ndarray) -> np.ndarray:
    """I and a quarter turn."""
    return composition_frame(2, 2, 2)


def _three_heads(blocks: np.ndarray) -> np.ndarray:
    return hankel_frame(2, 2)


def _realised(value_maps, coefficients, system, blocks) -> bool:
    """``Σ_h f_h(x) V_h x = W x`` for every block, as rational functions of x whose denominators
    are positive off zero, and equal outputs of the whole maps on tokens some of which are zero."""
    symbols = np.array(variables("x1 x2"), dtype=object)
    lags = blocks[:, 0]
    weigh = lambda i, j, X: coefficients(value_maps, lags[i - j], X[j])
    try:
        for block in lags:
            weights = coefficients(value_maps, block, symbols)
            if ((frame_at(value_maps, symbols) @ weights - block @ symbols) != 0).any():
                return False
        return all(
            bool(
                (heads_output(value_maps, weigh, X) == time_varying_recurrence(*system(), X)).all()
            )
            for X in (TOKENS, OTHER_TOKENS)
        )
    except ZeroDivisionError:
        return False


def _all_operators(blocks: np.ndarray) -> int:
    return interaction_rank(blocks)


def _widest_token(blocks: np.ndarray) -> int:
    """max dim(Lx) over four tokens: at most the true maximum."""
    lags = blocks[:, 0]
    return max(
        rank(np.stack([block @ token for block in lags]))
        for token in rational_array([[1, 0], [0, 1], [1, 1], [1, 2]])
    )


def _any(maps, rule, blocks) -> bool:
    return True


def _continuous_at_zero(maps, rule, blocks) -> bool:
    """Equal limits along four rays: enough to exclude a rule, and all rays for a fixed one."""
    for block in blocks[:, 0]:
        limits = _limits(maps, rule, block)
        if any((limit != limits[0]).any() for limit in limits):
            return False
    return True


def _limits(maps, rule, block) -> list[np.ndarray]:
    """The limits at zero of the coefficients along (1, 2), (1, 0), (1, 1) and (2, −1)."""
    (t,) = variables("t")
    rays = rational_array([[1, 2], [1, 0], [1, 1], [2, -1]])
    return [_value_at_zero(rule(maps, block, t * ray)) for ray in rays]


def _value_at_zero(entries: np.ndarray) -> np.ndarray:
    return rational_array(
        [one.substitute({"t": 0}) if hasattr(one, "substitute") else one for one in entries]
    )


def _as_many_as(needed, coefficients, system, value_maps, admitted) -> None:
    """Every listed choice of value maps that realises the model has ``needed`` of them or more."""
    blocks = effective_blocks(lambda X: time_varying_recurrence(*system(), X), LENGTH, 2)
    realising = 0
    for maps, rule in (
        (value_maps(blocks), coefficients),
        (_independent(blocks), fixed_coefficients),
    ):
        if not (admitted(maps, rule, blocks) and _realised(maps, rule, system, blocks)):
            continue
        realising += 1
        limits = _limits(maps, rule, blocks[1, 0])
        refute_unless(
            len(maps) >= needed(blocks),
            "fewer heads give the same outputs",
            value_maps=maps,
            heads=len(maps),
            needed=needed(blocks),
            lag_operators=blocks[:, 0],
            tokens=TOKENS,
            outputs=time_varying_recurrence(*system(), TOKENS),
            limit_along_a_ray=limits[0],
            limit_along_another=limits[2],
        )
    refute_unless(realising > 0, "no choice of value maps realises the model", realising=realising)


@check(
    FUNCTION_LEVEL_GAP,
    establishes=counterexample(
        over="p = d = 2, k = 4: two heads, every input", by="identity of rational functions"
    ),
    claimed=dict(
        needed=_all_operators,
        coefficients=least_norm_coefficients,
        system=_four_operators,
        value_maps=_two_heads,
        admitted=_any,
    ),
    controls={
        "one head fewer": dict(needed=lambda blocks: _all_operators(blocks) - 1),
        "three lag operators": dict(system=_three_operators),
        "three heads of the Hankel frame": dict(value_maps=_three_heads),
        "more than the width": dict(needed=lambda blocks: _widest_token(blocks) + 1),
    },
    repairs={
        "coefficients that do not see the input": dict(coefficients=fixed_coefficients),
        "coefficients continuous at zero": dict(admitted=_continuous_at_zero),
        "the dimension at one token": dict(needed=_widest_token),
        "as many operators as one token sees": dict(system=_two_operators),
    },
)
def two_heads_for_four_operators(needed, coefficients, system, value_maps, admitted) -> None:
    """With J the quarter turn, x and Jx are orthogonal and equally long, so that

        |x|² W x = (xᵀ W x) x + ((Jx)ᵀ W x) J x        for every 2 × 2 matrix W,

    and the heads I and J give every block with coefficients xᵀWx/|x|² and (Jx)ᵀWx/|x|² of the
    token alone (0 where it is zero). Three lag operators are not more than p + d − 1 = 3; the two
    heads realise them all the same.
    """
    _as_many_as(needed, coefficients, system, value_maps, admitted)
    note(
        heads=2,
        lag_operators=4,
        outputs=time_varying_recurrence(*_four_operators(), TOKENS),
    )


@check(
    FUNCTION_LEVEL_HEADS,
    part="fixed coefficients",
    establishes=exact(bound="the shift on 4 states, p = d = 2, these value maps"),
    claimed=dict(
        needed=_all_operators,
        coefficients=fixed_coefficients,
        system=_four_operators,
        value_maps=_two_heads,
        admitted=_any,
    ),
    controls={
        "coefficients that see the input": dict(
            coefficients=least_norm_coefficients, drops="continuous"
        ),
        "three lag operators, coefficients that see the input": dict(
            coefficients=least_norm_coefficients,
            system=_three_operators,
            drops="continuous",
        ),
        "one head more": dict(needed=lambda blocks: _all_operators(blocks) + 1),
    },
)
def fixed_coefficients_need_all(needed, coefficients, system, value_maps, admitted) -> None:
    """Nearest combinations of I and J miss a lag operator; the lag operators themselves do."""
    _as_many_as(needed, coefficients, system, value_maps, admitted)
