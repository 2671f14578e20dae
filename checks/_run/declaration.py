"""Ledger lines that say what exists: papers, claims and collected checks."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator

from attnproof.theory.core import Check, Claim, Paper, papers
from attnproof.theory.core.records import CheckLine, ClaimLine, ControlLine, PaperLine

from .code_hash import code_hash


def paper_line(paper: Paper) -> PaperLine:
    """The paper as a record."""
    return PaperLine(
        key=paper.key,
        title=paper.title,
        authors=paper.authors,
        year=paper.year,
        arxiv=paper.arxiv,
        family=paper.family,
        contribution=paper.contribution,
        tables=list(paper.tables.values()),
    )


def claim_line(claim: Claim) -> ClaimLine:
    """The claim as a record."""
    return ClaimLine(
        id=claim.id,
        paper=claim.paper,
        title=claim.title,
        statement=claim.statement,
        parts=dict(claim.parts),
        hypotheses={name: given.formula for name, given in claim.hypotheses.items()},
        locus=claim.locus,
        source=claim.source,
        scope=claim.scope,
        not_covered=claim.not_covered,
        deviation=claim.deviation,
        reconstructed=claim.reconstructed,
        amends=claim.amends.id if claim.amends else "",
        uses=[used.id for used in claim.uses],
    )


def check_line(
    name: str, function: Callable[..., object], check: Check, parameters: list[str], slow: bool
) -> CheckLine:
    """The check ``name`` (its node id without brackets) as a record."""
    plain = getattr(function, "hypothesis", None)
    body = inspect.unwrap(plain.inner_test if plain is not None else function)
    lines, start = inspect.getsourcelines(body)
    path = inspect.getsourcefile(body) or ""
    return CheckLine(
        check=name,
        claim=check.claim.id,
        part=check.part,
        establishes=check.establishes,
        controls=[
            ControlLine(
                kind=variant.kind,
                name=variant.name,
                alters=[
                    key
                    for key, value in variant.ingredients.items()
                    if value is not check.claimed[key]
                ],
                drops=variant.drops,
            )
            for variant in check.variants()
            if variant.kind != "claimed"
        ],
        parameters=parameters,
        path=name.partition("::")[0],
        line=start,
        source="".join(lines),
        doc=inspect.getdoc(body) or "",
        code_hash=code_hash(path),
        slow=slow,
    )


def claim_lines(claim: Claim) -> Iterator[PaperLine | ClaimLine]:
    """The claim, its paper, and whatever it amends or rests on."""
    paper = papers().get(claim.paper)
    if paper is not None:
        yield paper_line(paper)
    for other in (*claim.uses, *([claim.amends] if claim.amends else [])):
        yield from claim_lines(other)
    yield claim_line(claim)


def register_lines(register: dict[str, Paper]) -> Iterator[PaperLine | ClaimLine]:
    """Every paper and claim of the register."""
    for paper in register.values():
        yield paper_line(paper)
        for claim in paper.claims.values():
            yield claim_line(claim)
