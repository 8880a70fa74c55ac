"""Reads the product's source as trees, for the tests of the architecture's rules."""

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from riskregister.env import BASE_DIR

# From the top step to the bottom one; packages on one step do not import each other.
STAIRCASE: tuple[tuple[str, ...], ...] = (
    ("demo",),
    ("web", "api"),
    ("operations",),
    ("reports", "alerts"),
    ("work",),
    ("controls",),
    ("intake",),
    ("containment",),
    ("collectors",),
    ("composition", "intelligence"),
    ("inspection", "discovery"),
    ("contracts",),
    ("assurance", "landscape"),
    ("monitoring", "feeds"),
    ("decisions",),
    ("findings",),
    ("assessments",),
    ("catalogue", "escalations"),
    ("exits",),
    ("scoring",),
    ("vendors",),
    ("evidence",),
    ("seal",),
    ("accounts",),
    ("jobs",),
    ("audit", "numbering"),
    ("riskregister",),
)
STEP = {package: height for height, packages in enumerate(reversed(STAIRCASE)) for package in packages}


@dataclass(frozen=True, slots=True)
class Module:
    """One Python file of the product."""

    path: Path
    text: str

    @property
    def name(self) -> str:
        """Return its path from the top of the tree, as shown in failures."""
        return self.path.relative_to(BASE_DIR).as_posix()

    @property
    def package(self) -> str:
        """Return the top package it belongs to."""
        return self.name.split("/")[0]

    @property
    def tree(self) -> ast.Module:
        """Return its syntax tree."""
        return _parse(self.text)

    def imports(self) -> Iterator[tuple[int, str]]:
        """Yield the line and the dotted name of everything it imports, relative names resolved."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from ((node.lineno, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield node.lineno, self._absolute(node)

    def _absolute(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        parts = self.name.removesuffix(".py").split("/")[: -node.level]
        return ".".join([*parts, *([node.module] if node.module else [])])


@cache
def _parse(text: str) -> ast.Module:
    return ast.parse(text)


def modules() -> list[Module]:
    """Return the product's modules: tracked or new files of the packages, without tests."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py"],
        cwd=BASE_DIR, capture_output=True, text=True, check=False,
    )  # fmt: skip
    names = listed.stdout.splitlines() or _without_git()
    paths = [BASE_DIR / name for name in names if name.split("/")[0] in STEP]
    return [Module(path, path.read_text()) for path in sorted(paths) if path.exists()]


def _without_git() -> list[str]:
    return [str(path.relative_to(BASE_DIR)) for package in STEP for path in (BASE_DIR / package).rglob("*.py")]


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Yield every function and method, nested ones included."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def identifiers(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield the line and the name of variables, arguments, attributes, keywords, definitions and imports."""
    for node in ast.walk(tree):
        for field in ("id", "arg", "attr", "name", "asname", "rest"):
            name = getattr(node, field, None)
            if isinstance(name, str):
                yield getattr(node, "lineno", 0), name.split(".")[-1]


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return how many lines a function has, from `def` to its end, without the docstring."""
    lines = (function.end_lineno or function.lineno) - function.lineno + 1
    first = function.body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        lines -= (first.end_lineno or first.lineno) - first.lineno + 1
    return lines
