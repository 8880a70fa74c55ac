"""What the documents describe from the code: `script/describe` writes it, `tests/test_docs.py` compares it."""

from collections.abc import Callable
from pathlib import Path

import orjson

from api import schema

FOLDER = Path(__file__).resolve().parent.parent / "docs"


def openapi() -> str:
    """Return the description of the API as it is committed: what changes the API changes this file."""
    return orjson.dumps(schema.document(), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()


DOCUMENTS: dict[str, Callable[[], str]] = {"openapi.json": openapi}


def write() -> None:
    """Write all of them."""
    for name, describe in DOCUMENTS.items():
        (FOLDER / name).write_text(describe())
