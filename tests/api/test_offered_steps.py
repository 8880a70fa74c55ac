"""Each endpoint that changes something names the steps that it takes; each object says which of them the caller may."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from api import offers
from api.urls import router
from findings.models import Finding
from tests import append_only
from tests.api.caller import ROOT, Caller, accepted
from tests.api.endpoints import endpoints
from tests.journeys import built, estate
from tests.journeys.bodies import fitting
from tests.journeys.routes import OBJECTS

# What changes something and is no step, and why.
NO_STEP = {"POST server-verify": "It is a question: nothing is changed."}
# How many statements more an object takes for its steps: what bars somebody is looked up, of what they could do else,
# what a server has to look at, which is read once for all looks, and whether a stopped run was let through already.
STATEMENTS = {
    "acceptances": 2,
    "approvals": 1,
    # Whether anything was given up that could be sent again.
    "channels": 1,
    # Whether items are open, and whether the caller recorded or waived one.
    "due-diligence": 3,
    "feed-runs": 1,
    "findings": 2,
    "servers": 6,
    "suppressions": 1,
    "tier-acceptances": 2,
    "unapproved-uses": 1,
}
# What the roles would do is refused to whoever has a hand in it, in another state, or by what is around it.
REFUSED = {403, 404, 409, 422}


def test_every_endpoint_that_changes_something_names_its_steps_or_a_reason():
    named = {f"{one.method} {one.name}": bool(one.steps) for one in endpoints()}
    assert len(named) > 70
    assert {name for name, names in named.items() if not names} == NO_STEP.keys()


def test_every_object_shows_the_steps_below_its_address():
    schemas: dict[str, Any] = {prefix: one for prefix, one, _name in router.registry if offers.below(one)}
    assert len(schemas) > 10
    for prefix, viewset in schemas.items():
        view = viewset(action="retrieve")
        assert "steps" in view.get_serializer_class()().fields, prefix
        view = viewset(action="list")
        assert "steps" not in view.get_serializer_class()().fields, prefix


@contextmanager
def taken_back() -> Iterator[None]:
    """Take back what the block did."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


class Offered(built.OnTheEstate):
    """One register with a row of every kind."""

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.estate.keys["colleague"] = cls.estate.people.bob.pk

    def nouns(self) -> Iterator[tuple[str, str]]:
        """Yield each noun that has steps, with the address of a row."""
        for prefix, viewset, _name in router.registry:
            if offers.below(viewset):
                yield prefix, f"/{prefix}/{self.estate.keys[OBJECTS[prefix]]}/"

    def callers(self) -> dict[str, Client]:
        people = self.estate.people
        found = {
            name: Caller(person, now=estate.NOW).client
            for name, person in (*people.everybody.items(), ("dan", self.estate.dan))
        }
        return found | {"reader": self.estate.client("reader")}

    @pytest.mark.slow
    def test_what_is_offered_is_taken_and_what_is_not_is_refused(self) -> None:
        wrong, tried = [], 0
        for who, client in self.callers().items():
            for noun, at in self.nouns():
                shown = client.get(f"{ROOT}{at}")
                for offer in shown.json().get("steps", ()) if shown.status_code == 200 else ():
                    tried += 1
                    if complaint := self.tried(client, noun, at, offer):
                        wrong.append(f"{who}: {at}{offer['name']}/ {offer}: {complaint}")
        assert tried > 200
        assert wrong == [], "\n".join(wrong)

    def tried(self, client: Client, noun: str, at: str, offer: dict[str, Any]) -> str:
        """Return what is wrong with the answer to an offered step, empty when it is as was said."""
        path = f"{ROOT}/{noun}/{{id}}/{offer['name']}/"
        body = json.dumps(fitting(path, "post", self.estate.keys))
        with taken_back():
            answer = client.post(f"{ROOT}{at}{offer['name']}/", body, content_type="application/json")
        if offer["may"]:
            kind = answer.json()["type"] if answer.status_code >= 400 else ""
            return str(answer.content) if re.search("not-permitted|scope-missing|illegal-transition", kind) else ""
        return "" if answer.status_code in REFUSED and offer["why_not"] else f"{answer.status_code} {answer.content!r}"

    def test_what_stands_against_it_is_said(self) -> None:
        people, key = self.estate.people, self.estate.keys["server"]
        callers = {
            "bob": Caller(people.bob, ["read", "write", "decide"], now=estate.NOW),
            "narrowed": Caller(people.bob, ["read", "write"], now=estate.NOW),
            "alice": Caller(people.alice, ["read", "write", "decide"], now=estate.NOW),
        }
        reasons = {
            name: {one["name"]: one["why_not"] for one in caller.read(f"/servers/{key}/")["steps"]}
            for name, caller in callers.items()
        }
        assert reasons["bob"]["suspend"] == ""
        assert reasons["narrowed"]["suspend"] == "This token lacks the scope 'manage' or 'decide'."
        assert reasons["alice"]["suspend"] == "Your roles do not let you decide this here."
        assert "cannot" in reasons["bob"]["start-review"]

    def test_they_take_few_statements(self) -> None:
        client = Caller(self.estate.people.bob, now=estate.NOW).client
        # Where most is open to an approver.
        with append_only.lifted(connection, Finding):
            Finding.objects.filter(pk=self.estate.keys["finding"]).update(status=Finding.Status.OPEN)
        counted = {}
        for noun, at in self.nouns():
            if client.get(f"{ROOT}{at}").status_code != 200:
                continue
            with_steps = self.statements(client, at)
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(offers, "offers", lambda view, row, by: [])
                counted[noun] = with_steps - self.statements(client, at)
        assert {noun: more for noun, more in counted.items() if more} == STATEMENTS

    def statements(self, client: Client, at: str) -> int:
        with CaptureQueriesContext(connection) as asked:
            accepted(client.get(f"{ROOT}{at}"), 200)
        return len(asked)
