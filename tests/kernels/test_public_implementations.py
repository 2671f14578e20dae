"""The tables of published functions fit together, and what is missing decides nothing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="the kernels need the extra 'kernels'")

import torch

from attnproof.kernels.public_implementations import published as module
from attnproof.kernels.public_implementations.published import padded, published
from attnproof.kernels.public_implementations.subjects import SUBJECTS
from attnproof.kernels.specification import names
from attnproof.theory.core import Undecided
from attnproof.theory.paper import public_implementations as paper

ROOT = Path(__file__).resolve().parents[2]


def test_every_claim_that_holds_has_a_subject_or_is_measured():
    assert set(SUBJECTS) | set(paper.WITHIN) == set(paper.HOLDS)
    assert not set(SUBJECTS) & set(paper.WITHIN)


def test_subjects_name_operators_and_functions_that_exist():
    assert {subject.operator for subject in SUBJECTS.values()} <= set(names())
    for key, subject in SUBJECTS.items():
        assert callable(subject.load())
        assert set(subject.clamped) <= set(subject.specification().inputs)
        assert paper.FORMULAS[subject.operator] in paper.HOLDS[key].statement


def test_versions_are_those_of_the_claims():
    stated = {package: row[:2] for package, row in paper.PACKAGES.items()}
    assert stated == module.VERSIONS


def test_every_refuted_claim_is_amended():
    amended = {claim.amends.key for claim in paper.HOLDS.values() if claim.amends}
    assert amended == set(paper.FAILS)


def test_the_page_names_every_refuted_claim_and_every_version():
    text = (ROOT / "docs" / "public-implementations.md").read_text(encoding="utf-8")
    assert set(re.findall(r"`([a-z0-9-]+)`", text)) >= set(paper.FAILS)
    for distribution, version, _ in paper.PACKAGES.values():
        assert f"**{distribution} {version}**" in text


def test_a_missing_package_is_undecided_with_advice(monkeypatch):
    monkeypatch.setitem(module.VERSIONS, "no_such_package", ("no-such-package", "1.0"))
    with pytest.raises(Undecided, match=r"no_such_package is not installed.*attnproof\[peers\]"):
        published("no_such_package.part:function")


def test_another_version_is_undecided(monkeypatch):
    monkeypatch.setitem(module.VERSIONS, "torch", ("torch", "0.1"))
    with pytest.raises(Undecided, match=r"this is about 0\.1"):
        published("torch.nn.functional:softmax")


def test_padding_reaches_a_multiple_and_is_cut_off():
    seen = []

    def function(value, decay):
        seen.append((value.shape[2], decay[0, 0, -1].item(), value[0, 0, -1].sum().item()))
        return value.cumsum(2)

    value, decay = torch.ones(1, 1, 5, 2), torch.full((1, 1, 5), 0.5)
    output = padded(function, 4)(value=value, decay=decay)
    assert seen == [(8, 1.0, 0.0)]
    assert torch.equal(output, value.cumsum(2))
