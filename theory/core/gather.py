"""What the records of several runs amount to: which checks exist now, and what they showed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from .records import AnyRecord, Began, CheckLine, ClaimLine, Ended, Interrupted, RunStarted

Item = tuple[str, str]
Environment = tuple[str, str, tuple[tuple[str, str], ...]]


@dataclass
class Gathered:
    """The evidence that counts.

    Attributes:
        claims: claim id → its newest declaration.
        checks: check → its newest declaration, of the checks that still exist.
        ended: check → (variant label, parameter) → newest record made by the check's current code.
        interrupted: check → items that began and never ended, with the reason.
        unstable: check → items whose outcome changed although neither the code nor the
            environment did. Running a check until it is green must not make it green.
    """

    claims: dict[str, ClaimLine] = field(default_factory=dict)
    checks: dict[str, CheckLine] = field(default_factory=dict)
    ended: dict[str, dict[Item, Ended]] = field(default_factory=dict)
    interrupted: dict[str, list[str]] = field(default_factory=dict)
    unstable: dict[str, list[str]] = field(default_factory=dict)


def gather(records: Iterable[AnyRecord]) -> Gathered:
    """Sort the records of one or several runs, oldest first.

    Evidence of older code is no evidence, and neither is evidence of a check that the newest run
    over its file no longer found there.
    """
    found = Gathered()
    environments: list[Environment] = [("", "", ())]
    declared_in: dict[str, int] = {}
    current_since: dict[str, int] = {}
    file_seen_in: dict[str, int] = {}
    open_items: dict[str, tuple[int, str]] = {}
    history: dict[str, list[tuple[int, Ended]]] = defaultdict(list)
    for record in records:
        run = len(environments) - 1
        if isinstance(record, RunStarted):
            versions = tuple(sorted(record.versions.items()))
            environments.append((record.python, record.platform, versions))
        elif isinstance(record, ClaimLine):
            found.claims[record.id] = record
        elif isinstance(record, CheckLine):
            before = found.checks.get(record.check)
            if before is None or before.code_hash != record.code_hash:
                current_since[record.check] = run
            found.checks[record.check] = record
            declared_in[record.check] = file_seen_in[record.path] = run
        elif isinstance(record, Began):
            open_items[record.node] = (run, "began and never ended")
        elif isinstance(record, Interrupted):
            open_items[record.node] = (run, record.reason)
        elif isinstance(record, Ended):
            open_items.pop(record.node, None)
            history[record.check].append((run, record))

    open_of: dict[str, list[tuple[str, int, str]]] = defaultdict(list)
    for node, (run, reason) in sorted(open_items.items()):
        open_of[node.partition("[")[0]].append((node, run, reason))

    for name, line in list(found.checks.items()):
        if declared_in[name] < file_seen_in[line.path]:
            del found.checks[name]
            continue
        made = [(run, one) for run, one in history[name] if one.code_hash == line.code_hash]
        found.ended[name] = {(one.variant, one.parameter): one for _, one in made}
        found.unstable[name] = list(_unstable(line, made, environments))
        found.interrupted[name] = [
            f"{node}: {reason}" for node, run, reason in open_of[name] if run >= current_since[name]
        ]
    return found


def _unstable(
    line: CheckLine, made: list[tuple[int, Ended]], environments: list[Environment]
) -> Iterator[str]:
    outcomes: dict[tuple[Item, Environment], set[str]] = defaultdict(set)
    for run, record in made:
        if record.outcome in ("holds", "refuted") and record.parameter in line.parameters:
            outcomes[(record.variant, record.parameter), environments[run]].add(record.outcome)
    for ((variant, parameter), _), seen in outcomes.items():
        if len(seen) > 1:
            suffix = f" [{parameter}]" if parameter else ""
            yield (
                f"{variant}{suffix} held in one run and was refuted in another, with the same code "
                "and versions: fix its seeds; nothing may depend on the order of runs"
            )
