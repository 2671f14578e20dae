"""Bugs of polynomial tensor attention's own."""

from __future__ import annotations


def one_degree_less(run, inputs, options):
    """The polynomial without its highest power."""
    return run(inputs, {**options, "degree": options["degree"] - 1})


def sums_of_the_other_keys(run, inputs, options):
    """The monomials of the second keys taken from the first ones."""
    return run({**inputs, "key_two": inputs["key_one"]}, options)


PLANTED = {
    "one degree less": one_degree_less,
    "sums of the other keys": sums_of_the_other_keys,
}
