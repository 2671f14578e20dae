"""Where each page lies, and what its commands are. A ledger's text never chooses a path freely."""

from __future__ import annotations

import hashlib
import re
import shlex


def paper_page(key: str) -> str:
    """Path of a paper's page below the site."""
    return f"paper/{_segment(key)}.html"


def claim_page(identifier: str) -> str:
    """Path of a claim's page below the site."""
    paper, _, key = identifier.partition("/")
    return f"claim/{_segment(paper)}/{_segment(key)}.html"


def table_page(paper: str, key: str) -> str:
    """Path of a paper's table of special cases."""
    return f"table/{_segment(paper)}/{_segment(key)}.html"


def anchor(*words: str) -> str:
    """A fragment that depends on nothing but ``words``."""
    text = "-".join(words)
    plain = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
    return plain if plain == text else f"{plain or 'x'}-{_digest(text)}"


def replay_command(claim: str, control: str = "") -> str:
    """What re-runs one variant and compares its witness with the ledger's."""
    return f"attnproof replay {_quoted(f'{claim}:{control}' if control else claim)}"


def pytest_command(node: str) -> str:
    """What runs one item, or one check with all of its items."""
    return f"pytest {_quoted(node)}"


def _quoted(word: str) -> str:
    # Quotes only where a shell needs them; Greek letters do not.
    return word if re.fullmatch(r"[\w@%+=:,./-]+", word) else shlex.quote(word)


def _segment(name: str) -> str:
    safe = re.sub(r"[^A-Za-z0-9._-]", "~", name).lstrip(".")
    return safe if safe == name and name else f"{safe}~{_digest(name)}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:6]
