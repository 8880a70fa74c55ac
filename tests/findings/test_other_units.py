"""A finding about a vendor is every unit's: who settles it, and what others read of where it comes from."""

import json
from typing import Any

import pytest
from django.test import TestCase

from accounts.models import User
from assessments import lifecycle
from assessments.answers import answering
from assessments.models import Answer, Assessment
from audit.models import Event
from decisions.models import RatingRecord
from findings import acceptance, register, remediation
from findings.models import Finding
from findings.observed import sightings
from tests import cast
from tests.api.caller import Caller, accepted
from tests.assessments import scenes
from tests.assessments.scenes import Scene, in_time
from tests.cast import NOON, TODAY
from tests.web.signed_in import as_
from vendors.models import ServerSupplier
from vendors.registering import registration
from work.in_hand import waiting

COMMENT = "Their head of security told us in confidence."


class OfAVendor(TestCase):
    """Payments found something wrong with a vendor; a server of Research is assessed with the same vendor."""

    scene: Scene
    finding: Finding
    raised_in: Assessment
    rita: User
    org: User

    @classmethod
    def setUpTestData(cls) -> None:
        cls.scene = scenes.set_up()
        people = cls.scene.people
        cls.rita = cast.person("rita", role="approver", unit=people.research)
        cls.org = cast.person("olga", role="approver", unit=None)
        question = scenes.question("vendor")
        draft = cls.scene.draft(choices={question.key: scenes.worst(question)})
        row = draft.answers.select_related("question", "option").get(question=question)
        option = row.option.key if row.option else ""
        answering.answer(
            row, choice="option", option_key=option, comment=COMMENT, version=row.version, by=people.alice, now=NOON
        )
        lifecycle.submit(draft, by=people.alice, now=NOON)
        cls.scene.finalise(draft)
        cls.raised_in = draft
        cls.finding = Finding.objects.get(vendor=cls.scene.vendor, stable_key=question.key)
        cls._research()

    @classmethod
    def _research(cls) -> None:
        people = cls.scene.people
        server = registration.register_server(
            unit=people.research, name="com.example/theirs", title="Theirs", owner=people.eve, by=people.eve, now=NOON
        )
        registration.add_release(server, "1", by=people.eve, now=NOON)
        ServerSupplier.objects.create(server=server, vendor=cls.scene.vendor, role="publisher")
        cls.theirs = lifecycle.start(server, kind="initial", by=people.eve, now=NOON)

    def theirs_final(self) -> None:
        people = self.scene.people
        scenes.fill_in(self.theirs, by=people.eve, at=NOON, choices=scenes.NOTHING)
        lifecycle.submit(self.theirs, by=people.eve, now=NOON)
        lifecycle.finalise(self.theirs, by=self.rita, now=NOON, accept_dimensions=[])

    theirs: Assessment


class Settling(OfAVendor):
    """Who may."""

    def test_until_it_counts_elsewhere_an_approver_of_the_unit_settles_it(self) -> None:
        bob = self.scene.people.bob
        assert register.counts_elsewhere(self.finding, bob) is None
        assert isinstance(register.counts_elsewhere(self.finding, self.rita), register.CountsElsewhere)

    def test_what_counts_for_two_units_is_settled_by_who_decides_in_both(self) -> None:
        self.theirs_final()
        register.assign(self.finding, owner=self.scene.people.alice, by=self.scene.people.mia, now=NOON)
        finding = Finding.objects.get(pk=self.finding.pk)
        refused: tuple[Any, ...] = (
            lambda by: register.dismiss(finding, reason="It is none.", by=by, now=in_time(1)),
            lambda by: register.close(finding, reason="It is gone.", by=by, now=in_time(1)),
            lambda by: register.change_severity(finding, severity=4, reason="Less.", by=by, now=in_time(1)),
            lambda by: register.change_due_date(
                finding, due_on=in_time(300).date(), reason="Later.", by=by, now=in_time(1)
            ),
        )
        for by in (self.scene.people.bob, self.rita):
            for step in refused:
                with pytest.raises(register.CountsElsewhere):
                    step(by)
        assert Finding.objects.get(pk=finding.pk).status == "open"
        register.change_severity(finding, severity=4, reason="Less.", by=self.org, now=in_time(1))
        assert finding.severity == 4

    def test_its_fix_is_verified_and_its_risk_accepted_by_who_decides_in_both(self) -> None:
        self.theirs_final()
        alice, bob = self.scene.people.alice, self.scene.people.bob
        asked = acceptance.request(
            self.finding, reason="R.", compensating_control="C.", expires_on=TODAY, by=alice, now=NOON
        )
        with pytest.raises(register.CountsElsewhere):
            acceptance.grant(asked, by=bob, now=NOON)
        assert (list(waiting.acceptances_to_decide(bob)), list(waiting.acceptances_to_decide(self.org))) == (
            [],
            [asked],
        )
        acceptance.refuse(asked, note="Fix it.", by=bob, now=NOON)

        finding = Finding.objects.get(pk=self.finding.pk)
        remediation.plan(finding, description="Ask them.", target_on=TODAY, by=alice, now=NOON)
        option = remediation.answers_that_close(finding)[0].key
        claim = remediation.claim_fixed(finding, note="Done.", new_option_key=option, by=alice, now=NOON)
        with pytest.raises(register.CountsElsewhere):
            remediation.pass_fix(claim, note="Seen.", by=bob, now=NOON)
        assert list(waiting.fixes_to_verify(bob)) == []
        assert list(waiting.fixes_to_verify(self.org)) == [finding]
        remediation.pass_fix(claim, note="Seen.", by=self.org, now=NOON)
        assert Finding.objects.get(pk=finding.pk).status == "closed"


class Reading(OfAVendor):
    """What other units read."""

    def test_the_comment_stays_with_those_who_see_the_assessment(self) -> None:
        ours, theirs = (
            sightings.of(self.finding, person) for person in (self.scene.people.carol, self.scene.people.eve)
        )
        assert [(one.note, one.assessment, one.is_withheld) for one in ours] == [(COMMENT, self.raised_in, False)]
        assert [(one.note, one.assessment, one.is_withheld) for one in theirs] == [("", None, True)]
        assert theirs[0].answer_text == ours[0].answer_text != ""

    def test_no_door_shows_another_unit_the_assessment_or_the_comment(self) -> None:
        people, at = self.scene.people, f"/findings/{self.finding.pk}/"
        for person, is_shown in ((people.carol, True), (people.eve, False)):
            page = as_(person).get(at).content.decode()
            answer = json.dumps(accepted(Caller(person, now=NOON).get(at), 200))
            for text in (page, answer):
                assert (COMMENT in text) is is_shown, person
                assert (f'"{self.raised_in.ref}"' in text or f">{self.raised_in.ref}<" in text) is is_shown, person
        assert "stays in that unit" in page

    def test_its_events_and_the_ratings_that_follow_name_no_assessment(self) -> None:
        self.theirs_final()
        events = Event.objects.filter(object_id=self.finding.pk)
        assert {event.verb for event in events} >= {"finding.opened"}
        reasons = [event.reason for event in events] + [event.body.partition('"rows"')[0] for event in events]
        ratings = RatingRecord.objects.filter(server=self.theirs.server)
        reasons += [row.reason for row in ratings]
        assert not [reason for reason in reasons if self.raised_in.ref in reason.split()]

    def test_by_the_unit_of_others_no_list_tells_which_vendors_stand_behind_their_servers(self) -> None:
        people = self.scene.people
        for unit, is_told in ((people.payments, False), (people.research, True)):
            for at in ("/findings/", "/events/"):
                found = Caller(people.eve, now=NOON).read(at, unit=str(unit.pk))["results"]
                about = [row for row in found if self.finding.pk.hex in json.dumps(row).replace("-", "")]
                assert bool(about) is is_told, at

    def test_a_draft_that_takes_the_answer_over_does_not_take_the_comment(self) -> None:
        taken_over = Answer.objects.get(assessment=self.theirs, question__key=self.finding.question_key)
        assert taken_over.choice == "option"
        assert taken_over.comment == ""
        again = lifecycle.start(
            self.scene.another_server(publisher=self.scene.vendor), kind="initial", by=self.scene.people.alice, now=NOON
        )
        assert again.answers.get(question__key=self.finding.question_key).comment == COMMENT
