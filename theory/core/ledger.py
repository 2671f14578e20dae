"""The ledger: one JSON record a line, appended and flushed as each item ends."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import msgspec

from .records import AnyRecord

_DECODER = msgspec.json.Decoder(AnyRecord)


class Ledger:
    """An append-only file of records; whatever was appended survives a killed process."""

    def __init__(self, path: Path | str):
        self.path = Path(path)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self.path.open("ab")
        if self.path.stat().st_size and not _ends_with_newline(self.path):
            # A run killed in the middle of a line must not swallow the next record too.
            self._file.write(b"\n")

    def append(self, *records: AnyRecord) -> None:
        """Write ``records`` and flush them to the operating system."""
        for record in records:
            self._file.write(msgspec.json.encode(record) + b"\n")
        self._file.flush()

    def close(self) -> None:
        """Flush to disk and close."""
        if not self._file.closed:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()


class LedgerDamage(msgspec.Struct, frozen=True):
    """A line that could not be read: where it is, and why."""

    path: str
    line: int
    reason: str

    def __str__(self) -> str:
        return (
            f"{self.path}, line {self.line}: {self.reason} (skipped; the other lines are used, "
            "and running the check again writes a new one)"
        )


def read_ledger(path: Path | str) -> tuple[list[AnyRecord], list[LedgerDamage]]:
    """Every readable record of the file, and every damaged line with its number."""
    records: list[AnyRecord] = []
    damage: list[LedgerDamage] = []
    with Path(path).open("rb") as file:
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            try:
                records.append(_DECODER.decode(line))
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
                damage.append(LedgerDamage(str(path), number, str(error)))
    return records, damage


def read_ledgers(
    paths: Iterable[Path | str],
) -> tuple[list[AnyRecord], list[LedgerDamage]]:
    """Records of several runs, oldest file first, so that later evidence replaces earlier."""
    records: list[AnyRecord] = []
    damage: list[LedgerDamage] = []
    for path in oldest_first(paths):
        found, damaged = read_ledger(path)
        records += found
        damage += damaged
    return records, damage


def oldest_first(paths: Iterable[Path | str]) -> list[Path]:
    """The order in which ledgers count: by name, since a ledger is named after its start."""
    return sorted((Path(path) for path in paths), key=lambda path: (path.name, path))


def _ends_with_newline(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"
