"""A rotation on four and on five tokens, through softmax heads with a zero-value sink."""

from __future__ import annotations

import numpy as np

from attnproof.theory.algebra.matrix import rank
from attnproof.theory.algebra.rational import rational_array, to_float
from attnproof.theory.core import Plot, Series, check, exact, note, plot, proof, refute_unless
from attnproof.theory.operator.linear_state_space_model import linear_state_space_model
from attnproof.theory.paper.heads_ssm.cone_realisation import in_a_half_space, with_one_more
from attnproof.theory.paper.heads_ssm.effective_blocks import effective_blocks
from attnproof.theory.paper.heads_ssm.heads_with_sink import apply_heads, head_weights
from attnproof.theory.paper.heads_ssm.softmax_heads import ZERO_VALUE_SINK

ROTATION = [["3/5", "-4/5"], ["4/5", "3/5"]]
IDENTITY_AND_QUARTER_TURN = [[[1, 0], [0, 1]], [[0, -1], [1, 0]]]


def _blocks(transition: np.ndarray, length: int) -> np.ndarray:
    """W_ij of h_i = A h_{i−1} + x_i, y = h, by running it on unit inputs."""
    size = len(transition)
    unit = rational_array(np.eye(size, dtype=int))
    return effective_blocks(
        lambda tokens: linear_state_space_model(transition, unit, unit, tokens), length, size
    )


def _coordinates(blocks: np.ndarray, basis: np.ndarray) -> np.ndarray:
    """w with M_τ = Σ_c w_τc U_c, from the first column of I and J (or the only entry of 1)."""
    lag_operators = blocks[:, 0]
    coordinates = lag_operators[:, :, 0]
    rebuilt = np.einsum("tc,cpd->tpd", coordinates, basis)
    refute_unless(
        bool((rebuilt == lag_operators).all()),
        "the coordinates are of other operators",
        coordinates=coordinates,
        lag_operators=lag_operators,
    )
    return coordinates


def _heads_equal_recurrence(vectors, weights, basis, blocks) -> None:
    """Softmax heads with masses a_h(i − j) and sink c − Σ a, value maps c v_h."""
    length, heads = weights.shape
    refute_unless(
        bool((weights > 0).all()), "a weight is not positive", vectors=vectors, weights=weights
    )
    scale = weights.sum(axis=0).max() + 1
    masses = rational_array(np.ones((heads, length, length), dtype=int))
    sink = rational_array(np.zeros((heads, length), dtype=int))
    for h, i, j in np.ndindex(masses.shape):
        if j <= i:
            masses[h, i, j] = weights[i - j, h]
    for h, i in np.ndindex(sink.shape):
        sink[h, i] = scale - weights[: i + 1, h].sum()
    coefficients = head_weights(masses, sink)
    values = scale * np.einsum("hc,cpd->hpd", vectors, basis)
    made = effective_blocks(
        lambda tokens: apply_heads(coefficients, values, tokens), length, blocks.shape[-1]
    )
    refute_unless(
        bool((made == blocks).all()) and bool((coefficients.sum(axis=2) < 1).all()),
        "the heads are another map, or their weights are no softmax with a sink",
        weights=weights,
        values=values,
    )


@check(
    ZERO_VALUE_SINK,
    part="rotation on four tokens",
    establishes=proof(over="the stated recurrence, every input", by="exact rationals"),
    claimed=dict(n=4, normal=[1, 6], products=["1", "27/5", "137/25", "147/125"]),
    controls={
        "five tokens": dict(n=5, products=["1", "27/5", "137/25", "147/125", "-2543/625"]),
        "another form": dict(normal=[1, 0], products=["1", "3/5", "-7/25", "-117/125"]),
        "form turned": dict(normal=[6, 1], products=["6", "22/5", "-18/25", "-658/125"]),
        "another value": dict(products=["1", "27/5", "137/25", "147/25"]),
    },
)
def two_heads_on_four_tokens(n, normal, products) -> None:
    """All lag operators on the positive side of the form: two heads by the construction, compared
    with the recurrence block by block."""
    basis = rational_array(IDENTITY_AND_QUARTER_TURN)
    blocks = _blocks(rational_array(ROTATION), n)
    coordinates = _coordinates(blocks, basis)
    form = rational_array(normal)
    found = coordinates @ form
    refute_unless(
        rank(coordinates) == 2
        and bool((found == rational_array(products)).all())
        and bool((found > 0).all()),
        "the form has other values, or is not positive on all lag operators",
        coordinates=coordinates,
        form=form,
        values=found,
    )
    vectors, weights = in_a_half_space(coordinates, form)
    _heads_equal_recurrence(vectors, weights, basis, blocks)
    note(heads=len(vectors), largest_weight_before_scaling=str(weights.max()))


@check(
    ZERO_VALUE_SINK,
    part="rotation on five tokens",
    establishes=proof(over="the stated recurrence, every input", by="Gordan certificate, exact"),
    claimed=dict(n=5, combination=[55, 84, 0, 0, 125], shift=None),
    controls={
        "four tokens": dict(n=4, combination=[55, 84, 0, 0]),
        "last coefficient negative": dict(combination=[55, 84, 0, 0, -125]),
        "another coefficient": dict(combination=[55, 84, 0, 0, 124]),
        "no coefficient": dict(combination=[0, 0, 0, 0, 0]),
        "two heads": dict(shift=0),
    },
)
def three_heads_on_five_tokens(n, combination, shift) -> None:
    """A non-negative combination of the lag operators is zero, so that by the part `certificate`
    no half space holds them and by `half space needed` two heads do not do. Three do. With shift 0
    the third head has weight 0."""
    _certificate_and_one_more(rational_array(ROTATION), n, combination, shift)


@check(
    ZERO_VALUE_SINK,
    part="alternating decay",
    establishes=proof(
        over="every n ≥ 2 for the certificate; heads for n ≤ 8", by="Gordan certificate, exact"
    ),
    claimed=dict(decay="-1/2", combination=[1, 2], shift=None),
    controls={
        "decay without a change of sign": dict(decay="1/2"),
        "other coefficients": dict(combination=[2, 1]),
        "one head": dict(shift=0),
    },
)
def two_heads_for_a_scalar(decay, combination, shift) -> None:
    """M_0 + 2 M_1 = 0 is about the first two lags and so excludes one head for every n ≥ 2."""
    for n in range(2, 9):
        padded = [*combination, *[0] * (n - 2)]
        _certificate_and_one_more(rational_array([[decay]]), n, padded, shift)


def _certificate_and_one_more(transition, n, combination, shift) -> None:
    size = len(transition)
    basis = rational_array(IDENTITY_AND_QUARTER_TURN if size == 2 else [[[1]]])
    blocks = _blocks(transition, n)
    coordinates = _coordinates(blocks, basis)
    coefficients = rational_array(combination)
    total = coefficients @ blocks[:, 0].reshape(n, -1)
    refute_unless(
        rank(coordinates) == size
        and bool((coefficients >= 0).all())
        and bool((coefficients > 0).any())
        and not total.any(),
        "this is no vanishing combination with non-negative coefficients",
        lag_operators=blocks[:, 0],
        combination=coefficients,
        total=total,
    )
    vectors, weights = with_one_more(coordinates, shift)
    _heads_equal_recurrence(vectors, weights, basis, blocks)


OTHER = {
    "positive orthant": ([[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 2, 3]], [1, 1, 1]),
    "narrow": ([[1, 100], [1, -100], [2, 5]], [1, 0]),
    "first entry of the form zero": ([[5, 1, 0], [-7, 2, 1], [0, "1/3", "-1/4"]], [0, 3, 2]),
    "one dimension": ([[2], ["1/2"], ["1/8"]], [1]),
}


@check(
    ZERO_VALUE_SINK,
    part="half space suffices",
    establishes=exact(bound="the four stated sets of coordinates"),
    claimed=dict(combine=lambda weights, vectors: weights @ vectors),
    controls={
        "weights of another scale": dict(combine=lambda a, v: a @ v / 2),
        "last vector left out": dict(combine=lambda a, v: a[:, :-1] @ v[:-1]),
        "vectors in another order": dict(combine=lambda a, v: a @ v[::-1]),
    },
)
def the_construction_by_its_numbers(combine) -> None:
    """The vectors and weights of the construction, multiplied out."""
    for name, (rows, normal) in OTHER.items():
        coordinates = rational_array(rows)
        vectors, weights = in_a_half_space(coordinates, rational_array(normal))
        made = combine(weights, vectors)
        refute_unless(
            rank(vectors) == len(normal)
            and bool((weights > 0).all())
            and bool((made == coordinates).all()),
            "the weights are not positive, or make up something else",
            case=name,
            coordinates=coordinates,
            vectors=vectors,
            weights=weights,
            made=made,
        )


@plot(ZERO_VALUE_SINK)
def lag_operators_on_the_circle() -> Plot:
    """(x_τ, y_τ) of the rotation, with the edge of a half plane and a triangle round the origin."""
    points = to_float(
        _coordinates(
            _blocks(rational_array(ROTATION), 5), rational_array(IDENTITY_AND_QUARTER_TURN)
        )
    )
    column = lambda rows, axis: [float(entry) for entry in rows[:, axis]]
    series = lambda label, rows, style: Series(
        label=label, x=column(rows, 0), y=column(rows, 1), style=style
    )
    origin = np.zeros((1, 2))
    edge = np.array([[-1.1, 1.1 / 6], [1.1, -1.1 / 6]])
    return Plot(
        title="Lag operators of a rotation",
        x_label="coordinate along I",
        y_label="coordinate along J",
        series=[
            series("τ = 0, 1, 2, 3", points[:4], "points"),
            series("τ = 4", points[4:], "points"),
            series("wedge of four tokens", np.vstack([points[:1], origin, points[3:4]]), "line"),
            series("edge of x + 6y > 0", edge, "guide"),
            series("triangle of τ = 0, 1, 4", points[[0, 1, 4, 0]], "guide"),
        ],
        caption="On four tokens all lag operators lie on one side of a line, and two softmax heads "
        "with a zero-value sink suffice. The fifth closes a triangle round the origin, and three "
        "are needed.",
    )
