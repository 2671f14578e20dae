"""Put a kernel of yours through the battery of an operator, in a child that may crash.

    attnproof verify mypkg.mymod:fn --as gated_delta_rule --layout bnhd \\
        --call q=query,k=key,v=value,beta=step_size,g=log(decay) --set scale=1.0
"""

from __future__ import annotations

import argparse
import ast
from collections.abc import Mapping
from pathlib import Path

from attnproof.kernels.verification.verify import QUESTIONS, Answer, script, verify

from .lookup import NotFound, advice
from .terminal import WIDTH, fit, labelled, paragraph

MARKS = {"holds": "✓", "refuted": "✗", "not asked": "–"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``TARGET --as OPERATOR`` and how the function wants to be called."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("target", metavar="PACKAGE.MODULE:FUNCTION", help="your kernel")
    parser.add_argument("--as", dest="operator", required=True, help="the operator it should be")
    parser.add_argument("--layout", choices=("bhnd", "bnhd"), default="bhnd")
    parser.add_argument(
        "--call", default="", help="its parameters by our inputs, as in q=query,g=log(decay)"
    )
    parser.add_argument(
        "--set",
        dest="constants",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a further keyword argument, a Python literal",
    )
    parser.add_argument(
        "--no-parameters",
        action="store_true",
        help="do not pass the operator's own parameters by keyword",
    )
    parser.add_argument(
        "--parameter",
        dest="parameters",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="another value of the operator's own parameter, as in epsilon=1e-6 for a kernel that "
        "has it built in; the cases without rounding are then left out",
    )
    parser.add_argument(
        "--round-weights",
        action="store_true",
        help="allow one rounding of the weights to half precision before the last product",
    )
    parser.add_argument(
        "--clamp",
        action="append",
        default=[],
        metavar="INPUT=LOW:HIGH",
        help="draw from a smaller domain, as in decay=0.01:1 for a kernel that takes logarithms",
    )
    parser.add_argument(
        "--multiple",
        type=int,
        default=1,
        metavar="N",
        help="fill up with zeros to a multiple of N tokens, for a causal kernel that wants one",
    )
    parser.add_argument("--dtype", action="append", help="default: float32")
    parser.add_argument("--question", action="append", help="only these questions")
    parser.add_argument("--timeout", type=float, default=120.0, help="seconds per child")
    parser.add_argument("--script", type=Path, help="where to write a counterexample as a script")


def act(options: argparse.Namespace) -> int:
    """Ask, print a line per answer; 0 if everything holds, 1 if not."""
    from attnproof.kernels.specification import names, specification

    if options.operator not in names():
        raise NotFound(advice("operator", options.operator, names()))
    unknown = [name for name in options.question or () if name not in QUESTIONS]
    if unknown:
        raise NotFound(advice("question", unknown[0], list(QUESTIONS)))
    adapter = {
        "target": options.target,
        "layout": options.layout,
        "call": _parse_call(options.call),
        "constants": _constants(options.constants),
        "pass_parameters": not options.no_parameters,
        "multiple": options.multiple,
    }
    spec = specification(options.operator)
    clamped = _clamped(options.clamp, spec.inputs)
    parameters = _constants(options.parameters)
    if parameters:
        try:
            spec.with_parameters(parameters)
        except LookupError as error:
            raise NotFound(str(error)) from None
    allowed = {
        "rounded_weights": options.round_weights,
        "clamped": clamped,
        "parameters": parameters,
    }
    within = [f"{name} in [{low:g}, {high:g}]" for name, (low, high) in clamped.items()]
    print(paragraph(f"{options.target} as {options.operator}: {spec.doc}"))
    print(paragraph(f"Inputs are drawn from: {'; '.join([spec.domain, *within])}."))
    answers, written = [], False
    for answer in verify(
        options.operator,
        adapter,
        options.dtype or ["float32"],
        questions=options.question or QUESTIONS,
        **allowed,
        timeout=options.timeout,
        told=lambda words: print(paragraph(f"Called with {words}.")) if words else None,
    ):
        _show(answer, answers[-1:])
        answers.append(answer)
        if answer.outcome != "refuted" or written:
            continue
        again = script(options.operator, adapter, answer, **allowed)
        written = True
        if options.script:
            options.script.write_text(again + "\n", encoding="utf-8")
            print(f"  counterexample as a script: {options.script}")
        else:
            print("\n" + "\n".join("    " + line for line in again.splitlines()) + "\n")
    skipped = sum("skipped" in answer.figures for answer in answers)
    good = sum(answer.outcome == "holds" for answer in answers) - skipped
    asked = len(answers) - skipped
    print(f"{good} of {asked} answers hold" + (f", {skipped} not asked" if skipped else ""))
    return 0 if 0 < asked == good else 1


def _show(answer: Answer, before: list[Answer]) -> None:
    if "skipped" in answer.figures:
        mark, why = MARKS["not asked"], answer.figures["skipped"]
        print(labelled(f"{mark} {answer.question}", f"({answer.dtype}) not asked: {why}", 24))
        return
    mark = MARKS.get(answer.outcome, "!")
    words = "" if answer.outcome in ("holds", "refuted") else f"{answer.outcome}: "
    if mark == "!" and before and before[0].reason == answer.reason:
        print(f"{mark} {answer.question} ({answer.dtype}) {answer.outcome}: the same")
        return
    if answer.outcome == "holds":
        shown = ", ".join(f"{name} {value}" for name, value in answer.figures.items())
        print(fit(f"{mark} {answer.question} ({answer.dtype}): {shown}", WIDTH))
        return
    print(labelled(f"{mark} {answer.question}", f"({answer.dtype}) {words}{answer.reason}", 24))


def _parse_call(text: str) -> dict[str, str]:
    found = {}
    for item in filter(None, (part.strip() for part in text.split(","))):
        name, equals, words = item.partition("=")
        if not equals:
            raise NotFound(f"--call {item!r}: write parameter=input, as in q=query,g=log(decay)")
        found[name.strip()] = words.strip()
    return found


def _constants(items: list[str]) -> dict[str, object]:
    found: dict[str, object] = {}
    for item in items:
        name, equals, text = item.partition("=")
        if not equals:
            raise NotFound(f"--set {item!r}: write name=value, as in scale=1.0")
        try:
            found[name.strip()] = ast.literal_eval(text)
        except (ValueError, SyntaxError):
            found[name.strip()] = text
    return found


def _clamped(items: list[str], inputs: Mapping[str, str]) -> dict[str, tuple[float, float]]:
    found = {}
    for item in items:
        name, _, ends = item.partition("=")
        low, _, high = ends.partition(":")
        if name not in inputs:
            raise NotFound(advice("input", name, list(inputs)))
        try:
            found[name] = (float(low), float(high))
        except ValueError:
            raise NotFound(f"--clamp {item!r}: write input=low:high, as in decay=0.01:1") from None
    return found
