"""The parametrisation of a check, without pytest's collection: for `replay`."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence


def parameters_of(function: Callable[..., object]) -> Iterator[tuple[str, dict[str, object]]]:
    """Id and arguments of every combination of ``pytest.mark.parametrize``.

    ``("", {})`` once if there is none. The ids are pytest's for numbers, strings, truth values,
    None, and whatever carries an explicit id.
    """
    marks = [mark for mark in getattr(function, "pytestmark", []) if mark.name == "parametrize"]
    tables = [list(_table(*mark.args, **mark.kwargs)) for mark in marks]
    for rows in itertools.product(*tables):
        arguments: dict[str, object] = {}
        for _, given in rows:
            arguments |= given
        yield "-".join(name for name, _ in rows), arguments


def _table(
    argnames: str | Sequence[str],
    argvalues: Sequence[object],
    ids: Sequence[object] | Callable[[object], object] | None = None,
    **_: object,
) -> Iterator[tuple[str, dict[str, object]]]:
    given = argnames.split(",") if isinstance(argnames, str) else argnames
    names = [name.strip() for name in given if name.strip()]
    for index, entry in enumerate(argvalues):
        explicit = getattr(entry, "id", None) if hasattr(entry, "marks") else None
        row = entry.values if hasattr(entry, "marks") else entry
        values = list(row) if hasattr(entry, "marks") or len(names) > 1 else [row]
        if explicit is None and ids is not None and not callable(ids):
            explicit = ids[index]
        if explicit is None:
            explicit = "-".join(
                _id(value, name, index, ids if callable(ids) else None)
                for name, value in zip(names, values, strict=True)
            )
        yield _escaped(str(explicit)), dict(zip(names, values, strict=True))


def _id(value: object, name: str, index: int, idfn: Callable[[object], object] | None) -> str:
    chosen = idfn(value) if idfn else None
    if chosen is not None:
        return str(chosen)
    if value is None or isinstance(value, str | int | float | complex):
        return str(value)
    own = getattr(value, "__name__", None)
    return own if isinstance(own, str) else f"{name}{index}"


def _escaped(text: str) -> str:
    return text.encode("unicode_escape").decode("ascii")
