"""Inverting the unit triangle of a chunk of the delta rule: by substitution, by repeated squaring.

With one key repeated and β = 1, L is strictly lower triangular and all ones. Its powers have
entries up to C(62, 31) ≈ 4.7·10^17 at C = 64, which cancel to an inverse of entries 1 and −1.
"""

from __future__ import annotations

from math import comb

import numpy as np

from attnproof.theory.algebra.free_algebra import letters
from attnproof.theory.algebra.matrix import from_flint, identity_like, inverse, to_flint
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import check, exact, note, proof, refute_unless
from attnproof.theory.engine.equational import follows
from attnproof.theory.paper.lab_kernels import UT_INVERSE_STABILITY

T, L, X, P, Y = letters("T L X P Y")


def one_key(size: int, step_size=1):
    """``tril_−(βKKᵀ)`` for a unit key that every token repeats."""
    return step_size * np.tri(size, k=-1, dtype=int)


def near_keys(size: int):
    """Keys that make small angles, steps between 1/2 and 1."""
    place = np.arange(size)
    keys = np.stack([np.full(size, 5.0), place % 3 - 1.0, place % 5 - 2.0, place % 7 - 3.0], 1)
    keys /= np.linalg.norm(keys, axis=1, keepdims=True)
    return np.tril((0.5 + place % 4 / 6)[:, None] * (keys @ keys.T), -1)


MATRICES = {
    "one key, β = 1": one_key,
    "one key, β = 9/10": lambda size: one_key(size, 0.9),
    "one key, β = 19/10": lambda size: one_key(size, 1.9),
    "keys near each other": near_keys,
}


def by_rows(lower: np.ndarray) -> np.ndarray:
    """Row i of the inverse from the rows before it."""
    found = np.eye(len(lower), dtype=lower.dtype)
    for i in range(1, len(lower)):
        found[i] -= lower[i, :i] @ found[:i]
    return found


def by_torch(lower: np.ndarray) -> np.ndarray:
    """What the blocked kernel calls, with the identity as the right-hand side."""
    import torch

    given = torch.from_numpy(lower)
    unit = torch.eye(len(lower), dtype=given.dtype)
    found = torch.linalg.solve_triangular(given, unit, upper=False, unitriangular=True)
    return found.numpy()


def factors_needed(size: int) -> int:
    """The least K with ``2^K ≥ C``."""
    return (size - 1).bit_length()


def by_squaring(lower: np.ndarray, factors=factors_needed, multiply=np.matmul) -> np.ndarray:
    """``Π_{k<K} (I + (−L)^{2^k})``, in any number system."""
    unit, power = identity_like(lower), -lower
    found = unit
    for _ in range(factors(len(lower))):
        found, power = multiply(found, unit + power), multiply(power, power)
    return found


def exactly(matrix: np.ndarray) -> np.ndarray:
    """The rationals that the floats are."""
    split = [float(entry).as_integer_ratio() for entry in matrix.flat]
    entries = [rational(top) / rational(bottom) for top, bottom in split]
    return np.array(entries, dtype=object).reshape(matrix.shape)


def times(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """The product of rational matrices, by FLINT."""
    return from_flint(to_flint(left) * to_flint(right))


@check(
    UT_INVERSE_STABILITY,
    part="substitution",
    establishes=proof(
        over="every C, every order of summation; Higham's Lemma 3.1 (classical)",
        by="rounding analysis, equational proof in the free algebra",
    ),
    claimed=dict(error=T @ ((1 + L) @ X - 1), counted=lambda size: size),
    controls={
        "residual taken for the error": dict(error=(1 + L) @ X - 1),
        "inverse on the right": dict(error=((1 + L) @ X - 1) @ T),
        "additions not counted": dict(counted=lambda size: 1),
    },
)
def error_of_substitution(error, counted) -> None:
    """``T̂_ij = −fl(Σ_{j≤l<i} L_il T̂_lj)``: a sum of i − j ≤ C − 1 products, each of which passes
    through its own rounding and i − j − 1 additions at most, whatever their order. So ``(I + L)T̂ =
    I + F`` with ``|F| ≤ γ_C |L||T̂|``; and ``T̂ − T = TF``. (X stands for T̂.)"""
    for size in range(2, 257):
        terms = size - 1
        needed = 1 + (terms - 1)
        refute_unless(
            needed <= counted(size), "there are more rounding factors", C=size, needed=needed
        )
    lower = rational_array([[0, 0, 0], [2, 0, 0], ["1/2", -1, 0]])
    model = {
        "L": lower,
        "T": inverse(identity_like(lower) + lower),
        "X": rational_array([[1, 0, 0], [-1, 1, 0], [3, "1/3", 1]]),
    }
    follows(
        X - T - error,
        using=[(-1, T @ (1 + L) - 1, X)],
        models=[model],
        message="the error of the inverse is another",
    )


@check(
    UT_INVERSE_STABILITY,
    part="substitution",
    establishes=exact(
        bound="C ∈ {16, 64}, four matrices in float32 and float64, rows in numpy and "
        "torch.linalg.solve_triangular"
    ),
    claimed=dict(ways=(by_rows, by_torch), dtypes=("float32", "float64")),
    controls={
        "repeated squaring": dict(ways=(by_squaring,)),
        "repeated squaring in float64": dict(ways=(by_squaring,), dtypes=("float64",)),
        "rows in half precision": dict(
            ways=(lambda lower: by_rows(lower.astype(np.float16)).astype(lower.dtype),)
        ),
    },
)
def substitution_in_floats(ways, dtypes) -> None:
    """Both sides of the inequality in rationals: the exact inverse of the matrix of floats, and the
    floats that were computed."""
    largest_share = largest_error = 0.0
    for dtype in dtypes:
        u = rational(1) / 2 ** (np.finfo(dtype).nmant + 1)
        for size in (64, 16):
            gamma = size * u / (1 - size * u)
            for name, make in MATRICES.items():
                lower = make(size).astype(dtype)
                given = exactly(lower)
                true = inverse(identity_like(given) + given)
                grown = gamma * times(abs(true), abs(given))
                for way in ways:
                    computed = exactly(way(lower))
                    error, bound = abs(computed - true), times(grown, abs(computed))
                    excess = error - bound
                    at = max(np.ndindex(excess.shape), key=lambda at: excess[at])
                    refute_unless(
                        excess[at] <= 0,
                        "an entry is farther off than the bound",
                        matrix=name,
                        C=size,
                        dtype=dtype,
                        entry=list(at),
                        computed=computed[at],
                        exact=true[at],
                        bound=bound[at],
                    )
                    shares = [e / b for e, b in zip(error.flat, bound.flat) if b > 0]
                    largest_share = max(largest_share, *map(_number, shares))
                    largest_error = max(largest_error, *(_number(e / u) for e in error.flat))
    note(
        largest_share_of_the_bound=f"{largest_share:.2g}",
        largest_error_in_units_of_u=f"{largest_error:.3g}",
    )


def _number(value) -> float:
    return int(value.p) / int(value.q)


@check(
    UT_INVERSE_STABILITY,
    part="repeated squaring",
    establishes=proof(over="every ring, every C (induction over the factors)"),
    claimed=dict(factor=1 + Y, following=Y @ Y, factors=factors_needed),
    controls={
        "the power not squared": dict(following=Y),
        "factors 1 − Y": dict(factor=1 - Y),
        "one factor fewer": dict(factors=lambda size: factors_needed(size) - 1),
    },
)
def squaring_by_induction(factor, following, factors) -> None:
    """With X = −L and ``Y = X^{2^K}``: base, ``(1 − X)·1 = 1 − X``. Step: from ``(1 − X)P = 1 − Y``
    follows ``(1 − X)P(1 + Y) = 1 − Y²``. A strictly triangular X of size C has ``X^C = 0``, so that
    Y = 0 as soon as ``2^K ≥ C``, and no sooner where X is the shift."""
    follows((1 - X) @ P**0 - 1 + X, message="base")
    shift = rational_array(np.eye(3, k=-1, dtype=int))
    unit = identity_like(shift)
    models = [
        {"X": shift, "P": unit, "Y": shift},
        {"X": shift, "P": unit + shift, "Y": shift @ shift},
    ]
    follows(
        (1 - X) @ P @ factor - 1 + following,
        using=[(1, (1 - X) @ P - 1 + Y, 1 + Y)],
        models=models,
        message="step",
    )
    for size in range(2, 65):
        power = np.eye(size, k=-1, dtype=int)
        for _ in range(factors(size)):
            power = power @ power
        refute_unless(not power.any(), "the last power is not zero", C=size, K=factors(size))


@check(
    UT_INVERSE_STABILITY,
    part="repeated squaring",
    establishes=exact(
        bound="C ≤ 64: one key with β = 1 and β = 9/10; C = 64: keys near each other"
    ),
    claimed=dict(factors=factors_needed),
    controls={"one factor fewer": dict(factors=lambda size: factors_needed(size) - 1)},
)
def squaring_in_rationals(factors) -> None:
    """The program that loses every digit in floats, run on rationals: ``(I + L)T = I``."""
    matrices = [one_key(size) for size in range(2, 65)]
    for size in (16, 17, 32, 33):
        matrices += [one_key(size, rational("9/10")), exactly(near_keys(size).astype(np.float32))]
    for matrix in matrices:
        lower = rational_array(matrix)
        unit = identity_like(lower)
        product = times(unit + lower, by_squaring(lower, factors, times))
        wrong = np.argwhere(product != unit)
        refute_unless(
            not len(wrong),
            "the product is not the identity",
            C=len(lower),
            entry=wrong[0].tolist() if len(wrong) else [],
            found=product[tuple(wrong[0])] if len(wrong) else 0,
        )


@check(
    UT_INVERSE_STABILITY,
    part="small chunks",
    establishes=exact(bound="every C ≤ 16", by="floats without rounding"),
    claimed=dict(largest=16, step_size=1.0),
    controls={"chunks of 33": dict(largest=33), "β = 3/4": dict(step_size=0.75)},
)
def squaring_in_float32(largest, step_size) -> None:
    """The program in float32 finds the integers. And it does so whatever the order of summation:
    in every product the terms of a sum add up to at most 2^24 in absolute value. L^k has the
    binomial coefficients ``C(i − j − 1, k − 1)``, at most C(14, 7) = 3432 for C = 16."""
    for size in range(2, largest + 1):
        lower = one_key(size, step_size).astype(np.float32)
        stated = inverse(rational_array(np.eye(size, dtype=int)) + exactly(lower))
        computed = exactly(by_squaring(lower))
        error = abs(computed - stated)
        at = max(np.ndindex(error.shape), key=lambda at: error[at])
        refute_unless(
            error[at] == 0,
            "an entry comes out wrong",
            C=size,
            entry=list(at),
            computed=computed[at],
            exact=stated[at],
        )
    greatest = 0
    for size in range(2, largest + 1):
        lower = one_key(size).astype(object)
        unit, power = np.eye(size, dtype=object), -lower
        found = unit
        for _ in range(factors_needed(size)):
            terms = max((abs(found) @ abs(unit + power)).max(), (abs(power) @ abs(power)).max())
            refute_unless(terms <= 2**24, "a sum may need rounding", C=size, sum_of_sizes=terms)
            found, power = found @ (unit + power), power @ power
        powers = [np.linalg.matrix_power(lower, k).max() for k in range(1, size)]
        middle = comb(size - 2, (size - 2) // 2)
        refute_unless(max(powers) == middle, "another entry is largest", C=size, found=max(powers))
        greatest = max(greatest, *powers)
    note(largest_entry_of_a_power=greatest)
