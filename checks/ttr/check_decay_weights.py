"""Gates as weights: one number per token is a weight, a vector per token rescales the keys."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from attnproof.theory.algebra.free_algebra import letters, scalars
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import (
    check,
    prime_field,
    proof,
    refute_unless,
    symbolic,
)
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.prime_field_identity import vanishes
from attnproof.theory.engine.trace_identity import equal_traces
from attnproof.theory.operator.gated_linear_attention import gated_linear_attention
from attnproof.theory.paper.ttr.chunked_delta_rule import decay_products
from attnproof.theory.paper.ttr.decay_weights import DECAY_WEIGHTS

# S = VᵀDK after t tokens.
S, Vt, D, K, v, kt, q = letters("S Vt D K v kt q")
DELTA, DELTA_T, k, vt = letters("Delta Deltat k vt")
alpha, gamma = scalars("alpha gamma")


def _one_token() -> dict[str, object]:
    values, keys = rational_array([["1/3"], [2]]), rational_array([[1, -1]])
    weight = rational_array([["3/4"]])
    return {
        **{"Vt": values, "D": weight, "K": keys, "S": values @ weight @ keys},
        **{"v": rational_array([[1], [5]]), "kt": rational_array([[2, 7]])},
        "alpha": rational("1/2"),
    }


@check(
    DECAY_WEIGHTS,
    part="state",
    establishes=proof(over="every t (induction), every width, every ring"),
    claimed=dict(carried=alpha, newest=1),
    controls={
        "weights not carried": dict(carried=1),
        "decayed twice": dict(carried=alpha**2),
        "newest pair decayed too": dict(newest=alpha),
    },
)
def weights_by_induction(carried, newest) -> None:
    """Base: no token, S_0 = 0. Step: ``S = VᵀDK ⟹ αS + vkᵀ = Vᵀ(αD)K + v·1·kᵀ``: the weights of
    the earlier tokens are multiplied by α, that of the newest is 1, as in the product."""
    follows(
        alpha * S + v @ kt - (carried * Vt @ D @ K + newest * v @ kt),
        using=[(alpha, S - Vt @ D @ K, 1)],
        models=[_one_token()],
        message="the weights are others",
    )


def _symbols(name: str, *shape: int) -> np.ndarray:
    made = np.empty(shape, dtype=object)
    for index in np.ndindex(*shape):
        (made[index],) = scalars(name + "".join(map(str, index)))
    return made


def _products(gates: np.ndarray) -> np.ndarray:
    return decay_products(gates[:, 0])[1:, 1:]


def _one_step_late(gates: np.ndarray) -> np.ndarray:
    return decay_products(gates[:, 0])[1:, :-1]


def _own_token_decayed(gates: np.ndarray) -> np.ndarray:
    return _products(gates) * gates[None, :, 0]


def _undecayed(gates: np.ndarray) -> np.ndarray:
    return np.tri(len(gates), dtype=int)


WEIGHT_CONTROLS = {
    "no decay": dict(weights=_undecayed),
    "own token decayed": dict(weights=_own_token_decayed),
    "weights of the token before": dict(weights=_one_step_late),
    "no mask": dict(
        weights=lambda gates: (
            _products(gates) + np.triu(np.ones(2 * gates.shape[:1]), 1).astype(int)
        )
    ),
}


def _parallel_defect(weights):
    def defect(queries, keys, values, gates):
        outputs, _ = gated_linear_attention(queries, keys, values, gates)
        return (queries @ keys.T * weights(gates)) @ values - outputs

    return defect


@check(
    DECAY_WEIGHTS,
    part="parallel form",
    establishes=proof(over="every t, every width, every ring"),
    claimed=dict(read=Vt @ D @ K @ q),
    controls={
        "newest weight for all": dict(read=Vt @ K @ q),
        "query doubled": dict(read=2 * Vt @ D @ K @ q),
    },
)
def row_of_the_parallel_form(read) -> None:
    """Row t of ``(QKᵀ ⊙ D)V`` is ``Σ_i v_i D_ti (k_iᵀq_t)``, which is ``VᵀD_tKq_t`` with the
    diagonal matrix D_t of that row; and ``o_t = S_tq_t`` with the state of the part 'state'."""
    follows(
        S @ q - read,
        using=[(1, S - Vt @ D @ K, q)],
        models=[{**_one_token(), "q": rational_array([[1], [4]])}],
        message="the output is another",
    )


@check(
    DECAY_WEIGHTS,
    part="parallel form",
    establishes=symbolic(
        bound="L = 4, d = 2, d_v = 1, all entries symbols", by="free commutative algebra"
    ),
    claimed=dict(weights=_products),
    controls=WEIGHT_CONTROLS,
)
def parallel_form_of_symbols(weights) -> None:
    """The definition's recurrence against the matrix product, on indeterminates."""
    given = [_symbols("q", 4, 2), _symbols("k", 4, 2), _symbols("v", 4, 1), _symbols("a", 4, 1)]
    for entry in _parallel_defect(weights)(*given).ravel():
        follows(entry, message="the parallel form differs from the recurrence")


@check(
    DECAY_WEIGHTS,
    part="parallel form",
    establishes=prime_field(bound="L = 128, d = d_v = 16"),
    claimed=dict(weights=_products),
    controls=WEIGHT_CONTROLS,
)
def parallel_form_at_length_128(weights) -> None:
    """The same at a length that programs use for a chunk."""
    vanishes(
        _parallel_defect(weights),
        [(128, 16), (128, 16), (128, 16), (128, 1)],
        degree_shapes=[(128, 1), (128, 1), (128, 1), (128, 1)],
        seed=2,
        message="the parallel form differs from the recurrence",
    )


@check(
    DECAY_WEIGHTS,
    part="gradient",
    establishes=proof(over="every width, every weight, key and value; summed over the tokens"),
    claimed=dict(gradient=-1 * gamma * k @ vt),
    controls={
        "weight squared": dict(gradient=-1 * gamma**2 * k @ vt),
        "ascent": dict(gradient=gamma * k @ vt),
        "weight forgotten": dict(gradient=-1 * k @ vt),
    },
)
def gradient_at_zero(gradient) -> None:
    """``½γ‖v − Δk‖² − ½γ‖v‖² = ⟨−γvkᵀ, Δ⟩ + ½γ‖Δk‖²`` for every Δ, token by token; the gradient
    of a sum is the sum of the gradients. ``gradient`` is Gᵀ in ⟨G, Δ⟩ = tr(GᵀΔ)."""
    off, off_transposed = v - DELTA @ k, vt - kt @ DELTA_T
    equal_traces(
        gamma * (off @ off_transposed - v @ vt),
        2 * gradient @ DELTA + gamma * DELTA @ k @ kt @ DELTA_T,
        transposes={"Delta": "Deltat", "k": "kt", "v": "vt"},
        message="this is not the gradient at zero",
    )


def _geometric(t: int, i: int):
    product = rational(1)
    for j in range(i + 1, t + 1):
        product = product / (j + 1)
    return product


def _sliding_window(t: int, i: int):
    return rational(int(t - i < 3))


def _hyperbolic(t: int, i: int):
    return rational(1) / (t - i + 1)


c1, c2, d1, d2 = scalars("c1 c2 d1 d2")
X1, X2, X3 = letters("X1 X2 X3")


@check(
    DECAY_WEIGHTS,
    part="which weights",
    establishes=proof(over="every t and width; two earlier tokens at a time"),
    claimed=dict(after=(alpha * c1, alpha * c2), weights=_geometric, others=0),
    controls={
        "sliding window": dict(weights=_sliding_window),
        "hyperbolic weights": dict(weights=_hyperbolic),
        "one weight kept": dict(after=(alpha * c1, c2)),
        "pairs that depend on each other": dict(others=1),
    },
)
def weights_with_a_recursion(after, weights, others) -> None:
    """If: ``α(c₁X₁ + c₂X₂) + X₃`` has the weights αc₁ and αc₂ on the outer products X_i = v_ik_iᵀ.
    Only if: with all pairs but one equal to zero the identity reads ``(γ_i^{(t)} − αγ_i^{(t−1)})X_i
    = 0`` for a non-zero X_i, so every ratio is α; in particular two of them are equal, which is
    decided here by cross products up to t = 8."""
    follows(
        alpha * (c1 * X1 + c2 * X2) + X3 - (after[0] * X1 + after[1] * X2 + X3),
        message="these weights do not come from the gate α",
    )
    single, other = rational_array([[1, 2]]), others * rational_array([[1, 2]])
    numbers = {"c1": 2, "c2": 3, "alpha": "1/2", "d1": 1 + others, "d2": Fraction(3, 2) - others}
    follows(
        (d1 - alpha * c1) * X1,
        using=[
            (1, d1 * X1 + d2 * X2 - alpha * (c1 * X1 + c2 * X2), 1),
            (alpha * c2 - d2, (1 - others) * X2, 1),
        ],
        models=[{"X1": single, "X2": other, **{n: rational(x) for n, x in numbers.items()}}],
        message="a weight need not be α times the one before",
    )
    for t in range(2, 9):
        for i in range(1, t - 1):
            if weights(t - 1, i) == 0:
                continue
            cross = weights(t, i) * weights(t - 1, i + 1) - weights(t, i + 1) * weights(t - 1, i)
            refute_unless(
                cross == 0,
                "the ratios of two weights differ, so no gate gives them",
                t=t,
                i=i,
                ratios=[
                    weights(t, i) / weights(t - 1, i),
                    weights(t, i + 1) / weights(t - 1, i + 1),
                ],
            )
