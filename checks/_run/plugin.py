"""The pytest plugin: collects checks, runs each with its controls, feeds the ledger.

Inert in a session without checks, so that it may be installed beside any test suite.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from attnproof.theory.core import Check, CheckRefused, Plot, Variant, check_of, plot_of
from attnproof.theory.core.records import AnyRecord, CheckLine, PlotLine

from .code_hash import code_hash
from .declaration import check_line, claim_lines
from .examples import reproducible_examples
from .recorder import Recorder
from .refusal import refuse_expected_failure, refuse_redefined, refuse_unseen
from .run_variant import Place, complaint, extra_for, fresh, run_variant

VARIANT = pytest.StashKey[tuple[Check, Variant]]()
FOUND = pytest.StashKey[dict[str, list[pytest.Function]]]()
LINES = pytest.StashKey[list[bytes]]()
WAITING = pytest.StashKey[list[bytes]]()
RECORDER = pytest.StashKey[Recorder]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("attnproof", "attention proof lab")
    group.addoption(
        "--ledger",
        metavar="FOLDER",
        help="folder for this run's ledger file (default: reports/ledger below the root)",
    )
    group.addoption("--slow", action="store_true", help="run the checks marked slow too")
    group.addoption(
        "--resume",
        action="store_true",
        help="skip items that the ledger already settles for the code as it is now",
    )
    group.addoption("--kernel", metavar="PACKAGE.MODULE:FUNCTION", help="a kernel of yours")
    group.addoption("--as", dest="operator", metavar="OPERATOR", help="the operator it should be")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "slow: takes over 5 s; runs with --slow")
    config.addinivalue_line("markers", "attnproof_variant(check, variant): set by the plugin")
    config.stash[WAITING] = []
    config.stash[FOUND] = {}
    if not hasattr(config, "workerinput"):
        recorder = Recorder(config)
        config.stash[RECORDER] = recorder
        config.pluginmanager.register(recorder, "attnproof-recorder")


# --- collection -----------------------------------------------------------------------------


@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makeitem(
    collector: pytest.Module | pytest.Class, name: str, obj: object
) -> list[pytest.Item] | None:
    if check_of(obj) is None and plot_of(obj) is None:
        refuse_unseen(collector, name, obj)
        return None
    if isinstance(collector, pytest.Class):
        raise CheckRefused(
            f"{collector.name}.{name}: a check is a plain function, not a method; move it out of "
            "the class"
        )
    if getattr(obj, "__module__", None) != getattr(collector.obj, "__name__", None):
        return None  # imported from another file, which collects it itself
    refuse_redefined(collector.path, name)
    refuse_expected_failure(name, obj)
    items = list(collector._genfunctions(name, obj))
    if check_of(obj) is not None:
        # Remembered before -k, --lf or a node id select: what a check needs in order to count
        # must not depend on how much of it is run.
        collector.config.stash[FOUND][f"{collector.nodeid}::{name}"] = items
    return items


@pytest.hookimpl(tryfirst=True)
def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    check = check_of(metafunc.function)
    if check is None:
        return
    names = list(check.claimed)
    values = [
        pytest.param(
            *(variant.ingredients[name] for name in names),
            id=f"{check.claim.id}:{variant.label}",
            marks=pytest.mark.attnproof_variant(check, variant),
        )
        for variant in check.variants()
    ]
    metafunc.parametrize(names, values)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        marker = item.get_closest_marker("attnproof_variant")
        if marker is not None:
            item.stash[VARIANT] = marker.args
    for name, found in config.stash[FOUND].items():
        parameters: dict[str, None] = {}
        for item in found:
            check, variant = item.get_closest_marker("attnproof_variant").args
            parameters[_parameter(item, check, variant)] = None
        slow = any(item.get_closest_marker("slow") for item in found)
        for line in claim_lines(check.claim):
            _emit(config, line)
        _emit(config, check_line(name, found[0].function, check, list(parameters), slow))
    _deselect(config, items)


def _deselect(config: pytest.Config, items: list[pytest.Item]) -> None:
    skipped = set()
    if not config.getoption("--slow"):
        skipped |= {
            item
            for item in items
            if (VARIANT in item.stash or plot_of(getattr(item, "function", None)))
            and item.get_closest_marker("slow")
        }
    if config.getoption("--resume"):
        from .resume import settled

        known = settled(ledger_folder(config))
        skipped |= {
            item
            for item in items
            if VARIANT in item.stash and (item.nodeid, code_hash(item.path)) in known
        }
    if skipped:
        config.hook.pytest_deselected(items=list(skipped))
        items[:] = [item for item in items if item not in skipped]


# --- running --------------------------------------------------------------------------------


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    if plot_of(pyfuncitem.function) is not None:
        _draw(pyfuncitem)
        return True
    if VARIANT not in pyfuncitem.stash:
        return None
    check, variant = pyfuncitem.stash[VARIANT]
    function = pyfuncitem.obj
    arguments = {name: pyfuncitem.funcargs[name] for name in pyfuncitem._fixtureinfo.argnames}
    arguments |= fresh(variant.ingredients)
    place = Place(
        pyfuncitem.nodeid,
        _check_name(pyfuncitem),
        _parameter(pyfuncitem, check, variant),
        code_hash(pyfuncitem.path),
    )

    def call() -> None:
        with reproducible_examples(function):
            function(**arguments)

    ended = run_variant(check, variant, place, call)
    pyfuncitem.stash[LINES] = [msgspec.json.encode(ended)]
    problem = complaint(variant, ended, check.establishes.refutes)
    if problem:
        trace = ended.figures.get("traceback", "")
        pytest.fail(f"{check.claim.id}: {problem}\n{trace}".rstrip(), pytrace=False)
    if ended.outcome == "undecided":
        pytest.skip(f"{check.claim.id}: undecided: {ended.reason}")
    return True


def _draw(item: pytest.Function) -> None:
    claim = plot_of(item.function)
    try:
        drawn = item.function()
    except ModuleNotFoundError as missing:
        advice = extra_for(missing)
        if not advice:
            raise
        pytest.skip(advice)
    if not isinstance(drawn, Plot):
        pytest.fail(f"{item.name} must return a Plot, not {type(drawn).__name__}", pytrace=False)
    line = PlotLine(node=item.nodeid, claim=claim.id, plot=drawn)
    item.stash[LINES] = [msgspec.json.encode(line)]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[pytest.TestReport]:
    report = yield
    waiting = item.config.stash[WAITING]
    lines = [*waiting]
    waiting.clear()
    if report.when == "call":
        lines += item.stash.get(LINES, [])
        report.attnproof_ended = LINES in item.stash
    # Bytes do not survive every transport of pytest-xdist; text does.
    report.attnproof = [line.decode() for line in lines]
    return report


# --- helpers --------------------------------------------------------------------------------


def ledger_folder(config: pytest.Config) -> Path:
    """Where this session's ledger goes."""
    given = config.getoption("--ledger")
    return Path(given) if given else config.rootpath / "reports" / "ledger"


def _emit(config: pytest.Config, record: AnyRecord | CheckLine) -> None:
    """Hand a record to the recorder, by way of the next report when in a worker process."""
    raw = msgspec.json.encode(record)
    if RECORDER in config.stash:
        config.stash[RECORDER].receive(raw)
    else:
        config.stash[WAITING].append(raw)


def _check_name(item: pytest.Item) -> str:
    return item.nodeid.partition("[")[0]


def _parameter(item: pytest.Item, check: Check, variant: Variant) -> str:
    """The id of the item's own parametrisation, behind the variant's."""
    inside = item.nodeid.partition("[")[2].removesuffix("]")
    own = pytest.param(id=f"{check.claim.id}:{variant.label}").id or ""
    escaped = own.encode("unicode_escape").decode("ascii")
    for prefix in (own, escaped):
        if inside.startswith(prefix):
            return inside[len(prefix) :].removeprefix("-")
    return inside
