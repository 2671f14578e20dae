"""The difference between two ledgers as one page, readable from a disk like all others."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from attnproof.theory.core import Change
from attnproof.theory.core.changes import ORDER

from .site import environment_for
from .view import view


def write_difference(changes: Sequence[Change], old: str, new: str, target: Path) -> Path:
    """Write the page to ``target`` and return it."""
    template = environment_for(view([], [])).get_template("difference.html")
    groups = [(kind, [one for one in changes if one.kind == kind]) for kind in ORDER]
    text = template.render(
        root="", page="difference.html", groups=[g for g in groups if g[1]], old=old, new=new
    )
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")
    return target
