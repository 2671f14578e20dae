"""Tensor attention of order three with a polynomial in place of the exponential, from moments."""
