"""The kept rating and its history: what an assessment brings, and what time takes, once."""

from datetime import timedelta
from fractions import Fraction
from typing import Any

from django.test import TestCase

from accounts.models import User
from assessments import lifecycle
from assessments.answers import answering, scored_lines
from assessments.models import Answer, Assessment
from decisions.approvals import preview
from decisions.models import RatingRecord, ServerRating
from decisions.ratings import ratings
from evidence.models import Evidence
from findings import register, remediation
from tests.assessments import documents, scenes
from tests.assessments.scenes import Scene, in_time
from tests.cast import NOON, TODAY


class History(TestCase):
    def test_has_a_row_where_an_assessment_becomes_final_under_the_cap_that_held_before(self) -> None:
        scene = scenes.set_up()
        critical = (
            scenes.questions()
            .filter(is_critical=True, applies_when__isnull=True, options__quarters=0)
            .order_by("position")[0]
        )
        choices = {critical.key: scenes.worst(critical)}
        first = scene.final(choices=choices)
        again = scene.final(at=in_time(5), choices=choices)

        rows = list(RatingRecord.objects.filter(server=scene.server).order_by("at").values_list("reason", "score"))
        assert [reason.split(" became final.")[0] for reason, _score in rows] == [first.ref, again.ref]
        assert {score for _reason, score in rows} == {"39"}


class FoundByHand(TestCase):
    def test_of_a_vendor_counts_at_once_for_the_servers_that_were_assessed_with_it(self) -> None:
        scene = scenes.set_up()
        other = scene.another_server()
        for server in (scene.server, other):
            scene.final(server)
        raised = register.open_by_hand(
            scene.vendor, title="Keys leaked", severity=1, dimension="provenance", by=scene.people.alice, now=in_time(1)
        )
        rows = {
            row.server: [cap["subject"] for cap in row.caps] for row in ServerRating.objects.select_related("server")
        }
        assert raised.ref in rows[scene.server]
        assert raised.ref not in rows[other]


class EvidenceThatRanOut(TestCase):
    """An answer that rests on a verified document of the vendor whose last day was yesterday."""

    scene: Scene
    alice: User

    @classmethod
    def setUpTestData(cls) -> None:
        cls.scene = scenes.set_up()
        cls.alice = cls.scene.people.alice

    def document(self) -> Evidence:
        unit = self.scene.people.payments
        return documents.document(by=self.alice, unit=unit, valid_until=TODAY - timedelta(days=1))

    def submitted(self) -> Assessment:
        draft = self.scene.draft()
        row = Answer.objects.get(assessment=draft, question__key=scenes.SERVER_QUESTION)
        document = self.document()
        answering.attach(row, document, by=self.alice, now=NOON)
        documents.verify(row, document, by=self.alice)
        lifecycle.submit(draft, by=self.alice, now=NOON)
        return draft

    def level(self, *, at: int) -> int:
        rating = ratings.current(self.scene.server, now=in_time(at))
        return next(row.now.evidence_level for row in rating.lines if row.now.question == scenes.SERVER_QUESTION)

    def test_before_it_was_frozen_loses_one_level_once_and_the_rating_is_its_preview(self) -> None:
        submitted = self.submitted()
        would_be = preview.if_final(submitted, scored_lines.answers_of(submitted), now=NOON)
        self.scene.finalise(submitted)

        assert [self.level(at=day) for day in (0, 400)] == [1, 1]
        now = ratings.current(self.scene.server, now=NOON)
        assert (now.overall, now.caps) == (would_be.overall, would_be.caps)
        assert now.overall is not None
        assert now.overall > Fraction(0)

    def test_before_a_fix_was_verified_with_it_loses_one_level_once(self) -> None:
        finding = self.scene.finding()
        register.assign(finding, owner=self.alice, by=self.alice, now=NOON)
        remediation.plan(finding, description="Ask.", target_on=TODAY, by=self.alice, now=NOON)
        claim = remediation.claim_fixed(
            finding, note="So.", new_option_key="public_commit", evidence=self.document(), by=self.alice, now=NOON
        )
        found: dict[str, Any] = {"shows": documents.SHOWS, "location": "p. 1", "document_date": TODAY}
        remediation.pass_fix(claim, note="Seen.", by=self.scene.people.bob, now=in_time(1), **found)
        assert self.level(at=2) == 1
