"""Bugs of LUCID attention's own."""

from __future__ import annotations


def values_not_preconditioned(run, inputs, options):
    """An offset so large that the triangle becomes the identity."""
    flat = {**inputs, "normal_key": 0 * inputs["normal_key"]}
    return run(flat, {**options, "offset": 200.0})


PLANTED = {"values not preconditioned": values_not_preconditioned}
