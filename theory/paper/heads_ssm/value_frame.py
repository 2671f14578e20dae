"""Value maps as a frame: what all heads together make of one token."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from attnproof.theory.algebra.matrix import inverse
from attnproof.theory.algebra.rational import rational_array


def hankel_frame(outputs: int, inputs: int) -> np.ndarray:
    """``(V_h)_rc = 1 if r + c = h else 0``, ``0 ≤ h ≤ p + d − 2``: shape (p + d − 1, p, d)."""
    maps = np.zeros((outputs + inputs - 1, outputs, inputs), dtype=int)
    for r, c in np.ndindex(outputs, inputs):
        maps[r + c, r, c] = 1
    return rational_array(maps)


def hypercomplex_product(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """``(a, b)(c, d) = (ac − d̄b, da + bc̄)``, by doubling from the real numbers.

    Args:
        left, right: 2^m coordinates each.

    Source: Dickson (1919); Baez, "The octonions" (2002), section 2.2.
    """
    half = len(left) // 2
    if half == 0:
        return left * right
    a, b, c, d = left[:half], left[half:], right[:half], right[half:]
    product = hypercomplex_product
    return np.concatenate(
        [
            product(a, c) - product(_conjugate(d), b),
            product(d, a) + product(b, _conjugate(c)),
        ]
    )


def composition_frame(size: int, outputs: int, inputs: int) -> np.ndarray:
    """``V_h x``: the first p coordinates of ``e_h x``, x in the first d: shape (size, p, d).

    For sizes 1, 2, 4 and 8 the rows of ``T(x) = [V_h x]_h`` are orthogonal, of norm ``|x|``. For
    size 2 the two maps are I and a quarter turn.

    Raises:
        ValueError: p or d is larger than the size.
    """
    if max(outputs, inputs) > size:
        raise ValueError(f"{outputs} × {inputs} does not fit into size {size}: take a larger one")
    units = np.eye(size, dtype=int)
    maps = np.zeros((size, outputs, inputs), dtype=int)
    for h, c in np.ndindex(size, inputs):
        maps[h, :, c] = hypercomplex_product(units[h], units[c])[:outputs]
    return rational_array(maps)


def frame_at(value_maps: np.ndarray, token: np.ndarray) -> np.ndarray:
    """``T(x) = [V_1 x, …, V_H x]``, shape (p, H)."""
    return np.stack([value_map @ token for value_map in value_maps], axis=1)


def least_norm_coefficients(
    value_maps: np.ndarray, block: np.ndarray, token: np.ndarray
) -> np.ndarray:
    """``f = T(x)ᵀ (T(x) T(x)ᵀ)⁻¹ W x``, and 0 where the token is zero; shape (H,).

    Raises:
        ZeroDivisionError: T(x) has not full row rank.
    """
    if not any(entry != 0 for entry in token):
        return rational_array([0] * len(value_maps))
    frame = frame_at(value_maps, token)
    return frame.T @ (inverse(frame @ frame.T) @ (block @ token))


def fixed_coefficients(value_maps: np.ndarray, block: np.ndarray, token: np.ndarray) -> np.ndarray:
    """The coefficients, of no token, for which ``Σ_h f_h V_h`` is nearest to W in the Frobenius
    norm; shape (H,). The value maps must be independent."""
    columns = value_maps.reshape(len(value_maps), -1).T
    return inverse(columns.T @ columns) @ (columns.T @ block.reshape(-1))


def heads_output(
    value_maps: np.ndarray,
    coefficients: Callable[[int, int, np.ndarray], np.ndarray],
    tokens: np.ndarray,
) -> np.ndarray:
    """``y_i = Σ_{j ≤ i} Σ_h f^h_ij(X) V_h x_j``.

    Args:
        coefficients: (i, j, X) → shape (H,).
        tokens: X, shape (n, d).

    Returns:
        Shape (n, p).
    """
    rows = []
    for i in range(len(tokens)):
        row = 0
        for j in range(i + 1):
            weights = coefficients(i, j, tokens)
            for weight, value_map in zip(weights, value_maps, strict=True):
                row = row + weight * (value_map @ tokens[j])
        rows.append(row)
    return np.stack(rows)


def _conjugate(number: np.ndarray) -> np.ndarray:
    return np.concatenate([number[:1], -number[1:]])
