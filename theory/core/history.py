"""How each verdict developed from run to run, kept in SQLite beside the ledger."""

from __future__ import annotations

import hashlib
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from functools import cache
from pathlib import Path

import msgspec

from .judgement import judge
from .records import AnyRecord, RunFinished, RunStarted
from .verdict import Verdict

FILE = "history.sqlite"

# Raised whenever the tables change; a file with another version is made anew.
VERSION = 1

# One row for every run of a ledger file, one verdict for every claim that was known at its end.
# ``state`` is the hash of everything that the verdicts depend on.
SCHEMA = """
CREATE TABLE IF NOT EXISTS ledger (state TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS run (
    state TEXT NOT NULL REFERENCES ledger(state) ON DELETE CASCADE,
    number INTEGER NOT NULL, run TEXT NOT NULL, started TEXT NOT NULL, revision TEXT NOT NULL,
    finished INTEGER NOT NULL, PRIMARY KEY (state, number)
);
CREATE TABLE IF NOT EXISTS verdict (
    state TEXT NOT NULL, number INTEGER NOT NULL, claim TEXT NOT NULL, verdict INTEGER NOT NULL,
    PRIMARY KEY (state, number, claim),
    FOREIGN KEY (state, number) REFERENCES run(state, number) ON DELETE CASCADE
);
"""

# The modules whose text decides what a verdict is: a new version judges old runs anew.
JUDGES = ("gather", "judgement", "inherit", "verdict", "records", "history")


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """The verdict of a claim at the end of a run, from all evidence up to then.

    Attributes:
        run, started, commit: of the run.
        finished: whether the run came to its end.
    """

    run: str
    started: str
    commit: str
    verdict: Verdict
    finished: bool


def history(
    ledgers: Iterable[Sequence[AnyRecord]], database: Path | str | None
) -> dict[str, list[Standing]]:
    """Claim id → its verdict at the end of every run that knew it, oldest run first.

    Runs whose ledgers have not changed, nor any before them, are not judged again. The file is
    derived from the ledgers: it may be deleted at any time, and one that is damaged, locked or on
    a read-only disk is done without.

    Args:
        ledgers: the records of each ledger file, oldest first.
        database: where the SQLite file lies; ``None`` keeps it in memory.
    """
    ledgers = list(ledgers)
    if database is not None:
        try:
            return _history(ledgers, str(database))
        except sqlite3.OperationalError:
            pass
        except sqlite3.DatabaseError:
            # Not a database, or damaged: it holds nothing that the ledgers do not.
            Path(database).unlink(missing_ok=True)
            return _history(ledgers, str(database))
    return _history(ledgers, ":memory:")


def _history(ledgers: list[Sequence[AnyRecord]], database: str) -> dict[str, list[Standing]]:
    with closing(sqlite3.connect(database, isolation_level=None)) as connection, connection:
        _prepare(connection)
        # Two reports built at once take turns.
        connection.execute("BEGIN IMMEDIATE")
        known = {state for (state,) in connection.execute("SELECT state FROM ledger")}
        before: list[AnyRecord] = []
        states: list[str] = []
        state = _judges()
        for records in ledgers:
            # Of the records and not of the file: a run that goes on may have lengthened it since.
            text = msgspec.json.encode(list(records))
            state = hashlib.sha256(state.encode() + text).hexdigest()
            states.append(state)
            if state not in known:
                _enter(connection, state, before, records)
                known.add(state)
            before += records
        stale = known - set(states)
        connection.executemany("DELETE FROM ledger WHERE state = ?", [(one,) for one in stale])
        return _read(connection, states)


def _prepare(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA foreign_keys = ON")
    if connection.execute("PRAGMA user_version").fetchone() != (VERSION,):
        for table in ("verdict", "run", "ledger"):
            connection.execute(f"DROP TABLE IF EXISTS {table}")
        connection.execute(f"PRAGMA user_version = {VERSION}")
    connection.executescript(SCHEMA)


def _enter(
    connection: sqlite3.Connection,
    state: str,
    before: list[AnyRecord],
    records: Sequence[AnyRecord],
) -> None:
    connection.execute("INSERT INTO ledger VALUES (?)", (state,))
    for number, (started, end) in enumerate(_runs(records)):
        finished = any(
            isinstance(record, RunFinished) and record.run == started.run for record in records
        )
        connection.execute(
            "INSERT INTO run VALUES (?, ?, ?, ?, ?, ?)",
            (state, number, started.run, started.started, started.commit, finished),
        )
        connection.executemany(
            "INSERT INTO verdict VALUES (?, ?, ?, ?)",
            [
                (state, number, claim, int(judgement.verdict))
                for claim, judgement in judge([*before, *records[:end]]).items()
            ],
        )


def _runs(records: Sequence[AnyRecord]) -> Iterator[tuple[RunStarted, int]]:
    """Every run with the number of records up to its end: to the next run, or to the last line."""
    starts = [k for k, record in enumerate(records) if isinstance(record, RunStarted)]
    for start, end in zip(starts, [*starts[1:], len(records)], strict=False):
        started = records[start]
        assert isinstance(started, RunStarted)
        yield started, end


def _read(connection: sqlite3.Connection, states: list[str]) -> dict[str, list[Standing]]:
    found: dict[str, list[Standing]] = defaultdict(list)
    rows = """
        SELECT claim, run, started, revision, verdict, finished
        FROM verdict JOIN run USING (state, number) WHERE state = ? ORDER BY number, claim
    """
    for state in states:
        for claim, run, started, commit, verdict, finished in connection.execute(rows, (state,)):
            found[claim].append(
                Standing(
                    run=run,
                    started=started,
                    commit=commit,
                    verdict=Verdict(verdict),
                    finished=bool(finished),
                )
            )
    return dict(found)


@cache
def _judges() -> str:
    folder = Path(__file__).parent
    texts = [(folder / f"{name}.py").read_bytes() for name in JUDGES]
    return hashlib.sha256(b"\0".join(texts)).hexdigest()
