"""The register while its database is away, and while nothing can be written: it says so, and goes on by itself."""

import http.client
import json
import logging
import sqlite3
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from django.db import DatabaseError, InterfaceError, OperationalError, ProgrammingError
from django.test import Client
from django.urls import reverse

from api.v1.accounts import me
from riskregister import unreachable
from riskregister.unreachable import AWAY, NO_ROOM
from tests import cast, machines
from tests.api.caller import Caller
from tests.installation import Installation
from tests.tables import for_each
from tests.waiting import PATIENCE, until
from tests.web.signed_in import as_
from web.home import guide


def of_postgres(state: str | None, kind: type[DatabaseError] = OperationalError) -> DatabaseError:
    error = kind("it says something")
    error.__cause__ = psycopg.errors.lookup(state)("x") if state else psycopg.OperationalError("no connection")
    return error


def of_sqlite(code: int) -> DatabaseError:
    error, cause = OperationalError("x"), sqlite3.OperationalError("x")
    cause.sqlite_errorcode = code
    error.__cause__ = cause
    return error


@for_each(
    ("error", "found"),
    [
        (of_postgres(None), AWAY),
        (of_postgres("57P01"), AWAY),
        (of_postgres("57P03"), AWAY),
        (of_postgres("53300"), AWAY),
        (of_postgres("40P01"), AWAY),
        (of_postgres("53100"), NO_ROOM),
        (of_postgres("42P01", ProgrammingError), None),
        (of_postgres("22001", DatabaseError), None),
        (InterfaceError("connection already closed"), AWAY),
        (of_sqlite(sqlite3.SQLITE_BUSY), AWAY),
        (of_sqlite(sqlite3.SQLITE_BUSY_SNAPSHOT), AWAY),
        (of_sqlite(sqlite3.SQLITE_FULL), NO_ROOM),
        (of_sqlite(sqlite3.SQLITE_READONLY_DBMOVED), NO_ROOM),
        (of_sqlite(sqlite3.SQLITE_ERROR), None),
        (OSError(28, "No space left on device"), NO_ROOM),
        (OSError(30, "Read-only file system"), NO_ROOM),
        (OSError(2, "No such file"), None),
        (ValueError("x"), None),
        (None, None),
    ],
    ids=lambda row: repr(row[0]),
)
def test_only_what_passes_by_itself_or_by_making_room_is_an_outage(error, found):
    assert unreachable.outage(error) == found


def broken(*args: Any, **kwargs: Any) -> Any:
    raise of_sqlite(sqlite3.SQLITE_FULL)


def test_a_full_disk_is_a_503_of_pages_and_of_the_api(db, monkeypatch):
    people = cast.assemble()
    monkeypatch.setattr(guide, "render", broken)
    monkeypatch.setattr(me.MeView, "get", broken)
    page, api = as_(people.alice), Caller(people.alice).client
    page.raise_request_exception = api.raise_request_exception = False

    shown, told = page.get(reverse("web:help")), api.get("/api/v1/me/")

    assert [one.status_code for one in (shown, told)] == [503, 503]
    assert [one["Retry-After"] for one in (shown, told)] == ["5", "5"]
    assert "the disk is full" in shown.content.decode()
    assert told.json()["type"] == "urn:mcp-risk-register:problem:no-room"


def test_what_the_api_did_not_foresee_is_logged_with_its_traceback(db, monkeypatch, caplog):
    def breaks(*args: Any, **kwargs: Any) -> Any:
        raise RuntimeError("a secret of the inside")

    people = cast.assemble()
    monkeypatch.setattr(me.MeView, "get", breaks)
    client = Caller(people.alice).client
    client.raise_request_exception = False

    with caplog.at_level(logging.ERROR, logger="django.request"):
        answer = client.get("/api/v1/me/")

    [record] = [one for one in caplog.records if one.levelno == logging.ERROR]
    assert (answer.status_code, answer.json()["type"]) == (500, "urn:mcp-risk-register:problem:internal")
    assert "secret" not in answer.content.decode()
    assert record.exc_info is not None
    assert str(record.exc_info[1]) == "a secret of the inside"


def test_a_page_that_breaks_for_another_reason_stays_a_500(db, monkeypatch):
    people = cast.assemble()
    monkeypatch.setattr(guide, "render", lambda *_args, **_how: 1 / 0)
    client = as_(people.alice)
    client.raise_request_exception = False

    assert client.get(reverse("web:help")).status_code == 500
    assert Client().get("/healthz").status_code == 200


@pytest.fixture(scope="module")
def database() -> Iterator[machines.Cluster]:
    with machines.cluster() as made:
        made.start()
        yield made


class Door:
    """Asks a running register over HTTP."""

    def __init__(self, address: str) -> None:
        self.place = urlsplit(address)

    def ask(self, path: str, **headers: str) -> tuple[int, dict[str, str], str]:
        connection = http.client.HTTPConnection(str(self.place.hostname), self.place.port, timeout=PATIENCE)
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        result = answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read().decode()
        connection.close()
        return result

    def status(self, path: str, **headers: str) -> int:
        return self.ask(path, **headers)[0]


TOKEN = {"Authorization": "Bearer mvr_12345678_unknown"}
SESSION = {"Cookie": "riskregister_session=abcdefghijklmnopqrstuvwxyz012345"}


@pytest.mark.slow
def test_while_postgres_is_away_every_answer_says_so_and_afterwards_all_is_well(
    installation: Callable[..., Installation], database: machines.Cluster
) -> None:
    door = Door(installation("--empty", DATABASE_URL=database.url).address())
    assert door.status("/api/v1/me/", **TOKEN) == 401
    assert door.status("/", **SESSION) == 302
    assert door.status("/readyz") == 200

    database.stop()
    for _ in range(5):
        told = door.ask("/api/v1/me/", **TOKEN)
        shown = door.ask("/", **SESSION)
        ready = door.ask("/readyz")
        assert (told[0], told[1]["retry-after"], told[1]["content-type"]) == (503, "5", "application/problem+json")
        assert json.loads(told[2])["type"] == "urn:mcp-risk-register:problem:database-unreachable"
        assert (shown[0], shown[1]["retry-after"]) == (503, "5")
        assert "Not available for the moment" in shown[2]
        assert "frame-ancestors 'none'" in shown[1]["content-security-policy"]
        assert (ready[0], json.loads(ready[2])) == (
            503,
            {"status": "unavailable", "database": False, "broker": None},
        )
        assert door.status("/healthz") == 200

    database.start()
    until(lambda: door.status("/readyz") == 200, what="the register to be ready again")
    assert [door.status("/api/v1/me/", **TOKEN) for _ in range(8)] == [401] * 8
    assert [door.status("/", **SESSION) for _ in range(8)] == [302] * 8
