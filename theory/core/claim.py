"""What a paper says, in a form that can be held against evidence."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


class ClaimRefused(TypeError):
    """A claim was declared in a way that could not be checked soundly."""


@dataclass(frozen=True)
class Hypothesis:
    """One assumption: its formula and, where it can be computed, a predicate.

    Attributes:
        formula: LaTeX.
        holds: ``holds(**named values) -> bool`` on exact values. Its argument names are the names
            under which instances and witnesses carry these values. ``None`` when the assumption
            is not computable; its necessity is then shown only in words.
    """

    formula: str
    holds: Callable[..., bool] | None = None

    @property
    def arguments(self) -> tuple[str, ...]:
        """The names that an instance or a witness must carry for ``holds`` to be evaluated."""
        return tuple(inspect.signature(self.holds).parameters) if self.holds else ()

    def evaluate(self, values: Mapping[str, object]) -> bool | None:
        """Truth of the assumption on ``values``; ``None`` if they lack one of its arguments."""
        if self.holds is None or not set(self.arguments) <= set(values):
            return None
        return bool(self.holds(**{name: values[name] for name in self.arguments}))


@dataclass(frozen=True)
class Claim:
    """One statement of one paper.

    Attributes:
        id: ``paper-key/claim-key``.
        title: a line of plain words.
        statement: LaTeX. Several parts are given in ``parts`` instead; all of them must hold.
        parts: part name → LaTeX; ``{"statement": statement}`` when there is only one.
        hypotheses: name → `Hypothesis`.
        instance: builds one assignment of named values that satisfies every hypothesis, so that
            the claim is not vacuous. Needed as soon as a hypothesis has a predicate.
        locus: where the paper says it (``Eq. (5)``, ``abstract``).
        source: the version read (``arXiv:2603.00175v2``).
        scope: what "every" ranges over.
        not_covered: what the claim and its checks say nothing about.
        deviation: how this formalisation differs from the paper's wording.
        reconstructed: the full text was not at hand, or states this only in words.
        amends: the claim whose statement this one repairs.
        uses: claims this one rests on; it inherits the weaker verdict.
    """

    id: str
    title: str
    statement: str
    parts: Mapping[str, str]
    hypotheses: Mapping[str, Hypothesis] = field(default_factory=dict)
    instance: Callable[[], Mapping[str, object]] | None = None
    locus: str = ""
    source: str = ""
    scope: str = ""
    not_covered: str = ""
    deviation: str = ""
    reconstructed: bool = False
    amends: Claim | None = None
    uses: tuple[Claim, ...] = ()

    @property
    def paper(self) -> str:
        """Key of the paper."""
        return self.id.partition("/")[0]

    @property
    def key(self) -> str:
        """Key within the paper."""
        return self.id.partition("/")[2]

    def examine_instance(self) -> str:
        """Empty if the claim has an instance satisfying its hypotheses, else what is wrong."""
        if not any(hypothesis.holds for hypothesis in self.hypotheses.values()):
            return ""
        if self.instance is None:
            return f"{self.id} has hypotheses but no instance that satisfies them"
        values = self.instance()
        for name, hypothesis in self.hypotheses.items():
            truth = hypothesis.evaluate(values)
            if truth is False:
                return f"the instance of {self.id} does not satisfy its hypothesis '{name}'"
            if truth is None and hypothesis.holds is not None:
                missing = sorted(set(hypothesis.arguments) - set(values))
                return f"the instance of {self.id} lacks {missing}, needed by hypothesis '{name}'"
        return ""


def declare(identifier: str, **parts: object) -> Claim:
    """Build a `Claim`, refusing what could never be judged."""
    statement = str(parts.pop("statement", ""))
    named = dict(parts.pop("parts", None) or {})
    if bool(statement) == bool(named):
        raise ClaimRefused(
            f"{identifier}: give either statement=… or parts={{name: formula, …}}, not "
            f"{'both' if named else 'neither'}"
        )
    hypotheses = {
        name: given if isinstance(given, Hypothesis) else Hypothesis(str(given))
        for name, given in dict(parts.pop("hypotheses", None) or {}).items()
    }
    computable = [name for name, hypothesis in hypotheses.items() if hypothesis.holds]
    if computable and parts.get("instance") is None:
        raise ClaimRefused(
            f"{identifier}: hypothesis '{computable[0]}' has a predicate, so give "
            "instance=lambda: dict(…) with values that satisfy every hypothesis; without one the "
            "claim may be vacuous"
        )
    uses = parts.pop("uses", ())
    return Claim(
        id=identifier,
        statement=statement or r" \\ ".join(named.values()),
        parts=named or {"statement": statement},
        hypotheses=hypotheses,
        uses=tuple(uses) if not isinstance(uses, Claim) else (uses,),
        **parts,  # type: ignore[arg-type]
    )
