"""Words on a terminal: 80 columns, colour only where someone is looking."""

from __future__ import annotations

import os
import sys
import textwrap

from attnproof.theory.core import Verdict

WIDTH = 80

_CODES = {
    Verdict.BROKEN: "1;31",
    Verdict.REFUTED: "36",
    Verdict.UNDECIDED: "36",
    Verdict.NOT_RUN: "2",
    Verdict.SUPPORTED: "33",
    Verdict.VERIFIED_UP_TO: "32",
    Verdict.VERIFIED: "32",
}


def coloured(verdict: Verdict, width: int = 0) -> str:
    """The verdict's label, padded to ``width``; in colour on a terminal without ``NO_COLOR``."""
    label = f"{verdict.label:<{width}}"
    wanted = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    return f"\x1b[{_CODES[verdict]}m{label}\x1b[0m" if wanted else label


def fit(text: str, width: int = WIDTH) -> str:
    """``text`` on one line, cut with an ellipsis if it is longer than ``width``."""
    line = text.replace("\n", " ")
    return line if len(line) <= width else line[: width - 1] + "…"


def paragraph(text: str, indent: str = "", first: str | None = None) -> str:
    """``text`` wrapped to the width; ``first`` begins its first line instead of ``indent``."""
    return textwrap.fill(
        " ".join(text.split()),
        WIDTH,
        initial_indent=indent if first is None else first,
        subsequent_indent=indent,
        break_on_hyphens=False,
    )


def labelled(name: str, text: str, width: int = 14) -> str:
    """``name`` in a column of its own, ``text`` wrapped beside it."""
    return paragraph(text, indent=" " * width, first=f"{name:<{width}}")
