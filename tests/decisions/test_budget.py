"""What a decision costs the database, and how often it works the rating out."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from unittest import mock

from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext

from assessments import lifecycle
from assessments.models import Assessment
from decisions.approvals import approvals
from decisions.models import RatingRecord
from findings.models import Finding
from scoring import rating
from tests.assessments import scenes
from tests.cast import NOON, TODAY

A_MONTH = TODAY + timedelta(days=30)


@contextmanager
def counting() -> Iterator[SimpleNamespace]:
    """Count the statements and the ratings of the block."""
    counted, work_out = SimpleNamespace(statements=0, ratings=0), rating.current_rating

    def count(*args: Any, **kwargs: Any) -> rating.Rating:
        counted.ratings += 1
        return work_out(*args, **kwargs)

    with mock.patch.object(rating, "current_rating", count), CaptureQueriesContext(connection) as captured:
        yield counted
    counted.statements = len(captured)


class Deciding(TestCase):
    """On a submitted assessment, in a register that has decided before."""

    scene: scenes.Scene

    @classmethod
    def setUpTestData(cls) -> None:
        cls.scene = scenes.set_up()
        cls.scene.approved(cls.scene.another_server())

    def decide(self, decision: str, *, choices: scenes.Choices = scenes.NOTHING, **how: Any) -> SimpleNamespace:
        self.scene.ready()
        draft = self.scene.draft(choices=choices)
        lifecycle.submit(draft, by=self.scene.people.alice, now=NOON)
        seen = Assessment.objects.get(pk=draft.pk)
        with counting() as counted:
            approvals.decide(seen, decision=decision, reason="So.", by=self.scene.people.bob, now=NOON, **how)
        return counted

    def test_a_rejection_takes_45_statements_and_rates_twice(self):
        # Seven of them keep what the answers say of controls, and hold it against what people state of these.
        counted = self.decide("reject")
        assert counted.statements <= 45
        assert counted.ratings <= 2

    def test_an_approval_takes_59_statements_and_rates_twice(self):
        # Seven of them are about controls as above. Two look at its end for an escalation that the approval settles,
        # one for who asked for the server.
        counted = self.decide("approve", valid_until=A_MONTH)
        assert counted.statements <= 59
        assert counted.ratings <= 2

    def test_findings_that_open_on_the_way_are_rated_with_the_rest(self):
        worst = {
            row.key: scenes.worst(row)
            for row in scenes.questions().filter(applies_when__isnull=True, options__quarters=0)
        }
        assert self.decide("reject", choices=worst).ratings == 2
        assert Finding.objects.count() > 5

    def test_the_history_gives_all_reasons_of_a_decision_at_once(self):
        self.decide("reject")
        [record] = RatingRecord.objects.filter(server=self.scene.server)
        made = self.scene.server.assessments.get()
        assert record.reason == f"{made.ref} became final. {made.approvals.get().ref}: rejected."
