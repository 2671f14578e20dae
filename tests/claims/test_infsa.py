"""What the evidence for Infinite Self-Attention must amount to, whatever is changed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from attnproof.theory.core import Verdict, decode, judge, read_ledgers
from attnproof.theory.core.records import Ended

ROOT = Path(__file__).resolve().parents[2]
SETTLED = (Verdict.VERIFIED, Verdict.VERIFIED_UP_TO, Verdict.REFUTED)


@pytest.fixture(scope="module")
def records(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ledger")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "checks/infsa", "--ledger", str(folder), "-q"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout[-3000:]
    found, damage = read_ledgers(folder.glob("*.jsonl"))
    assert not damage
    return found


@pytest.fixture(scope="module")
def judgements(records):
    return {key: one for key, one in judge(records).items() if key.startswith("infsa/")}


def test_every_claim_is_decided_and_none_is_broken(judgements):
    assert len(judgements) >= 24
    verdicts = {key: one.verdict for key, one in judgements.items()}
    undecided = (Verdict.BROKEN, Verdict.UNDECIDED, Verdict.NOT_RUN)
    assert not {key: one.label for key, one in verdicts.items() if one in undecided}


def test_most_are_settled_by_proof_or_exact_arithmetic(judgements):
    settled = [one for one in judgements.values() if one.verdict in SETTLED]
    assert len(settled) >= 15
    for judgement in settled:
        deciding = [check for check in judgement.checks if check.verdict == judgement.verdict]
        assert all(check.line.establishes.certainty in ("proof", "error") for check in deciding)


def test_every_check_has_refuted_controls_with_exact_witnesses(records, judgements):
    for judgement in judgements.values():
        for check in judgement.checks:
            controls = [
                record
                for (variant, _), record in check.ended.items()
                if variant.startswith("control:")
            ]
            assert controls, check.line.check
            for record in controls:
                assert record.outcome == "refuted", record.node
                assert record.witness, record.node
                decode(record.witness)


def test_refuted_statements_are_amended_by_verified_ones(judgements):
    refuted = {key for key, one in judgements.items() if one.verdict is Verdict.REFUTED}
    assert refuted
    repaired = {
        one.claim.amends
        for one in judgements.values()
        if one.claim.amends and one.verdict in (Verdict.VERIFIED, Verdict.VERIFIED_UP_TO)
    }
    assert refuted <= repaired


def test_the_ledger_says_how_long_and_by_what(records):
    ended = [record for record in records if isinstance(record, Ended)]
    assert all(record.code_hash and record.ended for record in ended)
    assert any(record.engines for record in ended)
