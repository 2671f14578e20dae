"""Labels recalled by argmax: linear attention with unit keys, and where labels repeat."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from attnproof.theory.algebra.free_algebra import letters
from attnproof.theory.algebra.matrix import inverse
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import (
    Plot,
    Series,
    check,
    counterexample,
    exact,
    note,
    plot,
    proof,
    refute_unless,
)
from attnproof.theory.engine.equational import follows
from attnproof.theory.operator.gated_delta_rule import gated_delta_rule
from attnproof.theory.operator.gated_linear_attention import gated_linear_attention
from attnproof.theory.paper.ttr.crosstalk import LINEAR_MISRECALLS, LINEAR_RECALLS_LABELS

i, it, j, jt = letters("i it j jt")


def _scores(keys, labels, recurrence=None):
    """Row j: the output at key j, a score per label."""
    values = rational_array(np.eye(max(labels) + 1, dtype=int)[list(labels)])
    if recurrence is None:
        _, state = gated_linear_attention(keys, keys, values)
    else:
        _, state = recurrence(keys, keys, values, rational_array([1] * len(keys)))
    return keys @ state.T


def _all_recalled(keys, labels, scores) -> bool:
    return all(
        row[label] > max(score for place, score in enumerate(row) if place != label)
        for row, label in zip(scores, labels)
    )


# Unit keys with positive overlaps up to 0.996.
CLOSE_KEYS = [["3/5", "4/5"], ["5/13", "12/13"], ["8/17", "15/17"], ["20/29", "21/29"]]


@check(
    LINEAR_MISRECALLS,
    establishes=counterexample(over="four unit keys in the plane, overlaps from 0.91 to 0.996"),
    claimed=dict(keys=CLOSE_KEYS, labels=(0, 1, 2, 3)),
    controls={
        "two of the keys": dict(keys=CLOSE_KEYS[:2], labels=(0, 1)),
        "labels in another order": dict(labels=(2, 0, 3, 1)),
    },
    repairs={
        "a label under two keys": dict(
            keys=[[1, 0, 0], ["4/5", "3/5", 0], ["4/5", 0, "3/5"]], labels=(0, 1, 1)
        ),
        "keys of different lengths": dict(keys=[[1, 0], [2, 1]], labels=(0, 1)),
    },
)
def correlated_keys_are_misrecalled(keys, labels) -> None:
    """The statement asks for a key whose label is lost."""
    keys = rational_array(keys)
    scores = _scores(keys, labels)
    refute_unless(
        not _all_recalled(keys, labels, scores),
        "every label is recalled",
        K=keys,
        labels=list(labels),
        scores=scores,
    )


@check(
    LINEAR_RECALLS_LABELS,
    part="distinct labels",
    establishes=proof(over="every n, d"),
    claimed=dict(own_length=1, other_length=1),
    controls={
        "other key longer": dict(other_length=2),
        "own key shorter": dict(own_length="1/2"),
    },
)
def own_label_scores_highest(own_length, other_length) -> None:
    """With distinct labels the score of label ℓ(i) at key j is ``k_iᵀk_j``, of labels without a
    key it is 0. For unit keys ``2(k_jᵀk_j − k_iᵀk_j) = ‖k_i − k_j‖² > 0`` for distinct keys, and
    the own score is 1."""
    own_key = rational(own_length) * rational_array([["3/5"], ["4/5"]])
    other_key = rational(other_length) * rational_array([["5/13"], ["12/13"]])
    follows(
        2 * (jt @ j - it @ j) - (it - jt) @ (i - j),
        using=[
            (1, jt @ j - Fraction(own_length) ** 2, 1),
            (-1, it @ i - Fraction(other_length) ** 2, 1),
            (-1, it @ j - jt @ i, 1),
        ],
        models=[{"i": other_key, "it": other_key.T, "j": own_key, "jt": own_key.T}],
        message="the lead is not half the squared distance of the keys",
    )


@check(
    LINEAR_RECALLS_LABELS,
    part="distinct labels",
    establishes=exact(bound="40 rational unit keys in the plane, a label each"),
    claimed=dict(scale=lambda index: 1, label=lambda index: index),
    controls={
        "keys of different lengths": dict(scale=lambda index: 1 + index % 2, drops="unit keys"),
        "one label for all keys but the first": dict(
            label=lambda index: min(index, 1), drops="distinct labels"
        ),
    },
)
def labels_of_the_definition(scale, label) -> None:
    """Far more keys than channels: (1 − t², 2t)/(1 + t²) for t = 1/41, …, 40/41; the outputs are
    those of the layer itself."""
    keys, labels = [], []
    for index in range(40):
        t, s = index + 1, 41
        norm = s * s + t * t
        keys.append(
            [f"{scale(index) * (s * s - t * t)}/{norm}", f"{scale(index) * 2 * s * t}/{norm}"]
        )
        labels.append(label(index))
    keys = rational_array(keys)
    scores = _scores(keys, labels)
    refute_unless(
        _all_recalled(keys, labels, scores),
        "a stored label is lost",
        K=keys,
        labels=labels,
        n=len(keys),
    )


@check(
    LINEAR_RECALLS_LABELS,
    part="repeated label",
    establishes=exact(bound="the three stated keys"),
    claimed=dict(labels=(0, 1, 1), stated=["1", "8/5"]),
    controls={
        "labels all different": dict(labels=(0, 1, 2)),
        "largest overlap only": dict(stated=["1", "4/5"]),
    },
)
def repeated_label_wins(labels, stated) -> None:
    """The overlaps 4/5 and 4/5 with the two keys of B add up. One pass of the delta rule errs there
    too, and the exact layer does not."""
    keys = rational_array([[1, 0, 0], ["4/5", "3/5", 0], ["4/5", 0, "3/5"]])
    scores = _scores(keys, labels)
    refute_unless(
        [str(score) for score in scores[0]] == stated,
        "the scores at the first key are others",
        K=keys,
        labels=list(labels),
        scores=scores,
    )
    delta = _scores(keys, labels, gated_delta_rule)[0]
    values = rational_array(np.eye(2, dtype=int)[list(labels)])
    least_squares = (keys @ (values.T @ inverse(keys @ keys.T) @ keys).T)[0]
    note(one_pass_of_the_delta_rule=list(delta), exact_layer=list(least_squares))


@plot(LINEAR_RECALLS_LABELS)
def accuracy_by_number_of_keys() -> Plot:
    """Recalled labels of random unit keys, d = 16, after one pass over all of them."""
    generator = np.random.default_rng(0)
    counts = [8, 16, 24, 32, 48, 64, 96, 128]
    linear, delta = [], []
    for count in counts:
        hits = np.zeros(2)
        for _ in range(8):
            keys = generator.standard_normal((count, 16))
            keys /= np.linalg.norm(keys, axis=1, keepdims=True)
            gram = keys @ keys.T
            written = np.linalg.solve(np.tril(gram), np.eye(count))
            hits[0] += np.mean(gram.argmax(1) == np.arange(count))
            hits[1] += np.mean((gram @ written).argmax(1) == np.arange(count))
        linear.append(float(hits[0] / 8))
        delta.append(float(hits[1] / 8))
    ratios = [count / 16 for count in counts]
    return Plot(
        title="Labels recalled by argmax, random unit keys in 16 dimensions",
        x_label="keys per channel",
        y_label="share of labels recalled",
        series=[
            Series(label="linear attention", x=ratios, y=linear),
            Series(label="one pass of the delta rule", x=ratios, y=delta),
        ],
        caption="Linear attention recalls every label; the delta rule overwrites. In squared error "
        "the order is the reverse.",
    )
