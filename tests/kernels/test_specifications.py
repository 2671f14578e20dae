"""Where a specification writes its operator in another way than the definition, both agree."""

from __future__ import annotations

import numpy as np
import pytest

from attnproof.kernels.specifications import agent_attention, lucid_attention


@pytest.mark.parametrize("module", [agent_attention, lucid_attention], ids=lambda m: m.__name__)
def test_the_shifted_logits_change_nothing(module):
    """Eight tokens; sums of eight numbers of size one err by less than 1e-13 in float64."""
    random = np.random.default_rng(0)
    given = module.SPECIFICATION.draw(random, 8, 3, 2)
    parameters = module.SPECIFICATION.parameters
    one = module.SPECIFICATION.define(**given, **parameters)
    other = module.define_as_stated(**given, **parameters)
    assert np.abs(one - other).max() < 1e-13 * max(1.0, np.abs(one).max())
