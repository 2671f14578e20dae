"""Builds the site from ledgers."""

from __future__ import annotations

import base64
import hashlib
import shutil
from collections.abc import Iterable
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from attnproof.theory.core import Verdict, read_ledgers

from .chart import chart
from .highlight import highlight
from .mathml import mathml
from .resources import FOLDER, resource
from .view import MARKS, SiteView, view
from .witness_view import value_view, witness_view


def build(ledgers: Iterable[Path | str], output: Path | str) -> Path:
    """Write the whole site below ``output`` and return the path of ``index.html``.

    The old site is replaced only once the new one is complete.

    Raises:
        FormulaError: a claim's formula cannot be rendered; the claim is named.
        FileNotFoundError: there is no ledger at all.
    """
    ledgers = list(ledgers)
    if not ledgers:
        raise FileNotFoundError(
            "there is no ledger to report on: run `pytest checks/` or `attnproof run` first"
        )
    records, damage = read_ledgers(ledgers)
    site = view(records, damage)
    output = Path(output)
    fresh = output.with_name(output.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    for name, text in _pages(site):
        path = fresh / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    shutil.rmtree(output, ignore_errors=True)
    fresh.rename(output)
    return output / "index.html"


def _pages(site: SiteView) -> Iterable[tuple[str, str]]:
    environment = _environment(site)

    def page(name: str, template: str, **values: object) -> tuple[str, str]:
        root = "../" * name.count("/")
        return name, environment.get_template(template).render(root=root, page=name, **values)

    yield page("index.html", "index.html")
    yield page("errata.html", "errata.html")
    for paper in site.papers:
        yield page(f"paper/{paper.paper.key}.html", "paper.html", view=paper)
    for identifier, judgement in site.judgements.items():
        yield page(f"claim/{identifier}.html", "claim.html", judgement=judgement)


def _environment(site: SiteView) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style, script = resource("static/style.css"), resource("static/site.js")
    environment.globals.update(
        site=site,
        Verdict=Verdict,
        marks=MARKS,
        math=mathml,
        chart=chart,
        highlight=highlight,
        witness=witness_view,
        value=value_view,
        zip=zip,
        style=Markup(style),
        script=Markup(script),
        # Everything is inline and pinned by its hash, so that the pages work from a disk and
        # can load nothing from anywhere. Style attributes occur in rendered MathML only.
        policy=(
            "default-src 'none'; img-src data:; base-uri 'none'; form-action 'none'; "
            f"style-src '{_hash(style)}'; style-src-attr 'unsafe-inline'; "
            f"script-src '{_hash(script)}'"
        ),
    )
    return environment


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
