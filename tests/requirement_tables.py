"""What the two documents demand, and where the product does it, in tables: `docs/requirements.yaml` says so by hand."""

import ast
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import orjson
import yaml
from django.urls import get_resolver

from catalogue import questionnaire
from tests.access_tables import table

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / "docs" / "requirements.yaml"
# How far the product goes, the furthest first.
HOW = ("enforced", "checked", "recorded", "partly", "absent")


@cache
def documents() -> list[dict[str, Any]]:
    """Return the documents with their parts, and of each its requirements."""
    return list(yaml.safe_load(FILE.read_text(encoding="utf-8"))["documents"])


def rows() -> Iterator[dict[str, Any]]:
    """Yield all requirements."""
    for document in documents():
        for part in document["parts"]:
            yield from part["rows"]


def of_requirements() -> str:
    """Return all of them by document and part, with the counts of how far the product goes."""
    counts = Counter(row["how"] for row in rows())
    counted = ", ".join(f"{counts[how]} {how}" for how in HOW)
    parts = [f"{sum(counts.values())} requirements: {counted}."]
    for document in documents():
        parts.append(f"## {document['title']}")
        for part in document["parts"]:
            lines = [[row["id"], row["asks"], _how(row), ", ".join(map(_shown, row["at"]))] for row in part["rows"]]
            parts.append(f"### {part['title']}\n\n{table(['Id', 'Demanded', 'In the product', 'Where'], lines)}")
    return "\n\n".join(parts)


def closed(place: str) -> str:
    """Return why a place cannot be opened, empty where it can."""
    kind, _, what = place.partition(" ")
    return _OPENS[kind](what) if kind in _OPENS else f"{kind} is no kind of place"


def _how(row: Mapping[str, Any]) -> str:
    return f"{row['how']}: {row['left']}" if row.get("left") else str(row["how"])


def _shown(place: str) -> str:
    kind, _, what = place.partition(" ")
    if kind == "code":
        return f"[`{what}`](../{what.partition(':')[0]})"
    return f"{kind} `{what}`"


def _question(key: str) -> str:
    keys = {one.key for one in questionnaire.load().newest.questions}
    return "" if key in keys else f"no question {key}"


def _control(ref: str) -> str:
    revisions = (revision for framework in questionnaire.load().frameworks for revision in framework.revisions)
    refs = {one.ref for revision in revisions for one in revision.controls}
    return "" if ref in refs else f"no control {ref}"


def _page(name: str) -> str:
    return "" if name in get_resolver("web.urls").reverse_dict else f"no page {name}"


def _api(path: str) -> str:
    paths = orjson.loads((ROOT / "docs" / "openapi.json").read_bytes())["paths"]
    return "" if f"/api/v1{path}" in paths else f"no address {path}"


def _code(place: str) -> str:
    file, _, name = place.partition(":")
    path = ROOT / file
    if not path.exists():
        return f"no file {file}"
    if not name:
        return ""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = {one.name for one in ast.walk(tree) if isinstance(one, ast.ClassDef | ast.FunctionDef)}
    return "" if name in names else f"no {name} in {file}"


_OPENS: dict[str, Callable[[str], str]] = {
    "question": _question, "control": _control, "page": _page, "api": _api, "code": _code,
}  # fmt: skip
