"""What earlier runs already settled."""

from __future__ import annotations

from pathlib import Path

from attnproof.theory.core import read_ledgers
from attnproof.theory.core.records import Ended


def settled(folder: Path) -> set[tuple[str, str]]:
    """(node id, code hash) of every item that need not run again.

    A control that survived is not settled, nor is a claimed variant without an assertion: someone
    is about to look into it, and wants to see it fail.
    """
    records, _ = read_ledgers(folder.glob("*.jsonl"))
    newest = {record.node: record for record in records if isinstance(record, Ended)}
    return {(record.node, record.code_hash) for record in newest.values() if _is_settled(record)}


def _is_settled(record: Ended) -> bool:
    if record.variant.startswith("control:"):
        return record.outcome == "refuted"
    if record.outcome == "holds":
        return record.assertions > 0 and not record.instance
    return record.outcome == "refuted"
