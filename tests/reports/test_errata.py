"""The errata: what fails as stated, its witness, and what holds instead."""

from __future__ import annotations

from attnproof.reports.render.site import build


def test_they_show_the_statement_the_witness_and_the_repair(page):
    text = page("errata.html")
    assert "The refuted claim" in text and "Theorem 1" in text
    assert "−1/2" in text
    assert "reconstructed" in text
    instead = text.partition("What holds instead")[2]
    assert "claim/demo/repair.html" in instead and "VERIFIED" in instead
    assert "sum of squares" in instead


def test_they_show_nothing_else(page):
    text = page("errata.html")
    for key in ("verified", "supported", "undecided", "broken", "waiting"):
        assert f"The {key} claim" not in text


def test_a_repair_that_is_not_established_says_so(sample_ledger, tmp_path):
    lines = sample_ledger.read_text().splitlines(keepends=True)
    kept = [line for line in lines if not ("check_repair" in line and '"ended"' in line)]
    sample_ledger.write_text("".join(kept))
    site = build([sample_ledger], tmp_path / "site").parent
    instead = (site / "errata.html").read_text().partition("What holds instead")[2]
    assert "NOT RUN" in instead and "Not established" in instead


def test_without_refutations_they_say_so(sample_ledger, tmp_path):
    lines = sample_ledger.read_text().splitlines(keepends=True)
    sample_ledger.write_text("".join(line for line in lines if "demo/refuted" not in line))
    site = build([sample_ledger], tmp_path / "site").parent
    assert "No claim has been refuted." in (site / "errata.html").read_text()
