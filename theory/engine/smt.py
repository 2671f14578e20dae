"""Inequalities over the reals, by z3."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction

from attnproof.theory.core import Refuted, Undecided, refute_unless

from .version import used


def unsatisfiable(
    constraints: Sequence[object],
    variables: Mapping[str, object],
    *,
    recheck: Callable[..., bool],
    timeout: float = 10.0,
    message: str = "the negation has a model",
) -> None:
    """No real assignment satisfies all ``constraints`` (the negation of what is claimed).

    Args:
        constraints: z3 formulas.
        variables: name → z3 variable, for the witness.
        recheck: ``recheck(**values)`` on exact fractions is true if they really satisfy the
            constraints; the solver proposes, this decides.
        timeout: seconds.

    Raises:
        Refuted: with exact rational values that ``recheck`` confirms.
        Undecided: time-out, or the model is irrational and cannot be re-checked.
        AssertionError: the solver's model fails the re-check (engines disagree).
    """
    import z3

    used("z3", "z3-solver")
    # A context of its own: otherwise the model depends on what z3 did earlier in the process, and
    # a witness could not be replayed.
    context = z3.Context()
    solver = z3.Solver(ctx=context)
    solver.set("timeout", int(1000 * timeout))
    solver.add(*(constraint.translate(context) for constraint in constraints))
    variables = {name: term.translate(context) for name, term in variables.items()}
    answer = solver.check()
    if answer == z3.unsat:
        refute_unless(True, message, variables=sorted(variables))
        return
    if answer == z3.unknown:
        raise Undecided(f"{message}: z3 gave up ({solver.reason_unknown()})")
    values = {name: _fraction(solver.model(), term) for name, term in variables.items()}
    if any(value is None for value in values.values()):
        raise Undecided(f"{message}: the model is irrational; ask for a rational one")
    if not recheck(**values):
        raise AssertionError(f"z3 proposed {values}, which does not satisfy the constraints")
    raise Refuted(message, values)


def _fraction(model: object, term: object) -> Fraction | None:
    import z3

    value = model.eval(term, model_completion=True)
    if z3.is_int_value(value):
        return Fraction(value.as_long())
    return value.as_fraction() if z3.is_rational_value(value) else None
