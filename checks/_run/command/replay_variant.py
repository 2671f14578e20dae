"""Re-run one variant of every check of a claim, and hold its witness against the ledger's."""

from __future__ import annotations

import argparse
import inspect
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from attnproof.checks._run.code_hash import code_hash
from attnproof.checks._run.examples import drawn_name, keep_drawn, reproducible_examples
from attnproof.checks._run.parameters import parameters_of
from attnproof.checks._run.run_variant import Place, fresh, run_variant
from attnproof.theory.core import Check, Variant, decode
from attnproof.theory.core.records import Ended

from .locate import checks_in, file_of, files_of
from .lookup import Lab, NotFound, add_ledger_argument, advice, open_lab
from .terminal import labelled, paragraph


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``CLAIM[:CONTROL] [--file FILE] [--ledger FOLDER]``."""
    parser.add_argument(
        "variant", metavar="CLAIM[:CONTROL]", help="a claim, or one of its controls or repairs"
    )
    parser.add_argument(
        "--file", type=Path, action="append", default=[], help="a file that holds its checks"
    )
    add_ledger_argument(parser)


def act(options: argparse.Namespace) -> int:
    """Replay, print, compare; 0 if every outcome is as recorded, or as expected if none is."""
    claim, _, control = options.variant.partition(":")
    lab = open_lab(options.ledger)
    if not options.file:
        lab.claim(claim)
    found = list(_checks(claim, lab, options.file))
    if not found:
        raise NotFound(f"{claim} has no check yet; `attnproof new {claim}` writes one to fill in")
    wanted = control.removeprefix("control:").removeprefix("repair:")
    names = {variant.name for item in found for variant in item.check.variants()}
    if wanted in ("", "claimed"):
        wanted = ""
    elif wanted not in names:
        raise NotFound(advice("control", wanted, sorted(names - {""})))
    good = True
    for item in found:
        for variant in item.check.variants():
            if variant.name == wanted:
                for parameter, arguments in parameters_of(item.function):
                    good &= _replay(item, variant, parameter, arguments, lab)
    return 0 if good else 1


@dataclass(frozen=True)
class _Item:
    name: str
    file: Path
    function: Callable[..., object]
    check: Check


def _checks(claim: str, lab: Lab, given: list[Path]) -> Iterator[_Item]:
    judgement = lab.judgements.get(claim)
    lines = [check.line for check in judgement.checks] if judgement else []
    for file in [one.resolve() for one in given] or files_of(claim, lab):
        # The ledger's paths are relative to wherever pytest had its root.
        named = {
            line.check.rpartition("::")[2]: line.check
            for line in lines
            if file_of(line.path) == file or file.as_posix().endswith(f"/{line.path}")
        }
        try:
            for key, function, check in checks_in(file, claim):
                yield _Item(named.get(key, f"{file}::{key}"), file, function, check)
        except Exception as error:
            print(f"{file} cannot be imported: {type(error).__name__}: {error}", file=sys.stderr)


def _replay(
    item: _Item, variant: Variant, parameter: str, arguments: dict[str, object], lab: Lab
) -> bool:
    name = item.name.rpartition("::")[2] + (f" [{parameter}]" if parameter else "")
    print(f"{name}, {variant.label}")
    bound = {**fresh(variant.ingredients), **arguments}
    missing = _unbound(item.function, bound)
    if missing:
        print(paragraph(f"needs the fixtures {missing}: run it with pytest {item.name}", "  "))
        return False
    record = lab.newest(item.name, variant.label, parameter)
    place = Place(item.name, item.name, parameter, code_hash(item.file))
    ended, how = _run(item, variant, place, bound, record)
    print(labelled("  outcome", f"{ended.outcome}{', ' + how if how else ''}", 13))
    if ended.reason:
        print(labelled("  reason", ended.reason, 13))
    for key, value in ended.witness.items():
        print(labelled("  witness", f"{key} = {_shown(value)}", 13))
    refutes = variant.kind == "claimed" and item.check.establishes.refutes
    expected = "refuted" if variant.kind == "control" or refutes else "holds"
    if record is None:
        print(labelled("  ledger", f"no record of it; expected: {expected}", 13))
        return ended.outcome == expected
    print(labelled("  ledger", _compared(ended, record), 13))
    if record.code_hash != ended.code_hash:
        print(labelled("", f"its record was made by other code; expected: {expected}", 13))
        return ended.outcome == expected
    return ended.outcome == record.outcome


def _run(
    item: _Item, variant: Variant, place: Place, bound: dict[str, object], record: Ended | None
) -> tuple[Ended, str]:
    """The outcome, and how it was come by."""
    handle = getattr(item.function, "hypothesis", None)
    if handle is None:
        return run_variant(item.check, variant, place, lambda: item.function(**bound)), ""
    given = _recorded_arguments(handle.inner_test, bound, record)
    if given is not None:

        def call() -> None:
            from attnproof.theory.core import Refuted

            try:
                handle.inner_test(**bound, **given)
            except Refuted as refuted:
                keep_drawn(refuted, {**bound, **given})
                raise

        ended = run_variant(item.check, variant, place, call)
        if ended.outcome == "refuted":
            return ended, "from the recorded instance, without a search"

    def search() -> None:
        with reproducible_examples(item.function):
            item.function(**{**bound, **fresh(variant.ingredients)})

    why = "the recorded instance no longer refutes" if given is not None else "no instance recorded"
    ended = run_variant(item.check, variant, place, search)
    return ended, f"after a search ({why})"


def _recorded_arguments(
    inner: Callable[..., object], bound: dict[str, object], record: Ended | None
) -> dict[str, object] | None:
    """What Hypothesis had drawn for the recorded refutation; ``None`` if that is not all there."""
    if record is None or record.outcome != "refuted":
        return None
    given = {}
    for name in inspect.signature(inner).parameters:
        if name in bound:
            continue
        key = drawn_name(name) if drawn_name(name) in record.witness else name
        if key not in record.witness:
            return None
        given[name] = decode(record.witness[key])
    return given


def _unbound(function: Callable[..., object], bound: dict[str, object]) -> list[str]:
    """Arguments without a value. Hypothesis shows those it draws as having none to be given."""
    return [
        name
        for name, parameter in inspect.signature(function).parameters.items()
        if name not in bound and parameter.default is parameter.empty
    ]


def _compared(ended: Ended, record: Ended) -> str:
    if ended.outcome != record.outcome:
        return f"another outcome: the ledger has {record.outcome}"
    if ended.outcome != "refuted":
        return "same outcome as in the ledger"
    names = [*record.witness, *(name for name in ended.witness if name not in record.witness)]
    different = [
        name
        for name in names
        if _canonical(record.witness.get(name)) != _canonical(ended.witness.get(name))
    ]
    if not different:
        return "same witness as in the ledger"
    shown = "; ".join(f"{name} = {_shown(record.witness.get(name))}" for name in different)
    return f"the witness differs; the ledger has {shown}"


def _canonical(value: object) -> bytes:
    # A witness just made may hold tuples where the one from the ledger has lists.
    return msgspec.json.encode(value, order="deterministic")


def _shown(value: object) -> str:
    """An encoded value, exactly, for people: 3/4, 0.5 (0x1.0p-1), nested lists."""
    if isinstance(value, list):
        return "[" + ", ".join(_shown(entry) for entry in value) + "]"
    if not isinstance(value, dict):
        return str(value) if value != "" else '""'
    if set(value) == {"float"}:
        number = float.fromhex(value["float"])
        return f"{number!r} ({value['float']})"
    if set(value) == {"residue", "modulus"}:
        return f"{value['residue']} mod {value['modulus']}"
    if set(value) == {"array", "shape"}:
        return _shown(value["array"])
    if len(value) == 1 and next(iter(value)) in ("integer", "rational", "text", "ball"):
        return str(next(iter(value.values())))
    if set(value) == {"mapping"}:
        value = value["mapping"]
    return "{" + ", ".join(f"{name}: {_shown(entry)}" for name, entry in value.items()) + "}"
