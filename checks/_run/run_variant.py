"""Runs one variant of a check and writes down what happened. No pytest: `replay` uses it too."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from attnproof.theory.core import (
    Check,
    Observation,
    Refuted,
    Undecided,
    Variant,
    encode,
    observing,
)
from attnproof.theory.core.records import Ended

from .time_limit import TimeLimit, time_limit

# Package that an optional engine or kernel needs → the extra that installs it.
EXTRAS = {
    "z3": "smt",
    "cvxpy": "convex",
    "clarabel": "convex",
    "scipy": "convex",
    "torch": "kernels",
    "triton": "kernels",
    "numba": "compiled",
    "llvmlite": "compiled",
}


@dataclass(frozen=True)
class Place:
    """Where an item stands: the coordinates of its ledger line."""

    node: str
    check: str
    parameter: str
    code_hash: str


def run_variant(check: Check, variant: Variant, place: Place, call: Callable[[], object]) -> Ended:
    """Call ``call`` (the check with the variant's ingredients bound) and describe the outcome.

    Never raises for anything the check does, short of a keyboard interrupt.
    """
    ended = Ended(
        node=place.node,
        check=place.check,
        claim=check.claim.id,
        part=check.part,
        parameter=place.parameter,
        variant=variant.label,
        outcome="holds",
        code_hash=place.code_hash,
    )
    started = time.perf_counter()
    with observing() as observation:
        try:
            with time_limit(check.timeout):
                call()
            if observation.refutations:
                ended.outcome = "error"
                ended.reason = (
                    "a refutation was swallowed: let Refuted leave the check, and test with a "
                    "plain condition what must fail"
                )
        except Refuted as refuted:
            _describe_refutation(ended, refuted, check)
        except Undecided as undecided:
            ended.outcome, ended.reason = "undecided", str(undecided)
        except ModuleNotFoundError as missing:
            _describe_missing(ended, missing)
        except TimeLimit as limit:
            ended.outcome, ended.reason, ended.fault = "undecided", str(limit), True
        except MemoryError:
            ended.outcome, ended.reason, ended.fault = "undecided", "ran out of memory", True
        except RecursionError:
            ended.outcome, ended.reason, ended.fault = "undecided", "recursion too deep", True
        except (KeyboardInterrupt, SystemExit) as stop:
            if isinstance(stop, KeyboardInterrupt):
                raise
            ended.outcome, ended.reason = "error", f"the check called exit ({stop})"
        except BaseException as error:
            if type(error).__name__ in ("Skipped", "Exit"):
                raise
            ended.outcome = "error"
            ended.reason = f"{type(error).__name__}: {error}"
            ended.figures = {"traceback": _traceback(error)}
    if variant.kind == "claimed":
        _show_instance(ended, check)
    ended.seconds = round(time.perf_counter() - started, 4)
    ended.ended = datetime.now(UTC).isoformat(timespec="seconds")
    _describe_observation(ended, observation)
    return ended


def complaint(variant: Variant, ended: Ended, refutes: bool) -> str:
    """Why this item is not as it should be, with advice; empty if it is."""
    if ended.fault:
        return ended.reason
    if variant.kind == "control":
        if ended.outcome == "holds":
            return (
                f"control '{variant.name}' survived: the altered claim passes the same code, so "
                "the check does not test what the control alters. Sharpen the check, or alter "
                "something it is meant to notice"
            )
        if ended.outcome == "error":
            return (
                f"control '{variant.name}' raised instead of refuting ({ended.reason}): only "
                "refute_unless(…) counts as a refutation"
            )
        if variant.drops and ended.necessity.get(variant.drops) is True:
            return (
                f"control '{variant.name}' is said to drop '{variant.drops}', but its witness "
                "satisfies that hypothesis: the witness shows something else"
            )
        return ""
    if ended.instance:
        return ended.instance
    if ended.outcome == "error":
        return ended.reason
    if ended.outcome == "holds" and not ended.assertions:
        return "the check asserts nothing: it never reached refute_unless(…)"
    if ended.outcome == "refuted" and not (refutes and variant.kind == "claimed"):
        return f"refuted: {ended.reason}"
    if ended.outcome == "holds" and refutes and variant.kind == "claimed":
        return (
            "the statement held, but the check was written to refute it: either the statement is "
            "right after all or the counterexample has been lost"
        )
    return ""


def fresh(ingredients: Mapping[str, object]) -> dict[str, object]:
    """Copies, so that a check that changes an array in place does not alter the next variant."""
    copies = {}
    for name, value in ingredients.items():
        try:
            copies[name] = copy.deepcopy(value)
        except Exception:
            # Not everything can be copied (modules, locks); those are used as they are.
            copies[name] = value
    return copies


def extra_for(missing: ModuleNotFoundError) -> str:
    """How to install what is missing, if an extra brings it; else empty."""
    extra = EXTRAS.get((missing.name or "").partition(".")[0])
    return f"{missing.name} is not installed: pip install 'attnproof[{extra}]'" if extra else ""


def _describe_missing(ended: Ended, missing: ModuleNotFoundError) -> None:
    """What was left out on purpose decides nothing; any other missing module is an error."""
    advice = extra_for(missing)
    ended.outcome = "undecided" if advice else "error"
    ended.reason = advice or f"{type(missing).__name__}: {missing}"


def _show_instance(ended: Ended, check: Check) -> None:
    try:
        with time_limit(check.timeout):
            ended.instance = check.claim.examine_instance()
            values = check.claim.instance() if check.claim.instance is not None else {}
            ended.example = {name: _readable(value) for name, value in values.items()}
    except (Exception, TimeLimit) as error:
        words = f"{type(error).__name__}: {error}"
        ended.instance = f"the instance of {check.claim.id} could not be examined ({words})"


def _readable(value: object) -> object:
    try:
        return encode(value)
    except Exception:
        return {"text": getattr(value, "__name__", repr(value))}


def _describe_refutation(ended: Ended, refuted: Refuted, check: Check) -> None:
    ended.outcome, ended.reason = "refuted", refuted.message
    if not refuted.witness:
        ended.outcome = "error"
        ended.reason = (
            f"Refuted without a witness ({refuted.message}): give the values that show it"
        )
    for name, value in refuted.witness.items():
        try:
            ended.witness[name] = encode(value)
        except Exception as error:
            # An ingredient (a function, say) travels with the witness only by name.
            if callable(value):
                ended.witness[name] = {"text": getattr(value, "__name__", repr(value))}
            else:
                ended.outcome, ended.reason = "error", f"witness '{name}': {error}"
    ended.necessity = _necessity(check, refuted.witness)


def _necessity(check: Check, witness: Mapping[str, object]) -> dict[str, bool]:
    truths = {}
    for name, hypothesis in check.claim.hypotheses.items():
        try:
            truth = hypothesis.evaluate(witness)
        except Exception:
            # A predicate may be undefined on a witness outside its domain: not shown, then.
            truth = None
        if truth is not None:
            truths[name] = truth
    return truths


def _describe_observation(ended: Ended, observation: Observation) -> None:
    ended.assertions = observation.assertions
    ended.engines = observation.engines
    ended.error_probability = observation.error_probability
    ended.samples, ended.discarded = observation.samples, observation.discarded
    ended.independent = observation.independent
    if observation.samples and observation.independent and ended.outcome == "holds":
        # n independent draws without a failure: with confidence 95 % the failing mass is at most
        # 1 − 0.05^(1/n) (exact binomial, Clopper–Pearson with zero successes).
        ended.failure_bound = 1.0 - 0.05 ** (1.0 / observation.samples)
    for name, value in observation.figures.items():
        try:
            ended.figures[name] = encode(value, plain=True)
        except Exception:
            ended.figures[name] = repr(value)


def _traceback(error: BaseException) -> str:
    import traceback

    return "".join(traceback.format_exception(error))[-4000:]
