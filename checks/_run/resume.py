"""What earlier runs already settled."""

from __future__ import annotations

from pathlib import Path

from attnproof.theory.core import read_ledgers
from attnproof.theory.core.records import Ended


def settled(folder: Path) -> set[tuple[str, str]]:
    """(node id, code hash) of every item that held or was refuted in a ledger of ``folder``."""
    records, _ = read_ledgers(folder.glob("*.jsonl"))
    newest = {record.node: record for record in records if isinstance(record, Ended)}
    return {
        (record.node, record.code_hash)
        for record in newest.values()
        if record.outcome in ("holds", "refuted")
    }
