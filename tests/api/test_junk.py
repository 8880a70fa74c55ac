"""Junk in addresses: every list answers a parameter that makes no sense with 4xx, never with 5xx."""

import io
import json
from functools import cache, partial
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import TestCase

from tests import cast
from tests.api import peeling
from tests.api.caller import Caller, frozen

JUNK = (
    "\0",
    "-1",
    "9" * 30,
    "1e999",
    "NaN",
    "[]",
    "null",
    "0001-01-01",
    "9999-12-31T23:59:59+23:59",
    "9999-12-31T23:59:59-23:59",
    "%",
    "é" * 5000,
)


def lists() -> list[str]:
    """Return the addresses of all lists of the API, from its schema."""
    document = schema()
    return [path.removeprefix("/api/v1") for path, methods in document["paths"].items() if _is_list(path, methods)]


@cache
def schema() -> dict[str, Any]:
    """Return the OpenAPI document, whose making takes more than a second."""
    out = io.StringIO()
    call_command("spectacular", "--format", "openapi-json", stdout=out)
    document: dict[str, Any] = json.loads(out.getvalue())
    return document


def _is_list(path: str, methods: dict[str, Any]) -> bool:
    names = {one["name"] for one in methods.get("get", {}).get("parameters", [])}
    return "{" not in path and "cursor" in names


class Junk(TestCase):
    """An administrator who types nonsense."""

    ada: Caller

    @classmethod
    def setUpTestData(cls) -> None:
        people = cast.assemble()
        cast.a_release(people, "forecast")
        cls.ada = Caller(people.ada)

    def answer(self, path: str, query: dict[str, str]) -> Any:
        """Return what a request is answered, as on a connection of its own: PostgreSQL aborts what met an error."""
        with transaction.atomic():
            answer = self.ada.get(path, **query)
            transaction.set_rollback(True)
        assert answer.status_code in {200, 400}, (path, query, answer.status_code)
        return answer

    def test_parameters_that_make_no_sense_are_refused_or_ignored(self) -> None:
        document = schema()
        with frozen():
            for path in lists():
                names = [one["name"] for one in document["paths"][f"/api/v1{path}"]["get"]["parameters"]]
                for junk in JUNK:
                    peeling.peel(names, junk, partial(self.answer, path))


def test_there_are_lists_to_try() -> None:
    assert len(lists()) >= 15


pytestmark = pytest.mark.django_db
