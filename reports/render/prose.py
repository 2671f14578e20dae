"""Plain text from claims and docstrings as HTML: paragraphs, lists, sub- and superscripts."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

# Applied to escaped text. A subscript follows a single letter or a bracket, so that names such as
# check_causality stay as they are.
_BASE = r"((?<!\w)[^\W\d_]\u0302?|[)\]‖])"
_RULES = [
    # The digits of 331 776 stay on one line.
    (re.compile(r"(?<=\d) (?=\d{3}(?!\d))"), "\u202f"),
    (re.compile(r"\^\{([^{}]{1,24})\}"), r"<sup>\1</sup>"),
    (re.compile(r"\^([-−]?\d{1,3}|[A-Za-z⊤])(?!\w)"), r"<sup>\1</sup>"),
    (re.compile(_BASE + r"_\{([^{}]{1,24})\}"), r"\1<sub>\2</sub>"),
    (re.compile(_BASE + r"_([0-9A-Za-z∞]{1,3})(?!\w|\.\w)"), r"\1<sub>\2</sub>"),
]
_ITEM = re.compile(r"(?:(\d+)\.|[-*]) +")


def inline(text: str) -> Markup:
    """One line of words; ``x_{i+1}`` and ``2^{-N}`` as people write them."""
    pieces = re.split(r"(``.+?``|`[^`\n]+`)", text)
    return Markup("").join(_piece(piece) for piece in pieces)


def prose(text: str) -> Markup:
    """Paragraphs, numbered and bulleted lists, and indented formulas."""
    blocks = re.split(r"\n\s*\n", text.strip("\n"))
    return Markup("\n").join(_block(block) for block in blocks if block.strip())


def sentence(text: str) -> Markup:
    """As `inline`, with a capital and, unless it ends with a mark of its own, a full stop."""
    text = text.strip()
    # "a row sums to …" starts a sentence; "a ≥ 0" and "x + y" start with a variable.
    if re.match(r"[a-z]{2,}\b|a [a-z]{2,}\b", text):
        text = text[0].upper() + text[1:]
    return inline(text if not text or text[-1] in ".!?:" else text + ".")


def _piece(text: str) -> Markup:
    if text.startswith("`") and text.endswith("`") and len(text) > 2:
        return Markup("<code>{}</code>").format(text.strip("`"))
    shown = str(escape(text))
    for pattern, replacement in _RULES:
        shown = pattern.sub(replacement, shown)
    return Markup(shown)


def _block(block: str) -> Markup:
    lines = block.split("\n")
    if all(line.startswith("    ") for line in lines if line.strip()):
        shown = Markup("\n").join(inline(line[4:]) for line in lines)
        return Markup('<p class="display">{}</p>').format(shown)
    if _ITEM.match(lines[0]):
        return _list(lines)
    return Markup("<p>{}</p>").format(inline(" ".join(line.strip() for line in lines)))


def _list(lines: list[str]) -> Markup:
    items: list[list[str]] = []
    for line in lines:
        marker = _ITEM.match(line)
        if marker:
            items.append([line[marker.end() :]])
        else:
            items[-1].append(line.strip())
    number = _ITEM.match(lines[0]).group(1)
    body = Markup("").join(Markup("<li>{}</li>").format(inline(" ".join(item))) for item in items)
    if number is None:
        return Markup("<ul>{}</ul>").format(body)
    return Markup('<ol start="{}">{}</ol>').format(number, body)
