"""Weights that sum to one cannot remember; coefficients that need not can."""

from __future__ import annotations

import numpy as np

from attnproof.theory.algebra.free_algebra import letters, scalars
from attnproof.theory.algebra.matrix import from_flint, to_flint
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import check, counterexample, exact, note, proof, refute_unless
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.held_premises import held_premises
from attnproof.theory.operator.linear_state_space_model import linear_state_space_model
from attnproof.theory.paper.heads_ssm.effective_blocks import effective_blocks
from attnproof.theory.paper.heads_ssm.heads_with_sink import apply_heads, head_weights
from attnproof.theory.paper.heads_ssm.scattered import scattered
from attnproof.theory.paper.heads_ssm.softmax_heads import NO_MEMORY, SOFTMAX_SINK, UNNORMALISED
from attnproof.theory.paper.heads_ssm.time_varying_recurrence import time_varying_recurrence


def _recurrence(transition, inputs, outputs):
    """The sequence map of constant coefficients."""
    return lambda tokens: linear_state_space_model(transition, inputs, outputs, tokens)


def _moving_average(decay):
    """h_i = a h_{i−1} + x_i."""
    one = rational_array([[1]])
    return _recurrence(rational(decay) * one, one, one)


LENGTH = 6


@check(
    SOFTMAX_SINK,
    establishes=counterexample(over="n = 6, h_i = h_{i−1}/2 + x_i, every H, V and α"),
    claimed=dict(row_sum=lambda i: rational(1), decay="1/2"),
    controls={
        "slower decay": dict(decay="9/10"),
        "rows that sum to two": dict(row_sum=lambda i: rational(2)),
        "rows that sum to their length": dict(row_sum=lambda i: rational(i)),
        "uniform weights beside a constant sink": dict(row_sum=lambda i: rational(i) / (i + 1)),
    },
    repairs={
        "no normalisation": dict(row_sum=lambda i: 2 - rational(2) / 2**i),
        "a sink without value": dict(row_sum=lambda i: (2 - rational(2) / 2**i) / 4),
        "no memory": dict(decay=0),
    },
)
def row_sums_meet_the_constant_input(row_sum, decay) -> None:
    """If every head has the row sums r_i, the constant input 1 gives r_i Σ_h V_h, for any number
    of heads. So Σ_h V_h = y_1/r_1 is forced, and the recurrence can only be realised if y_i/r_i is
    the same for every i. Where that holds, one head does it, with f_ij = a^{i−j}/V."""
    run = _moving_average(decay)
    ones = rational_array([[1]] * LENGTH)
    required = run(ones)[:, 0]
    values = required[0] / row_sum(1)
    for i in range(1, LENGTH + 1):
        refute_unless(
            required[i - 1] == row_sum(i) * values,
            "on the constant input 1 the heads and the recurrence differ",
            i=i,
            recurrence=list(required),
            heads=[row_sum(m) * values for m in range(1, LENGTH + 1)],
        )
    a = rational(decay)
    power = lambda distance: a**distance if distance else rational(1)
    coefficients = np.array(
        [
            [power(i - j) / values if j <= i else rational(0) for j in range(LENGTH)]
            for i in range(LENGTH)
        ]
    )
    head = lambda tokens: apply_heads(coefficients[None], values * ones[None, :1], tokens)
    refute_unless(
        all(sum(row) == row_sum(i) for i, row in enumerate(coefficients, start=1))
        and bool((effective_blocks(head, LENGTH, 1) == effective_blocks(run, LENGTH, 1)).all()),
        "the head has other row sums, or is another map",
        coefficients=coefficients,
    )


V, x, S, A, B, C, U, T, here, there, difference = letters("V x S A B C U T here there difference")
mass, last, w = scalars("mass last w")


def _row(*weights: str) -> dict[str, object]:
    """A row of weights: what has been summed, and the weight of the last token."""
    row = rational_array([list(weights)])
    so_far, newest = row[0, :-1].sum(), row[0, -1]
    value, token = rational_array([[1, 2], [0, 1]]), rational_array([[3], [1]])
    return {
        **{"V": value, "x": token, "mass": so_far, "last": newest, "S": so_far * value @ token},
        **{"weights": row},
    }


@check(
    NO_MEMORY,
    part="constant input",
    establishes=proof(over="every n, i, H, V and α (induction over the tokens)"),
    claimed=dict(model=_row("1/2", "1/6", "1/3"), output=V * x),
    controls={
        "rows that sum to less than one": dict(model=_row("1/2", "1/6", "1/6"), drops="normalised"),
        "rows that sum to more than one": dict(model=_row("1/2", "1", "1/3"), drops="normalised"),
        "last weight on the token": dict(output=last * V * x),
        "opposite sign": dict(output=-1 * V * x),
    },
)
def the_same_output_everywhere(model, output) -> None:
    """S = mass V x for the tokens so far, from S = 0 and mass = 0; one token more gives
    (mass + last) V x, and with the last token of the row mass + last = 1. That is V x for every
    head and every i, so the sum over the heads does not depend on i either."""
    so_far = (1, S - mass * V * x, 1)
    follows(
        S + last * V * x - (mass + last) * V * x,
        using=[so_far],
        models=[model],
        message="the sum over the tokens is another",
    )
    follows(
        S + last * V * x - output,
        using=held_premises([so_far, (V * x, mass + last - 1, 1)], model),
        models=[model],
        message="the constant input comes out changed",
    )


MASSES = scattered(2, 5, 5)
TWO_HEADS = rational_array([[[1, 2], [0, 1]], [[3, -1], [1, 1]]])


@check(
    NO_MEMORY,
    part="constant input",
    establishes=exact(bound="n = 5, two softmax heads, the stated masses and value matrices"),
    claimed=dict(sink=0, tokens=[[2, 3]] * 5),
    controls={
        "one in the denominator": dict(sink=1, drops="normalised"),
        "small sink": dict(sink="1/100", drops="normalised"),
        "one token differs": dict(tokens=[[2, 3]] * 4 + [[2, 4]]),
    },
)
def softmax_heads_on_a_constant_input(sink, tokens) -> None:
    """The operator itself: every output is Σ_h V_h x."""
    weights = head_weights(MASSES, rational(sink) + 0 * MASSES[:, :, 0])
    given = rational_array(tokens)
    outputs = apply_heads(weights, TWO_HEADS, given)
    expected = TWO_HEADS.sum(axis=0) @ given[0]
    refute_unless(
        bool((outputs == expected).all()),
        "the outputs are not the sum of the values",
        tokens=given,
        weights=weights,
        outputs=outputs,
        expected=expected,
    )


@check(
    NO_MEMORY,
    part="no memory",
    establishes=proof(over="every n, i and (A, B, C) (induction)"),
    claimed=dict(first=B, step=A, exponent=lambda i: i),
    controls={
        "first output without input": dict(first=0 * B),
        "difference kept": dict(step=1),
        "one power less": dict(exponent=lambda i: i - 1),
        "one power more": dict(exponent=lambda i: i + 1),
    },
)
def differences_are_lag_operators(first, step, exponent) -> None:
    """d_i = h_{i+1} − h_i has d_0 = h_1 = Bx and d_i = A d_{i−1}, because Bx cancels; so
    d_i = A^i B x and y_{i+1} − y_i = M_i x. The heads have y_{i+1} = y_i for 1 ≤ i ≤ n − 1, hence
    M_i x = 0 for every x. Beside it the recurrence run on letters for n = 7."""
    zero = 0 * B * x
    follows(A * zero + B * x - first * x, message="the first difference is another")
    model = {
        **{"A": rational_array([[2, 1], [0, 1]]), "B": rational_array([[1], [1]])},
        **{"x": rational_array([[3]]), "here": rational_array([[1], [0]])},
        **{"there": rational_array([[5], [3]]), "difference": rational_array([[4], [3]])},
    }
    follows(
        (A * there + B * x) - (A * here + B * x) - step * difference,
        using=[(-A, difference - there + here, 1)],
        models=[model],
        message="the difference takes another step",
    )
    outputs = time_varying_recurrence([A] * 7, [B] * 7, [C] * 7, [x] * 7)
    for i in range(1, 7):
        follows(
            outputs[i] - outputs[i - 1] - C * A ** exponent(i) * B * x,
            message="the outputs differ by another operator",
        )


@check(
    UNNORMALISED,
    establishes=proof(over="every n, k and (A, B, C) (induction over the heads)"),
    claimed=dict(added=w * U * x),
    controls={
        "head left out": dict(added=0 * U * x),
        "coefficient of the other sign": dict(added=-w * U * x),
        "coefficient forgotten": dict(added=U * x),
    },
)
def heads_add_up_to_the_lag_operator(added) -> None:
    """Let T be what the heads so far give of the token x and V = Σ w_c U_c the lag operator they
    make up: T = V x. One head more gives T + w U x, and the operator is V + w U. With all k heads
    V = M_{i−j}, for every token; the outputs are sums of these over j ≤ i."""
    follows(
        T + added - (V + w * U) * x,
        using=[(1, T - V * x, 1)],
        models=[
            {
                **{"V": rational_array([[1, 2], [0, 1]]), "U": rational_array([[3, -1], [1, 1]])},
                **{"x": rational_array([[3], [1]]), "T": rational_array([[5], [1]])},
                **{"w": rational("1/3")},
            }
        ],
        message="the heads make up another operator",
    )


def _coordinates(lag_operators: np.ndarray) -> tuple[np.ndarray, list[int]]:
    """Pivot columns of [vec M_0, …] and the coordinates of every column in them."""
    matrix = to_flint(lag_operators.reshape(len(lag_operators), -1).T)
    reduced, found = matrix.rref()
    reduced = from_flint(reduced)[:found]
    pivots = [next(c for c, entry in enumerate(row) if entry != 0) for row in reduced]
    return reduced.T, pivots


CASES = {
    "rotation": ([["3/5", "-4/5"], ["4/5", "3/5"]], [[1, 0], [0, 1]], [[1, 0], [0, 1]]),
    "three states, one input": (
        [["1/2", 1, 0], [0, "1/2", 1], [0, 0, "-1/3"]],
        [[1], [2], [1]],
        [[1, 0, 1], [0, 1, 1]],
    ),
}


@check(
    UNNORMALISED,
    establishes=exact(bound="n = 7, the two stated recurrences, every input (by unit inputs)"),
    claimed=dict(shift=0, dropped=0),
    controls={
        "coefficient of the next distance": dict(shift=1),
        "one head fewer": dict(dropped=1),
    },
)
def heads_run_beside_the_recurrence(shift, dropped) -> None:
    """Coordinates by elimination, heads by their definition, the recurrence by its own."""
    n = 7
    counts = {}
    for name, case in CASES.items():
        transition, inputs, outputs = map(rational_array, case)
        run = _recurrence(transition, inputs, outputs)
        blocks = effective_blocks(run, n, inputs.shape[1])
        coordinates, pivots = _coordinates(blocks[:, 0])
        used = len(pivots) - dropped
        coefficients = rational_array(np.zeros((used, n, n), dtype=int))
        for h, i, j in np.ndindex(used, n, n):
            if j <= i:
                coefficients[h, i, j] = coordinates[min(i - j + shift, n - 1), h]
        values = blocks[pivots[:used], 0]
        made = effective_blocks(
            lambda tokens, f=coefficients, U=values: apply_heads(f, U, tokens), n, inputs.shape[1]
        )
        refute_unless(
            bool((made == blocks).all()),
            "the heads are another map",
            recurrence=name,
            coefficients=coefficients,
            values=values,
        )
        counts[name] = used
    note(heads=str(counts))
