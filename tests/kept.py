"""Scenes are made once by the steps of the product, and then their rows are written again, as often as tests ask.

Whoever makes a scene from the same rows with the same arguments gets the same rows: so what is written meanwhile is
noted, and the next time it is written without the reading, the deciding and the wording of statements that led to it,
which took half of the time of all tests. From other rows a scene is made anew. So it is only inside a transaction that
began with an empty register and is taken back at its end (TestCase), and on SQLite, where nothing outside of the
transaction, such as a sequence, remembers it.
"""

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, fields, is_dataclass
from functools import wraps
from hashlib import blake2b
from typing import Any, ParamSpec, TypeVar, cast

from django.conf import UserSettingsHolder, settings
from django.db import connection
from django.db.models import Model
from django.utils import timezone

from riskregister import ids

P = ParamSpec("P")
R = TypeVar("R")
Statement = tuple[str, Any, bool]
_EMPTY = b""
_READS = ("SELECT", "PRAGMA", "EXPLAIN", "RELEASE")


class _Journal:
    """What the transaction of this test has written so far: as a digest, and for those who note it."""

    def __init__(self) -> None:
        self.state = _EMPTY
        self.noting: list[list[Statement]] = []
        self._savepoints: dict[str, tuple[bytes, list[int]]] = {}

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        """Let a statement be executed, and note it where it changes something."""
        answer = execute(sql, params, many, context)
        word, _, rest = sql.lstrip().partition(" ")
        if word == "BEGIN":
            self.state, self._savepoints = _EMPTY, {}
        elif word == "SAVEPOINT":
            self._savepoints[rest] = (self.state, [len(one) for one in self.noting])
        elif word == "ROLLBACK":
            self._take_back(rest.removeprefix("TO SAVEPOINT "))
        elif word not in _READS:
            self.write([(sql, params, many)])
        return answer

    def write(self, statements: list[Statement], *, leads_to: bytes | None = None) -> None:
        """Note statements that were executed."""
        for one in self.noting:
            one.extend(statements)
        self.state = leads_to or blake2b(self.state + repr(statements).encode(), digest_size=16).digest()

    def _take_back(self, savepoint: str) -> None:
        self.state, lengths = self._savepoints[savepoint]
        for one, length in zip(self.noting, lengths, strict=False):
            del one[length:]


@dataclass(frozen=True, slots=True)
class _Scene:
    """What was written, what the parts of the arguments and the result were then, the state and the newest key."""

    statements: list[Statement]
    parts: list[Any]
    result: Any
    state: bytes
    newest_key: int


_journal = _Journal()
_scenes: dict[Any, _Scene] = {}


def begin() -> None:
    """Note from now on what the tests of this process write."""
    connection.execute_wrappers.append(_journal)


def kept(build: Callable[P, R]) -> Callable[P, R]:
    """Return the function that makes a scene, which writes it again where it has made the same one before."""

    @wraps(build)
    def again(*args: P.args, **kwargs: P.kwargs) -> R:
        if not (_is_noted() and _is_taken_back()):
            return build(*args, **kwargs)
        given = (args, kwargs)
        key = (build.__module__, build.__qualname__, _journal.state, _plain(given), _surroundings())
        if key not in _scenes:
            _scenes[key], result = _made(build, given)
            return result
        return cast(R, _written(_scenes[key], given))

    return again


def _is_noted() -> bool:
    """Return whether this is the connection that is noted: once a process drives a browser, its tests have another."""
    return _journal in connection.execute_wrappers


def _is_taken_back() -> bool:
    outermost: Any = next(iter(connection.atomic_blocks), None)
    is_a_tests = outermost is not None and outermost._from_testcase
    return connection.vendor == "sqlite" and is_a_tests and not connection.needs_rollback


def _made(build: Callable[..., R], given: tuple[Any, Any]) -> tuple[_Scene, R]:
    statements: list[Statement] = []
    _journal.noting.append(statements)
    try:
        result = build(*given[0], **given[1])
    finally:
        _journal.noting.pop()
    kept_of = deepcopy((list(_parts(given)), result))
    return _Scene(statements, *kept_of, _journal.state, ids._last), result


def _written(scene: _Scene, given: Any) -> Any:
    """Write a scene again, bring the arguments to what they were behind it, and return its result."""
    with connection.cursor() as cursor:
        for sql, params, many in scene.statements:
            (cursor.cursor.executemany if many else cursor.cursor.execute)(sql, params)
    _journal.write(scene.statements, leads_to=scene.state)
    # While the clock stands still, keys go on from the newest one: what comes after the scene sorts behind it.
    ids._last = max(ids._last, scene.newest_key) if _is_near(ids._last, scene.newest_key) else scene.newest_key
    pairs = list(zip(scene.parts, _parts(given), strict=True))
    memo: dict[int, Any] = {id(kept): now for kept, now in pairs}
    for kept, now in pairs:
        if hasattr(now, "__dict__"):
            now.__dict__.clear()
            now.__dict__.update({name: deepcopy(value, memo) for name, value in kept.__dict__.items()})
    return deepcopy(scene.result, memo)


def _is_near(one: int, other: int) -> bool:
    return abs(one - other) < ids._SLACK


def _parts(value: Any) -> Iterator[Any]:
    """Yield the rows and the objects of tests in what was given, always in the same order."""
    if isinstance(value, Model):
        yield value
    elif is_dataclass(value) and not isinstance(value, type):
        yield value
        for field in fields(value):
            yield from _parts(getattr(value, field.name))
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _parts(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _parts(one)


def _plain(value: Any) -> Any:
    """Return what tells arguments apart: rows by their keys."""
    if isinstance(value, Model):
        return value._meta.label, value.pk
    if is_dataclass(value) and not isinstance(value, type):
        return tuple(_plain(getattr(value, field.name)) for field in fields(value))
    if isinstance(value, Mapping):
        return tuple((name, _plain(one)) for name, one in sorted(value.items()))
    if isinstance(value, set | frozenset):
        return frozenset(value)
    return tuple(map(_plain, value)) if isinstance(value, list | tuple) else value


def _surroundings() -> Any:
    """Return what the product's answer depends on besides: settings that the test changed, and the hour."""
    changed: list[tuple[str, str]] = []
    holder: Any = getattr(settings, "_wrapped")  # noqa: B009 - of another module, which says nothing of its type.
    while isinstance(holder, UserSettingsHolder):
        changed += [(name, repr(value)) for name, value in vars(holder).items() if name.isupper()]
        holder = holder.default_settings
    return tuple(changed), timezone.now().replace(minute=0, second=0, microsecond=0)
