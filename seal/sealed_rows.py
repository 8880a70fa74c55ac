"""Reads what was sealed in the order of the tree, and compares each row with its leaf, its body and its code.

Rows are read by SQL of their own: a million of them through the models would take minutes.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from auditlog.models import LogEntry
from django.db import connection

from audit import authenticity, diffs
from audit.models import Event
from riskregister import merkle
from riskregister.canonical import canonical
from seal import entries
from seal.models import Leaf
from seal.problems import Problem

AT_ONCE = 5_000
_KEYS = ("id", "unit_id", "object_id", "concerns_id", "correlation_id")
_COLUMNS = (
    "id", "verb", "at", "scope", "unit_id", "object_type", "object_id", "object_label", "concerns_id",
    "actor_kind", "actor_id", "actor_label", "correlation_id", "reason", "body", "digest", "mac",
)  # fmt: skip


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
    while batch := list(Leaf.objects.filter(position__gte=start).order_by("position").values_list(
        "position", "hash", "event_id", "change_id"
    )[:AT_ONCE]):  # fmt: skip
        events = {row[0]: row for row in _events([one[2] for one in batch if one[2]])}
        changes = _changes([one[3] for one in batch if one[3]])
        for position, said, event_id, change_id in batch:
            if event_id:
                yield _checked(_event(position, str(event_id), events.get(_plain(event_id))), said)
            elif change_id:
                yield _checked(_change(position, change_id, changes.get(change_id)), said)
        start = batch[-1][0] + 1


def waiting() -> Iterator[Read]:
    """Yield the entries that are not sealed yet, in the order of their keys; they have no place."""
    keys = list(entries.unsealed_events().values_list("pk", flat=True))
    for start in range(0, len(keys), AT_ONCE):
        for row in sorted(_events(keys[start : start + AT_ONCE])):
            yield _event(-1, row[0], row)
    for entry in entries.unsealed_changes().iterator(chunk_size=1_000):
        yield _change(-1, entry.pk, entry)


def _checked(entry: Read, said: str) -> Read:
    if entry.leaf.hex() != said and not entry.problems:
        entry.problems.append(Problem("leaf", str(entry.position), "The entry is not what was sealed."))
    return entry


def _event(position: int, key: str, row: Sequence[Any] | None) -> Read:
    where = f"event {key}"
    if row is None:
        return Read(position, merkle.EMPTY, problems=[Problem("trail", where, "It was sealed and is gone.")])
    text, digest, code = row[14], row[15], row[16]
    found = Read(position, merkle.leaf_hash(text.encode()))
    try:
        found.body = orjson.loads(text)
        agrees = _columns_of(found.body) == tuple(row[:14])
    except (ValueError, KeyError, TypeError):
        agrees = False
    if not agrees:
        found.problems.append(Problem("trail", where, "Its columns say something else than its body."))
    if hashlib.sha256(text.encode()).hexdigest() != digest:
        found.problems.append(Problem("trail", where, "Its digest is of another body."))
    if not authenticity.is_ours(text, code):
        found.problems.append(Problem("trail", where, "The register did not write it."))
    return found


def _change(position: int, key: int, row: LogEntry | None) -> Read:
    where = f"field change {key}"
    if row is None:
        return Read(position, merkle.EMPTY, problems=[Problem("trail", where, "It was sealed and is gone.")])
    try:
        said = diffs.said(row)
        found = Read(position, merkle.leaf_hash(canonical({"id": row.pk, **said}).encode()))
        is_ours = authenticity.is_ours(canonical(said), (row.additional_data or {}).get("code", ""))
    except (TypeError, ValueError, AttributeError):
        return Read(position, merkle.EMPTY, problems=[Problem("trail", where, "It cannot be read.")])
    if not is_ours:
        found.problems.append(Problem("trail", where, "The register did not write it."))
    return found


def _columns_of(body: dict[str, Any]) -> tuple[Any, ...]:
    """Return what the columns must be for a body, as `_events` reads them."""
    about, actor = body["object"], body["actor"]
    return (
        _plain(body["id"]), body["verb"], _moment(body["at"]), body["scope"], _plain(body["unit"]), about["type"],
        _plain(about["id"]), about["label"], _plain(body["concerns"]), actor["kind"], actor["id"], actor["label"],
        _plain(body["correlation"]), body["reason"],
    )  # fmt: skip


def _plain(key: object) -> str | None:
    return str(key).replace("-", "") if key else None


def _moment(said: str) -> str:
    """Return a moment in UTC to the microsecond, as both engines are asked to write it."""
    moment = said.removesuffix("+00:00").replace("T", " ")
    return moment if len(moment) > 19 else f"{moment}.000000"


def _events(keys: Sequence[Any]) -> list[tuple[Any, ...]]:
    if not keys:
        return []
    is_sqlite = connection.vendor == "sqlite"
    columns = ", ".join(_sqlite(one) if is_sqlite else _postgres(one) for one in _COLUMNS)
    table = Event._meta.db_table
    with connection.cursor() as cursor:
        if is_sqlite:
            marks = ", ".join(["%s"] * len(keys))
            cursor.execute(f"SELECT {columns} FROM {table} WHERE id IN ({marks})", [_plain(key) for key in keys])  # noqa: S608
        else:
            cursor.execute(f"SELECT {columns} FROM {table} WHERE id = ANY(%s)", [list(keys)])  # noqa: S608
        return list(cursor.fetchall())


def _sqlite(column: str) -> str:
    return "CASE length(at) WHEN 19 THEN at || '.000000' ELSE at END" if column == "at" else column


def _postgres(column: str) -> str:
    if column == "at":
        return "to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')"
    return f"replace({column}::text, '-', '')" if column in _KEYS else column


def _changes(keys: list[int]) -> dict[int, LogEntry]:
    return {row.pk: row for row in entries.changes(keys)}
