"""A claim page says how the claim was established, and no more than that."""

from __future__ import annotations

import html
import re


def words(text: str) -> str:
    """The text of a page without its tags."""
    body = text[text.index("<main") :]
    return re.sub(r"[ \n]+", " ", html.unescape(re.sub(r"<[^>]+>", " ", body)))


def test_necessity_is_shown_with_its_control_and_witness(page):
    text = words(page("claim/demo/verified.html"))
    assert "necessary , shown by the control altered , whose witness violates it" in text
    assert "a = −1/2" in text


def test_hypotheses_that_were_not_evaluated_are_named(page):
    text = words(page("claim/demo/parts.html"))
    assert "was not computed; it satisfies odd; not evaluated on it: big" in text
    assert "whose witness violates it and satisfies" not in text
    assert "claimed necessary : the control without odd drops it and is refuted" in text
    assert "necessity not shown" in text


def test_a_randomised_test_says_how_it_may_err(page):
    text = words(page("claim/demo/bounded.html"))
    assert "Error probability ≤ 5.7·10⁻²⁷" in text
    assert "field (flint 0.9)" in text


def test_a_sample_gives_its_size_its_losses_and_its_bound(page):
    text = words(page("claim/demo/supported.html"))
    assert "30 instances, 10 discarded (75 % accepted)" in text
    assert "at 95 % confidence at most 0.095 of the sampling distribution fails" in text


def test_examples_that_were_searched_for_give_no_confidence_bound(page):
    text = words(page("claim/demo/searched.html"))
    assert "searched for rather than drawn independently" in text
    assert "95 %" not in text


def test_a_control_that_survived_stands_out_and_open(page):
    text = page("claim/demo/broken.html")
    assert '<details class="cell bad" open>' in text
    assert "survived" in words(text)
    assert "0 of 1 control refuted" in words(text)


def test_a_control_that_has_not_run_is_counted(page):
    text = words(page("claim/demo/parts.html"))
    assert "never run not run" in text
    assert "2 of 3 controls refuted" in text


def test_every_part_has_its_verdict(page):
    text = words(page("claim/demo/parts.html"))
    assert "first ✓ VERIFIED" in text
    assert "third ○ NOT RUN" in text


def test_the_list_names_what_decides_the_verdict(page):
    text = words(page("index.html"))
    assert re.search(r"The parts claim parts rests on demo/\w+, which is", text)
    assert "The broken claim broken control 'altered' survived" in text


def test_what_it_rests_on_is_linked_if_it_is_there(page):
    text = page("claim/demo/parts.html")
    assert 'href="../../claim/demo/broken.html"' in text
    assert "demo/gone</code> <span" in text and "not in the ledger" in text
    assert 'href="../../claim/demo/parts.html"' in page("claim/demo/broken.html")


def test_several_runs_become_a_table(page):
    text = words(page("claim/demo/parts.html"))
    assert "3 runs: 3 holds" in text


def test_a_repair_is_not_called_a_control(page):
    text = words(page("claim/demo/refuted.html"))
    assert "1 of 1 control refuted, 1 of 1 repair hold" in text
    assert "repair, holds" in text


def test_a_large_matrix_is_folded_and_complete(page):
    text = page("claim/demo/refuted.html")
    assert "12 × 12 matrix" in text
    assert text.count("<td>7</td>") >= 144


def test_a_float_carries_its_exact_value(page):
    assert f'title="exactly {(0.1).hex()}">0.1<' in page("claim/demo/refuted.html")


def test_a_plot_has_its_numbers_beside_it(page):
    text = page("claim/demo/verified.html")
    assert "<svg" in text
    table = words(text[: text.index('id="evidence"')]).rpartition("The numbers")[2]
    assert "4 10\u202f000" in table and "2 –" in table


def test_source_and_commands(page):
    text = words(page("claim/demo/verified.html"))
    assert "attnproof replay demo/verified pytest checks/demo/check_verified.py::verified" in text
    assert "attnproof replay demo/verified:altered" in text
    assert "def f" in text
