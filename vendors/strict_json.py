"""Read JSON that strangers wrote, so that every reader sees the same document.

`json.loads` takes the last of two equal keys, accepts NaN, keeps lone surrogates and overflows the stack on deep
nesting.
Two readers of such a file can see two documents, so a digest of it would pin neither.
"""

import json
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NoReturn

MAX_DEPTH = 64
# Python refuses to convert longer ones by default (CVE-2020-10735); real documents stay under 20 digits.
MAX_DIGITS = 300
MAX_PROBLEMS = 50

# The possessive quantifier keeps the scan linear: an unterminated string is read once, not once for each of its quotes.
_STRING_OR_BRACKET = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[\]{}]', re.DOTALL)
_MAY_NOT_BE_STORABLE = re.compile(r"\x00|\\u0000|\\u[dD][89a-fA-F]|[\ud800-\udfff]")
_SIMPLE_KEY = re.compile(r"[A-Za-z_$][A-Za-z0-9_$-]*")
_LONGEST_KEY_SHOWN = 60


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a document: where (`packages[0].version`; empty for the whole) and what to do."""

    path: str
    message: str

    def __str__(self) -> str:
        """Return the path and the message on one line."""
        return f"{self.path}: {self.message}" if self.path else self.message


class DocumentInvalid(Exception):
    """The document cannot be used; `problems` says why, the first fifty at most."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        """Keep the problems in the order in which they were found."""
        self.problems = tuple(problems)[:MAX_PROBLEMS]
        super().__init__("\n".join(str(problem) for problem in self.problems))


class Unreadable(DocumentInvalid):
    """The bytes are not one unambiguous JSON document."""


def read(raw: str | bytes, *, limit: int, longest: int | None = None, entries: int | None = None) -> Any:
    """Return the JSON document in `raw`, which may be at most `limit` bytes long.

    `longest` limits the characters of one text as it is written, `entries` the objects inside one list; both are
    counted before anything else is read. Raises Unreadable for anything that is too large or nested too deeply, is not
    UTF-8 or not JSON, has a key twice, NaN, Infinity or a number too large to keep, or text with a NUL or half of a
    surrogate pair in it.
    """
    text = decode(raw, limit=limit)
    _measure(text, longest=longest, entries=entries)
    try:
        document = json.loads(
            text,
            object_pairs_hook=_object,
            parse_constant=_refuse_constant,
            parse_float=_float,
            parse_int=_integer,
        )
    except json.JSONDecodeError as error:
        _refuse(f"The file is not JSON: {error.msg} at line {error.lineno}, column {error.colno}.")
    if _MAY_NOT_BE_STORABLE.search(text):
        problems = [Problem(path, sentence) for path, one in strings(document) if (sentence := unstorable(one))]
        if problems:
            raise Unreadable(problems)
    return document


def decode(raw: str | bytes, *, limit: int) -> str:
    """Return the text of at most `limit` bytes of UTF-8, without a byte order mark. Raises Unreadable."""
    size = len(raw) if isinstance(raw, bytes) else len(raw.encode("utf-8", "surrogatepass"))
    if size > limit:
        _refuse(f"The file is larger than {limit // 1024} KiB. Upload the document itself, not an archive or a log.")
    if isinstance(raw, str):
        return raw.removeprefix("\ufeff")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        _refuse(f"The file is not UTF-8 text (byte {error.start}). Save it as UTF-8.")


def strings(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield the path and the text of each string in a document, the keys of its objects included."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from strings(item, f"{path}[{index}]")
    elif isinstance(value, dict):
        for key, item in value.items():
            yield path, key
            yield from strings(item, under(path, key))


def values(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield the path and the text of each string in a document that is a value, not a key."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from values(item, f"{path}[{index}]")
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from values(item, under(path, key))


def under(path: str, key: str) -> str:
    """Return the path of `key` inside `path`; a key that is not a plain word is quoted and made visible."""
    if _SIMPLE_KEY.fullmatch(key):
        return f"{path}.{key}" if path else key
    return f"{path}[{key[:_LONGEST_KEY_SHOWN]!a}]"


def _measure(text: str, *, longest: int | None, entries: int | None) -> None:
    """Refuse what nests too deeply, and a text or a list that is too long, by brackets and quotes alone."""
    opened: list[list[int]] = []  # of each bracket that is open: whether it is a list, and how many objects it has
    for match in _STRING_OR_BRACKET.finditer(text):
        found = match[0]
        if found[0] == '"':
            if longest is not None and len(found) > longest + 2:
                _refuse(f"A text has {len(found) - 2} characters; at most {longest} are read. Shorten it.")
        elif found in "[{":
            if found == "{" and opened and entries is not None:
                _count(opened[-1], entries)
            opened.append([found == "[", 0])
            if len(opened) > MAX_DEPTH:
                _refuse(f"The file nests deeper than {MAX_DEPTH} levels. Check that it is the right file.")
        elif opened:
            opened.pop()


def _count(bracket: list[int], entries: int) -> None:
    bracket[1] += 1
    if bracket[0] and bracket[1] > entries:
        _refuse(f"A list has more than {entries} entries; at most {entries} can be imported.")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) < len(pairs):
        [(twice, _)] = Counter(key for key, _ in pairs).most_common(1)
        _refuse(f"The key {twice[:_LONGEST_KEY_SHOWN]!a} is there twice in one object. Keep one of them.")
    return document


def _refuse_constant(name: str) -> NoReturn:
    _refuse(f"{name} is not a JSON number. Write a number or null.")


def _float(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        _refuse(f"The number {digits[:_LONGEST_KEY_SHOWN]} is too large.")
    return number


def _integer(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        _refuse(f"A number has {len(digits)} digits; at most {MAX_DIGITS} are kept.")
    return int(digits)


def unstorable(text: str) -> str:
    """Return why no database keeps a text, empty for one that can be kept."""
    if "\0" in text:
        return "The text holds a NUL character. Remove it."
    if any("\ud800" <= character <= "\udfff" for character in text):
        return "The text holds half of a surrogate pair. Write the whole character."
    return ""


def _refuse(message: str) -> NoReturn:
    raise Unreadable([Problem("", message)])
