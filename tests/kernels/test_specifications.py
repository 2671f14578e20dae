"""Where a specification writes its operator in another way than the definition, both agree."""

from __future__ import annotations

import numpy as np

from attnproof.kernels.specifications import lucid_attention


def test_preconditioned_attention_is_the_definition():
    """Eight tokens; sums of eight numbers of size one err by less than 1e-13 in float64."""
    random = np.random.default_rng(0)
    given = lucid_attention.SPECIFICATION.draw(random, 8, 3, 2)
    parameters = lucid_attention.SPECIFICATION.parameters
    one = lucid_attention.SPECIFICATION.define(**given, **parameters)
    other = lucid_attention.define_as_stated(**given, **parameters)
    assert np.abs(one - other).max() < 1e-13 * max(1.0, np.abs(one).max())
