"""Every partition of the keys and every tree of merges."""

from __future__ import annotations

import numpy as np

from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import check, exact, refute_unless
from attnproof.theory.operator.online_softmax import (
    OnlineSoftmaxState,
    online_softmax_merge,
    online_softmax_output,
    online_softmax_state,
)
from attnproof.theory.operator.softmax_attention import power_of_two, softmax_attention
from attnproof.theory.paper.lean_attn.merge import ANY_SPLIT

SCORES = rational_array([2, -1, 0, 3, -4, 3, 1, -2])
VALUES = rational_array([[1, 0], [0, 2], [5, -1], [-3, 1], [2, 2], [0, -4], [1, 7], [4, 4]])


def merge_in_base_two(x: OnlineSoftmaxState, y: OnlineSoftmaxState) -> OnlineSoftmaxState:
    """The definition."""
    return online_softmax_merge(x, y, power_of_two)


def without_rescaling(x: OnlineSoftmaxState, y: OnlineSoftmaxState) -> OnlineSoftmaxState:
    """Denominators are rescaled, numerators are not."""
    return merge_in_base_two(x, y)._replace(numerator=x.numerator + y.numerator)


def average_of_outputs(x: OnlineSoftmaxState, y: OnlineSoftmaxState) -> OnlineSoftmaxState:
    """The mean of two outputs, as if either had half the mass."""
    merged = merge_in_base_two(x, y)
    mean = (x.numerator / x.denominator + y.numerator / y.denominator) / 2
    return OnlineSoftmaxState(merged.maximum, rational(1), mean)


@check(
    ANY_SPLIT,
    establishes=exact(bound="8 stated keys, every partition, every binary tree of merges, base 2"),
    claimed=dict(merge=merge_in_base_two),
    controls={
        "numerators not rescaled": dict(merge=without_rescaling),
        "average of outputs": dict(merge=average_of_outputs),
    },
)
def every_tree_of_every_partition(merge) -> None:
    """For every subset of the keys, the merge of the states of the two halves of every bipartition
    is the state of the subset. A tree of merges over a partition is a sequence of such merges, so
    all of them arrive at the state of all keys, whose output is attention."""
    count = len(SCORES)
    members = [[j for j in range(count) if subset >> j & 1] for subset in range(2**count)]
    states = [online_softmax_state(SCORES[seen], VALUES[seen], power_of_two) for seen in members]
    for subset in range(1, 2**count):
        part = (subset - 1) & subset
        while part:
            merged = merge(states[part], states[subset ^ part])
            stated = states[subset]
            refute_unless(
                merged.maximum == stated.maximum
                and merged.denominator == stated.denominator
                and bool((merged.numerator == stated.numerator).all()),
                "the merge of two parts is not the state of their union",
                parts=[members[part], members[subset ^ part]],
                merged=list(merged),
                union=list(stated),
            )
            part = (part - 1) & subset
    attention = softmax_attention(
        rational_array([[1]]), SCORES[:, None], VALUES, power=power_of_two
    )[0]
    output = online_softmax_output(states[-1])
    refute_unless(bool(np.all(output == attention)), output=output, attention=attention)
