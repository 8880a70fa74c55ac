"""What events tell of rows, compared with the rows: which were changed, made or removed without an event."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import orjson
from django.db.models import Model

from audit import bound_rows
from riskregister.guards import AppendOnly, Lifecycle
from seal.problems import Problem
from seal.sealed_rows import Read

# Of each row: the columns that its last event tells, a digest of their values, and the state it had.
Last = tuple[tuple[str, ...], bytes, str]


class RowStates:
    """The last state of each row that an event has told; None for one that an event took away."""

    def __init__(self) -> None:
        """Begin without any."""
        self.last: dict[str, Last | None] = {}
        self._columns: dict[tuple[str, ...], tuple[str, ...]] = {}

    def take(self, entry: Read) -> None:
        """Take in what an entry tells; a later one tells the newer state."""
        for key, state in entry.body.get("rows", {}).items():
            if state is None:
                self.last[key] = None
            else:
                columns = tuple(sorted(state))
                columns = self._columns.setdefault(columns, columns)
                self.last[key] = columns, _digest(state), str(state.get("status", ""))


def differences(states: RowStates, *, compared: Callable[[int], object]) -> Iterator[Problem]:
    """Yield each row that is not as its last event says, and each that is there without one or gone without one."""
    count = 0
    for model, declared in bound_rows.models().items():
        there = set()
        for key, state in _rows(model, declared):
            count += 1
            there.add(key)
            if sentence := _difference(states.last.get(key), state, declared):
                yield Problem("row", key, sentence)
        yield from _gone(states, model, there)
    compared(count)


def _gone(states: RowStates, model: type[Model], there: set[str]) -> Iterator[Problem]:
    kind = f"{model._meta.label_lower}:"
    for key, last in states.last.items():
        if last is not None and key.startswith(kind) and key not in there:
            yield Problem("row", key, "It is gone, and no event says so.")


def _difference(last: Last | None, state: dict[str, Any], declared: AppendOnly | Lifecycle) -> str:
    if last is None:
        return "" if _is_as_born(state, declared) else "It is there, and no event says so."
    columns, digest, status = last
    without_event = declared.without_event if isinstance(declared, Lifecycle) else ()
    if status in without_event and state.get("status") in without_event:
        return ""
    known = {name: state[name] for name in columns if name in state}
    return "" if _digest(known) == digest else "It is not as its last event says."


def _is_as_born(state: dict[str, Any], declared: AppendOnly | Lifecycle) -> bool:
    born = declared.born if isinstance(declared, Lifecycle) else None
    fields = {one.name: one for one in declared.bound}
    return born is not None and all(
        state[fields[name].attname] == bound_rows.plain(fields[name], value) for name, value in born.items()
    )


def _rows(model: type[Model], declared: AppendOnly | Lifecycle) -> Iterator[tuple[str, dict[str, Any]]]:
    fields = declared.bound
    names = [one.attname for one in fields]
    kind = model._meta.label_lower
    rows: Iterable[tuple[Any, ...]] = model._base_manager.values_list("pk", *names).iterator(chunk_size=2_000)
    for pk, *values in rows:
        pairs = zip(fields, values, strict=True)
        state = {one.attname: bound_rows.plain(one, value) for one, value in pairs}
        yield f"{kind}:{pk}", bound_rows.state_of(declared, state)


def _digest(state: dict[str, Any]) -> bytes:
    return hashlib.sha256(orjson.dumps(state, option=orjson.OPT_SORT_KEYS)).digest()[:16]
