"""The examples on the page of the API: each is taken as it stands, once its ids are of things that are there."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.test import TestCase

from accounts.models import Role, Unit
from api.description import schema
from composition import hits
from composition.comparison import comparing
from decisions.reviews import reviews
from findings.models import Finding
from intelligence import watching
from tests import cast
from tests.api.caller import Caller, frozen
from tests.assessments import documents, scenes
from tests.cast import NOON, TODAY
from tests.composition import inventories
from tests.composition.advisories import publish
from tests.journeys.bodies import IDS, LISTS
from vendors.registering import deployments

# A token makes no tokens: that needs a session and the person's password.
NOT_BY_TOKEN = {"/api/v1/tokens/"}


def examples(method: str) -> dict[str, Any]:
    """Return the examples of JSON bodies by path."""
    found = {}
    for path, operations in schema.document()["paths"].items():
        form = operations.get(method, {}).get("requestBody", {}).get("content", {}).get("application/json")
        if form:
            found[path] = form["example"]
    return found


class Examples(TestCase):
    base: scenes.Scene
    keys: dict[str, Any]

    @classmethod
    def setUpTestData(cls) -> None:
        cls.base = scenes.set_up()
        final = cls.base.final()
        people = cls.base.people
        how: dict[str, Any] = {"by": people.alice, "now": NOON}
        publish("GHSA-1")
        inventories.take(cls.base.server.releases.get(), **how)
        comparing.compare_changed(now=NOON)
        hits.compare(cls.base.server, now=NOON)
        finding = Finding.objects.get(source="monitoring")
        review = reviews.request_review(
            cls.base.another_server(), reason="A leak.", due_on=TODAY + timedelta(days=9), **how
        )
        entry = watching.note(cls.base.vendor, kind="breach_notice", title="Breach", **how)
        used = deployments.add_deployment(cls.base.server, name="Desk", environment="production", agent="One", **how)
        cls.keys = {
            "server": cls.base.server.pk, "vendor": cls.base.vendor.pk, "unit": people.payments.pk, "final": final.pk,
            "finding": finding.pk, "package_finding": finding.pk, "review": review.pk, "colleague": people.bob.pk,
            "watch_entry": entry.pk, "deployment": used.pk,
            "evidence": documents.document(by=people.alice, unit=None, issuer="independent").pk,
        }  # fmt: skip

    def fitted(self, example: dict[str, Any]) -> dict[str, Any]:
        return {name: self._fitting(name, value) for name, value in example.items()}

    def _fitting(self, name: str, value: Any) -> Any:
        if name in LISTS:
            return [str(self.keys[LISTS[name]])]
        return str(self.keys.get(IDS[name], value)) if name in IDS else value

    def test_whatever_makes_something_makes_it_and_what_is_given_is_given(self) -> None:
        people, answers = self.base.people, {}
        ada, alice, bob, mia = (Caller(one) for one in (people.ada, people.alice, people.bob, people.mia))
        callers = dict.fromkeys(("/api/v1/people/", "/api/v1/units/", "/api/v1/feeds/"), ada)
        callers |= dict.fromkeys(("/api/v1/policies/", "/api/v1/shares/"), bob)
        callers |= {"/api/v1/channels/": mia, "/api/v1/alert-rules/": mia}
        # What names no place is stated for the whole organisation.
        callers["/api/v1/control-statuses/"] = Caller(cast.person("olga", role=Role.ANALYST, unit=None))
        Unit.objects.filter(code="payments").update(code="pay")
        for path, example in examples("post").items():
            if "{" in path or path in NOT_BY_TOKEN:
                continue
            caller = callers.get(path, mia if path == "/api/v1/reviews/" else alice)
            with frozen(), transaction.atomic():
                answer = caller.post(path.removeprefix("/api/v1"), **self.fitted(example))
                wanted = 200 if path.endswith("/give/") else 201
                answers[path] = (
                    "" if answer.status_code == wanted else f"{answer.status_code} {answer.content.decode()}"
                )
                transaction.set_rollback(True)
        assert len(answers) > 10
        assert {path: words for path, words in answers.items() if words} == {}

    def test_a_captured_list_of_tools_is_taken(self) -> None:
        example = examples("post")["/api/v1/servers/{id}/import-tools/"]
        alice = Caller(self.base.people.alice)
        answer = alice.post(
            f"/servers/{self.base.server.pk}/import-tools/", **example | {"captured_at": "2026-03-02T09:00:00Z"}
        )
        assert answer.status_code == 201, answer.content

    def test_an_answer_is_taken(self) -> None:
        draft = self.base.draft()
        example = examples("patch")["/api/v1/assessments/{id}/answers/{question}/"]
        draft.answers.filter(question__key="provenance.source_available").update(choice="", option=None, version=0)
        alice = Caller(self.base.people.alice)
        answer = alice.patch(f"/assessments/{draft.pk}/answers/provenance.source_available/", **example)
        assert answer.status_code == 200, answer.content
