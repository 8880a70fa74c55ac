"""Two callers at the same moment: one is served, the other is told."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connections
from django.test import TransactionTestCase

from assessments.models import Answer
from audit.models import Event
from tests.api.caller import Caller
from tests.assessments import scenes


@pytest.mark.engine
class TwoAtOnce(TransactionTestCase):
    """alice and bob, who both may write in Payments."""

    def setUp(self) -> None:
        self.scene = scenes.set_up()
        self.draft = self.scene.draft()
        now = self.draft.created_at
        self.callers = [Caller(self.scene.people.alice, now=now), Caller(self.scene.people.bob, now=now)]

    def together(self, *calls: Callable[[], Any]) -> list[Any]:
        """Return what the calls answer, made at the same moment in threads of their own."""
        start, answers = threading.Barrier(len(calls)), []

        def run(call: Callable[[], Any]) -> None:
            start.wait()
            try:
                answers.append(call())
            finally:
                connections.close_all()

        threads = [threading.Thread(target=run, args=[call]) for call in calls]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return answers

    def test_of_two_submissions_one_is_taken_and_one_conflicts(self) -> None:
        path = f"/assessments/{self.draft.pk}/submit/"
        answers = self.together(*(lambda caller=caller: caller.post(path) for caller in self.callers))
        assert sorted(one.status_code for one in answers) == [200, 409]
        [lost] = [one for one in answers if one.status_code == 409]
        assert lost.json()["type"] == "urn:mcp-risk-register:problem:illegal-transition"
        assert Event.objects.filter(verb="assessment.submitted").count() == 1

    def test_of_two_answers_to_one_version_one_is_kept_and_the_other_is_shown_it(self) -> None:
        row = Answer.objects.filter(assessment=self.draft).select_related("question").first()
        assert row is not None
        path = f"/assessments/{self.draft.pk}/answers/{row.question.key}/"
        body: dict[str, Any] = {"choice": "dont_know", "version": row.version}
        answers = self.together(
            *(lambda caller=caller: caller.patch(path, comment=caller.person.name, **body) for caller in self.callers)
        )
        assert sorted(one.status_code for one in answers) == [200, 409]
        [kept] = [one.json() for one in answers if one.status_code == 200]
        [lost] = [one.json() for one in answers if one.status_code == 409]
        row.refresh_from_db()
        assert lost["current"]["comment"] == kept["comment"] == row.comment
        assert lost["current"]["version"] == row.version == body["version"] + 1

    def test_of_two_requests_for_one_report_one_makes_it(self) -> None:
        alice = self.callers[0]
        unit = str(self.scene.people.payments.pk)
        answers = self.together(*[lambda: alice.post("/reports/", kind="register", unit=unit)] * 2)
        assert sorted(one.status_code for one in answers) == [200, 201]
        assert answers[0].json()["id"] == answers[1].json()["id"]
        assert Event.objects.filter(verb="report.requested").count() == 1
