"""The max-margin matrices of the small data sets, certified apart from the solver."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product

import numpy as np
from flint import fmpq

from attnproof.theory.algebra.rational import rational, rational_array, to_float
from attnproof.theory.core import Plot, Series, certificate, check, exact, note, plot, refute_unless
from attnproof.theory.engine.max_margin_certificate import farkas_violations, kkt_violations
from attnproof.theory.paper.att_svm import data_sets
from attnproof.theory.paper.att_svm.max_margin import FROBENIUS_KKT
from attnproof.theory.paper.att_svm.max_margin_matrix import Infeasible, max_margin_matrix

D1, D2, D3, D4 = (
    data_sets.DEGENERATE,
    data_sets.STRICTLY_COMPLEMENTARY,
    data_sets.LOCALLY_OPTIMAL,
    data_sets.RANK_TWO,
)
STATED = {
    "degenerate": (D1, [["9/25", "-2/25"], ["7/25", "4/25"]], {(0, 1): "1/5", (1, 0): "1/25"}),
    "strictly complementary": (
        D2,
        [["-11/14", "11/14"], ["10/14", "6/14"]],
        {(0, 1): "8/7", (1, 0): "11/14"},
    ),
    "locally optimal": (D3, [["-4/17", 0], ["1/17", 0]], {(0, 2): "1/17"}),
    "rank two": (
        D4,
        [["15/422", "161/422"], ["-174/422", "45/422"]],
        {(0, 2): "73/422", (1, 1): "131/844"},
    ),
}


def _best(data):
    return data.constraints(data.optimal)


def _least_of_a_sample(data):
    """The token with the lowest score, instead of the highest, in the first sample."""
    lowest = min(range(data.length), key=data.scores[0].__getitem__)
    return data.constraints((lowest, *data.optimal[1:]))


def _unchanged(matrix, multipliers):
    return matrix, multipliers


def _one_multiplier_larger(matrix, multipliers):
    first = next(iter(multipliers))
    return matrix, multipliers | {first: multipliers[first] + rational("1/1000")}


def _another_support(matrix, multipliers):
    """(1, 2), which is active on the degenerate data, in the place of (1, 0)."""
    moved = {(0, 1): rational("1/5"), (1, 2): rational("1/25")}
    constraints = _best(D1)
    combined = sum(y * rational_array(constraints[key]) for key, y in moved.items())
    return combined, moved


@check(
    FROBENIUS_KKT,
    part="data sets",
    establishes=certificate(over="the four data sets", by="conditions multiplied out in fractions"),
    claimed=dict(constraints=_best, alter=_unchanged),
    controls={
        "a multiplier larger by a thousandth": dict(alter=_one_multiplier_larger),
        "twice the matrix": dict(alter=lambda matrix, given: (2 * matrix, given)),
        "twice matrix and multipliers": dict(
            alter=lambda matrix, given: (2 * matrix, {key: 2 * y for key, y in given.items()})
        ),
        "transposed": dict(alter=lambda matrix, given: (matrix.T, given)),
        "another support": dict(alter=_another_support),
        "the token with the lowest score": dict(constraints=_least_of_a_sample),
    },
)
def stated_matrices_are_certified(constraints, alter) -> None:
    """The five conditions hold for the stated W and λ, and the search in rationals finds them."""
    for name, (data, matrix, multipliers) in STATED.items():
        matrix, given = alter(
            rational_array(matrix), {key: rational(value) for key, value in multipliers.items()}
        )
        conditions = constraints(data)
        witness = dict(data=name, W=matrix, multipliers=_named(given))
        broken = kkt_violations(conditions, matrix, given)
        refute_unless(not broken, "the conditions fail", broken=broken, **witness)
        found = max_margin_matrix(conditions)
        refute_unless(
            bool((found.matrix == matrix).all()), "the search finds another", found=found.matrix
        )
        note(**{f"squared norm, {name}": found.squared_norm})


def _named(multipliers: Mapping[tuple[int, int], fmpq]) -> dict[str, fmpq]:
    return {f"({i}, {t})": value for (i, t), value in multipliers.items()}


# Choices of tokens of which one is a mixture of the others, so that nothing separates it.
INSIDE = {
    "strictly complementary": [(1, 0), (1, 1), (1, 2)],
    "stationary at zero": [(2,)],
}


@check(
    FROBENIUS_KKT,
    part="necessary",
    establishes=exact(
        bound="every feasible choice of tokens in the seven data sets", by="search and certificate"
    ),
    claimed=dict(excluded=INSIDE, scale=1),
    controls={
        "a token between two others": dict(excluded={}, drops="feasible"),
        "excluded in one data set only": dict(
            excluded={"strictly complementary": INSIDE["strictly complementary"]}, drops="feasible"
        ),
        "the nearest point itself": dict(scale=None),
    },
)
def every_choice_of_tokens(excluded, scale) -> None:
    """The search ends in W and λ that meet the conditions, unless a token is a mixture of others:
    then it ends in weights which show that no W is feasible."""
    feasible = 0
    for data in data_sets.ALL:
        for selection in product(range(data.length), repeat=data.samples):
            if selection in excluded.get(data.name, ()):
                continue
            conditions = data.constraints(selection)
            stacked = np.array([rational_array(rows) for rows in conditions.values()])
            try:
                found = max_margin_matrix(conditions)
            except Infeasible as no:
                refute_unless(
                    bool(farkas_violations(conditions, no.weights)),
                    "no W is feasible, as the weights show",
                    constraints=stacked,
                    weights=_named(no.weights),
                )
                raise
            factor = 1 / found.squared_norm if scale is None else scale
            matrix = factor * found.matrix
            broken = kkt_violations(conditions, matrix, found.multipliers)
            feasible += 1
            refute_unless(
                not broken, "the conditions fail", constraints=stacked, W=matrix, broken=broken
            )
    note(feasible_choices=feasible)


@plot(FROBENIUS_KKT)
def margins_and_multipliers() -> Plot:
    """Every constraint of the degenerate data: its margin, and its multiplier."""
    found = max_margin_matrix(_best(D1))
    names = [f"sample {i + 1}, token {t + 1}" for i, t in found.margins]
    multipliers = [found.multipliers.get(key, rational(0)) for key in found.margins]
    bars = {"margin": list(found.margins.values()), "multiplier": multipliers}
    return Plot(
        title="Margins and multipliers of the degenerate data",
        x_label="constraint",
        y_label="value",
        series=[
            Series(
                label=label,
                x=names,
                y=to_float(np.array(values, dtype=object)).tolist(),
                style="bars",
            )
            for label, values in bars.items()
        ],
        caption="Three constraints are active, but two of them carry the whole solution: a solver "
        "in floating point cannot tell which.",
    )
