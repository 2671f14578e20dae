"""The derivative of the output along any change of weights, centred keys and ridge, proved."""

from __future__ import annotations

from attnproof.theory.algebra.free_algebra import letters
from attnproof.theory.algebra.matrix import inverse
from attnproof.theory.algebra.rational import rational_array
from attnproof.theory.core import check, proof
from attnproof.theory.engine.equational import follows
from attnproof.theory.paper.lla.official_backward import OFFICIAL_BACKWARD_RIDGE_TERM

# A prime on the paper is a d here: Wd is the change of W. Xt is the transpose of X.
e, et, W, Wd, X, Xt, Xd, Xtd, E = letters("e et W Wd X Xt Xd Xtd E")
S, R, rt, r, rtd, rd, D, Di, Dd, s, sd, g = letters("S R rt r rtd rd D Di Dd s sd g")


def _model(moves: int) -> dict:
    """Three keys in two channels, weights 1, 2, 4, and some change of everything."""
    ones, weights = rational_array([[1, 1, 1]]), rational_array([[1, 0, 0], [0, 2, 0], [0, 0, 4]])
    keys = rational_array([[1, 0], [-1, 2], [3, 1]])
    weights_moved = rational_array([[2, 0, 0], [0, -1, 0], [0, 0, 3]])
    keys_moved = rational_array([[0, 1], [2, -1], [1, 1]])
    ridge, ridge_moved = rational_array([[3, 0], [0, 3]]), rational_array([[4, 0], [0, 4]])
    first = ones @ weights @ keys
    first_moved = ones @ weights_moved @ keys + ones @ weights @ keys_moved
    second = keys.T @ weights @ keys + ridge
    second_moved = (
        keys_moved.T @ weights @ keys
        + keys.T @ weights_moved @ keys
        + keys.T @ weights @ keys_moved
        + moves * ridge_moved
    )
    solve = inverse(second)
    slope = first @ solve
    slope_moved = (first_moved - slope @ second_moved) @ solve
    mass, mass_moved = ones @ weights @ ones.T, ones @ weights_moved @ ones.T
    denominator = mass - first @ slope.T
    denominator_moved = mass_moved - first_moved @ slope.T - first @ slope_moved.T
    reciprocal = inverse(denominator)
    share = reciprocal @ (ones - slope @ keys.T) @ weights
    share_moved = reciprocal @ (
        (ones - slope @ keys.T) @ weights_moved
        - (slope_moved @ keys.T + slope @ keys_moved.T) @ weights
        - denominator_moved @ share
    )
    return {
        **{"e": ones, "et": ones.T, "W": weights, "Wd": weights_moved, "E": ridge_moved},
        **{"X": keys, "Xt": keys.T, "Xd": keys_moved, "Xtd": keys_moved.T},
        **{"S": second, "R": solve, "rt": slope, "r": slope.T},
        **{"rtd": slope_moved, "rd": slope_moved.T, "D": denominator, "Di": reciprocal},
        **{"Dd": denominator_moved, "s": share, "sd": share_moved},
        "g": rational_array([[1], [5], [-2]]),
    }


def _second_moved(ridge: int):
    return Xtd * W * X + Xt * Wd * X + Xt * W * Xd + ridge * E


def _derivative(moves, counted, twice, sign) -> None:
    """Hypotheses: the defining equations ``ΣR = 1``, ``ρᵀΣ = μᵀ``, ``Σρ = μ``, ``D = ω − μᵀρ``,
    ``Ds = (e − ρᵀXᵀ)W`` and ``D^{−1}D = 1``, the middle ones differentiated."""
    first, first_moved = e * W * X, e * Wd * X + e * W * Xd
    column_moved = Xtd * W * et + Xt * Wd * et
    mass_moved = e * Wd * et
    actual, stated = _second_moved(moves), _second_moved(counted)
    regular = S * R - 1
    row = rtd * S + rt * actual - first_moved
    column = S * rd + actual * r - column_moved
    denominator = Dd - (mass_moved - first_moved * r - first * rd)
    solved = first - rt * S
    shares = Dd * s + D * sd - ((e - rt * Xt) * Wd - (rtd * Xt + rt * Xtd) * W)
    reciprocal = Di * D - 1
    pulled = Xt * W * g
    claimed = Di * (
        (e - rt * Xt) * Wd * g
        - rt * Xtd * W * g
        - first_moved * R * pulled
        + sign * rt * stated * R * pulled
        - (mass_moved - first_moved * r - twice * rt * column_moved + rt * stated * r) * s * g
    )
    follows(
        sd * g - claimed,
        using=[
            (-1, reciprocal, sd * g),
            (Di, shares, g),
            (-1 * Di, denominator, s * g),
            (Di, solved, rd * s * g),
            (Di * rt, column, s * g),
            (-1 * Di, row, R * pulled),
            (Di * rtd, regular, pulled),
        ],
        models=[_model(moves)],
        message="the derivative is another",
    )


@check(
    OFFICIAL_BACKWARD_RIDGE_TERM,
    part="moving ridge",
    establishes=proof(over="every n, d, every change of weights, centred keys and ridge"),
    claimed=dict(moves=1, counted=1, twice=1, sign=1),
    controls={
        "ridge's share dropped": dict(counted=0),
        "ridge's share doubled": dict(counted=2),
        "slope counted once": dict(twice=0),
        "sign of the second moment": dict(sign=-1),
    },
)
def derivative_with_a_moving_ridge(moves, counted, twice, sign) -> None:
    """``D (gᵀo)' = (e − ρᵀXᵀ)W'g − ρᵀX'ᵀWg − μ'ᵀRb + ρᵀΣ'Rb − (ω' − 2μ'ᵀρ + ρᵀΣ'ρ) sg`` with
    ``b = XᵀWg`` and ``Σ' = X'ᵀWX + XᵀW'X + XᵀWX' + E``, E the change of the ridge.

    Only w_j changes, at the rate w_j: ``X' = 0``, ``E = λw_jI``. With ``u = Rb/D``,
    ``β = sg/D`` the terms are, in this order, ``g_js_j``, 0, ``−w_jz_jᵀu``, ``w_jρᵀz_jz_jᵀu +
    λw_jρᵀu`` and ``−β(w_j − 2w_jz_jᵀρ + w_j(z_jᵀρ)² + λw_j‖ρ‖²)``: the formula."""
    _derivative(moves, counted, twice, sign)


@check(
    OFFICIAL_BACKWARD_RIDGE_TERM,
    part="ridge held",
    establishes=proof(over="every n, d, every change of weights and centred keys"),
    claimed=dict(moves=0, counted=0, twice=1, sign=1),
    controls={
        "ridge moves": dict(moves=1),
        "ridge counted": dict(counted=1),
        "slope counted once": dict(twice=0),
    },
)
def derivative_with_the_ridge_held(moves, counted, twice, sign) -> None:
    """As above with ``E = 0``."""
    _derivative(moves, counted, twice, sign)
