"""What the documents describe from the code: `script/describe` writes it, `tests/test_docs.py` compares it."""

import re
from collections.abc import Callable
from pathlib import Path

import orjson

from api.description import schema
from tests import access_tables, event_tables, list_tables, requirement_tables

FOLDER = Path(__file__).resolve().parent.parent / "docs"
# What stands between two such comments is written from the code.
_PART = re.compile(r"(<!-- from the code: (\w+) -->\n).*?(\n<!-- to here -->)", re.DOTALL)
_PARTS: dict[str, Callable[[], str]] = {
    "roles": access_tables.roles,
    "scopes": access_tables.scopes,
    "steps": access_tables.of_steps,
    "lists": list_tables.of_lists,
    "events": event_tables.of_events,
    "requirements": requirement_tables.of_requirements,
}


def openapi() -> str:
    """Return the description of the API as it is committed: what changes the API changes this file."""
    return orjson.dumps(schema.document(), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()


def with_parts(name: str) -> str:
    """Return a document with its marked parts written anew."""
    return _PART.sub(lambda found: f"{found[1]}{_PARTS[found[2]]()}{found[3]}", (FOLDER / name).read_text())


DOCUMENTS: dict[str, Callable[[], str]] = {
    "openapi.json": openapi,
    "access.md": lambda: with_parts("access.md"),
    "events.md": lambda: with_parts("events.md"),
    "api.md": lambda: with_parts("api.md"),
    "requirements.md": lambda: with_parts("requirements.md"),
}


def write() -> None:
    """Write all of them."""
    for name, describe in DOCUMENTS.items():
        (FOLDER / name).write_text(describe())
