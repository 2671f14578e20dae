"""Conjugate gradients in any number system with division."""

from __future__ import annotations

from collections.abc import Callable, Iterator


def conjugate_gradients(
    product: Callable, right, *, conjugate: bool = True
) -> Iterator[tuple[object, object]]:
    """Iterates ``x_T`` and residuals ``r_T = b − Σx_T``, T = 0, 1, …, until a residual is zero.

    Args:
        product: x ↦ Σx, Σ symmetric positive definite.
        right: b, shape (d,).
        conjugate: whether directions are made conjugate; without it, steepest descent.

    Source: Hestenes and Stiefel (1952), Eq. (3:1).
    """
    estimate, residual = 0 * right, right
    direction = residual
    yield estimate, residual
    while (residual != 0).any():
        image = product(direction)
        square = residual @ residual
        step = square / (direction @ image)
        if not conjugate:
            step = square / (residual @ image)
        estimate, residual = estimate + step * direction, residual - step * image
        direction = residual + (residual @ residual / square) * direction * int(conjugate)
        yield estimate, residual
