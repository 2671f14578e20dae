"""From what an operator's specification bounds to what a computed entry may be off by.

The derivations stand in `kernels/specifications`, one per operator, for sums held with unit
round-off u in any order. Inputs are exact: a narrow input is compared with the operator on that
very input. Nothing underflows.
"""

from __future__ import annotations

import numpy as np

from attnproof.kernels.specification import Arrays, Specification
from attnproof.theory.engine.rounding import HALF_SMALLEST, UNIT_ROUNDOFF, unit_roundoff

# The bound itself is evaluated in float64: at most a few thousand roundings of 2^-53 each.
EVALUATION = 1.0 + 2.0**-20


def whole_bound(specification: Specification, inputs: Arrays, dtype: str) -> np.ndarray:
    """Componentwise bound of |computed − defined| on one head, all roundings included.

    That of sums held in the accumulator's precision; itself again at u = 2⁻⁵³, for the float64
    evaluation of the definition; one rounding of the output, and of the weights where the
    specification allows for it; and the float64 evaluation of the bound.

    Args:
        inputs: the numbers that the kernel was given, exactly, in float64.
        dtype: of inputs and output; float64 is accumulated in float64, the rest in float32.
    """
    inner = unit_roundoff("float64" if dtype == "float64" else "float32")
    reference = specification.allowed(inputs, UNIT_ROUNDOFF["float64"])
    bound = specification.allowed(inputs, inner) + reference
    if dtype in ("float16", "bfloat16"):
        outer = unit_roundoff(dtype)
        if specification.rounded_weights:
            bound = bound + outer * specification.weighed(inputs)
        size = np.abs(specification.expected(inputs))
        bound = bound + outer * (size + bound) + HALF_SMALLEST[dtype]
    return bound * EVALUATION
