"""Conjugate gradients whose end is certified by a residual formed anew."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch

# In units of u: how large the residual may be, relative to ‖A‖‖x‖. Rounding leaves about one unit.
TOLERANCE = 4.0
# How often the iteration starts again from a residual formed anew.
RESTARTS = 2


def steps(width: int) -> int:
    """How many steps there are between two residuals formed anew; d would do without rounding."""
    return 2 * width + 16


def _dot(one: torch.Tensor, two: torch.Tensor) -> torch.Tensor:
    return (one * two).sum(-1)


def _small(residual: torch.Tensor, estimate: torch.Tensor, allowed: torch.Tensor) -> torch.Tensor:
    """Whether ``‖r‖ ≤ a‖x‖``; false where the right-hand side is no finite number."""
    bound = allowed * estimate.norm(dim=-1)
    return (residual.norm(dim=-1) <= bound) & (bound < torch.inf)


def solve(
    product: Callable[[torch.Tensor], torch.Tensor],
    right: torch.Tensor,
    size: torch.Tensor,
    *,
    first: int = 0,
) -> torch.Tensor:
    """x with ``‖b − Ax‖ ≤ TOLERANCE · u · S · ‖x‖``, one system for each row.

    The residual of this test is formed from its definition; the one that the iteration carries
    along only says when that is worth doing. So, whatever rounding did to the iteration,
    ``‖x − A^{−1}b‖ ≤ ‖b − Ax‖/λ_min(A)``, and x solves a system that differs from the given one by
    ``TOLERANCE · u · S`` in norm (Rigal and Gaches). A row that has arrived stays as it is: no row
    depends on another.

    Args:
        product: x ↦ Ax for all rows at once, A symmetric and positive definite in each.
        right: b, [..., rows, d]; size: ``S ≥ ‖A‖``, [..., rows].
        first: number of the first row, for the message.

    Raises:
        ArithmeticError: a row has not arrived after ``RESTARTS + 1`` times `steps`.

    Source: Hestenes and Stiefel (1952); a residual formed anew: van der Vorst and Ye (2000).
    """
    width = right.shape[-1]
    allowed = TOLERANCE * torch.finfo(right.dtype).eps / 2 * size
    estimate = torch.zeros_like(right)
    for round_ in range(RESTARTS + 2):
        residual = right - product(estimate)
        arrived = _small(residual, estimate, allowed)
        if bool(arrived.all()):
            return estimate
        if round_ <= RESTARTS:
            estimate = _iterate(product, estimate, residual, ~arrived, allowed)
    raise refusal(~arrived, residual.norm(dim=-1), allowed * estimate.norm(dim=-1), first, width)


def refusal(
    failed: torch.Tensor, residual: torch.Tensor, allowed: torch.Tensor, first: int, width: int
) -> ArithmeticError:
    """The error for the first row that failed, with the numbers and what to do.

    Args:
        failed, residual, allowed: for each row, [..., rows]; first: number of the first row.
    """
    at = tuple(map(int, failed.nonzero()[0]))
    found, wanted = float(residual[at]), float(allowed[at])
    if not (math.isfinite(found) and math.isfinite(wanted)):
        advice = "an input is not finite, or its square overflows: scale the inputs down"
    else:
        advice = (
            "raise the ridge, or use the Cholesky form in float64, "
            "kernels.local_linear_attention.blocked"
        )
    return ArithmeticError(
        f"the conjugate gradients for row {first + at[-1]} of head {at[:-1]} end with a residual "
        f"of {found:.3g} after up to {(RESTARTS + 1) * steps(width)} steps, where {wanted:.3g} is "
        f"allowed in {residual.dtype}: {advice}"
    )


def _iterate(
    product: Callable[[torch.Tensor], torch.Tensor],
    estimate: torch.Tensor,
    residual: torch.Tensor,
    active: torch.Tensor,
    allowed: torch.Tensor,
) -> torch.Tensor:
    """`steps` steps at most, in each row until the residual carried along is half of what the one
    formed anew may be."""
    direction, square = residual, _dot(residual, residual)
    for _ in range(steps(estimate.shape[-1])):
        image = product(direction)
        curvature = _dot(direction, image)
        active = active & (curvature > 0)
        step = torch.where(active, square / curvature, 0.0)[..., None]
        estimate, residual = estimate + step * direction, residual - step * image
        before, square = square, _dot(residual, residual)
        active = active & ~_small(residual, estimate, allowed / 2)
        if not bool(active.any()):
            break
        ratio = torch.where(active, square / before, 0.0)[..., None]
        direction = residual + ratio * direction
    return estimate
