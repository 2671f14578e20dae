"""The papers: one file or folder each. `load` declares all of them."""

from __future__ import annotations

import importlib
import pkgutil

from attnproof.theory.core import Paper, papers


def load() -> dict[str, Paper]:
    """Import every paper and return the register, in the order of the catalogue."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    return papers()
