"""How the tests call the API: as a person's token, from a fixed moment on."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import time_machine
from django.test import Client

from accounts import tokens
from accounts.access import Capability
from accounts.models import ApiToken, User
from tests.cast import NOON
from tests.kept import kept

ROOT = "/api/v1"


class Caller:
    """Somebody with a token; `get("/vendors/")`, `post("/vendors/", name="…")` return the response."""

    def __init__(self, person: User, scopes: Iterable[str] = Capability.values, *, now: datetime = NOON) -> None:
        self.person = person
        self.token, self.key = issued(person, frozenset(scopes), now=now)
        self.client = Client(headers={"Authorization": f"Bearer {self.key}"})

    def get(self, path: str, /, **query: Any) -> Any:
        return self.client.get(_address(path), query)

    def post(self, path: str, /, **body: Any) -> Any:
        return self.client.post(_address(path), body, content_type="application/json")

    def patch(self, path: str, /, **body: Any) -> Any:
        """Change an object, on the version that it has now unless the body names one."""
        sent = body if "version" in body else self._version(path) | body
        return self.client.patch(_address(path), sent, content_type="application/json")

    def _version(self, path: str) -> dict[str, str]:
        shown = self.get(path)
        known = shown.json() if shown.status_code == 200 else {}
        return {"version": known["version"]} if isinstance(known.get("version"), str) else {}

    def made(self, path: str, **body: Any) -> Any:
        """Return what a creation answers; fail with its body when it was refused."""
        return accepted(self.post(path, **body), 201)

    def done(self, path: str, **body: Any) -> Any:
        """Return what a step answers; fail with its body when it was refused."""
        return accepted(self.post(path, **body), 200)

    def read(self, path: str, **query: Any) -> Any:
        """Return what a GET answers; fail with its body when it was refused."""
        return accepted(self.get(path, **query), 200)


@kept
def issued(person: User, scopes: frozenset[str], *, now: datetime) -> tuple[ApiToken, str]:
    """Return a person's token of some scopes, and its key."""
    return tokens.issue(person, name="Test", scopes=sorted(scopes), lifetime=timedelta(days=300), by=person, now=now)


def accepted(response: Any, status: int) -> Any:
    assert response.status_code == status, f"{response.status_code} {response.content.decode()[:600]}"
    return response.json()


def frozen(moment: datetime = NOON) -> Any:
    """Return a context in which the clock stands still at a moment."""
    return time_machine.travel(moment, tick=False)


def _address(path: str) -> str:
    return path if path.startswith("http") else f"{ROOT}{path}"
