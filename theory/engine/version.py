"""Names an engine with its version in the ledger."""

from __future__ import annotations

from functools import cache
from importlib import metadata

from attnproof.theory.core import note_engine


def used(name: str, distribution: str) -> None:
    """Record that ``name``, provided by ``distribution``, decided something."""
    note_engine(name, f"{distribution} {_version(distribution)}")


@cache
def _version(distribution: str) -> str:
    return metadata.version(distribution)
