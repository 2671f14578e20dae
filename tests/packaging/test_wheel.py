"""The wheel holds ``attnproof`` and nothing else, and works without the checkout."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = (
    "pyproject.toml",
    "setup.py",
    "README.md",
    "LICENSE",
    "theory",
    "kernels",
    "checks",
    "reports",
)

pytestmark = pytest.mark.slow

FOREIGN = 'WHOSE = "another project"\n'


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Built from a copy, so that neither build/ nor egg-info lands in the checkout."""
    tree = tmp_path_factory.mktemp("tree")
    ignored = shutil.ignore_patterns("__pycache__", "site", "*.jsonl", ".*")
    for name in SOURCES:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tree / name, ignore=ignored)
        else:
            shutil.copy(source, tree / name)
    target = tmp_path_factory.mktemp("wheel")
    done = subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", target, tree],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    (built,) = target.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """The wheel unpacked into a folder of its own, where a foreign ``kernels`` lies already."""
    folder = tmp_path_factory.mktemp("installed")
    (folder / "kernels").mkdir()
    (folder / "kernels" / "__init__.py").write_text(FOREIGN)
    command = [sys.executable, "-m", "pip", "install", "--no-deps", "--no-index", "--quiet"]
    subprocess.run([*command, "--target", folder, wheel], check=True, timeout=120)
    return folder


def ask(installed: Path, code: str) -> str:
    """Run ``code`` with the installed copy and the dependencies, without the editable finder.

    ``-S`` leaves out the .pth files through which the checkout would be found.
    """
    paths = os.pathsep.join([str(installed), sysconfig.get_path("purelib")])
    done = subprocess.run(
        [sys.executable, "-S", "-P", "-c", code],
        env={"PYTHONPATH": paths, "PATH": os.environ["PATH"]},
        cwd=installed,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_its_only_top_level_name_is_attnproof(wheel):
    names = {Path(name).parts[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert {name for name in names if not name.endswith(".dist-info")} == {"attnproof"}


def test_it_holds_what_the_folders_hold(wheel):
    inside = set(zipfile.ZipFile(wheel).namelist())
    missing = [
        str(path.relative_to(ROOT))
        for folder in ("theory", "kernels", "checks", "reports")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".py", ".html", ".css", ".js", ".svg"}
        and not {"__pycache__", "site"} & set(path.relative_to(ROOT).parts)
        and f"attnproof/{path.relative_to(ROOT).as_posix()}" not in inside
    ]
    assert missing == []
    assert not [name for name in inside if name.endswith(".jsonl") or "/site/" in name]


def test_operators_claims_and_the_command_line_work_from_it(installed):
    operators = sorted(
        path.stem
        for path in (ROOT / "theory" / "operator").glob("*.py")
        if not path.stem.startswith("_")
    )
    code = (
        "import importlib, attnproof.theory.paper as paper\n"
        f"found = importlib.import_module('attnproof.theory.operator.{operators[0]}')\n"
        "print(found.__file__)\n"
        "assert len(paper.load()) > 30\n"
        "from attnproof.checks._run.command_line import main\n"
        "assert main(['list']) == 0\n"
    )
    assert ask(installed, code).startswith(str(installed))


def test_a_foreign_package_kernels_is_not_overwritten(installed):
    assert (installed / "kernels" / "__init__.py").read_text() == FOREIGN
    ours = ", attnproof.kernels" if any((ROOT / "kernels").glob("*/*.py")) else ""
    code = f"import kernels{ours}; print(kernels.WHOSE)"
    assert ask(installed, code) == "another project"


@pytest.mark.parametrize("how", [["-m", "pytest"], ["-c", "import pytest; pytest.console_main()"]])
def test_a_foreign_package_kernels_is_not_shadowed_by_the_checkout(tmp_path, how):
    """``python -m pytest`` puts the folder it starts in first, where our kernels/ lies."""
    foreign = tmp_path / "site" / "kernels"
    foreign.mkdir(parents=True)
    (foreign / "__init__.py").write_text(FOREIGN)
    test = tmp_path / "test_whose.py"
    test.write_text("def test_whose():\n    import kernels\n    assert kernels.WHOSE\n")
    kept = {name: text for name, text in os.environ.items() if not name.startswith("PYTEST")}
    done = subprocess.run(
        [sys.executable, *how, "-q", "-p", "no:cacheprovider", "-c", ROOT / "pyproject.toml", test],
        cwd=ROOT,
        env=kept | {"PYTHONPATH": str(tmp_path / "site")},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr
