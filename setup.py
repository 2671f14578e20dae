"""Maps theory/, kernels/, checks/ and reports/ to attnproof.theory, attnproof.kernels …

The four folder roots have no ``__init__.py``: Hugging Face publishes a package called
``kernels``, and a namespace portion never shadows an installed regular package. The list of
packages is computed here because setuptools cannot prefix what it finds; everything else about
the distribution stands in pyproject.toml.
"""

from pathlib import Path

from setuptools import setup

HERE = Path(__file__).parent
ROOTS = ("theory", "kernels", "checks", "reports")
GENERATED = ("reports/site", "reports/ledger")


def folders_with_content(root: str) -> list[str]:
    """Every folder below ``root`` (itself included) that is shipped, as a dotted name."""
    names = []
    for folder in [HERE / root, *sorted((HERE / root).rglob("*/"))]:
        relative = folder.relative_to(HERE).as_posix()
        skipped = relative.startswith(GENERATED) or "__pycache__" in relative
        if not skipped and any(entry.is_file() for entry in folder.iterdir()):
            names.append(relative.replace("/", "."))
    return names


packages = [f"attnproof.{name}" for root in ROOTS for name in folders_with_content(root)]
packages += [f"attnproof.{root}" for root in ROOTS if f"attnproof.{root}" not in packages]
setup(
    packages=packages,
    package_dir={f"attnproof.{root}": root for root in ROOTS},
    package_data={"": ["*.html", "*.css", "*.js", "*.svg", "*.txt", "*.json", "LICENSE"]},
)
