"""A witness for people: names, numbers, and matrices as matrices. Exact, however it is shown."""

from __future__ import annotations

from collections.abc import Mapping

from markupsafe import Markup

LARGEST_TABLE = 8
LONGEST_LINE = 160


def witness_view(values: Mapping[str, object]) -> Markup:
    """``name = value`` for every entry of an encoded witness; large ones fold."""
    return Markup("").join(
        Markup('<div class="value"><var>{}</var> <span>=</span> {}</div>').format(
            name, value_view(value)
        )
        for name, value in values.items()
    )


def value_view(value: object) -> Markup:
    """One value, encoded or plain, as `attnproof.theory.core.encode` writes them."""
    if isinstance(value, dict) and set(value) == {"array", "shape"}:
        value = value["array"]
    if _is_matrix(value):
        rows, columns = len(value), len(value[0])
        if rows <= LARGEST_TABLE and columns <= LARGEST_TABLE:
            return _table(value)
        title = f"{rows} × {columns} matrix"
        return Markup(
            '<details class="fold"><summary>{}</summary><div class="scroll">{}</div></details>'
        ).format(title, _table(value))
    text = text_of(value)
    if len(text) > LONGEST_LINE:
        return Markup(
            '<details class="fold"><summary><code>{}…</code> <span class="soft">{} characters'
            "</span></summary><code>{}</code></details>"
        ).format(text[:60], len(text), text)
    hexadecimal = value["float"] if isinstance(value, dict) and set(value) == {"float"} else ""
    if hexadecimal:
        return Markup('<code title="exactly {}">{}</code>').format(hexadecimal, text)
    return Markup("<code>{}</code>").format(text)


def text_of(value: object) -> str:
    """One line of text for an encoded or plain value; ``−1/2``, ``3 mod 7``, ``(1, 2)``."""
    if isinstance(value, list):
        return "(" + ", ".join(map(text_of, value)) + ")"
    if isinstance(value, dict):
        return _tagged(value)
    if isinstance(value, str):
        return _minus(value) if _looks_numeric(value) else value
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "none"}[value]
    return _minus(repr(value) if isinstance(value, float) else str(value))


def _tagged(value: dict) -> str:
    names = set(value)
    if names == {"float"}:
        return _minus(repr(float.fromhex(value["float"])))
    if names == {"residue", "modulus"}:
        return f"{value['residue']} mod {value['modulus']}"
    if names == {"array", "shape"}:
        return text_of(value["array"])
    if names in ({"integer"}, {"rational"}):
        return _minus(str(next(iter(value.values()))))
    if names in ({"text"}, {"ball"}):
        return str(next(iter(value.values())))
    if names == {"mapping"}:
        value = value["mapping"]
    return "{" + ", ".join(f"{name}: {text_of(entry)}" for name, entry in value.items()) + "}"


def _looks_numeric(text: str) -> bool:
    return text[:1] == "-" and text[1:2].isdigit() and set(text) <= set("-+0123456789./e")


def _minus(text: str) -> str:
    return text.replace("-", "−")


def _table(rows: list[list[object]]) -> Markup:
    body = Markup("").join(
        Markup("<tr>{}</tr>").format(
            Markup("").join(Markup("<td>{}</td>").format(text_of(entry)) for entry in row)
        )
        for row in rows
    )
    return Markup('<table class="matrix"><tbody>{}</tbody></table>').format(body)


def _is_matrix(value: object) -> bool:
    if not (isinstance(value, list) and value and all(isinstance(row, list) for row in value)):
        return False
    width = len(value[0])
    return width > 0 and all(
        len(row) == width and not any(_is_nested(entry) for entry in row) for row in value
    )


def _is_nested(entry: object) -> bool:
    return isinstance(entry, list) or (isinstance(entry, dict) and "array" in entry)
