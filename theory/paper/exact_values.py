"""Exact values for instances and predicates, which load FLINT only when they are asked for.

Listing claims must load no numerical library, so the files that declare them cannot import
`theory.algebra` at the top.
"""

from __future__ import annotations


def exact_array(rows):
    """`algebra.rational.rational_array`."""
    from attnproof.theory.algebra.rational import rational_array

    return rational_array(rows)


def exact(value):
    """`algebra.rational.rational`."""
    from attnproof.theory.algebra.rational import rational

    return rational(value)
