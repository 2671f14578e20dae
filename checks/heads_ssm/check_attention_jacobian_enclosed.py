"""The Jacobian of causal softmax attention with the true exponential, enclosed."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from attnproof.theory.algebra.ball import ball_array, precision
from attnproof.theory.algebra.dual import Dual
from attnproof.theory.core import check, refute_unless, sampled
from attnproof.theory.engine.ball_comparison import contains
from attnproof.theory.engine.fuzz import independent_draws
from attnproof.theory.paper.heads_ssm.gradient_highway import ATTENTION_JACOBIAN
from attnproof.theory.paper.heads_ssm.softmax_jacobian import derivative_along, stated_jacobian


def _without_the_output(*arguments):
    return stated_jacobian(*arguments, subtract=0)


def _transposed(*arguments):
    return stated_jacobian(*arguments, transpose=True)


def _falling_with_the_distance(tokens, i, j, *arguments):
    return stated_jacobian(tokens, i, j, *arguments) / (1 + i - j)


def _scale_dropped(tokens, i, j, query, key, value, scale, weights):
    return stated_jacobian(tokens, i, j, query, key, value, scale / scale, weights)


ALTERED = {
    "output not subtracted": dict(closed_form=_without_the_output),
    "query and key exchanged": dict(closed_form=_transposed),
    "scale dropped": dict(closed_form=_scale_dropped),
}


def _natural(scores: np.ndarray) -> np.ndarray:
    result = np.empty(scores.shape, dtype=object)
    for index, score in np.ndenumerate(scores):
        weight = score.value.exp()
        result[index] = Dual(weight, weight * score.derivative)
    return result


def _instances() -> Iterator[tuple]:
    for draw in independent_draws(12, seed=71):
        n, width, head, out = (int(draw.random.integers(low, 5)) for low in (2, 2, 1, 1))
        made = lambda *shape, draw=draw: ball_array(draw.random.integers(-8, 9, shape)) / 8
        yield made(n, width), made(head, width), made(head, width), made(out, width), head


def _compare_balls(closed_form, targets) -> None:
    with precision(192):
        for tokens, query, key, value, head in _instances():
            i = len(tokens) - 1
            scale = 1 / ball_array([head])[0].sqrt()
            scores = np.array([s.exp() for s in scale * (tokens @ key.T @ query @ tokens[i])])
            for j in targets(i):
                stated = closed_form(tokens, i, j, query, key, value, scale, scores / scores.sum())
                for k in range(tokens.shape[1]):
                    found = derivative_along(
                        tokens, i, j, k, query, key, value, scale, power=_natural
                    )
                    for row, entry in enumerate(found):
                        contains(
                            stated[row, k],
                            entry,
                            "the Jacobian is another",
                            tokens=tokens,
                            W_Q=query,
                            W_K=key,
                            V=value,
                            j=j,
                        )
                        refute_unless(float(entry.rad()) < 1e-30, "too wide", radius=entry)


OVER = "2 to 4 tokens of width 2 to 4, head width 1 to 4"


@check(
    ATTENTION_JACOBIAN,
    part="earlier token",
    establishes=sampled(over=OVER, by="dual numbers over balls"),
    claimed=dict(closed_form=stated_jacobian),
    controls={**ALTERED, "falling with the distance": dict(closed_form=_falling_with_the_distance)},
)
def enclosed_derivative_earlier(closed_form) -> None:
    """The definition with the true exponential on dual numbers over balls, j < i."""
    _compare_balls(closed_form, range)


@check(
    ATTENTION_JACOBIAN,
    part="the token itself",
    establishes=sampled(over=OVER, by="dual numbers over balls"),
    claimed=dict(closed_form=stated_jacobian),
    controls=ALTERED,
)
def enclosed_derivative_itself(closed_form) -> None:
    """The definition with the true exponential on dual numbers over balls, j = i."""
    _compare_balls(closed_form, lambda i: [i])
