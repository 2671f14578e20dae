"""Tables of special cases refuse what would not fit together."""

from __future__ import annotations

import msgspec
import pytest

from attnproof.theory.core import ClaimRefused, entry
from attnproof.theory.core.claim import declare
from attnproof.theory.core.table import Table, table

CLAIM = declare("test/one", title="One", parts={"left": "a", "right": "b"})


def _table(**rows: object) -> Table:
    given = {("linear",): {"uniform": [entry("case", CLAIM, "left")]}, **rows}
    return table(
        "cases", title="t", caption="c", corner=["class"], columns=["uniform", "gated"], rows=given
    )


def test_columns_left_out_are_empty_cells():
    (row,) = _table().rows
    assert [len(cell) for cell in row.cells] == [1, 0]
    assert row.cells[0][0].claim == "test/one"


def test_it_survives_the_ledger():
    assert msgspec.json.decode(msgspec.json.encode(_table()), type=Table) == _table()


def test_an_unknown_part_is_named():
    with pytest.raises(ClaimRefused, match=r"no part 'middle'; it has \['left', 'right'\]"):
        entry("case", CLAIM, "middle")


def test_an_unknown_column_is_named():
    with pytest.raises(ClaimRefused, match="fills the column 'sliding'"):
        table(
            "cases",
            title="t",
            caption="c",
            corner=["class"],
            columns=["uniform"],
            rows={("linear",): {"sliding": [entry("case", CLAIM)]}},
        )


def test_a_row_with_too_few_headings_is_named():
    with pytest.raises(ClaimRefused, match="has 1 headings, the corner has 2"):
        table(
            "cases",
            title="t",
            caption="c",
            corner=["class", "optimiser"],
            columns=["uniform"],
            rows={("linear",): {}},
        )
