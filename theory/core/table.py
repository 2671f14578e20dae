"""A table of a paper's special cases, each cell with the verdicts of the claims that settle it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from .claim import Claim, ClaimRefused


class Entry(msgspec.Struct, kw_only=True, frozen=True):
    """One special case in a cell.

    Attributes:
        text: what stands in the cell, a few plain words.
        claim: id of the claim that settles it.
        part: the part of the claim; the whole claim where empty.
    """

    text: str
    claim: str
    part: str = ""


class Row(msgspec.Struct, kw_only=True, frozen=True):
    """A row: its headings, then a list of entries for every column (empty: not studied)."""

    headings: list[str]
    cells: list[list[Entry]]


class Table(msgspec.Struct, kw_only=True, frozen=True):
    """What `Paper.table` declares.

    Attributes:
        key: unique in the paper; part of the page's address.
        title, caption: plain text; the caption says how to read the table.
        corner: headings of the columns that hold the rows' own headings.
        columns: headings of the other columns.
    """

    key: str
    title: str
    caption: str
    corner: list[str]
    columns: list[str]
    rows: list[Row]


def entry(text: str, claim: Claim, part: str = "") -> Entry:
    """An entry settled by ``claim``.

    Raises:
        ClaimRefused: the claim has no such part.
    """
    if part and part not in claim.parts:
        raise ClaimRefused(f"{claim.id} has no part {part!r}; it has {list(claim.parts)}")
    return Entry(text=text, claim=claim.id, part=part)


def table(
    key: str,
    *,
    title: str,
    caption: str,
    corner: Sequence[str],
    columns: Sequence[str],
    rows: Mapping[tuple[str, ...], Mapping[str, Sequence[Entry]]],
) -> Table:
    """A table from ``{row headings: {column: entries}}``; columns left out are empty cells.

    Raises:
        ClaimRefused: a row with another number of headings than the corner has, or a cell in a
            column that does not exist.
    """
    built = []
    for headings, cells in rows.items():
        if len(headings) != len(corner):
            raise ClaimRefused(
                f"row {headings} of table {key!r} has {len(headings)} headings, the corner has "
                f"{len(corner)}"
            )
        unknown = [name for name in cells if name not in columns]
        if unknown:
            raise ClaimRefused(
                f"row {headings} of table {key!r} fills the column {unknown[0]!r}; the columns are "
                f"{list(columns)}"
            )
        built.append(
            Row(headings=list(headings), cells=[list(cells.get(name, ())) for name in columns])
        )
    return Table(
        key=key,
        title=title,
        caption=caption,
        corner=list(corner),
        columns=list(columns),
        rows=built,
    )
