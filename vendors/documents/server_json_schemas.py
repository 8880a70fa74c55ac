"""The published schemas of `server.json`, by their dates, and what each calls what today's form calls otherwise.

The newest one is shipped as it was published. The older ones differ little, so they are stated here as what was
different before each newer one; `tests/vendors/test_server_json_schemas.py` holds each against the digest of the
published file. A document is judged by the schema that it names.
"""

import json
import re
from collections.abc import Callable, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

Schema = dict[str, Any]

NEWEST_DATE = "2025-12-11"
SCHEMA_FILE = Path(__file__).parent / "schemas" / f"server.schema.{NEWEST_DATE}.json"
NEWEST: Schema = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))

_ADDRESS = re.compile(r"https?://static\.modelcontextprotocol\.io/schemas/(\d{4}-\d\d-\d\d)/server\.schema\.json#?")
_OFFICIAL_META = "io.modelcontextprotocol.registry/official"
_TRANSPORTS = ("StdioTransport", "StreamableHttpTransport", "SseTransport")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
# The first schema wrote its own words with underscores.
_WORDS = (
    "isRequired",
    "isSecret",
    "isRepeated",
    "valueHint",
    "registryType",
    "registryBaseUrl",
    "fileSha256",
    "runtimeHint",
    "runtimeArguments",
    "packageArguments",
    "environmentVariables",
    "websiteUrl",
)
TO_SNAKE: Mapping[str, str] = {word: _HUMP.sub("_", word).lower() for word in _WORDS}
FROM_SNAKE: Mapping[str, str] = {snake: word for word, snake in TO_SNAKE.items()}
# What these hold is the publisher's own: its keys are not words of the schema.
_NOT_OURS = frozenset({"_meta", "variables"})


def address(date: str) -> str:
    """Return the address by which a document names the schema of a date."""
    return f"https://static.modelcontextprotocol.io/schemas/{date}/server.schema.json"


def date_named(document: Mapping[str, Any]) -> str:
    """Return the date of the published schema that a document names; the newest for another schema or none."""
    named = document.get("$schema")
    found = _ADDRESS.fullmatch(named) if isinstance(named, str) else None
    return found[1] if found and found[1] in SCHEMAS else NEWEST_DATE


def in_todays_form(document: dict[str, Any], *, date: str) -> dict[str, Any]:
    """Return a document of an older date with the words of today's form; what it says stays as it is."""
    return _renamed(document, FROM_SNAKE) if date < "2025-09-16" else document


def path_of(date: str) -> Callable[[str], str]:
    """Return what turns the path of a field in today's form into the one that the document of a date has."""
    if date >= "2025-09-16":
        return lambda path: path
    return lambda path: re.sub(r"[A-Za-z0-9]+", lambda word: TO_SNAKE.get(word[0], word[0]), path)


def _renamed(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, list):
        return [_renamed(item, names) for item in value]
    if not isinstance(value, dict):
        return value
    return {names.get(key, key): _inside(key, item, names) for key, item in value.items()}


def _inside(key: str, value: Any, names: Mapping[str, str]) -> Any:
    if key == "variables" and isinstance(value, dict):
        return {name: _renamed(row, names) for name, row in value.items()}
    return value if key in _NOT_OURS else _renamed(value, names)


def _before_2025_12_11(schema: Schema) -> Schema:
    """Addresses had no pattern, and those of remotes no variables."""
    kinds = schema["definitions"]
    del kinds["LocalTransport"], kinds["RemoteTransport"]
    kinds["StreamableHttpTransport"]["properties"]["url"] = {"type": "string"}
    kinds["SseTransport"]["properties"]["url"] = {"type": "string", "format": "uri"}
    kinds["Package"]["properties"]["transport"] = {"anyOf": [_ref(name) for name in _TRANSPORTS]}
    kinds["ServerDetail"]["properties"]["remotes"]["items"] = {"anyOf": [_ref(name) for name in _TRANSPORTS[1:]]}
    return schema


def _before_2025_10_11(schema: Schema) -> Schema:
    """No title, icons or placeholders; a package named its version, and nothing that the schema did not."""
    kinds = schema["definitions"]
    del kinds["Icon"], kinds["Input"]["properties"]["placeholder"]
    kinds["Package"] |= {"additionalProperties": False}
    kinds["Package"]["required"] = ["registryType", "identifier", "version", "transport"]
    whole = kinds["ServerDetail"]["properties"]
    del whole["title"], whole["icons"]
    whole["_meta"]["additionalProperties"] = True
    detail = {name: whole.pop(name) for name in ("$schema", "packages", "remotes", "_meta")}
    kinds["Server"] = kinds["ServerDetail"]
    kinds["ServerDetail"] = {"allOf": [_ref("Server"), {"type": "object", "properties": detail}]}
    return schema


def _before_2025_09_29(schema: Schema) -> Schema:
    """The publisher gave the status, and the registry's own facts stood in the document."""
    kinds = schema["definitions"]
    kinds["Server"]["properties"]["status"] = {"type": "string", "enum": ["active", "deprecated", "deleted"]}
    meta = kinds["ServerDetail"]["allOf"][1]["properties"]["_meta"]["properties"]
    meta[_OFFICIAL_META] = {"type": "object", "additionalProperties": True}
    return schema


def _before_2025_09_16(schema: Schema) -> Schema:
    """Words were written with underscores."""
    renamed: Schema = _words_renamed(schema)
    return renamed


def _words_renamed(value: Any) -> Any:
    if isinstance(value, dict):
        return {TO_SNAKE.get(key, key): _words_renamed(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_words_renamed(item) for item in value]
    return TO_SNAKE.get(value, value) if isinstance(value, str) else value


def _ref(name: str) -> Schema:
    return {"$ref": f"#/definitions/{name}"}


def _all() -> dict[str, Schema]:
    found = {NEWEST_DATE: NEWEST}
    schema = NEWEST
    for date, change in (
        ("2025-10-17", _before_2025_12_11),
        ("2025-10-11", lambda same: same),
        ("2025-09-29", _before_2025_10_11),
        ("2025-09-16", _before_2025_09_29),
        ("2025-07-09", _before_2025_09_16),
    ):
        schema = change(deepcopy(schema)) | {"$id": address(date)}
        found[date] = schema
    return found


SCHEMAS: Mapping[str, Schema] = _all()
