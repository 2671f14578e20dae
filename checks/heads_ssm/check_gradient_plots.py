"""Pictures of how far gradients reach."""

from __future__ import annotations

import numpy as np

from attnproof.theory.core import Plot, Series, plot
from attnproof.theory.paper.heads_ssm.gradient_highway import (
    GRADIENT_DECAY_SSM,
    GRADIENT_HIGHWAY_ATTENTION,
)


@plot(GRADIENT_DECAY_SSM)
def gradients_by_distance() -> Plot:
    """‖∂y_i/∂x_j‖ over i − j: attention on its highway input, two linear recurrences."""
    distances = [1, 2, 3, 5, 7, 10, 15, 20, 30, 40, 60, 80, 100, 140, 180, 220, 255]
    length, t = 256, 3.0
    weight = 1 / (1 + (length - 1) * np.exp(-(t**2)))
    value = np.array([[1.0, 2.0], [-1.0, 1.0]])
    gap = value @ np.array([t, 0.0]) * (1 - weight)
    # y = α t V u + α_ii t V v, with α_ii = e^{−t²} α.
    gap = gap - weight * np.exp(-(t**2)) * t * value[:, 1]
    path = np.linalg.norm(weight * (value + np.outer(gap, [t, 0.0])), 2)
    jordan = np.array([[0.9, 10.0], [0.0, 0.9]])
    norm = lambda matrix, d: float(np.linalg.norm(np.linalg.matrix_power(matrix, d), 2))
    powers = [norm(jordan, d) for d in distances]
    bound = [194.884 * 0.95**d for d in distances]
    return Plot(
        title="How much of a gradient arrives",
        x_label="distance i − j",
        y_label="‖∂y_i/∂x_j‖",
        y_scale="log",
        series=[
            Series(label="attention, x_i = 3v, x_j = 3u", x=distances, y=[float(path)] * 17),
            Series(label="recurrence 0.9 I", x=distances, y=[0.9**d for d in distances]),
            Series(
                label="recurrence (0.9, 10; 0, 0.9)",
                x=distances,
                y=powers,
            ),
            Series(label="bound √κ(P) 0.95^τ", x=distances, y=bound, style="guide"),
        ],
        caption="The attention path is as strong at every distance; the recurrences decay, the "
        "non-normal one after having grown first.",
    )


@plot(GRADIENT_HIGHWAY_ATTENTION)
def distance_to_the_value_matrix_by_size() -> Plot:
    """‖J − V‖/‖V‖ over the size t of the tokens, for orthogonal u, v, σ = 1."""
    value = np.array([[1.0, 2.0], [-1.0, 1.0]])
    sizes = [k / 5 for k in range(1, 26)]

    def share(t: float, length: int) -> float:
        weight = 1 / (1 + (length - 1) * np.exp(-(t**2)))
        gap = t * value[:, 0] * (1 - weight) - weight * np.exp(-(t**2)) * t * value[:, 1]
        path = weight * (value + np.outer(gap, [t, 0.0]))
        return float(np.linalg.norm(path - value, 2) / np.linalg.norm(value, 2))

    return Plot(
        title="How far the Jacobian is from the value matrix",
        x_label="size t of the two tokens",
        y_label="‖∂y_i/∂x_j − V‖ / ‖V‖",
        y_scale="log",
        series=[
            Series(label=f"i = {length}", x=sizes, y=[share(t, length) for t in sizes])
            for length in (16, 64, 256)
        ],
        caption="Small tokens are diluted by the context; beyond a size that grows like the root "
        "of its logarithm the path opens, whatever the distance is.",
    )
