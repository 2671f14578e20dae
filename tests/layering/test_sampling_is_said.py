"""A check that draws instances at random, and claims more than a sample, must count its draws.

`independent_draws` and ``@given`` on top of the function count by themselves, which caps the
verdict at SUPPORTED. A generator made in the check, or a ``@given`` inside it, would not be seen.
"""

from __future__ import annotations

import ast
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

DRAWING = {"default_rng", "RandomState", "randint", "randrange", "uniform", "standard_normal"}
COUNTING = {"note_sample", "independent_draws"}
# These end at SUPPORTED anyway, or need only one witness, however it was found.
MODEST = {"sampled", "measured", "counterexample"}

# Files whose draws decide nothing, each with its reason.
REVIEWED = {
    "checks/infsa/check_linear_cost*.py": "a program without branches does the same on any "
    "numbers; of a rank that is reached, one instance is all it takes",
}


def uncounted_draws(source: str) -> list[str]:
    """Names of the checks that reach a random generator without counting what it yields."""
    tree = ast.parse(source)
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    # A value that is built when the file is imported (a table of functions, say) counts as well.
    for node in tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                if isinstance(target, ast.Name):
                    functions[target.id] = node
    return [
        name
        for name, node in functions.items()
        if isinstance(node, ast.FunctionDef) and _is_ambitious(node) and _draws(name, functions)
    ]


def _is_ambitious(node: ast.FunctionDef) -> bool:
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Call) and _names(decorator.func) & {"check"}:
            for word in decorator.keywords:
                if word.arg == "establishes":
                    return not _names(word.value) & MODEST
    return False


def _draws(name: str, functions: dict[str, ast.AST]) -> bool:
    seen, waiting, used = set(), [name], set()
    while waiting:
        current = waiting.pop()
        if current not in seen:
            seen.add(current)
            node = functions[current]
            parts: list[ast.AST] = [node]
            if isinstance(node, ast.FunctionDef):
                outermost = {"check", "given", "settings"}
                parts = [*node.body, *(d for d in node.decorator_list if current == name)]
                parts = [
                    part
                    for part in parts
                    if not (isinstance(part, ast.Call) and _names(part.func) & outermost)
                ]
                # What a check is given as ingredients it uses.
                parts += [
                    word.value
                    for decorator in node.decorator_list
                    if isinstance(decorator, ast.Call)
                    for word in decorator.keywords
                    if word.arg in ("claimed", "controls", "repairs")
                ]
            for part in parts:
                names = _names(part)
                used |= names & COUNTING | _drawing_calls(part)
                waiting += names & set(functions)
    return bool(used - COUNTING) and not used & COUNTING


def _drawing_calls(node: ast.AST) -> set[str]:
    """Calls of generators, and Hypothesis's ``@given`` on a function inside ``node``."""
    found = set()
    for part in ast.walk(node):
        if isinstance(part, ast.Call):
            last = _names(part.func) & DRAWING
            found |= {"draws"} if last else set()
        if isinstance(part, ast.FunctionDef):
            calls = [one for one in part.decorator_list if isinstance(one, ast.Call)]
            found |= {"given"} if any("given" in _names(one.func) for one in calls) else set()
    return found


def _names(node: ast.AST) -> set[str]:
    found = set()
    for part in ast.walk(node):
        if isinstance(part, ast.Name):
            found.add(part.id)
        elif isinstance(part, ast.Attribute):
            found.add(part.attr)
    return found


def test_no_check_samples_in_secret():
    found = [
        (name, check)
        for path in sorted((ROOT / "checks").rglob("check_*.py"))
        for name in [path.relative_to(ROOT).as_posix()]
        for check in uncounted_draws(path.read_text(encoding="utf-8"))
        if not any(fnmatch(name, pattern) for pattern in REVIEWED)
    ]
    assert found == [], (
        "use engine.fuzz.independent_draws, establish sampled(…), or say in REVIEWED why the draw "
        "decides nothing"
    )


HEAD = '@check(C, establishes=proof(over="all"), claimed=dict(a=1), controls={"b": dict(a=2)})\n'


@pytest.mark.parametrize(
    "source",
    [
        HEAD + "def f(a):\n    np.random.default_rng(0)\n",
        HEAD + "def f(a):\n    @given(st.integers())\n    def g(k): ...\n    g()\n",
        "def h():\n    return np.random.default_rng(0)\n" + HEAD + "def f(a):\n    h()\n",
        "def h():\n    return random.randint(0, 1)\n"
        + HEAD.replace("a=1", "a=h")
        + "def f(a):\n    a()\n",
    ],
)
def test_a_planted_generator_is_caught(source):
    assert uncounted_draws(source) == ["f"]


@pytest.mark.parametrize(
    "source",
    [
        HEAD.replace("proof", "sampled") + "def f(a):\n    np.random.default_rng(0)\n",
        HEAD + "def f(a):\n    for draw in independent_draws(9, seed=1):\n        draw.random\n",
        HEAD + "@given(st.integers())\ndef f(a, k):\n    pass\n",
        "def picture():\n    np.random.default_rng(0)\n" + HEAD + "def f(a):\n    pass\n",
    ],
)
def test_what_is_said_is_allowed(source):
    assert uncounted_draws(source) == []
