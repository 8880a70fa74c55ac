"""`server.json` documents drawn at random from the published schemas: all that a schema allows, in any combination.

A schema says little about its texts. Where the register asks for more than it (one version, a whole address, a name
that is no pattern), the words of `TEXTS` draw what is right, so that every document here must be taken.
"""

import json
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from vendors.documents import server_json_schemas

Drawn = SearchStrategy[Any]
# Markup, letters that pass for others, scripts and accents. No quote and no backslash, which JSON writes otherwise.
LETTERS = "abZ9 -.,<>&'/\u00e9\u00df\u0435\u6771\u05e9"
TEXT = st.text(LETTERS, max_size=30).map(lambda text: f"{text.strip()}\u2600\ufe0f")
WORD = st.from_regex(r"[a-z]{1,8}", fullmatch=True)
URL = st.builds("https://{}.example/{}".format, WORD, WORD)
VERSION = st.from_regex(r"[0-9]{1,2}\.[0-9]{1,2}\.[0-9]{1,2}(-rc\.[0-9])?", fullmatch=True)
# By the name that a field has today.
TEXTS: dict[str, Drawn] = {
    "name": TEXT,
    "version": VERSION,
    "url": URL,
    "src": URL,
    "websiteUrl": URL,
    "registryBaseUrl": URL,
    "registryType": st.sampled_from(["npm", "pypi", "oci", "nuget", "cargo"]),
    "identifier": st.builds("@{}/{}".format, WORD, WORD),
    "runtimeHint": st.sampled_from(["npx", "uvx", "docker"]),
    "subfolder": st.builds("{}/{}".format, WORD, WORD),
    "fileSha256": st.from_regex(r"[a-f0-9]{64}", fullmatch=True),
    "sizes": st.sampled_from(["48x48", "any"]),
}
SERVER_NAME = st.from_regex(r"[a-z]{1,8}\.[a-z]{1,8}/[A-Za-z0-9._-]{1,20}", fullmatch=True)
ANYTHING = st.dictionaries(
    WORD, st.none() | st.booleans() | st.integers(-99, 99) | TEXT | st.lists(TEXT, max_size=2), max_size=3
)
# What two rows of a list must differ in.
KEYS: dict[str, Callable[[Any], str]] = {
    "packages": lambda row: str(row["identifier"]),
    "remotes": lambda row: str(row["url"]),
}


def documents(date: str) -> Drawn:
    """Return what draws documents that name the schema of a date and are right by it."""
    schema = server_json_schemas.SCHEMAS[date]
    head = {"$schema": st.just(server_json_schemas.address(date)), "name": SERVER_NAME}
    return st.builds(lambda drawn, named: drawn | named, _drawn(schema, schema), st.fixed_dictionaries(head))


def _drawn(rule: Any, schema: Any, name: str = "") -> Drawn:
    if "$ref" in rule:
        return _drawn(schema["definitions"][rule["$ref"].rpartition("/")[2]], schema, name)
    if "allOf" in rule:
        return st.tuples(*(_drawn(one, schema) for one in rule["allOf"])).map(_together)
    if "anyOf" in rule and "properties" not in rule:
        return st.one_of(*(_drawn(one, schema) for one in rule["anyOf"]))
    return _KINDS[rule["type"]](rule, schema, name)


def _together(parts: tuple[dict[str, Any], ...]) -> dict[str, Any]:
    return {key: value for part in parts for key, value in part.items()}


def _object(rule: Any, schema: Any, _name: str) -> Drawn:
    if isinstance(rule.get("additionalProperties"), dict):
        return st.dictionaries(WORD, _drawn(rule["additionalProperties"], schema), max_size=2)
    if "properties" not in rule:
        return ANYTHING
    drawn = {key: _drawn(one, schema, key) for key, one in rule["properties"].items()}
    # Each of the alternatives asks for further fields.
    alternatives = [one["required"] for one in rule.get("anyOf", [])] or [[]]
    return st.one_of(*(_with(drawn, {*rule.get("required", ()), *more}) for more in alternatives))


def _with(drawn: dict[str, Drawn], required: set[str]) -> Drawn:
    # What another part of the schema describes is a text: `value` of a positional argument.
    first = {key: drawn.get(key, TEXT) for key in sorted(required)}
    return st.fixed_dictionaries(first, optional={key: one for key, one in drawn.items() if key not in required})


def _array(rule: Any, schema: Any, name: str) -> Drawn:
    by = KEYS.get(name, lambda row: json.dumps(row, sort_keys=True))
    return st.lists(_drawn(rule["items"], schema, name), max_size=2, unique_by=by)


def _string(rule: Any, _schema: Any, name: str) -> Drawn:
    if "enum" in rule:
        return st.sampled_from(rule["enum"])
    return TEXTS.get(server_json_schemas.FROM_SNAKE.get(name, name), TEXT)


_KINDS: dict[str, Callable[[Any, Any, str], Drawn]] = {
    "object": _object,
    "array": _array,
    "string": _string,
    "boolean": lambda _rule, _schema, _name: st.booleans(),
}
