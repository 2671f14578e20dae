"""Checks that would silently never run are refused at collection."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

from attnproof.theory.core import CheckRefused, check_of


def refuse_unseen(collector: pytest.Collector, name: str, obj: object) -> None:
    """Raise if ``obj`` hides a check where neither pytest nor the plugin would find it.

    Raises:
        CheckRefused: ``@check`` below ``@given``, on a method.
    """
    handle = getattr(obj, "hypothesis", None)
    inner = getattr(handle, "inner_test", None)
    if inner is not None and check_of(inner) is not None:
        raise CheckRefused(
            f"{name}: @check stands below @given, where nobody sees it; put @check on top"
        )
    if not isinstance(obj, type) or obj.__module__ != getattr(collector.obj, "__name__", None):
        return
    for method, value in vars(obj).items():
        if check_of(getattr(value, "__func__", value)) is not None:
            raise CheckRefused(
                f"{name}.{method}: a check is a plain function, not a method; move it out of the "
                "class"
            )


def refuse_expected_failure(name: str, obj: object) -> None:
    """Raise if the check is marked to fail: then neither it nor its controls would be noticed.

    Raises:
        CheckRefused: ``@pytest.mark.xfail``.
    """
    if any(mark.name == "xfail" for mark in getattr(obj, "pytestmark", [])):
        raise CheckRefused(
            f"{name}: a check is never expected to fail; where the statement is false, establish "
            "counterexample(…) and give the repair that holds"
        )


def refuse_redefined(path: Path, name: str) -> None:
    """Raise if the file defines ``name`` twice: Python keeps the last and drops the other check.

    Raises:
        CheckRefused: with the line of the second definition.
    """
    lines = [line for found, line in _functions(path) if found == name]
    if len(lines) > 1:
        raise CheckRefused(
            f"{name} is defined twice in {path.name} (lines {lines}): the first would never run; "
            "rename one"
        )


@cache
def _functions(path: Path) -> tuple[tuple[str, int], ...]:
    try:
        tree = ast.parse(path.read_bytes())
    except (OSError, SyntaxError):
        return ()
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return tuple((node.name, node.lineno) for node in tree.body if isinstance(node, kinds))
