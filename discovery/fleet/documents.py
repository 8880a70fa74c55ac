"""Configuration files as they lie on machines: JSON, JSON with comments, or TOML, in whatever encoding editors left."""

from __future__ import annotations

import json
import re
from typing import Any

from discovery.fleet.toml_tables import read_toml

# Claude Code keeps its history in the file that has its servers: tens of MB are seen.
FILE_LIMIT = 64 * 1024 * 1024
_DEEPEST = 200
_MARKS = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig"))
# What a table of TOML has is written by hand.
_TOML_LIMIT = 1024 * 1024
# A string, which may hold what looks like a comment, or a comment; in a text without escapes, of which a pattern would
# remember each. Unclosed ones go on to the end, so that each character is read once.
_STRING_OR_COMMENT = re.compile(r'"[^"]*"?|//[^\r\n]*|/\*.*?(?:\*/|\Z)', re.DOTALL)
_STRING_OR_COMMA = re.compile(r'"[^"]*"?|,(?=\s*[\]}])')
_STRING_OR_BRACKET = re.compile(r'"[^"]*"?|[\[\]{}]')


class NotRead(Exception):
    """A file says nothing that can be read; the message says why, and what to do."""


def read_document(raw: bytes, name: str) -> Any:
    """Return what a file holds, by the end of its name TOML or JSON. Raises NotRead."""
    if len(raw) > FILE_LIMIT:
        raise NotRead(f"It is larger than {FILE_LIMIT // 1024 // 1024} MiB. Give the configuration alone.")
    text, is_toml = _decoded(raw), name.lower().endswith(".toml")
    if is_toml and len(raw) > _TOML_LIMIT:
        raise NotRead(f"It is larger than {_TOML_LIMIT // 1024 // 1024} MiB. No client has such a file.")
    try:
        return read_toml(text) if is_toml else _read_json(text)
    except RecursionError:
        raise NotRead(_TOO_DEEP) from None
    except ValueError as error:
        raise NotRead(_why(error)) from None


_TOO_DEEP = f"It nests deeper than {_DEEPEST} levels. No client writes such a file."


def _why(error: ValueError) -> str:
    # What a reader quotes of a file may be a secret: only where it stopped is told.
    if isinstance(error, json.JSONDecodeError):
        return f"It is no JSON: line {error.lineno}, column {error.colno} cannot be read."
    line = re.search(r"line (\d+)", str(error))
    return f"It is no TOML: line {line.group(1)} cannot be read." if line else "It cannot be read."


def _decoded(raw: bytes) -> str:
    encoding = next((encoding for mark, encoding in _MARKS if raw.startswith(mark)), "utf-8")
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError:
        raise NotRead("It is no text in UTF-8. Give the configuration itself.") from None
    if "\0" in text:
        raise NotRead("It is no text: it holds NUL. Give the configuration itself.")
    return text


def _read_json(text: str) -> Any:
    """Return the JSON, which may have comments and commas behind the last member; nothing for an empty file."""
    _refuse_depth(text)
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        bare = _without(_STRING_OR_COMMA, _without(_STRING_OR_COMMENT, text))
        return json.loads(bare) if bare.strip() else {}


def _without(what: re.Pattern[str], text: str) -> str:
    """Return a text with a blank for each match that is no string."""
    plain = _without_escapes(text)
    kept, at = [], 0
    for found in what.finditer(plain):
        if plain[found.start()] != '"':
            kept += [text[at : found.start()], " "]
            at = found.end()
    return "".join([*kept, text[at:]])


def _without_escapes(text: str) -> str:
    """Return a text of the same length in which a quotation mark always begins or ends a string."""
    return text.replace("\\\\", "__").replace('\\"', "__")


def _refuse_depth(text: str) -> None:
    # Counted before it is read: how deep Python's reader goes differs with its version.
    depth = 0
    for found in _STRING_OR_BRACKET.finditer(_without_escapes(text)):
        if found.group() in "[{":
            depth += 1
            if depth > _DEEPEST:
                raise NotRead(_TOO_DEEP)
        elif found.group() in "]}":
            depth -= 1
