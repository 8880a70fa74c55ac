"""Reads YAML in which nothing is guessed: every scalar is a text, nothing refers to anything, no key is there twice.

A loader of PyYAML makes numbers of versions, expands references without end, takes the last of two equal keys and
recurses as deep as a document nests. Its parser does none of this.
"""

from collections.abc import Iterator
from typing import Any

import yaml

from vendors.lockfiles import locked
from vendors.strict_json import MAX_DEPTH

# In C where PyYAML was built with libyaml: a file of 1 MB takes 0.1 s, else 3 s.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def documents(text: str) -> list[Any]:
    """Return the documents in a text. Raises LockFileInvalid."""
    events = _events(text)
    return [_value(next(events), events, depth=1) for event in events if isinstance(event, yaml.DocumentStartEvent)]


def _events(text: str) -> Iterator[Any]:
    try:
        yield from yaml.parse(text, Loader=_LOADER)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        locked.refuse(f"The file is not YAML{f' (line {mark.line + 1})' if mark else ''}.")


def _value(event: Any, events: Iterator[Any], *, depth: int) -> Any:
    if depth > MAX_DEPTH:
        locked.refuse(f"The file nests deeper than {MAX_DEPTH} levels. Check that it is the right file.")
    if isinstance(event, yaml.ScalarEvent):
        return event.value
    if isinstance(event, yaml.SequenceStartEvent):
        return list(_items(events, yaml.SequenceEndEvent, depth=depth))
    if isinstance(event, yaml.AliasEvent):
        locked.refuse(f"{str(event.anchor)[:60]!a} refers to another place of the file. Write out what stands there.")
    return _mapping(events, depth=depth)


def _items(events: Iterator[Any], end: type, *, depth: int) -> Iterator[Any]:
    while not isinstance(event := next(events), end):
        yield _value(event, events, depth=depth + 1)


def _mapping(events: Iterator[Any], *, depth: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    while not isinstance(event := next(events), yaml.MappingEndEvent):
        line, key = event.start_mark.line + 1, _value(event, events, depth=depth + 1)
        if not isinstance(key, str) or key in found:
            locked.refuse(f"The key on line {line} is no text, or there twice. Keep one of them.")
        found[key] = _value(next(events), events, depth=depth + 1)
    return found
