"""The seven verdicts, weakest first."""

from __future__ import annotations

from enum import IntEnum


class Verdict(IntEnum):
    """BROKEN < REFUTED < UNDECIDED < NOT RUN < SUPPORTED < VERIFIED ≤ N < VERIFIED.

    The order is the one in which bad news wins: the verdict of several pieces that must all hold
    is their minimum. A verdict is always computed (`judgement.judge`), never typed by hand.
    """

    BROKEN = 0
    REFUTED = 1
    UNDECIDED = 2
    NOT_RUN = 3
    SUPPORTED = 4
    VERIFIED_UP_TO = 5
    VERIFIED = 6

    @property
    def label(self) -> str:
        """The words shown to people."""
        return _LABELS[self]

    @property
    def meaning(self) -> str:
        """One sentence that says what the verdict does and does not promise."""
        return _MEANINGS[self]


_LABELS = {
    Verdict.BROKEN: "BROKEN",
    Verdict.REFUTED: "REFUTED",
    Verdict.UNDECIDED: "UNDECIDED",
    Verdict.NOT_RUN: "NOT RUN",
    Verdict.SUPPORTED: "SUPPORTED",
    Verdict.VERIFIED_UP_TO: "VERIFIED ≤ N",
    Verdict.VERIFIED: "VERIFIED",
}

_MEANINGS = {
    Verdict.BROKEN: "The check itself cannot be trusted: a control survived, it asserted nothing, "
    "no instance satisfies the hypotheses, or two engines disagree.",
    Verdict.REFUTED: "False as stated, shown by a witness that can be replayed.",
    Verdict.UNDECIDED: "Tried without a conclusion: a time-out, a crash or a boundary certificate.",
    Verdict.NOT_RUN: "No evidence, or some of what is needed has not run.",
    Verdict.SUPPORTED: "Holds on a sample or by measurement, with the stated bound; not a proof.",
    Verdict.VERIFIED_UP_TO: "Proved for every instance up to the stated size.",
    Verdict.VERIFIED: "Proved for every instance within the stated scope.",
}
