"""Python source as HTML with its tokens marked."""

from __future__ import annotations

import io
import keyword
import token
import tokenize

from markupsafe import Markup, escape

# Python's own tokenizer: a site has tens of thousands of lines of source, and a general lexer
# takes longer for them than everything else together.
_CLASSES = {
    token.COMMENT: "c",
    token.STRING: "s",
    token.NUMBER: "mi",
    # Parts of an f-string, which are tokens of their own from Python 3.12 on.
    **{
        getattr(token, name): "s"
        for name in ("FSTRING_START", "FSTRING_MIDDLE", "FSTRING_END")
        if hasattr(token, name)
    },
}


def highlight(source: str) -> Markup:
    """The source, escaped, in spans with the short class names that Pygments uses.

    ``c`` comment, ``s`` string, ``mi`` number, ``k`` keyword, ``nf`` the name that ``def`` or
    ``class`` defines, ``nd`` decorator. From a place on that is no Python, nothing is marked.
    """
    starts = [0]
    for line in source.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    parts: list[str] = []
    done = 0
    before: list[str] = []  # the tokens of this line so far
    try:
        for kind, text, first, last, _ in tokenize.generate_tokens(io.StringIO(source).readline):
            if kind in (token.NEWLINE, tokenize.NL):
                before = []
            begin, end = starts[first[0] - 1] + first[1], starts[last[0] - 1] + last[1]
            name = _class(kind, text, before)
            if text.strip():
                before.append(text)
            if name and done <= begin < end and source[begin:end] == text:
                parts += [
                    str(escape(source[done:begin])),
                    f'<span class="{name}">{escape(text)}</span>',
                ]
                done = end
    except (tokenize.TokenError, SyntaxError, IndexError):
        pass
    parts.append(str(escape(source[done:])))
    return Markup("".join(parts))


def _class(kind: int, text: str, before: list[str]) -> str | None:
    if kind == token.NAME:
        if before and before[-1] in ("def", "class"):
            return "nf"
        if before[:1] == ["@"] and all(one == "." or one.isidentifier() for one in before[1:]):
            return "nd"
        return "k" if keyword.iskeyword(text) else None
    return _CLASSES.get(kind)
