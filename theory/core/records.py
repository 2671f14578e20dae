"""The lines of a ledger. Everything the report shows is in them; it imports nothing else."""

from __future__ import annotations

from typing import Literal

import msgspec

from .evidence import Establishes
from .plot import Plot
from .table import Table

Outcome = Literal["holds", "refuted", "undecided", "error"]


class Record(msgspec.Struct, kw_only=True, tag_field="kind"):
    """Any ledger line; ``kind`` in the JSON says which."""


class RunStarted(Record, tag="run"):
    """First line of a run: where and with what it ran."""

    run: str
    started: str
    command: str
    python: str
    platform: str
    commit: str = ""
    versions: dict[str, str] = {}


class RunFinished(Record, tag="finished"):
    """Last line; a ledger without it comes from an interrupted run."""

    run: str
    finished: str
    seconds: float
    exit_status: int


class PaperLine(Record, tag="paper"):
    """A paper of the register."""

    key: str
    title: str
    authors: str
    year: int
    arxiv: str
    family: str
    contribution: str
    tables: list[Table] = []


class ClaimLine(Record, tag="claim"):
    """A claim as declared, with its hypotheses as LaTeX."""

    id: str
    paper: str
    title: str
    statement: str
    parts: dict[str, str]
    hypotheses: dict[str, str]
    locus: str = ""
    source: str = ""
    scope: str = ""
    not_covered: str = ""
    deviation: str = ""
    reconstructed: bool = False
    amends: str = ""
    uses: list[str] = []


class ControlLine(msgspec.Struct, kw_only=True):
    """A control or a repair of a check."""

    kind: Literal["control", "repair"]
    name: str
    alters: list[str]
    drops: str = ""


class CheckLine(Record, tag="check"):
    """A check as collected: what must run before it counts.

    Attributes:
        check: ``checks/infsa/check_truncation.py::tail_bound``.
        parameters: ids of its parametrisation, ``[""]`` if it has none.
        code_hash: of the check's file and every file of the lab that it imports.
    """

    check: str
    claim: str
    part: str
    establishes: Establishes
    controls: list[ControlLine]
    parameters: list[str]
    path: str
    line: int
    source: str
    doc: str
    code_hash: str
    slow: bool = False


class Began(Record, tag="began"):
    """An item was started; without an `Ended` of the same node it was interrupted."""

    node: str


class Interrupted(Record, tag="interrupted"):
    """An item took its process down; ``reason`` says how."""

    node: str
    reason: str


class Ended(Record, tag="ended"):
    """One variant of one check ended.

    Attributes:
        node: pytest's node id, which selects it again.
        variant: ``claimed``, ``control:…`` or ``repair:…``.
        outcome: what happened; ``error`` is any exception that is no verdict.
        fault: it is undecided because it hung, crashed or ran out of memory.
        reason: message of the refutation, or why it is undecided, or the error.
        witness: exact values (`witness.encode`).
        necessity: for a control that drops a hypothesis: hypothesis → truth on the witness.
        instance: empty, or why the claim's hypotheses have no instance (claimed variant only).
        example: the instance that satisfies them, so that the claim is seen not to be vacuous.
        samples, discarded, independent: instances drawn, if any.
        failure_bound: 95 % upper confidence bound on the failing mass, for independent draws.
        error_probability: of randomised identity tests, if any.
    """

    node: str
    check: str
    claim: str
    part: str
    parameter: str
    variant: str
    outcome: Outcome
    fault: bool = False
    reason: str = ""
    witness: dict[str, object] = {}
    necessity: dict[str, bool] = {}
    instance: str = ""
    example: dict[str, object] = {}
    assertions: int = 0
    figures: dict[str, object] = {}
    engines: dict[str, str] = {}
    samples: int = 0
    discarded: int = 0
    independent: bool = True
    failure_bound: float | None = None
    error_probability: float | None = None
    seconds: float = 0.0
    code_hash: str = ""
    ended: str = ""


class PlotLine(Record, tag="plot"):
    """A plot that belongs to a claim."""

    node: str
    claim: str
    plot: Plot


AnyRecord = (
    RunStarted
    | RunFinished
    | PaperLine
    | ClaimLine
    | CheckLine
    | Began
    | Interrupted
    | Ended
    | PlotLine
)
