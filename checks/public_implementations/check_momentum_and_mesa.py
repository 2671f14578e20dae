"""The references of fla-core for the delta rule with momentum and for the mesa layer, against the
definitions in exact rationals."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import numpy as np

from attnproof.theory.algebra.rational import rational, rational_array, to_float
from attnproof.theory.core import check, counterexample, measured, note, refute_unless
from attnproof.theory.engine.fuzz import independent_draws
from attnproof.theory.operator.mesa_layer import mesa_layer
from attnproof.theory.operator.momentum_delta_rule import momentum_delta_rule
from attnproof.theory.paper.public_implementations import FAILS, HOLDS, WITHIN

Inputs = dict[str, np.ndarray]


def published(name: str, bug: Callable[..., np.ndarray] | None = None) -> Callable[..., object]:
    """What loads the published function, with a planted bug or none."""

    def load():
        from attnproof.kernels.public_implementations import momentum_and_mesa

        run = getattr(momentum_and_mesa, name)
        return run if bug is None else lambda **inputs: bug(run, inputs)

    return load


def _rationals(array: np.ndarray) -> np.ndarray:
    return rational_array([[Fraction(float(x)) for x in row] for row in np.atleast_2d(array)])


def momentum_by_definition(query, key, value, step_size, momentum, decay) -> np.ndarray:
    """`theory.operator.momentum_delta_rule` on the very numbers."""
    q, k, v = (_rationals(array) for array in (query, key, value))
    steps, momenta, gates = (_rationals(array)[0] for array in (step_size, momentum, decay))
    return to_float(momentum_delta_rule(q, k, v, steps, momenta, 1 - gates)[0])


def mesa_by_definition(query, key, value, decay, ridge) -> np.ndarray:
    """`theory.operator.mesa_layer` on the very numbers."""
    q, k, v = (_rationals(array) for array in (query, key, value))
    identity = rational_array(np.eye(key.shape[1], dtype=int).tolist())
    constant = rational(Fraction(float(ridge))) * identity
    return to_float(mesa_layer(q, k, v, _rationals(decay)[0], lambda t: constant))


def _float32(array: np.ndarray) -> np.ndarray:
    return np.asarray(array, dtype=np.float32)


def _unit(random, length: int, width: int) -> np.ndarray:
    rows = random.standard_normal((length, width))
    return _float32(rows / np.linalg.norm(rows, axis=1, keepdims=True))


def momentum_instance(random, lowest: float) -> Inputs:
    """Unit keys; momenta and gates at least ``lowest``."""
    length, width, columns = (int(random.integers(1, n)) for n in (36, 4, 3))
    return {
        "query": _float32(random.standard_normal((length, width))),
        "key": _unit(random, length, width),
        "value": _float32(random.standard_normal((length, columns))),
        "step_size": _float32(random.uniform(0.0, 0.3, length)),
        "momentum": _float32(random.uniform(lowest, 1.0, length)),
        "decay": _float32(random.uniform(lowest, 1.0, length)),
    }


def mesa_instance(random) -> Inputs:
    """Unit queries and keys, as many values as channels."""
    length, width = int(random.integers(1, 17)), int(random.integers(1, 4))
    return {
        "query": _unit(random, length, width),
        "key": _unit(random, length, width),
        "value": _float32(random.standard_normal((length, width))),
        "decay": _float32(random.uniform(0.8, 1.0, length)),
        "ridge": float(random.choice([0.25, 0.5, 1.0])),
    }


def _values_one_late(run, inputs):
    return run(**{**inputs, "value": np.roll(inputs["value"], 1, 0)})


def _gates_forgotten(run, inputs):
    return run(**{**inputs, "decay": np.ones_like(inputs["decay"])})


def _momenta_forgotten(run, inputs):
    return run(**{**inputs, "momentum": np.full_like(inputs["momentum"], 2.0**-20)})


def _ridge_halved(run, inputs):
    return run(**{**inputs, "ridge": inputs["ridge"] / 2})


def _off_by_one_per_cent(run, inputs):
    return 1.01 * run(**inputs)


MOMENTUM_BUGS = {
    "values one token late": _values_one_late,
    "momenta forgotten": _momenta_forgotten,
    "off by one per cent": _off_by_one_per_cent,
}
MESA_BUGS = {
    "values one token late": _values_one_late,
    "gates forgotten": _gates_forgotten,
    "ridge halved": _ridge_halved,
    "off by one per cent": _off_by_one_per_cent,
}


def sampled_check(key: str, name: str, instance, definition, bugs):
    """The check of one reference on random instances."""

    @check(
        HOLDS[key],
        establishes=measured(over="random instances in float32, against exact rationals"),
        claimed=dict(run=published(name)),
        controls={title: dict(run=published(name, bug)) for title, bug in bugs.items()},
    )
    def near_the_definition(run):
        """|computed − defined| relative to the largest entry defined."""
        function, worst = run(), 0.0
        for draw in independent_draws(8, seed=31):
            inputs = instance(draw.random)
            expected = definition(**inputs)
            error = np.abs(function(**inputs) - expected).max() / np.abs(expected).max()
            refute_unless(
                bool(error <= 2.0 ** -WITHIN[key]),
                "an entry is farther off than stated",
                share_of_the_largest=float(error),
                **inputs,
            )
            worst = max(worst, float(error))
        note(worst_in_units_of_u=f"{worst * 2**24:.3g}")

    return near_the_definition


recurrent_momentum = sampled_check(
    "fla-recurrent-momentum-delta-rule-ref",
    "recurrent_momentum_delta_rule_ref",
    lambda random: momentum_instance(random, 0.1),
    momentum_by_definition,
    MOMENTUM_BUGS,
)
chunk_momentum = sampled_check(
    "fla-chunk-momentum-delta-rule-ref-slow-momenta",
    "chunk_momentum_delta_rule_ref_in_16",
    lambda random: momentum_instance(random, 0.9),
    momentum_by_definition,
    MOMENTUM_BUGS,
)
mesa_exact = sampled_check(
    "fla-mesa-net-exact", "naive_mesa_net_exact", mesa_instance, mesa_by_definition, MESA_BUGS
)
mesa_cg = sampled_check(
    "fla-mesa-net-cg-unit-queries",
    "naive_mesa_net_cg",
    mesa_instance,
    mesa_by_definition,
    MESA_BUGS,
)


def last_token_alone(momentum: float) -> Inputs:
    """32 tokens of width one, of which only the last writes: 1, which it reads back."""
    ones, value = np.ones(32), np.zeros((32, 1))
    value[-1] = 1.0
    column = np.ones((32, 1))
    return {
        "query": column,
        "key": column,
        "value": value,
        "step_size": ones,
        "momentum": momentum * ones,
        "decay": ones,
    }


def one_token(query: float) -> Inputs:
    """Key, value and ridge one: the output is half the query."""
    one = np.ones((1, 1))
    return {"query": query * one, "key": one, "value": one, "decay": np.ones(1), "ridge": 1.0}


def refuting_check(key: str, name: str, definition, bad: Inputs, good: Inputs, why: str, over: str):
    """The check that one input refutes a reference, and another does not."""

    @check(
        FAILS[key],
        establishes=counterexample(over=over, by="float32 against exact rationals"),
        claimed=dict(run=published(name), inputs=bad),
        controls={
            f"{why}, and off by two per cent": dict(
                run=published(name, lambda run, inputs: 1.02 * run(**inputs)), inputs=good
            ),
            f"{why}, and nothing written": dict(
                run=published(name, lambda run, inputs: 0 * run(**inputs)), inputs=good
            ),
        },
        repairs={why: dict(inputs=good)},
    )
    def within_one_per_cent(run, inputs):
        """Every entry within a hundredth of the largest: far more than rounding explains."""
        computed, expected = run()(**inputs), definition(**inputs)
        off = np.abs(computed - expected)
        row, column = np.unravel_index(np.argmax(np.nan_to_num(off, nan=np.inf)), off.shape)
        refute_unless(
            bool((off <= 0.01 * np.abs(expected).max()).all()),
            "the output is not the operator's",
            computed=float(computed[row, column]),
            defined=float(expected[row, column]),
            row=int(row),
            **inputs,
        )

    return within_one_per_cent


chunk_momentum_loses_a_token = refuting_check(
    "fla-chunk-momentum-delta-rule-ref",
    "chunk_momentum_delta_rule_ref",
    momentum_by_definition,
    last_token_alone(0.5),
    last_token_alone(1.0),
    "momenta one",
    "32 tokens of width one, momenta 1/2, gates one; the last alone has a value",
)
mesa_cg_and_a_small_query = refuting_check(
    "fla-mesa-net-cg",
    "naive_mesa_net_cg",
    mesa_by_definition,
    one_token(2.0**-12),
    one_token(1.0),
    "a query of norm one",
    "one token of width one, key, value and ridge one, the query 2⁻¹²",
)
