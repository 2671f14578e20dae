"""Linear attention as one gradient step, as least squares without covariance, as a ridge limit."""

from __future__ import annotations

from attnproof.theory.algebra.free_algebra import letters, scalars
from attnproof.theory.algebra.matrix import inverse
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import check, exact, note, proof, refute_unless
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.inequality import entails
from attnproof.theory.engine.trace_identity import equal_traces
from attnproof.theory.operator.gated_linear_attention import gated_linear_attention
from attnproof.theory.operator.mesa_layer import mesa_layer
from attnproof.theory.paper.ttr.weighted_least_squares import LINEAR_IS_IDENTITY_COVARIANCE

D, DT, K, KT, V, VT, A, R, q = letters("D Dt K Kt V Vt A R q")
ridge, largest, below = scalars("ridge largest below")


@check(
    LINEAR_IS_IDENTITY_COVARIANCE,
    part="one gradient step",
    establishes=proof(over="every n, d, d_v", by="trace identity"),
    claimed=dict(state=VT @ K, state_transposed=KT @ V),
    controls={
        "half a step": dict(state=VT @ K / 2, state_transposed=KT @ V / 2),
        "ascent": dict(state=-1 * VT @ K, state_transposed=-1 * KT @ V),
        "keys twice": dict(state=VT @ K @ KT @ K, state_transposed=KT @ K @ KT @ V),
    },
)
def state_is_minus_the_gradient(state, state_transposed) -> None:
    """``Σ‖v_i − Dk_i‖² − Σ‖v_i‖² = −2⟨S, D⟩ + Σ‖Dk_i‖²`` for every D, S = VᵀK the state of linear
    attention; so −S is the gradient of half of it at zero."""
    equal_traces(
        (VT - D @ KT) @ (V - K @ DT) - VT @ V,
        -2 * state_transposed @ D + D @ KT @ K @ DT,
        transposes={"D": "Dt", "K": "Kt", "V": "Vt"},
        message="the state is not minus the gradient",
    )


@check(
    LINEAR_IS_IDENTITY_COVARIANCE,
    part="same outputs",
    establishes=proof(over="every n, d, q; values are free"),
    claimed=dict(weights=K @ (1 - R) @ q),
    controls={
        "covariance itself": dict(weights=K @ (1 - A) @ q),
        "inverse twice": dict(weights=K @ (1 - R @ R) @ q),
    },
)
def difference_of_the_outputs(weights) -> None:
    """Linear attention minus the exact layer is ``Vᵀ·(K(I − A^{-1})q)``: a combination of the
    values with these weights. It is zero for all values exactly if every weight is (take V = I)."""
    keys = rational_array([[1, 2], [0, 1], [3, 1]])
    matrix = keys.T @ keys
    model = {
        **{"K": keys, "A": matrix, "R": inverse(matrix), "q": rational_array([[1], [1]])},
        "Vt": rational_array([[1, 2, 4]]),
    }
    follows(
        VT @ K @ q - VT @ K @ R @ q - VT @ weights,
        models=[model],
        message="the difference of the outputs is another",
    )


@check(
    LINEAR_IS_IDENTITY_COVARIANCE,
    part="same outputs",
    establishes=exact(bound="the stated keys and all unit values, d = 2"),
    claimed=dict(keys=[["3/5", "4/5"], ["-4/5", "3/5"]]),
    controls={
        "correlated keys": dict(keys=[["3/5", "4/5"], [1, 0]]),
        "keys of length two": dict(keys=[[2, 0], [0, 2]]),
    },
)
def orthonormal_keys_agree(keys) -> None:
    """The two layers themselves: equal on orthonormal keys."""
    keys = rational_array(keys)
    values = rational_array([[1, 0], [0, 1]])
    zero = rational_array([[0, 0], [0, 0]])
    one = rational_array([[1, 0], [0, 1]])
    linear, _ = gated_linear_attention(keys, keys, values)
    layer = mesa_layer(
        keys, keys, values, rational_array([1, 1]), lambda t: zero if t == 2 else one
    )
    refute_unless(
        bool((linear[-1] == layer[-1]).all()),
        "the layers differ",
        K=keys,
        linear=linear[-1],
        exact=layer[-1],
    )


@check(
    LINEAR_IS_IDENTITY_COVARIANCE,
    part="large ridge",
    establishes=proof(
        over="every n, d, λ > 0, every eigenvalue of A_0 ⪰ 0",
        by="free algebra and non-negative combination",
    ),
    claimed=dict(factor=A @ R, size=largest),
    controls={
        "without the inverse": dict(factor=1 * A),
        "other order of vanishing": dict(factor=A @ R @ R),
        "half the size": dict(size=largest / 2),
    },
)
def distance_to_the_limit(factor, size) -> None:
    """``λB R − B = −B A R`` with ``(A + λ)R = 1``. The eigenvalues of AR are a/(a + λ), increasing
    in a: ``a_max(a + λ) − a(a_max + λ) = λ(a_max − a) ≥ 0``, so its norm is that of the largest.
    The letter V of this check stands for B."""
    matrix = rational_array([[2, 1], [1, 3]])
    shift = rational(5)
    model = {
        **{"A": matrix, "ridge": shift, "V": rational_array([[1, 4]])},
        "R": inverse(matrix + shift * rational_array([[1, 0], [0, 1]])),
    }
    follows(
        ridge * V @ R - V + V @ factor,
        using=[(V, (A + ridge) @ R - 1, 1)],
        models=[model],
        message="the distance to linear attention is another",
    )
    entails(
        size * (below + ridge) - below * (largest + ridge),
        given={"a": below, "gap": largest - below, "λ": ridge},
        certificate=[(1, ["λ", "gap"], [])],
        message="the norm is larger",
    )


@check(
    LINEAR_IS_IDENTITY_COVARIANCE,
    part="large ridge",
    establishes=exact(bound="the eigenvalues 1 and 4 of A_0, λ = 10, …, 10⁴"),
    claimed=dict(power=1),
    controls={"second order": dict(power=2)},
)
def rate_of_the_limit(power) -> None:
    """``λ^p · distance`` stays between positive bounds for p = 1: between a and a/2 for λ ≥ a."""
    for exponent in range(1, 5):
        shift = rational(10) ** exponent
        for eigenvalue in (1, 4):
            distance = 1 - shift / (shift + eigenvalue)
            scaled = shift**power * distance
            refute_unless(
                eigenvalue / rational(2) <= scaled <= eigenvalue,
                "the scaled distance leaves its bounds",
                ridge=shift,
                eigenvalue=eigenvalue,
                scaled=scaled,
            )
    note(distance_at_ten_thousand=distance)
