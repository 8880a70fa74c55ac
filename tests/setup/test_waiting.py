"""How tests wait: for the event, with the one bound."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from riskregister.env import BASE_DIR
from tests import waiting


def test_waits_until_it_is_so():
    left = [True, False, False]

    waiting.until(left.pop, what="the last")

    assert left == []


def test_names_what_never_was(monkeypatch):
    monkeypatch.setattr(waiting, "PATIENCE", 0.0)

    with pytest.raises(AssertionError, match=r"waited 0 s for Godot"):
        waiting.until(lambda: False, what="Godot")


def test_no_test_is_given_a_bound_of_its_own():
    found = [line for path in sorted((BASE_DIR / "tests").rglob("*.py")) for line in _own_bounds(path)]

    assert found == [], "Wait with tests.waiting:\n" + "\n".join(found)


def _own_bounds(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.keyword) and str(node.arg).endswith("timeout") and _is_number(node.value):
            yield f"{path.relative_to(BASE_DIR)}:{node.value.lineno}: {ast.unparse(node)}"


def _is_number(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is not None
