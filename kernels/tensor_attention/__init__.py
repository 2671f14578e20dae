"""Tensor attention of order three, exact, tile by tile."""
