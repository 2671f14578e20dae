"""Builds the site from ledgers."""

from __future__ import annotations

import base64
import gc
import hashlib
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from attnproof.theory.core import Verdict, history, read_ledger
from attnproof.theory.core.history import FILE as HISTORY
from attnproof.theory.core.ledger import oldest_first

from . import addresses, figures
from .chart import chart, key
from .dependency_graph import dependency_graph, focus_address
from .highlight import highlight
from .kernels import PARTS, by_implementation, compiled_for, loose, systems
from .mathml import mathml_or_source
from .prose import inline, prose, sentence
from .resources import FOLDER, INDEX_STYLES, resource, style
from .view import MARKS, VERDICTS, SiteView, view
from .witness_view import text_of, value_view, witness_view


def build(ledgers: Iterable[Path | str], output: Path | str) -> Path:
    """Write the whole site below ``output`` and return the path of ``index.html``.

    The old site is replaced only once the new one is complete. Ledger lines that cannot be read
    are named, with file and line number, on the index. What the runs add up to is kept beside the
    newest ledger, in ``history.sqlite``, so that old runs need not be judged again.

    Warns:
        FormulaWarning: a claim's formula cannot be rendered and is shown as source.

    Raises:
        FileNotFoundError: there is no ledger at all.
    """
    with _uncollected():
        return _build(ledgers, Path(output))


def _build(ledgers: Iterable[Path | str], output: Path) -> Path:
    paths = oldest_first(ledgers)
    if not paths:
        raise FileNotFoundError(
            "there is no ledger to report on: run `pytest checks/` or `attnproof run` first"
        )
    read = [read_ledger(path) for path in paths]
    past = history([records for records, _ in read], paths[-1].parent / HISTORY)
    records = [record for found, _ in read for record in found]
    site = view(records, [one for _, damage in read for one in damage], past)
    fresh = output.with_name(output.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    for name, text in _pages(site):
        path = fresh / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    shutil.rmtree(output, ignore_errors=True)
    fresh.rename(output)
    return output / "index.html"


@contextmanager
def _uncollected() -> Iterator[None]:
    # Hundreds of thousands of records and no circle among them: looking for one, over and over,
    # takes a third of the time.
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _pages(site: SiteView) -> Iterable[tuple[str, str]]:
    environment = environment_for(site)

    def page(name: str, template: str, **values: object) -> tuple[str, str]:
        root = "../" * name.count("/")
        return name, environment.get_template(template).render(root=root, page=name, **values)

    yield page("index.html", "index.html", style=Markup(style(INDEX_STYLES)))
    yield page("errata.html", "errata.html")
    yield page("graph.html", "graph.html")
    yield page("kernels.html", "kernels.html")
    yield page("engines.html", "engines.html")
    yield page("wanted.html", "wanted.html")
    for paper in site.papers:
        yield page(addresses.paper_page(paper.paper.key), "paper.html", view=paper)
        for table in paper.paper.tables:
            name = addresses.table_page(paper.paper.key, table.key)
            yield page(name, "table.html", view=paper, table=table)
    for identifier, claim in site.claims.items():
        yield page(addresses.claim_page(identifier), "claim.html", view=claim)


def environment_for(site: SiteView) -> Environment:
    """Templates, with everything that they may use."""
    environment = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    css, script = style(), resource("static/site.js")
    graph_css, graph_script = resource("static/graph.css"), resource("static/graph.js")
    environment.filters.update(
        inline=inline,
        prose=prose,
        sentence=sentence,
        seconds=figures.seconds,
        probability=figures.probability,
        number=figures.show_number,
        text_of=text_of,
    )
    environment.globals.update(
        site=site,
        Verdict=Verdict,
        verdicts=VERDICTS,
        marks=MARKS,
        math=mathml_or_source,
        chart=chart,
        chart_key=key,
        highlight=highlight,
        witness=witness_view,
        value=value_view,
        percent=figures.percent,
        paper_page=addresses.paper_page,
        claim_page=addresses.claim_page,
        table_page=addresses.table_page,
        anchor=addresses.anchor,
        kernel_systems=systems,
        compiled_for=compiled_for,
        by_implementation=by_implementation,
        kernel_parts=PARTS,
        loose_bound=loose,
        focus_address=focus_address,
        dependency_graph=dependency_graph,
        graph_style=Markup(graph_css),
        graph_script=Markup(graph_script),
        zip=zip,
        style=Markup(css),
        script=Markup(script),
        # Everything is inline and pinned by its hash, so that the pages work from a disk and
        # can load nothing from anywhere. Style attributes occur in rendered MathML and as the
        # widths of verdict strips only.
        policy=(
            "default-src 'none'; img-src data:; base-uri 'none'; form-action 'none'; "
            f"style-src '{_hash(css)}' '{_hash(style(INDEX_STYLES))}' '{_hash(graph_css)}'; "
            "style-src-attr 'unsafe-inline'; "
            f"script-src '{_hash(script)}' '{_hash(graph_script)}'"
        ),
    )
    return environment


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
