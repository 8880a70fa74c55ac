"""Reads what was sealed in the order of the tree, and compares each row with its leaf, its body and its code.

Rows are read by SQL of their own: a million of them through the models would take minutes.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson
from auditlog.models import LogEntry
from django.db import connection

from audit import authenticity, diffs
from audit.models import Event
from riskregister.canonical import canonical
from seal import entries
from seal.formats import merkle
from seal.models import Leaf
from seal.problems import Problem

AT_ONCE = 5_000
_KEYS = ("id", "unit_id", "object_id", "concerns_id", "correlation_id")
_COLUMNS = (
    "id", "verb", "at", "scope", "unit_id", "object_type", "object_id", "object_label", "concerns_id",
    "actor_kind", "actor_id", "actor_label", "correlation_id", "reason", "body", "digest", "mac",
)  # fmt: skip
_LEAVES, _EVENTS = Leaf._meta.db_table, Event._meta.db_table


@dataclass(slots=True)
class Read:
    """An entry as it is now: where it stands in the tree, its hash, what it says of rows, and what does not hold."""

    position: int
    leaf: bytes
    body: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def every() -> Iterator[Read]:
    """Yield all sealed entries in the order of the tree."""
    start = 0
    while batch := _leaves(start):
        changes = _changes([row[3] for row in batch if row[3]])
        for position, sealed_leaf, event_id, change_id, *event in batch:
            if event_id:
                yield _checked(_event(position, event_id, event if event[0] else None), sealed_leaf)
            elif change_id:
                yield _checked(_change(position, change_id, changes.get(change_id)), sealed_leaf)
        start = batch[-1][0] + 1


def waiting() -> Iterator[Read]:
    """Yield the entries that are not sealed yet, in the order of their keys; they have no place."""
    keys = list(entries.unsealed_events().values_list("pk", flat=True))
    for start in range(0, len(keys), AT_ONCE):
        for row in _unsealed(keys[start : start + AT_ONCE]):
            yield _event(-1, row[0], row)
    for entry in entries.unsealed_changes().iterator(chunk_size=1_000):
        yield _change(-1, entry.pk, entry)


def _checked(entry: Read, sealed_leaf: str) -> Read:
    if entry.leaf.hex() != sealed_leaf and not entry.problems:
        entry.problems.append(Problem("leaf", str(entry.position), "The entry is not what was sealed."))
    return entry


def _event(position: int, key: str, row: Sequence[Any] | None) -> Read:
    if row is None:
        return Read(position, merkle.EMPTY, problems=[_amiss(key, "It was sealed and is gone.")])
    *columns, text, digest, code = row
    body = text.encode()
    found = Read(position, merkle.leaf_hash(body))
    try:
        found.body = orjson.loads(text)
        agrees = _columns_of(found.body) == columns
    except (ValueError, KeyError, TypeError):
        agrees = False
    if not agrees:
        found.problems.append(_amiss(key, "Its columns say something else than its body."))
    if hashlib.sha256(body).hexdigest() != digest:
        found.problems.append(_amiss(key, "Its digest is of another body."))
    if not authenticity.is_ours(text, code):
        found.problems.append(_amiss(key, "The register did not write it."))
    return found


def _amiss(key: str, sentence: str) -> Problem:
    parts = (key[:8], key[8:12], key[12:16], key[16:20], key[20:])
    return Problem("trail", f"event {key if '-' in key else '-'.join(parts)}", sentence)


def _change(position: int, key: int, row: LogEntry | None) -> Read:
    where = f"field change {key}"
    if row is None:
        return Read(position, merkle.EMPTY, problems=[Problem("trail", where, "It was sealed and is gone.")])
    try:
        content = diffs.content_of(row)
        found = Read(position, merkle.leaf_hash(canonical({"id": row.pk, **content}).encode()))
        is_ours = authenticity.is_ours(canonical(content), (row.additional_data or {}).get("code", ""))
    except (TypeError, ValueError, AttributeError):
        return Read(position, merkle.EMPTY, problems=[Problem("trail", where, "It cannot be read.")])
    if not is_ours:
        found.problems.append(Problem("trail", where, "The register did not write it."))
    return found


def _columns_of(body: dict[str, Any]) -> list[Any]:
    """Return what the columns must be for a body, as they are read."""
    about, actor = body["object"], body["actor"]
    key = _same if connection.vendor == "postgresql" else _without_dashes
    return [
        key(body["id"]), body["verb"], _moment(body["at"]), body["scope"], key(body["unit"]), about["type"],
        key(about["id"]), about["label"], key(body["concerns"]), actor["kind"], actor["id"], actor["label"],
        key(body["correlation"]), body["reason"],
    ]  # fmt: skip


def _same(key: str | None) -> str | None:
    """Return a key as PostgreSQL writes it, which is how bodies have it."""
    return key


def _without_dashes(key: str | None) -> str | None:
    """Return a key as it stands in SQLite."""
    return key.replace("-", "") if key else None


def _moment(text: str) -> str:
    """Return a moment in UTC to the microsecond, as both engines are asked to write it."""
    moment = text.removesuffix("+00:00").replace("T", " ")
    return moment if len(moment) > 19 else f"{moment}.000000"


def _leaves(start: int) -> list[tuple[Any, ...]]:
    """Return the next leaves from a place on, each with the columns of its event; those of one that is gone are empty.

    One statement for both: to look the events up by keys that came from Python took as long again as to check them.
    """
    return _rows(
        f"SELECT leaf.position, leaf.hash, {_column('event_id', of='leaf')}, leaf.change_id, {_columns()}"  # noqa: S608
        f" FROM {_LEAVES} leaf LEFT JOIN {_EVENTS} event ON event.id = leaf.event_id"
        " WHERE leaf.position >= %s ORDER BY leaf.position LIMIT %s",
        [start, AT_ONCE],
    )


def _unsealed(keys: Sequence[UUID]) -> list[tuple[Any, ...]]:
    """Return the columns of events by their keys, in the order of these."""
    if connection.vendor == "sqlite":
        marks = ", ".join(["%s"] * len(keys))
        return _rows(
            f"SELECT {_columns()} FROM {_EVENTS} event WHERE id IN ({marks}) ORDER BY id",  # noqa: S608
            [key.hex for key in keys],
        )
    return _rows(f"SELECT {_columns()} FROM {_EVENTS} event WHERE id = ANY(%s) ORDER BY id", [list(keys)])  # noqa: S608


def _rows(sql: str, parameters: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())


def _columns() -> str:
    return ", ".join(_column(name, of="event") for name in _COLUMNS)


def _column(name: str, *, of: str) -> str:
    """Return how a column is read: keys as text, moments to the microsecond."""
    is_sqlite, column = connection.vendor == "sqlite", f"{of}.{name}"
    if name == "at":
        long = f"CASE length({column}) WHEN 19 THEN {column} || '.000000' ELSE {column} END"
        return long if is_sqlite else f"to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')"
    return column if is_sqlite or name not in (*_KEYS, "event_id") else f"{column}::text"


def _changes(keys: list[int]) -> dict[int, LogEntry]:
    return {row.pk: row for row in entries.changes(keys)}
