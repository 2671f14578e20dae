"""The Taylor series of softmax attention as linear recurrences on tensor powers."""

from __future__ import annotations

from fractions import Fraction
from math import factorial

import numpy as np

from attnproof.theory.algebra.free_algebra import letters, scalars
from attnproof.theory.algebra.prime_field import residue
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import check, prime_field, proof, symbolic
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.prime_field_identity import vanishes
from attnproof.theory.operator.taylor_softmax_attention import (
    kronecker_power,
    taylor_softmax_attention,
)
from attnproof.theory.paper.softmax_rnn.taylor_recurrence import KRONECKER_RECURRENCE

outer, inner, a, b = scalars("outer inner a b")
H, k, kt, q, v, vt = letters("H k kt q v vt")


@check(
    KRONECKER_RECURRENCE,
    part="powers",
    establishes=proof(over="every d and m (induction over coordinates and over m)"),
    claimed=dict(grown=(outer + a * b) * inner, exponent=lambda m: m),
    controls={
        "coordinate added to the other factor": dict(grown=outer * (inner + a * b)),
        "cross term forgotten": dict(grown=outer * inner + a * b),
        "one power more": dict(exponent=lambda m: m + 1),
    },
)
def inner_product_of_tensor_powers(grown, exponent) -> None:
    """``⟨x ⊗ y, x' ⊗ y'⟩ = ⟨x, x'⟩⟨y, y'⟩``: adding a coordinate (a, b) to x and x' adds
    ``ab⟨y, y'⟩`` to the double sum; base: no coordinate. With y = q, y' = k a power more multiplies
    by qᵀk. Then the definition's powers on symbols, d ≤ 3, m ≤ 4."""
    follows(outer * inner + a * b * inner - grown, message="the double sum is another")
    for width in (1, 2, 3):
        query, key = _symbols("q", width), _symbols("k", width)
        for m in range(5):
            follows(
                kronecker_power(query, m) @ kronecker_power(key, m) - (query @ key) ** exponent(m),
                message="the inner product of the powers is another",
            )


def _symbols(name: str, *shape: int) -> np.ndarray:
    made = np.empty(shape, dtype=object)
    for index in np.ndindex(*shape):
        (made[index],) = scalars(name + "".join(map(str, index)))
    return made


@check(
    KRONECKER_RECURRENCE,
    part="recurrence",
    establishes=proof(over="every t (induction), every width and order"),
    claimed=dict(added=kt @ q),
    controls={
        "nothing added": dict(added=0 * kt @ q),
        "added twice": dict(added=2 * kt @ q),
        "squared": dict(added=kt @ q @ kt @ q),
    },
)
def state_reads_out_the_sum(added) -> None:
    """For one order, with k and q standing for the tensor powers and H for the state's transpose:
    what is read out grows by ``(H + vkᵀ)q − Hq = v(kᵀq)``, which is v(qᵀk)^m by the part 'powers'.
    Base: H = 0. Orders add up with weights 1/m!."""
    key, query, value = (
        rational_array([[1], [2]]),
        rational_array([[3], [1]]),
        rational_array([[5]]),
    )
    model = {"k": key, "kt": key.T, "q": query, "v": value, "H": rational_array([[4, 0]])}
    follows((H + v @ kt) @ q - H @ q - v @ added, models=[model], message="another sum is read out")


def _weight(m: int):
    return rational(Fraction(1, factorial(m)))


def _direct(queries, keys, values, order, weight):
    """``Σ_j T_N(q_tᵀk_j)(v_j, 1)`` by Horner's rule on the scores, without any state."""
    rows = []
    for t in range(len(keys)):
        scores = keys[: t + 1] @ queries[t]
        series = 0 * scores + weight(order)
        for m in range(order - 1, -1, -1):
            series = series * scores + weight(m)
        rows.append(np.append(series @ values[: t + 1], series.sum()))
    return np.stack(rows)


def _defect(order, stated, used):
    def defect(queries, keys, values):
        numerators, denominators = taylor_softmax_attention(queries, keys, values, order, used)
        found = np.concatenate([numerators, denominators[:, None]], axis=1)
        return found - _direct(queries, keys, values, order, stated)

    return defect


CONTROLS = {
    "without the factorials": dict(used=lambda m: Fraction(1)),
    "factorial of the order before": dict(used=lambda m: Fraction(1, factorial(max(m - 1, 0)))),
    "signs alternate": dict(used=lambda m: Fraction((-1) ** m, factorial(m))),
}


@check(
    KRONECKER_RECURRENCE,
    part="recurrence",
    establishes=symbolic(
        bound="L = 3, d = 2, d_v = 1, N = 3, all entries symbols", by="free commutative algebra"
    ),
    claimed=dict(used=lambda m: Fraction(1, factorial(m))),
    controls=CONTROLS,
)
def recurrence_of_symbols(used) -> None:
    """The recurrence on indeterminates against the sum over the scores."""
    given = [_symbols("q", 3, 2), _symbols("k", 3, 2), _symbols("v", 3, 1)]
    stated = lambda m: Fraction(1, factorial(m))
    for entry in _defect(3, stated, used)(*given).ravel():
        follows(entry, message="the recurrence is another sum")


def _modular(weight):
    def value(m):
        fraction = weight(m)
        return residue(fraction.numerator) / residue(fraction.denominator)

    return value


@check(
    KRONECKER_RECURRENCE,
    part="recurrence",
    establishes=prime_field(bound="L = 12, d = 4, d_v = 2, N = 5"),
    claimed=dict(used=lambda m: Fraction(1, factorial(m))),
    controls=CONTROLS,
)
def recurrence_at_order_five(used) -> None:
    """The factorials are units modulo 2^61 − 1. The weights do not change the degree 2N + 1."""
    stated = lambda m: Fraction(1, factorial(m))
    vanishes(
        _defect(5, _modular(stated), _modular(used)),
        [(12, 4), (12, 4), (12, 2)],
        seed=6,
        message="the recurrence is another sum",
    )
