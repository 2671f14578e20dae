"""Which code a piece of evidence was made by: a file and all of the lab that it imports."""

from __future__ import annotations

import ast
import hashlib
from functools import cache
from pathlib import Path

import attnproof.theory

LAB = Path(next(iter(attnproof.theory.__path__))).resolve().parent


def code_hash(path: Path | str) -> str:
    """Sixteen hex digits over the file and, transitively, every ``attnproof`` file it imports.

    Imports are read from the syntax tree, so that computing the hash runs no code.
    """
    digest = hashlib.sha256()
    for file in sorted(_closure(Path(path).resolve())):
        digest.update(_content(file))
    return digest.hexdigest()[:16]


def _closure(start: Path) -> set[Path]:
    seen: set[Path] = set()
    waiting = [start]
    while waiting:
        path = waiting.pop()
        if path not in seen:
            seen.add(path)
            waiting += _imports(path)
    return seen


@cache
def _content(path: Path) -> bytes:
    return path.read_bytes()


@cache
def _imports(path: Path) -> tuple[Path, ...]:
    found: list[Path] = []
    for node in ast.walk(ast.parse(_content(path))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                found += _files(alias.name)
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(path, node)
            found += _files(base)
            for alias in node.names:
                found += _files(f"{base}.{alias.name}")
    return tuple(found)


def _absolute(path: Path, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    if not path.is_relative_to(LAB):
        return ""
    package = path.relative_to(LAB).parent.parts
    package = package[: len(package) - (node.level - 1)]
    return ".".join(("attnproof", *package, *([node.module] if node.module else [])))


def _files(module: str) -> list[Path]:
    """The module's file and the ``__init__`` of every package above it."""
    first, *rest = module.split(".")
    if first != "attnproof" or not rest:
        return []
    found = []
    folder = LAB
    for name in rest:
        folder = folder / name
        for candidate in (folder.with_suffix(".py"), folder / "__init__.py"):
            if candidate.is_file():
                found.append(candidate)
    return found
