"""What a claim, a check, a piece of evidence and a verdict are.

Needs nothing beyond the standard library and msgspec, so that listing claims and rebuilding the
report load neither a solver nor a tensor library.
"""

from .changes import Change, changes
from .check import Check, CheckRefused, Variant, check, check_of
from .claim import Claim, ClaimRefused, Hypothesis
from .evidence import (
    Establishes,
    certificate,
    counterexample,
    enclosure,
    exact,
    measured,
    prime_field,
    proof,
    sampled,
    smt,
    symbolic,
)
from .history import Standing, history
from .judgement import Judgement, judge
from .ledger import Ledger, LedgerDamage, read_ledger, read_ledgers
from .most_wanted import Wanted, most_wanted
from .observation import (
    Observation,
    note,
    note_engine,
    note_error_probability,
    note_sample,
    observing,
)
from .paper import Paper, papers
from .plot import Plot, Series, plot, plot_of
from .refutation import Refuted, Undecided, refute_unless
from .table import Entry, Table, entry
from .verdict import Verdict
from .witness import decode, encode

__all__ = [
    "Change",
    "Check",
    "CheckRefused",
    "Claim",
    "ClaimRefused",
    "Entry",
    "Establishes",
    "Hypothesis",
    "Judgement",
    "Ledger",
    "LedgerDamage",
    "Observation",
    "Paper",
    "Plot",
    "Refuted",
    "Series",
    "Standing",
    "Table",
    "Undecided",
    "Variant",
    "Verdict",
    "Wanted",
    "certificate",
    "changes",
    "check",
    "check_of",
    "counterexample",
    "decode",
    "enclosure",
    "encode",
    "entry",
    "exact",
    "history",
    "judge",
    "measured",
    "most_wanted",
    "note",
    "note_engine",
    "note_error_probability",
    "note_sample",
    "observing",
    "papers",
    "plot",
    "plot_of",
    "prime_field",
    "proof",
    "read_ledger",
    "read_ledgers",
    "refute_unless",
    "sampled",
    "smt",
    "symbolic",
]
