"""The triangular preconditioner: delta rule, bounds, gradient."""

from __future__ import annotations

import numpy as np

from attnproof.theory.algebra.free_algebra import letters, scalars
from attnproof.theory.algebra.matrix import inverse
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import check, prime_field, proof, refute_unless, sampled
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.held_premises import held_premises
from attnproof.theory.engine.inequality import entails
from attnproof.theory.engine.prime_field_identity import vanishes
from attnproof.theory.operator.gated_delta_rule import gated_delta_rule
from attnproof.theory.operator.lucid_attention import preconditioned_values
from attnproof.theory.paper.lucid.preconditioner import (
    RKHS_DELTA,
    STATE_BOUND,
)

v, u, f, ft, E = letters("v u f ft E")
diagonal, step = scalars("diagonal step")


def _numbers(kernel="1", size="1") -> dict[str, object]:
    """A feature of squared norm ``kernel``, the state Σ u_jφ_j*, and the newest write."""
    root = {"1": rational_array([["3/5"], ["4/5"]]), "4": rational_array([["6/5"], ["8/5"]])}
    feature, state = root[kernel], rational_array([[1, 2]])
    value = rational_array([[5]])
    chosen = rational(size)
    return {
        **{"f": feature, "ft": feature.T, "E": state, "v": value, "diagonal": rational(kernel)},
        **{"step": chosen, "u": chosen * (value - state @ feature)},
    }


@check(
    RKHS_DELTA,
    part="unit diagonal",
    establishes=proof(over="every t (induction), every feature space"),
    claimed=dict(recalled=E @ f, kernel="1"),
    controls={
        "nothing subtracted": dict(recalled=0 * E @ f),
        "subtracted twice": dict(recalled=2 * E @ f),
    },
)
def write_is_what_is_missing(recalled, kernel) -> None:
    """With ``S_{t−1} = Σ_{j<t} u_jφ_j*`` (the letter E) what the key recalls is
    ``Eφ_t = Σ_{j<t} u_j G_tj``; so the row of ``LU = V``, ``u_t + Σ_{j<t} G_tj u_j = v_t``, is the
    step ``u_t = v_t − S_{t−1}φ_t``, and the state becomes ``E + u_tφ_t*``."""
    follows(
        u + recalled - v,
        using=[(1, u - step * (v - E @ f), 1), (1, (step - 1) * (v - E @ f), 1)],
        models=[_numbers(kernel)],
        message="the row of the system is another",
    )


@check(
    RKHS_DELTA,
    part="general diagonal",
    establishes=proof(over="every t, every feature space, every diagonal different from zero"),
    claimed=dict(weight=diagonal, size="1/4"),
    controls={
        "step one": dict(size="1"),
        "diagonal one": dict(weight=1),
    },
)
def normalised_step(weight, size) -> None:
    """``β = 1/G_tt``: the row ``G_tt u + Σ_{j<t} G_tj u_j = v`` of ``tril(G)U = V``."""
    model = _numbers("4", size)
    steps = [
        (diagonal, u - step * (v - E @ f), 1),
        (1, (step * diagonal - 1) * (v - E @ f), 1),
    ]
    follows(
        weight * u + E @ f - v,
        using=held_premises(steps, model),
        models=[model],
        message="the row of the system is another",
    )


def _divided_rows(kernel, values):
    """``tril(G)U = V`` as the operator solves it: row t divided by G_tt."""
    diagonal = kernel.diagonal()[:, None]
    return preconditioned_values(kernel / diagonal, values / diagonal)


@check(
    RKHS_DELTA,
    part="general diagonal",
    establishes=prime_field(bound="n = 6, d = 3, d_v = 2; features are the keys, kernel kᵀk"),
    claimed=dict(solved=_divided_rows, step=lambda size: 1 / size),
    controls={
        "step one": dict(step=lambda size: 1 + 0 * size),
        "diagonal ignored": dict(solved=preconditioned_values),
        "values not divided": dict(
            solved=lambda kernel, values: preconditioned_values(
                kernel / kernel.diagonal()[:, None], values
            )
        ),
        "columns divided": dict(
            solved=lambda kernel, values: preconditioned_values(
                kernel / kernel.diagonal()[None, :], values / kernel.diagonal()[:, None]
            )
        ),
    },
)
def writes_with_a_general_diagonal(solved, step) -> None:
    """Two things of the operator's U: what the delta rule adds at token t, the difference of its
    states after t and t − 1 tokens, is ``u_tk_tᵀ``; and ``tril(G)U = V``, row by row."""

    def defect(keys, values):
        kernel = keys @ keys.T
        written = solved(kernel, values)
        steps = np.array([step(kernel[t, t]) for t in range(len(keys))], dtype=object)
        states = [0 * np.outer(values[0], keys[0])]
        for t in range(1, len(keys) + 1):
            _, state = gated_delta_rule(keys[:t], keys[:t], values[:t], steps[:t])
            states.append(state)
        added = [
            (states[t + 1] - states[t] - np.outer(written[t], keys[t])).ravel()
            for t in range(len(keys))
        ]
        rows = [kernel[t, : t + 1] @ written[: t + 1] - values[t] for t in range(len(keys))]
        return np.concatenate(added + rows)

    vanishes(defect, [(6, 3), (6, 2)], seed=7, message="the writes are not those of the delta rule")


@check(
    RKHS_DELTA,
    part="general step",
    establishes=proof(over="every t, every feature space, every step"),
    claimed=dict(coupling=step * E @ f, right=step * v),
    controls={
        "coupling without the step": dict(coupling=E @ f),
        "value without the step": dict(right=1 * v),
    },
)
def row_with_a_step(coupling, right) -> None:
    """``u = η(v − S_{t−1}φ)``: the row of ``(I + η tril_−G)U = ηV``."""
    follows(
        u + coupling - right,
        using=[(1, u - step * (v - E @ f), 1)],
        models=[_numbers("1", "1/2")],
        message="the row of the system is another",
    )


KEYS = rational_array([["3/5", "4/5"], [1, 0], ["5/13", "12/13"], ["4/5", "3/5"], [0, 1]])
VALUES = rational_array([[1, 0], [2, -1], [0, 3], [-2, 1], [4, 4]])


@check(
    RKHS_DELTA,
    part="unit diagonal",
    establishes=sampled(
        over="one set of five rational unit keys, kernel kᵀk: features are the keys",
        by="exact rationals",
    ),
    claimed=dict(keys=KEYS, size="1", solve=preconditioned_values),
    controls={
        "keys of length two, with their diagonal": dict(
            keys=2 * KEYS, solve=lambda kernel, values: inverse(np.tril(kernel)) @ values
        ),
        "half a step": dict(size="1/2"),
    },
)
def state_of_the_delta_rule(keys, size, solve) -> None:
    """The definition of the delta rule against ``UᵀΦ`` with the operator's U."""
    steps = rational_array([size] * len(keys))
    _, state = gated_delta_rule(keys, keys, VALUES, steps)
    written = solve(keys @ keys.T, VALUES)
    refute_unless(
        bool((state == written.T @ keys).all()),
        "the state is not made of the preconditioned values",
        K=keys,
        state=state,
        stated=written.T @ keys,
    )


norm_u, norm_v = scalars("u v")


@check(
    STATE_BOUND,
    part="values",
    establishes=proof(over="every n and width", by="non-negative combination"),
    claimed=dict(factor=2),
    controls={"factor one": dict(factor=1)},
)
def norm_of_the_writes(factor) -> None:
    """``LU = V`` and ``‖LU‖ ≥ ½‖U‖`` column by column (sigma-min-half)."""
    entails(
        factor * norm_v - norm_u,
        given={"‖LU‖ ≥ ½‖U‖": norm_v - norm_u / 2, "‖U‖": norm_u},
        certificate=[(2, ["‖LU‖ ≥ ½‖U‖"], [])],
        message="the writes can be larger",
    )


S, ST, w, wt = letters("S St w wt")


@check(
    STATE_BOUND,
    part="state",
    establishes=proof(over="every t (induction), every feature of norm one"),
    claimed=dict(kept=S @ f @ ft @ ST, scale=1),
    controls={
        "nothing forgotten": dict(kept=0 * S @ f @ ft @ ST),
        "forgotten twice": dict(kept=2 * S @ f @ ft @ ST),
        "a feature of another norm": dict(scale=2),
    },
)
def write_adds_its_value(kept, scale) -> None:
    """``S_t = S(1 − φφ*) + vφ*`` and ``(1 − φφ*)φ = 0``, so ``S_tS_t* = SS* − Sφφ*S* + vv*``: the
    squared norm, its trace, grows by at most ‖v‖². The letters w, wt are v and its transpose."""
    feature = rational_array([["3/5"], ["4/5"]]) * scale
    state, value = rational_array([[1, 2], [0, 3]]), rational_array([[5], [-1]])
    model = {
        **{"f": feature, "ft": feature.T, "S": state, "St": state.T, "w": value, "wt": value.T}
    }
    after = S - S @ f @ ft + w @ ft
    aftert = ST - f @ ft @ ST + f @ wt
    unit = ft @ f - 1
    steps = [
        (S @ f, unit, ft @ ST),
        (-1 * S @ f, unit, wt),
        (-1 * w, unit, ft @ ST),
        (w, unit, wt),
    ]
    follows(
        after @ aftert - (S @ ST - kept + w @ wt),
        using=held_premises(steps, model),
        models=[model],
        message="the square of the state is another",
    )


norm_o, norm_a = scalars("o a")


@check(
    STATE_BOUND,
    part="outputs",
    establishes=proof(over="every n and width", by="non-negative combination"),
    claimed=dict(factor=2),
    controls={"factor one": dict(factor=1)},
)
def norm_of_the_outputs(factor) -> None:
    """``O = AU``, so ``‖O‖ ≤ ‖A‖₂‖U‖``, and ``‖U‖ ≤ 2‖V‖`` by the part 'values'."""
    entails(
        factor * norm_a * norm_v - norm_o,
        given={
            "‖O‖ ≤ ‖A‖‖U‖": norm_a * norm_u - norm_o,
            "‖U‖ ≤ 2‖V‖": 2 * norm_v - norm_u,
            "‖A‖": norm_a,
        },
        certificate=[(1, ["‖O‖ ≤ ‖A‖‖U‖"], []), (1, ["‖U‖ ≤ 2‖V‖", "‖A‖"], [])],
        message="the outputs can be larger",
    )


@check(
    STATE_BOUND,
    part="state",
    establishes=sampled(over="one set of five rational unit keys", by="exact rationals"),
    claimed=dict(keys=KEYS),
    controls={"keys of length two": dict(keys=2 * KEYS)},
)
def norm_of_the_state(keys) -> None:
    """``‖UᵀΦ‖²`` against the sum of the values' squares, after every token."""
    for t in range(1, len(keys) + 1):
        written = preconditioned_values(keys @ keys.T, VALUES)[:t]
        state = written.T @ keys[:t]
        allowed = (VALUES[:t] * VALUES[:t]).sum()
        refute_unless(
            (state * state).sum() <= allowed,
            "the state exceeds the bound",
            K=keys,
            t=t,
            norm_squared=(state * state).sum(),
            bound=allowed,
        )
