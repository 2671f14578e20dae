"""Heads built from pivot lags give the outputs of the recurrence."""

from __future__ import annotations

import numpy as np

from attnproof.theory.algebra.free_algebra import FreeElement, letters, scalars
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import check, note, proof, refute_unless, sampled
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.fuzz import independent_draws
from attnproof.theory.engine.held_premises import held_premises
from attnproof.theory.operator.linear_state_space_model import (
    lag_operators,
    linear_state_space_model,
)
from attnproof.theory.paper.heads_ssm.head_count import K_HEAD_REALISATION
from attnproof.theory.paper.heads_ssm.rank_certificate import propose
from attnproof.theory.paper.heads_ssm.value_frame import heads_output

N_LETTERS, HEADS = 4, 2
A, B, C, D, T, K, Y, Z, V, x, after, M, s = letters("A B C D T K Y Z V x after M s")
(w,) = scalars("w")
X = letters([f"x{j}" for j in range(N_LETTERS)])
VALUES = letters([f"V{h}" for h in range(HEADS)])
WEIGHTS = [scalars([f"a{h}{t}" for t in range(N_LETTERS)]) for h in range(HEADS)]


def _entry(element: FreeElement) -> np.ndarray:
    """A matrix as one letter: what holds for it holds for every size."""
    made = np.empty((1, 1), dtype=object)
    made[0, 0] = element
    return made


def _rotation() -> dict[str, object]:
    """A quarter turn with B = I, C = (1, 0; 1, 1), D = 0: M_0 = C, M_1 = C J, M_2 = −C, M_3 = −C J,
    on four tokens."""
    turn, shear = rational_array([[0, -1], [1, 0]]), rational_array([[1, 0], [1, 1]])
    model = {
        **{"A": turn, "B": rational_array([[1, 0], [0, 1]]), "C": shear, "D": turn * 0},
        **{"V0": shear - shear @ turn, "V1": shear @ turn},
    }
    for h, row in enumerate([[1, 0, -1, 0], [1, 1, -1, -1]]):
        model |= {f"a{h}{t}": rational(entry) for t, entry in enumerate(row)}
    tokens = [[1, 0], [2, 1], [0, 1], [3, -1]]
    return model | {f"x{j}": rational_array([[a], [b]]) for j, (a, b) in enumerate(tokens)}


def _at_distance(h: int, i: int, j: int) -> FreeElement:
    return WEIGHTS[h][i - j]


@check(
    K_HEAD_REALISATION,
    part="outputs",
    establishes=proof(over="every N, p, d, n, k (induction), every A, B, C, D"),
    claimed=dict(coefficient=_at_distance, heads=HEADS, seen=lambda tokens: tokens),
    controls={
        "coefficients of the opposite distance": dict(
            coefficient=lambda h, i, j: WEIGHTS[h][(j - i) % N_LETTERS]
        ),
        "one distance too far": dict(
            coefficient=lambda h, i, j: WEIGHTS[h][(i - j + 1) % N_LETTERS]
        ),
        "one head left out": dict(heads=HEADS - 1),
        "tokens in reverse order": dict(seen=lambda tokens: tokens[::-1]),
    },
)
def recurrence_and_heads_on_letters(coefficient, heads, seen) -> None:
    """The recurrence of the lab and the layer of heads, run on letters for A, B, C, D, V_h and the
    tokens, n = 4 and k = 2: their difference is Σ_j (M_{i−j} − Σ_h α_h(i−j) V_h) x_j. The
    induction for every n and k is the next check."""
    system = [_entry(one) for one in (A, B, C)]
    tokens = np.array([[one] for one in X], dtype=object)
    outputs = linear_state_space_model(*system, tokens, _entry(D))
    lags = lag_operators(*system, N_LETTERS, _entry(D))[:, 0, 0]
    realised = heads_output(
        np.stack([_entry(one) for one in VALUES[:heads]]),
        lambda i, j, X: [coefficient(h, i, j) for h in range(heads)],
        seen(tokens),
    )
    model = _rotation()
    for i in range(N_LETTERS):
        premises = [
            (1, lags[i - j] - sum(WEIGHTS[h][i - j] * VALUES[h] for h in range(HEADS)), X[j])
            for j in range(i + 1)
        ]
        follows(
            outputs[i, 0] - realised[i, 0],
            using=premises,
            models=[model],
            message=f"the heads give another output at token {i + 1}",
        )


def _one_step(**altered) -> dict[str, object]:
    """T = A^t, M = C T B, after = T A; K = V Σ-part, Z = K x."""
    base = {name: rational_array([[2]]) for name in ("A", "B", "C", "T", "V", "K", "x", "s")}
    base |= {"M": rational_array([[8]]), "after": rational_array([[4]]), "w": rational(3)}
    base |= {"Z": rational_array([[4]]), "Y": rational_array([[16]])}
    return {**base, **altered}


@check(
    K_HEAD_REALISATION,
    part="outputs",
    establishes=proof(over="every N, p, d, n, k (induction), every A, B, C"),
    claimed=dict(state=lambda: A * s + B * x, added=lambda: w * V * x),
    controls={
        "state read before the token enters": dict(state=lambda: A * s),
        "token enters before the step": dict(state=lambda: A * s + A * B * x),
        "coefficient left out": dict(added=lambda: V * x),
        "coefficient squared": dict(added=lambda: w * w * V * x),
    },
)
def induction_over_tokens_and_heads(state, added) -> None:
    """Tokens: if C A^t s = Y_t for every t, where s is the state and Y_t = Σ_j M_{i−j+t} x_j, then
    the next state s' = A s + B x has C A^t s' = Y_{t+1} + M_t x, which is Y_t for one token more;
    for t = 0 it is the output. Here T = A^t, and Y = Y_{t+1}.

    Heads: if Z = K x for K = Σ_{g<h} α_g V_g, then Z + α V x = (K + α V) x.
    """
    model = _one_step()
    follows(
        C * T * state() - (Y + M * x),
        using=[
            *((1, C * after * s - Y, 1), (-1, M - C * T * B, x)),
            (-C, after - T * A, s),
        ],
        models=[model],
        message="the state does not carry the sum over the tokens",
    )
    follows(
        Z + added() - (K + w * V) * x,
        using=[(1, Z - K * x, 1)],
        models=[model],
        message="the sum over the heads is another",
    )


U, R, P, G, F, a, b = letters("U R P G F a b")


def _skeleton(**altered) -> dict[str, object]:
    """U = V F with columns (u, 2u, w, u + w); the rows 0, 1 and the columns 0, 2."""
    V0 = rational_array([[1, 1], [1, 2], [0, 3]])
    F0 = rational_array([[1, 2, 0, 1], [0, 0, 1, 1]])
    return {
        **{"V": V0, "F": F0, "U": V0 @ F0, "R": rational_array([[1, 0, 0], [0, 1, 0]])},
        **{"P": rational_array([[1, 0], [0, 0], [0, 1], [0, 0]])},
        **{"a": rational_array([[1, 0], [0, 1]]), "b": rational_array([[2, -1], [-1, 1]])},
        **{"G": rational_array([[2, -1], [-1, 1]])},
        **altered,
    }


def _extra(row: int, column: int) -> np.ndarray:
    skeleton = _skeleton()["U"].copy()
    skeleton[row, column] += 1
    return skeleton


@check(
    K_HEAD_REALISATION,
    part="head count",
    establishes=proof(over="every p, d, n, k, every field"),
    claimed=dict(model=_skeleton(), built=U * P * G * R * U),
    controls={
        "a rank above k": dict(model=_skeleton(U=_extra(2, 1))),
        "a minor that is not inverted": dict(model=_skeleton(G=rational_array([[1, 0], [0, 1]]))),
        "the inverse twice": dict(built=U * P * G * G * R * U),
    },
)
def columns_of_a_minor_give_all(model, built) -> None:
    """rank U = k gives U = V F with k columns in V. The minor R U P = (R V)(F P) is invertible, so
    both square factors are, with inverses b and a, and its inverse is G = a b. Then U P G R U =
    V (F P a)(b R V) F = V F = U: the column τ of U is Σ_h α_h(τ) U_{·τ_h}, α(τ) = G (R U)_τ.
    Fewer than k value maps do not do, because any factorisation has (R V)(F P G) = I_k.

    Machine-checked: the products. Classical: a rank factorisation exists, and so does an invertible
    minor as large as the rank.
    """
    other_side = R * V * b - 1
    steps = [
        *((-1, U - V * F, 1), (1, U - V * F, P * G * R * U)),
        *((V * F * P * G * R, U - V * F, 1), (V * F * P, G - a * b, R * V * F)),
        *((V, F * P * a - 1, b * R * V * F), (V, b * R * V - 1, F)),
    ]
    follows(
        built - U,
        using=held_premises(steps, model),
        models=[model],
        message="the columns of the minor do not give all columns",
    )
    follows(
        R * V * F * P * G - 1,
        using=held_premises(
            [(R * V * F * P, G - a * b, 1), (R * V, F * P * a - 1, b), (1, other_side, 1)], model
        ),
        models=[model],
        message="the factors do not give an identity of size k",
    )


def _all_heads(coefficients: np.ndarray, maps: np.ndarray):
    return coefficients, maps


@check(
    K_HEAD_REALISATION,
    part="head count",
    establishes=sampled(over="N ≤ 5, p, d ≤ 3, n ≤ 6, small rationals, half of them with D"),
    claimed=dict(given=_all_heads, coefficient=lambda weights, lag: weights[:, lag]),
    controls={
        "last head left out": dict(given=lambda weights, maps: (weights[:-1], maps[:-1])),
        "coefficients in reverse order": dict(
            coefficient=lambda weights, lag: weights[:, weights.shape[1] - 1 - lag]
        ),
        "coefficients of the opposite distance": dict(
            coefficient=lambda weights, lag: weights[:, -lag]
        ),
        "value maps of the first lags": dict(given=lambda weights, maps: (weights, maps * 2)),
    },
)
def outputs_on_all_unit_inputs(given, coefficient) -> None:
    """Heads from the elimination, as many as the rank; both maps are linear and are compared on
    every unit input, so that they agree on all inputs."""
    counts: dict[int, int] = {}
    for draw in independent_draws(40, seed=20260303):
        states, outputs, inputs, length = (
            int(draw.random.integers(low, top)) for low, top in ((1, 6), (1, 4), (1, 4), (2, 7))
        )
        shapes = (states, states), (states, inputs), (outputs, states), (outputs, inputs)
        matrices = [
            rational_array(draw.random.integers(-3, 4, shape)) / int(draw.random.integers(1, 4))
            for shape in shapes
        ]
        system = matrices[:3]
        through = matrices[3] * int(draw.random.integers(0, 2))
        lags = lag_operators(*system, length, through)
        if not lags.any():
            draw.discard()
            continue
        certificate = propose(lags.reshape(length, -1).T)
        weights, maps = given(certificate.combinations, lags[list(certificate.columns)])
        for j, c in np.ndindex(length, inputs):
            tokens = rational_array(np.zeros((length, inputs), dtype=int))
            tokens[j, c] += 1
            wanted = linear_state_space_model(*system, tokens, through)
            rule = lambda i, at, seen, weights=weights: coefficient(weights, i - at)
            realised = heads_output(maps, rule, tokens) if len(maps) else wanted * 0
            refute_unless(
                bool(np.all(realised == wanted)),
                "the heads give other outputs",
                transition=system[0],
                input_matrix=system[1],
                output_matrix=system[2],
                feed_through=through,
                tokens=tokens,
                heads=realised,
                recurrence=wanted,
            )
        counts[certificate.rank] = counts.get(certificate.rank, 0) + 1
    note(systems_by_head_count=str(dict(sorted(counts.items()))))
