"""Imports go one way: core ← algebra ← engine ← operator ← lemma ← paper ← checks."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("theory", "kernels", "checks", "reports")

THEORY = ["core", "algebra", "engine", "operator", "lemma", "paper"]
ORDER = [f"attnproof.theory.{layer}" for layer in THEORY]

Edge = tuple[Path, int, str]


def files(root: Path) -> list[Path]:
    found = [path for folder in FOLDERS for path in (root / folder).rglob("*.py")]
    return sorted(path for path in found if "__pycache__" not in path.parts)


def module_of(path: Path, root: Path) -> str:
    parts = ("attnproof", *path.relative_to(root).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path, root: Path, *, top_level: bool = False) -> Iterator[Edge]:
    """Every module that a file imports, absolute; ``top_level`` leaves out lazy imports."""
    tree = ast.parse(path.read_bytes())
    nodes = _run_on_import(tree) if top_level else ast.walk(tree)
    package = module_of(path, root).split(".")
    if path.name != "__init__.py":
        package = package[:-1]
    for node in nodes:
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield path, node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            base = [*package[: len(package) - node.level + 1]] if node.level else []
            target = ".".join([*base, *([node.module] if node.module else [])])
            yield path, node.lineno, target
            for alias in node.names:
                yield path, node.lineno, f"{target}.{alias.name}"


def _run_on_import(tree: ast.AST) -> Iterator[ast.AST]:
    """Nodes that run when the file is imported: no function bodies, nothing for type checkers."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        waiting += ast.iter_child_nodes(node)


def allowed(module: str, target: str) -> str:
    """Empty, or why ``module`` must not import ``target``."""
    first = target.partition(".")[0]
    if first in FOLDERS:
        return f"write attnproof.{target}: the bare name belongs to others"
    if first != "attnproof":
        return ""
    ours = target.split(".")
    if len(ours) < 2:
        return ""
    if ours[1] == "checks":
        runner = module.startswith("attnproof.checks._run")
        return "" if runner else "nobody imports attnproof.checks"
    if module.startswith("attnproof.checks"):
        only_report = ours[1] == "reports" and not module.startswith("attnproof.checks._run")
        return "checks do not import the report" if only_report else ""
    if module.startswith("attnproof.reports"):
        inside = within(target, "attnproof.reports") or within(target, ORDER[0])
        return "" if inside or target == "attnproof.theory" else "reports import theory.core only"
    if module.startswith("attnproof.kernels"):
        if ours[1] == "kernels":
            return ""
        if ours[1] != "theory":
            return "kernels import theory and kernels only"
        high = rank(target)
        return "" if high is None or high <= rank(ORDER[3]) else "kernels import operator or below"
    if module.startswith("attnproof.theory"):
        if ours[1] != "theory":
            return "theory imports theory only"
        mine, other = rank(module), rank(target)
        if mine is not None and other is not None and other > mine:
            return f"{THEORY[mine]} is below {THEORY[other]}"
    return ""


def within(target: str, package: str) -> bool:
    return target == package or target.startswith(package + ".")


def rank(module: str) -> int | None:
    return next((level for level, layer in enumerate(ORDER) if within(module, layer)), None)


def violations(root: Path) -> list[str]:
    found = []
    for path in files(root):
        module = module_of(path, root)
        for _, line, target in imports(path, root):
            problem = allowed(module, target)
            if problem:
                found.append(f"{path.relative_to(root)}:{line} imports {target}: {problem}")
    return sorted(set(found))


def circles(root: Path) -> list[list[str]]:
    """Groups of modules that import each other while being imported."""
    modules = {module_of(path, root): path for path in files(root)}
    graph: dict[str, set[str]] = {}
    for module, path in modules.items():
        targets = {target for _, _, target in imports(path, root, top_level=True)}
        # A package's own __init__ is always begun before its modules; that alone is no circle.
        graph[module] = {
            target
            for target in targets
            if target in modules and target != module and not within(module, target)
        }
    return [group for group in strongly_connected(graph) if len(group) > 1]


def strongly_connected(graph: dict[str, set[str]]) -> list[list[str]]:
    """Tarjan's algorithm."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    groups: list[list[str]] = []

    def visit(node: str) -> None:
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in graph[node]:
            if other not in index:
                visit(other)
                low[node] = min(low[node], low[other])
            elif other in stack:
                low[node] = min(low[node], index[other])
        if low[node] == index[node]:
            group = []
            while not group or group[-1] != node:
                group.append(stack.pop())
            groups.append(sorted(group))

    for node in graph:
        if node not in index:
            visit(node)
    return groups


def test_imports_go_one_way():
    assert violations(ROOT) == []


def test_no_modules_import_each_other():
    assert circles(ROOT) == []


def test_the_folder_roots_are_namespace_portions():
    """An ``__init__.py`` there would shadow the package ``kernels`` from PyPI."""
    assert [folder for folder in FOLDERS if (ROOT / folder / "__init__.py").exists()] == []


def test_every_check_stands_in_a_file_that_is_collected():
    strays = [
        str(path.relative_to(ROOT))
        for path in files(ROOT)
        if path.is_relative_to(ROOT / "checks")
        and "_run" not in path.parts
        and not path.name.startswith("check_")
        and "@check" in path.read_text(encoding="utf-8")
    ]
    assert strays == [], "pytest collects check_*.py only: rename these"


PLANTED = [
    ("theory/core/bad.py", "from attnproof.theory.paper import load", "core is below paper"),
    ("theory/engine/bad.py", "from ..operator import x", "engine is below operator"),
    ("theory/engine/lazy.py", "def f():\n    import attnproof.theory.lemma.x", "engine is below"),
    ("theory/lemma/bad.py", "import attnproof.kernels.x", "theory imports theory only"),
    ("theory/paper/bad.py", "import attnproof.checks.infsa", "nobody imports attnproof.checks"),
    ("kernels/bad.py", "from attnproof.theory.lemma import x", "kernels import operator or below"),
    ("kernels/worse.py", "import attnproof.reports", "kernels import theory and kernels only"),
    ("kernels/bare.py", "import kernels", "write attnproof.kernels"),
    ("reports/bad.py", "from attnproof.theory.operator import x", "reports import theory.core"),
    ("reports/worse.py", "from attnproof import theory, checks", "nobody imports"),
    ("checks/infsa/check_bad.py", "from attnproof.checks._run import x", "nobody imports"),
    ("checks/infsa/check_bare.py", "from theory.core import x", "write attnproof.theory"),
]


@pytest.mark.parametrize(("name", "code", "words"), PLANTED, ids=[one[0] for one in PLANTED])
def test_a_planted_violation_is_caught(tmp_path, name, code, words):
    path = tmp_path / name
    path.parent.mkdir(parents=True)
    path.write_text(code + "\n")
    (only, *_) = violations(tmp_path)
    assert only.startswith(f"{name}:") and words in only


def test_a_planted_circle_is_caught(tmp_path):
    folder = tmp_path / "theory" / "core"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text("from .one import f\n")
    (folder / "one.py").write_text("from .two import g\n")
    (folder / "two.py").write_text("from attnproof.theory.core.one import f\n")
    assert circles(tmp_path) == [["attnproof.theory.core.one", "attnproof.theory.core.two"]]
    (folder / "two.py").write_text("def g():\n    from attnproof.theory.core.one import f\n")
    assert circles(tmp_path) == []


def test_what_is_allowed_is_allowed():
    for module, target in (
        ("attnproof.theory.paper.infsa", "attnproof.theory.core"),
        ("attnproof.theory.core.check", "msgspec"),
        ("attnproof.kernels.infsa", "attnproof.theory.operator.x"),
        ("attnproof.kernels.infsa", "attnproof.theory.engine.x"),
        ("attnproof.reports.render.site", "attnproof.theory.core.judgement"),
        ("attnproof.checks.infsa.check_x", "attnproof.kernels.infsa"),
        ("attnproof.checks._run.command.build_report", "attnproof.reports.render.site"),
        ("attnproof.checks._run.plugin", "attnproof.checks._run.recorder"),
    ):
        assert allowed(module, target) == ""
