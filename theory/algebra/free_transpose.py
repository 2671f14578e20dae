"""Transposes in the free algebra, where every letter has a letter for its transpose."""

from __future__ import annotations

from collections.abc import Mapping

from .free_algebra import FreeElement


def free_transpose(element: FreeElement, transposes: Mapping[str, str]) -> FreeElement:
    """``Xᵀ``: every word reversed, every letter replaced by that of its transpose.

    Args:
        element: X.
        transposes: letter → letter of its transpose; one direction suffices, and a symmetric
            letter is mapped to itself.

    Raises:
        KeyError: a letter without a transpose.
    """
    partner = {after: before for before, after in transposes.items()} | dict(transposes)
    return FreeElement(
        {
            (central, tuple(partner[name] for name in reversed(word))): coefficient
            for (central, word), coefficient in element.terms.items()
        }
    )
