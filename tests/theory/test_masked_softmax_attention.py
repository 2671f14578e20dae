"""Masked softmax attention: one definition in several number systems, and its empty rows."""

from __future__ import annotations

import numpy as np
import pytest

from attnproof.theory.algebra.ball import ball, ball_array, precision
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.operator import attention_mask
from attnproof.theory.operator.causal_softmax_attention import causal_softmax_attention
from attnproof.theory.operator.masked_softmax_attention import masked_softmax_attention
from attnproof.theory.operator.softmax_attention import power_of_two, softmax_attention

QUERY = [[1, 0], [2, -1], [0, 3], [1, 1], [-1, 2]]
KEY = [[0, 1], [1, 1], [2, 0], [-1, 1], [1, -2]]
VALUE = [[1, 0], ["1/2", 3], [-2, "1/3"], [5, 1], [0, -4]]


def rationals():
    return [rational_array(rows) for rows in (QUERY, KEY, VALUE)]


def exactly(mask, **changes):
    query, key, value = rationals()
    given = {"query": query, "key": key, "value": value} | changes
    return masked_softmax_attention(**given, mask=mask, power=power_of_two)


def test_two_keys_by_hand():
    """Row 1 has the logits −1 and 4 with keys 0 and 2: weights 1/33 and 32/33."""
    mask = np.zeros((5, 5), dtype=bool)
    mask[1, [0, 2]] = True
    output = exactly(mask)
    assert output[1, 0] == (1 + 32 * rational(-2)) / 33
    assert output[1, 1] == 32 * rational("1/3") / 33
    assert all(entry == 0 for row in (0, 2, 3, 4) for entry in output[row])


def test_the_masks_of_the_other_operators():
    causal = exactly(attention_mask.causal)
    assert (causal == causal_softmax_attention(*rationals(), power=power_of_two)).all()
    whole = exactly(attention_mask.full)
    assert (whole == softmax_attention(*rationals(), power=power_of_two)).all()


def test_documents_do_not_meet():
    i, j = np.ogrid[:5, :5]
    together = exactly((i < 2) == (j < 2))
    query, key, value = rationals()
    for part in (slice(0, 2), slice(2, 5)):
        alone = softmax_attention(query[part], key[part], value[part], power=power_of_two)
        assert (together[part] == alone).all()


def test_a_hidden_key_has_no_say():
    mask = np.ones((5, 5))
    mask[:, 3] = 0
    _, key, value = rationals()
    key[3], value[3] = rational(100) * key[3], rational(1000) + value[3]
    assert (exactly(mask, key=key, value=value) == exactly(mask)).all()
    shown = np.ones((5, 5))
    assert (exactly(shown, key=key, value=value) != exactly(shown)).any()


def test_balls_enclose_floats_and_empty_rows_are_exactly_zero():
    mask = attention_mask.causal_window(2)(*np.ogrid[:5, :5]).copy()
    mask[3] = False
    with precision(96):
        enclosed = masked_softmax_attention(
            ball_array(QUERY), ball_array(KEY), ball_array(VALUE), mask, scale=ball("1/2")
        )
    numbers = [np.array([[float(rational(x)) for x in row] for row in rows])
               for rows in (QUERY, KEY, VALUE)]  # fmt: skip
    floats = masked_softmax_attention(*numbers, mask, scale=0.5)
    assert all(entry.is_zero() for entry in enclosed[3]) and not floats[3].any()
    # Five roundings or so of numbers below 8, in float64.
    assert all(abs(float(one.mid()) - two) < 1e-14 for one, two in zip(enclosed.flat, floats.flat))
    assert all(float(one.rad()) < 1e-25 for one in enclosed.flat)


def test_a_mask_that_adds_up_to_the_wrong_shape_is_refused():
    with pytest.raises(ValueError, match=r"shape \(5, 4\); it needs a row per query"):
        exactly(np.ones((5, 4)))
