"""LaTeX to MathML at build time, strictly: an unknown command is an error, never a red blot."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import cache

from markupsafe import Markup

from .resources import resource


class FormulaError(ValueError):
    """A formula that cannot be rendered; the message names it and says what to do."""


class FormulaWarning(UserWarning):
    """A formula that is shown as source."""


def mathml(formula: str, *, display: bool = True, where: str = "") -> Markup:
    """The MathML of ``formula``.

    Args:
        display: a block of its own rather than part of a line.
        where: named in the error, e.g. the claim's id.

    Raises:
        FormulaError: the renderer does not know a command or finds unbalanced braces.
    """
    try:
        return _render(formula, display)
    except FormulaError as error:
        place = f"{where}: " if where else ""
        raise FormulaError(
            f"{place}cannot render {formula!r}: {error}. Use standard LaTeX mathematics, and write "
            r"names as \operatorname{…}"
        ) from None


def mathml_or_source(formula: str, *, display: bool = True, where: str = "") -> Markup:
    """`mathml`, or the formula's source as it was typed, with a `FormulaWarning`: a report is not
    lost for a formula."""
    try:
        return mathml(formula, display=display, where=where)
    except FormulaError as error:
        warnings.warn(str(error), FormulaWarning, stacklevel=2)
        return Markup('<code title="this formula cannot be rendered">{}</code>').format(formula)


@cache
def _render(formula: str, display: bool) -> Markup:
    import quickjs

    try:
        return Markup(_engine()(formula, display))
    except quickjs.JSException as error:
        reason = str(error).partition("\n")[0].partition(":")[2].strip()
        raise FormulaError(reason) from None


@cache
def _engine() -> Callable[[str, bool], str]:
    import quickjs

    context = quickjs.Context()
    context.eval(resource("static/vendor/temml/temml.min.js"))
    return context.eval(
        "(function (formula, display) {"
        "  return temml.renderToString(formula,"
        "    {displayMode: display, throwOnError: true, strict: true, trust: false});"
        "})"
    )
