"""Whatever is sent to an endpoint that writes, it answers with a sentence, and the trail with silence."""

import json
from functools import partial
from typing import Any

import pytest
from django.db import transaction
from django.test import TestCase

from api.description import schema
from audit.models import Event
from findings.models import Finding
from tests.api import peeling, test_junk
from tests.api.caller import Caller, frozen
from tests.assessments import scenes

JUNK: tuple[Any, ...] = (
    None, True, -1, 10**40, 1.5, " ", "x" * 100_000, "\u202egnp.exe", "\u0000", "=cmd|' /C calc'!A0",
    "\U0001f600" * 300, [[]], {"$ne": None}, "9999-12-31", "0001-01-01", "01900000-0000-7000-8000-000000000000",
    ["x"] * 1000,
)  # fmt: skip


class Fuzz(TestCase):
    """alice, who writes in Payments, and a row for each address."""

    scene: scenes.Scene
    finding: Finding

    @classmethod
    def setUpTestData(cls) -> None:
        cls.scene = scenes.set_up()
        cls.finding = cls.scene.finding()

    def setUp(self) -> None:
        clock = frozen()
        clock.start()
        self.addCleanup(clock.stop)
        self.alice = Caller(self.scene.people.alice)
        bob, vendor = self.scene.people.bob.pk, self.scene.vendor.pk
        known = {
            "unit": self.scene.people.payments.pk, "server": self.scene.server.pk, "vendor": vendor,
            "publisher": vendor, "owner": bob, "assignee": bob, "relationship_owner": bob,
        }  # fmt: skip
        self.known = {name: str(key) for name, key in known.items()}
        self.rows = {
            "vendors": self.scene.vendor.pk, "servers": self.scene.server.pk, "findings": self.finding.pk,
            "assessments": self.finding.assessment_id, "releases": self.scene.server.releases.get().pk,
        }  # fmt: skip

    def bodies(self) -> list[tuple[str, str, dict[str, Any]]]:
        """Return method, address and members of the body of each operation on a row that is here."""
        document = schema.document()
        found = []
        for path, methods in document["paths"].items():
            noun = path.split("/")[3]
            if noun not in self.rows:
                continue
            address = path.replace("{id}", str(self.rows[noun])).replace("{question}", scenes.SERVER_QUESTION)
            for method in methods.keys() & {"post", "patch"}:
                form = methods[method].get("requestBody", {}).get("content", {}).get("application/json")
                if form:
                    name = form["schema"]["$ref"].rsplit("/", 1)[-1]
                    found.append((method, address, document["components"]["schemas"][name]["properties"]))
        return found

    def test_no_body_breaks_anything(self) -> None:
        tried = 0
        for method, address, members in self.bodies():
            fitting = {name: self.fitting(name, one) for name, one in members.items()}
            for junk in JUNK:
                tried += len(members)
                peeling.peel(list(members), junk, partial(self.sent, method, address, fitting))
        assert tried > 2000

    def fitting(self, name: str, described: dict[str, Any]) -> Any:
        """Return a value that fits a member of a body, so that the junk beside it reaches the step."""
        if "enum" in described:
            return described["enum"][0]
        by_format = {"date": "2026-04-01", "date-time": "2026-03-02T09:00:00Z", "uuid": self.known.get(name)}
        by_type = {"array": [], "object": {}, "boolean": True, "integer": 1, "string": "text"}
        kind = described.get("type", "object")
        return by_format.get(described.get("format", ""), by_type[kind if isinstance(kind, str) else kind[0]])

    def sent(self, method: str, address: str, fitting: dict[str, Any], junk: dict[str, Any]) -> Any:
        """Send a body with junk in it, look at the answer, take back what was done, and return the answer."""
        text = json.dumps(fitting | junk)
        with transaction.atomic():
            events = Event.objects.count()
            response = getattr(self.alice.client, method)(address, text, content_type="application/json")
            assert response.status_code < 500, (address, text[:300])
            if response.status_code >= 400:
                assert response["Content-Type"] == "application/problem+json", address
                assert Event.objects.count() == events, (address, text[:300])
            transaction.set_rollback(True)
        return response

    def test_no_query_breaks_anything(self) -> None:
        document = schema.document()
        further = ("", "x", "'", "2026-13-45")
        # The other junk is tried on all lists, and on both engines, by test_junk.py.
        tried_there = {f"/api/v1{path}" for path in test_junk.lists()}
        for path, methods in document["paths"].items():
            junk = further if path in tried_there else (*further, *test_junk.JUNK)
            parameters = [one["name"] for one in methods.get("get", {}).get("parameters", ()) if one["in"] == "query"]
            for value in junk if parameters else ():
                peeling.peel(parameters, value, partial(self.asked, path))

    def asked(self, path: str, query: dict[str, str]) -> Any:
        """Ask, look at the answer, and return it."""
        response = self.alice.client.get(path, query)
        assert response.status_code < 500, (path, query)
        return response


pytestmark = pytest.mark.slow
