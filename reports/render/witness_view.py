"""A witness for people: names, numbers, and matrices as matrices."""

from __future__ import annotations

from fractions import Fraction

from markupsafe import Markup, escape

from attnproof.theory.core import decode

LARGEST_TABLE = 8


def witness_view(values: dict[str, object]) -> Markup:
    """``name = value`` for every entry of an encoded witness; large ones fold."""
    return Markup("").join(
        Markup('<div class="value"><span class="name">{}</span> <span>=</span> {}</div>').format(
            name, value_view(value)
        )
        for name, value in values.items()
    )


def value_view(value: object) -> Markup:
    """One encoded value."""
    plain = decode(value)
    if _is_matrix(plain):
        rows, columns = len(plain), len(plain[0])
        if rows <= LARGEST_TABLE and columns <= LARGEST_TABLE:
            body = Markup("").join(
                Markup("<tr>{}</tr>").format(
                    Markup("").join(Markup("<td>{}</td>").format(_text(x)) for x in row)
                )
                for row in plain
            )
            return Markup('<table class="matrix"><tbody>{}</tbody></table>').format(body)
        return _fold(f"{rows} × {columns} matrix", _text(plain))
    text = _text(plain)
    if len(text) > 160:
        return _fold(text[:60] + "…", text)
    return Markup("<code>{}</code>").format(text)


def _fold(summary: str, text: str) -> Markup:
    return Markup("<details><summary>{}</summary><code>{}</code></details>").format(
        escape(summary), escape(text)
    )


def _is_matrix(value: object) -> bool:
    if not (isinstance(value, list) and value and all(isinstance(row, list) for row in value)):
        return False
    width = len(value[0])
    return width > 0 and all(
        len(row) == width and not any(isinstance(entry, list | dict) for entry in row)
        for row in value
    )


def _text(value: object) -> str:
    if isinstance(value, list):
        return "(" + ", ".join(_text(entry) for entry in value) + ")"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {_text(entry)}" for name, entry in value.items()) + "}"
    if isinstance(value, Fraction | int | str):
        return str(value).replace("-", "−") if not isinstance(value, str) else value
    return repr(value)
