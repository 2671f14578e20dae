"""A claim page shows how its verdict developed over the runs."""

from __future__ import annotations

import html
import re

from attnproof.reports.render.site import build


def history_of(path) -> str:
    text = path.read_text().partition('<h2 id="history">')[2].partition("</main>")[0]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


def test_one_run_is_a_sentence(site):
    text = history_of(site / "claim" / "demo" / "verified.html")
    assert re.match(r"History One run so far: 2026-01-01 00:00", text)
    assert "Every run" not in text


def test_several_runs_are_summed_up_and_listed(sample_ledger, tmp_path):
    first = sample_ledger.read_text()
    lines = [line for line in first.splitlines(keepends=True) if '"kind":"ended"' not in line]
    earlier = (
        "".join(lines).replace('"run":"r"', '"run":"early"').replace("2026-01-01", "2025-12-31")
    )
    sample_ledger.with_name("a.jsonl").write_text(earlier)
    sample_ledger.with_name("b.jsonl").write_text(earlier.replace("early", "unfinished"))
    text = sample_ledger.with_name("b.jsonl").read_text().splitlines(keepends=True)
    sample_ledger.with_name("b.jsonl").write_text("".join(text[:-1]))
    site = build(sample_ledger.parent.glob("*.jsonl"), tmp_path / "site").parent
    shown = history_of(site / "claim" / "demo" / "bounded.html")
    table, _, listed = shown.partition("Every run")
    assert re.search(r"VERIFIED ≤ N 1 2026-01-01 00:00 – . NOT RUN 2 2025-12-31", table), table
    assert table.count("did not finish") == 1 and listed.count("did not finish") == 1
    assert re.search(r"r 2026.*unfinished .*early", listed)
    assert (sample_ledger.parent / "history.sqlite").is_file()
