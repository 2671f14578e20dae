"""Write a check to fill in, and print a claim to paste."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from .lookup import NotFound, advice, checks_folder, paper_folder

_CHECK = '''"""{title}: how it is checked, in a sentence."""

from __future__ import annotations

from attnproof.theory.core import check, exact, refute_unless
from attnproof.theory.paper.{module} import PAPER

CLAIM = PAPER["{key}"]


@check(
    CLAIM,
    # The strongest that is feasible: proof(…), symbolic(…), exact(…), enclosure(…),
    # prime_field(…), sampled(…), measured(…). Say less rather than more.
    establishes=exact(bound="n = 1 … 8, exhaustively"),
    claimed=dict(exponent=2),
    # One ingredient altered; the same code must refute it. Several controls are better than one.
    controls={{"cube instead of square": dict(exponent=3)}},
)
def {function}(exponent):
    """Left side from the definition in theory/, right side by independent code."""
    for n in range(1, 9):
        left, right = sum(2 * k + 1 for k in range(n)), n**exponent
        refute_unless(left == right, "the sum of odd numbers", n=n, left=left, right=right)
    raise NotImplementedError("{identifier}: replace this example by the check of the claim")
'''

_CLAIM = """{constant} = PAPER.claim(
    "{key}",
    title="…in plain words",
    statement=r"…LaTeX, as the paper says it",
    # Assumptions that can be computed get a predicate, and the claim an instance of them:
    # hypotheses={{"contraction": Hypothesis(r"\\gamma<1", lambda gamma: gamma < 1)}},
    # instance=lambda: dict(gamma=Fraction(1, 2)),
    locus="Eq. (…)",
    scope="what 'every' ranges over",
    not_covered="what this says nothing about",
)
"""

_MODULE = '''"""{title}."""

from __future__ import annotations

from attnproof.theory.paper.catalogue import CATALOGUE

PAPER = CATALOGUE["{paper}"]

'''


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``PAPER/CLAIM [--checks FOLDER]``."""
    parser.add_argument("claim", metavar="PAPER/CLAIM", help="e.g. infsa/truncation-bound")
    parser.add_argument(
        "--checks", type=Path, metavar="FOLDER", help="folder of checks (default: the lab's)"
    )


def act(options: argparse.Namespace) -> int:
    """Write the file; an existing one is left alone."""
    from attnproof.theory.paper import load

    paper, _, key = options.claim.partition("/")
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", key):
        raise NotFound(
            f"{options.claim!r} is no claim id: write PAPER/CLAIM in lower-case words joined by "
            "hyphens, e.g. infsa/truncation-bound"
        )
    register = load()
    if paper not in register:
        raise NotFound(advice("paper", paper, register))
    name, module = key.replace("-", "_"), paper.replace("-", "_")
    file = paper_folder(options.checks or checks_folder(), paper) / f"check_{name}.py"
    if file.exists():
        raise NotFound(f"{file} exists already and is left alone; edit it, or choose another name")
    file.parent.mkdir(parents=True, exist_ok=True)
    text = _CHECK.format(
        title=key.replace("-", " ").capitalize(),
        module=module,
        key=key,
        function=name if name[0].isalpha() else f"claim_{name}",
        identifier=options.claim,
    )
    file.write_text(text, encoding="utf-8")
    print(f"wrote {file}")
    if key in register[paper].claims:
        print(f"{options.claim} is declared already: fill in its check, then run")
    else:
        _print_claim(paper, module, key, register[paper].title)
    print(f"  attnproof run {options.claim}")
    return 0


def _print_claim(paper: str, module: str, key: str, title: str) -> None:
    import attnproof.theory.paper

    folder = Path(next(iter(attnproof.theory.paper.__path__)))
    new = not (folder / module).is_dir() and not (folder / f"{module}.py").is_file()
    where = f"theory/paper/{module}" + (".py (a new file)" if new else "")
    print(f"paste into {where} and fill in, then run:\n")
    constant = key.replace("-", "_").upper()
    if new:
        print(_MODULE.format(title=title, paper=paper), end="")
    print(_CLAIM.format(constant=constant if constant[0].isalpha() else f"C_{constant}", key=key))
