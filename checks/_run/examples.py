"""How a check runs under Hypothesis: reproducibly, counted, and with the refuting example kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from attnproof.theory.core import Refuted, encode, note_sample

SETTINGS = "_hypothesis_internal_use_settings"


def drawn_name(name: str) -> str:
    """Where a drawn argument is kept if the check's own witness uses its name otherwise."""
    return f"{name} (drawn)"


@contextmanager
def reproducible_examples(function: object) -> Iterator[None]:
    """While inside, count the examples Hypothesis runs and keep the one that refutes.

    ``@given`` and ``@settings`` fix their settings when the file is imported, before any plugin
    can load a profile, so they are overridden here: derandomised, or the same code could be
    refuted in one run and hold in the next; no deadline, since the check has its own limit; no
    database; one failure at a time, because a witness is one instance.
    """
    handle = getattr(function, "hypothesis", None)
    if handle is None:
        yield
        return
    from hypothesis import HealthCheck, settings
    from hypothesis.errors import UnsatisfiedAssumption

    inner = handle.inner_test
    before = getattr(function, SETTINGS, None) or settings.default

    def counted(*args: object, **given: object) -> None:
        try:
            inner(*args, **given)
        except UnsatisfiedAssumption:
            note_sample(False, independent=False)
            raise
        except Refuted as refuted:
            keep_drawn(refuted, given)
            raise
        note_sample(independent=False)

    handle.inner_test = counted
    setattr(
        function,
        SETTINGS,
        settings(
            before,
            derandomize=True,
            deadline=None,
            database=None,
            report_multiple_bugs=False,
            suppress_health_check=[*before.suppress_health_check, HealthCheck.too_slow],
        ),
    )
    try:
        yield
    finally:
        handle.inner_test = inner
        setattr(function, SETTINGS, before)


def keep_drawn(refuted: Refuted, given: dict[str, object]) -> None:
    """Add the arguments of the refuting call to the witness, so that it can be replayed."""
    for name, value in given.items():
        try:
            encoded = encode(value)
        except TypeError:
            continue
        if name not in refuted.witness:
            refuted.witness[name] = value
        elif encode(refuted.witness[name]) != encoded:
            refuted.witness[drawn_name(name)] = value
