"""``attnproof diff`` and ``attnproof wanted`` on real ledgers."""

from __future__ import annotations

import shutil

from attnproof.checks._run.command_line import main

CHECK = """
@check(claim("one"), establishes={how}, claimed=dict(a=2), controls={{"odd": dict(a=3)}})
def one(a):
    refute_unless(a % 2 == 0, a=a)
"""


def run(lab, how: str, folder: str):
    lab.write(CHECK.format(how=how))
    lab.run()
    target = lab.folder / folder
    shutil.move(lab.ledger, target)
    return target


def test_a_weaker_run_is_worse_and_exits_with_one(lab, capsys):
    strong = run(lab, 'proof(over="every a")', "strong")
    weak = run(lab, 'measured(over="a = 2")', "weak")
    assert main(["diff", str(strong), str(weak)]) == 1
    said = capsys.readouterr().out
    assert said.startswith("worse (1)")
    assert "test/one: VERIFIED → SUPPORTED" in said
    page = lab.folder / "page.html"
    assert main(["diff", str(weak), str(strong), "--page", str(page)]) == 0
    assert "better (1)" in capsys.readouterr().out
    assert "<h2>Better" in page.read_text()
    assert main(["diff", str(weak), str(weak)]) == 0
    assert "no claim differs" in capsys.readouterr().out


def test_wanted_names_the_weakest(lab, capsys):
    weak = run(lab, 'measured(over="a = 2")', "weak")
    assert main(["wanted", "--limit", "1000", "--ledger", str(weak)]) == 0
    said = capsys.readouterr().out
    assert "SUPPORTED     test/one" in said and "a = 2" in said
    assert max(map(len, said.splitlines())) <= 80


def test_a_missing_ledger_is_advice(lab, capsys):
    assert main(["diff", "nowhere", "nowhere"]) == 2
    assert "give a ledger file" in capsys.readouterr().err
