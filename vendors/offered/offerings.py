"""What a server offers beside its tools: prompts, resources, and templates of resources. Pure.

A client shows their texts, and a model reads them, as it does those of tools: the manifest's digest covers them.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from riskregister import canonical, limits
from vendors import strict_json
from vendors.offered.captures import Capture
from vendors.strict_json import Problem

Json = dict[str, Any]

MAX_KEY = 2000
MAX_TITLE = 500
MAX_TEXT = 100_000
MAX_SMALL = 200


@dataclass(frozen=True)
class Kind:
    """A kind of offering: the list in which the protocol names them, what identifies one, and what a digest covers."""

    word: str
    list: str
    key: str
    covered: tuple[str, ...]


KINDS = (
    Kind("prompt", "prompts", "name", ("name", "title", "description", "arguments")),
    Kind(
        "resource",
        "resources",
        "uri",
        ("uri", "name", "title", "description", "mimeType", "annotations"),
    ),
    Kind(
        "resource_template",
        "resourceTemplates",
        "uriTemplate",
        ("uriTemplate", "name", "title", "description", "mimeType", "annotations"),
    ),
)


@dataclass(frozen=True)
class Offering:
    """A prompt, a resource or a template as its server describes it; `key` tells it from others of its kind.

    `digest` is the SHA-256 of `canonical`; `uncovered` is what the digest leaves out.
    """

    kind: str
    key: str
    name: str
    title: str
    description: str
    mime_type: str
    arguments: list[Json]
    uncovered: Json
    canonical: str
    digest: str


def problems(capture: Capture) -> Iterator[Problem]:
    """Yield what is wrong with the lists beside the tools."""
    for kind in KINDS:
        if kind.list in capture.lists:
            yield from _list_problems(capture.lists[kind.list], kind, capture.paths[kind.list])


def read(capture: Capture, *, uncovered: dict[str, dict[str, Json]]) -> tuple[Offering, ...]:
    """Return all offerings beside the tools, by kind, those of a kind sorted by their key as RFC 8785 sorts keys.

    `uncovered` is what the function of that name returned, without what can be a credential.
    """
    rows = ((kind, row) for kind in KINDS for row in _sorted(capture.lists.get(kind.list) or [], kind))
    return tuple(_offering(kind, row, uncovered[kind.list][row[kind.key]]) for kind, row in rows)


def uncovered(capture: Capture) -> dict[str, dict[str, Json]]:
    """Return what the digests of the offerings do not cover, by the name of their list and their key."""
    return {
        kind.list: {row[kind.key]: _beside(row, kind) for row in capture.lists.get(kind.list) or []} for kind in KINDS
    }


def _beside(row: Json, kind: Kind) -> Json:
    return {name: value for name, value in row.items() if name not in kind.covered and value is not None}


def by_list(offered: Iterable[Any]) -> dict[str, list[str]]:
    """Return the canonical texts by the name of their list, sorted, as the manifest's digest covers them."""
    rows = list(offered)
    return {
        kind.list: [row.canonical for row in sorted(_of(rows, kind), key=lambda row: sort_key(row.key))]
        for kind in KINDS
    }


def sort_key(key: str) -> bytes:
    """Return what offerings are sorted by, as the tools are: the UTF-16 code units."""
    return key.encode("utf-16-be")


def _of(rows: Iterable[Any], kind: Kind) -> list[Any]:
    return [row for row in rows if row.kind == kind.word]


def _sorted(rows: list[Json], kind: Kind) -> list[Json]:
    return sorted(rows, key=lambda row: sort_key(row[kind.key]))


def _list_problems(rows: Any, kind: Kind, path: str) -> Iterator[Problem]:
    if not isinstance(rows, list):
        yield Problem(path, "Give an array, or leave it out.")
        return
    if len(rows) > limits.ENTRIES:
        yield Problem(path, f"The list has {len(rows)} entries; at most {limits.ENTRIES} can be imported.")
        return
    first: dict[str, int] = {}
    for index, row in enumerate(rows):
        here = f"{path}[{index}]"
        if not isinstance(row, dict):
            yield Problem(here, "Write an object here.")
            continue
        yield from _row_problems(row, kind, here)
        key = row.get(kind.key)
        if isinstance(key, str) and first.setdefault(key, index) != index:
            yield Problem(f"{here}.{kind.key}", f"{key[:MAX_SMALL]!a} is there twice, also as entry {first[key]}.")


def _row_problems(row: Json, kind: Kind, here: str) -> Iterator[Problem]:
    key = row.get(kind.key)
    if not isinstance(key, str) or not key:
        yield Problem(f"{here}.{kind.key}", "This is required. Add it.")
    sizes = {"title": MAX_TITLE, "description": MAX_TEXT, "mimeType": MAX_SMALL, "name": MAX_TITLE} | {
        kind.key: MAX_KEY
    }
    for name, limit in sizes.items():
        text = row.get(name)
        if not isinstance(text, str | None):
            yield Problem(strict_json.under(here, name), "Give a text, or leave it out.")
        elif text and len(text) > limit:
            yield Problem(
                strict_json.under(here, name), f"The text has {len(text)} characters; at most {limit} are allowed."
            )
    arguments = row.get("arguments")
    if kind.word == "prompt" and not (arguments is None or _are_objects(arguments)):
        yield Problem(f"{here}.arguments", "Give an array of objects, or leave it out.")


def _are_objects(rows: Any) -> bool:
    return isinstance(rows, list) and all(isinstance(row, dict) for row in rows)


def _offering(kind: Kind, row: Json, uncovered: Json) -> Offering:
    covered = {name: row[name] for name in kind.covered if row.get(name) is not None}
    text = canonical.jcs(covered)
    return Offering(
        kind=kind.word,
        key=row[kind.key],
        name=row.get("name") or "",
        title=row.get("title") or "",
        description=row.get("description") or "",
        mime_type=row.get("mimeType") or "",
        arguments=(row.get("arguments") or []) if kind.word == "prompt" else [],
        uncovered=uncovered,
        canonical=text,
        digest=canonical.digest(text),
    )
