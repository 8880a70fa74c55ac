"""Whether a failure means that the register cannot do its work for now: nothing is broken, and the answer is 503."""

import errno
import sqlite3
from dataclasses import dataclass
from typing import Any

from django.db import DatabaseError, InterfaceError, OperationalError

RETRY_AFTER = {"Retry-After": "5"}


@dataclass(frozen=True, slots=True)
class Outage:
    """What is amiss: a word for programs, and what people do."""

    code: str
    words: str


AWAY = Outage(
    "database_unreachable",
    "The database cannot be used for the moment. Try again in a few seconds; if you were saving something, look "
    "first whether it is there.",
)
NO_ROOM = Outage(
    "no_room",
    "Nothing can be written: the disk is full, or may only be read. Nothing was changed. Tell whoever looks after "
    "the register.",
)
# Of PostgreSQL: no connection, too few of something, told to stop or still starting, broken outside of it, deadlocked,
# and a lock that was not to be had.
_STATES_AWAY = ("08", "53", "57P", "58", "40", "55P03")
# The disk is full; the transaction may only read.
_STATES_NO_ROOM = ("53100", "25006")
_CODES_AWAY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN})
_CODES_NO_ROOM = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY})
_OF_THE_DISK = frozenset({errno.ENOSPC, errno.EROFS, errno.EDQUOT})


def outage(error: BaseException | None) -> Outage | None:
    """Return what an error says of the database or the disk, None for any other error."""
    if isinstance(error, OSError):
        return NO_ROOM if error.errno in _OF_THE_DISK else None
    if isinstance(error, InterfaceError):
        return AWAY
    return _of_database(error) if isinstance(error, DatabaseError) else None


def _of_database(error: DatabaseError) -> Outage | None:
    cause: Any = error.__cause__
    if isinstance(cause, sqlite3.Error):
        # An extended code has the plain one in its last byte.
        code = getattr(cause, "sqlite_errorcode", 0) & 0xFF
        return NO_ROOM if code in _CODES_NO_ROOM else AWAY if code in _CODES_AWAY else None
    state = getattr(cause, "sqlstate", None)
    if state is None:
        # There was nobody to say anything.
        return AWAY if isinstance(error, OperationalError) else None
    return NO_ROOM if state.startswith(_STATES_NO_ROOM) else AWAY if state.startswith(_STATES_AWAY) else None
