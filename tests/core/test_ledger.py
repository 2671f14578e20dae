"""Whatever happens to a ledger file, every undamaged line is read."""

from __future__ import annotations

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from attnproof.theory.core import Ledger, read_ledger, read_ledgers
from attnproof.theory.core.records import Began, Ended, Interrupted, PaperLine, RunFinished

text = st.text(max_size=20)
records = st.one_of(
    st.builds(Began, node=text),
    st.builds(Interrupted, node=text, reason=text),
    st.builds(
        RunFinished,
        run=text,
        finished=text,
        seconds=st.floats(0, 1e6),
        exit_status=st.integers(0, 5),
    ),
    st.builds(
        Ended,
        node=text,
        check=text,
        claim=text,
        part=text,
        parameter=text,
        variant=text,
        outcome=st.sampled_from(["holds", "refuted", "undecided", "error"]),
        reason=text,
        witness=st.dictionaries(text, st.integers(-(2**53), 2**53) | text, max_size=2),
        necessity=st.dictionaries(text, st.booleans(), max_size=2),
        error_probability=st.none() | st.floats(0, 1),
    ),
)
rubbish = st.binary(min_size=1, max_size=30).map(lambda raw: raw.replace(b"\n", b"?") + b"\xff")


def write(folder, name, given_records):
    ledger = Ledger(folder / name)
    ledger.append(*given_records)
    ledger.close()
    return ledger.path


@settings(max_examples=50)
@given(some=st.lists(records, max_size=8))
def test_what_is_appended_is_read_back(tmp_path_factory, some):
    path = write(tmp_path_factory.mktemp("ledger"), "a.jsonl", some)
    assert read_ledger(path) == (some, [])


@settings(max_examples=50)
@given(some=st.lists(records, min_size=1, max_size=6), bad=rubbish, data=st.data())
def test_a_damaged_line_costs_itself_and_is_named(tmp_path_factory, some, bad, data):
    path = write(tmp_path_factory.mktemp("ledger"), "a.jsonl", some)
    lines = path.read_bytes().splitlines()
    where = data.draw(st.integers(0, len(lines)))
    path.write_bytes(b"\n".join([*lines[:where], bad, *lines[where:]]) + b"\n")
    read, damage = read_ledger(path)
    assert read == some
    assert [one.line for one in damage] == [where + 1]


@settings(max_examples=50)
@given(some=st.lists(records, min_size=1, max_size=6), data=st.data())
def test_a_file_cut_anywhere_keeps_every_whole_line(tmp_path_factory, some, data):
    path = write(tmp_path_factory.mktemp("ledger"), "a.jsonl", some)
    raw = path.read_bytes()
    cut = data.draw(st.integers(0, len(raw)))
    path.write_bytes(raw[:cut])
    whole = raw[:cut].count(b"\n")
    read, damage = read_ledger(path)
    assert read[:whole] == some[:whole]
    assert len(damage) <= 1
    # A run that goes on in the same file must not lose its first record to the torn line.
    write(path.parent, path.name, some)
    assert read_ledger(path)[0][-len(some) :] == some


def test_runs_are_read_in_the_order_of_their_names_wherever_they_lie(tmp_path):
    (tmp_path / "b").mkdir()
    (tmp_path / "a").mkdir()
    older = write(tmp_path / "b", "2026-01-01.jsonl", [Began(node="older")])
    newer = write(tmp_path / "a", "2026-01-02.jsonl", [Began(node="newer")])
    read, _ = read_ledgers([newer, older])
    assert [one.node for one in read] == ["older", "newer"]


def test_text_from_elsewhere_cannot_break_a_line(tmp_path):
    nasty = "two\nlines\r\u2028 and </script> \x00"
    path = write(tmp_path, "a.jsonl", [Began(node=nasty)])
    assert path.read_bytes().count(b"\n") == 1
    assert read_ledger(path)[0][0].node == nasty


def test_an_unknown_kind_of_record_is_damage_not_an_accident(tmp_path):
    path = tmp_path / "a.jsonl"
    deep = b"[" * 100_000
    path.write_bytes(
        b'{"kind":"future"}\n{}\n3\n' + deep + b"\n" + msgspec.json.encode(Began(node="x")) + b"\n"
    )
    read, damage = read_ledger(path)
    assert [one.node for one in read] == ["x"]
    assert [one.line for one in damage] == [1, 2, 3, 4]


def test_records_keep_their_type_through_a_paper(tmp_path):
    line = PaperLine(key="k", title="t", authors="", year=1, arxiv="", family="", contribution="c")
    assert read_ledger(write(tmp_path, "a.jsonl", [line]))[0] == [line]
