"""What the clock takes from people goes on to others, as what an administrator takes from them does."""

from datetime import timedelta

import time_machine
from django.db import connection
from django.test import TestCase

from accounts.models import Membership, Role, User
from alerts import relay
from alerts.models import Alert
from assessments.models import Assessment
from audit.models import Event
from decisions.models import Review
from decisions.reviews import reviews
from findings.models import Finding
from tests import append_only, cast
from tests.assessments import scenes
from tests.cast import NOON, TODAY
from vendors.models import Server
from vendors.registering import registration
from work.in_hand import orphans

LATER = NOON + timedelta(days=10)


@time_machine.travel(LATER, tick=False)
class Ended(TestCase):
    """alice has a draft, a finding and a review in hand; ann is an analyst too; carol, an auditor, owns the server."""

    scene: scenes.Scene
    alice: User

    @classmethod
    def setUpTestData(cls) -> None:
        cls.scene = scenes.set_up()
        payments = cls.scene.people.payments
        cls.alice = cls.scene.people.alice
        Finding.objects.filter(pk=cls.scene.finding().pk).update(owner=cls.alice)
        cls.scene.draft(cls.scene.another_server())
        review = reviews.schedule_next(cls.scene.server, after=TODAY, now=NOON)
        reviews.assign(review, assignee=cls.alice, by=cls.scene.people.mia, now=NOON)
        cast.person("ann", role=Role.ANALYST, unit=payments)
        carol = cls.scene.people.carol
        registration.edit_server(cls.scene.server, changes={"owner": carol}, by=cls.alice, now=NOON)
        relay.relay_without_mail(now=NOON)

    def end(self, person: User) -> None:
        Membership.objects.filter(user=person).update(valid_until=TODAY)

    def holders(self) -> set[str | None]:
        return {
            Finding.objects.values_list("owner__name", flat=True).get(),
            Assessment.objects.values_list("assignee__name", flat=True).get(status="draft"),
            Review.objects.values_list("assignee__name", flat=True).get(),
        }

    def test_work_goes_to_others_once_the_role_for_it_has_ended(self) -> None:
        assert orphans.hand_over(now=LATER) == 0
        self.end(self.alice)
        assert orphans.hand_over(now=NOON) == 0
        assert self.holders() == {"Alice"}

        assert (orphans.hand_over(now=LATER), orphans.hand_over(now=LATER)) == (1, 0)

        assert self.holders() == {"Ann"}
        events = Event.objects.filter(reason__startswith="Alice has no role for it any more.")
        assert {event.actor_kind for event in events} == {"system"}
        assert events.count() == 3

    def test_so_does_what_somebody_got_in_the_moment_in_which_they_left(self) -> None:
        User.objects.filter(pk=self.alice.pk).update(is_active=False)
        assert orphans.hand_over(now=LATER) == 1
        assert self.holders() == {"Ann"}

    def test_another_role_for_it_keeps_it(self) -> None:
        self.end(self.alice)
        Membership.objects.create(user=self.alice, unit=None, role=Role.APPROVER)
        assert orphans.hand_over(now=LATER) == 0
        assert self.holders() == {"Alice"}

    def test_a_finding_on_a_vendor_stays_with_whoever_works_anywhere(self) -> None:
        with append_only.lifted(connection, Finding):
            Finding.objects.update(unit=None, server=None, vendor=self.scene.vendor, owner=self.scene.people.eve)
        assert orphans.hand_over(now=LATER) == 0

    def test_the_managers_hear_once_that_a_server_needs_another_owner(self) -> None:
        carol, server = self.scene.people.carol, self.scene.server
        assert orphans.report_servers(now=LATER) == 0
        self.end(carol)
        assert (orphans.report_servers(now=LATER), orphans.report_servers(now=LATER)) == (1, 0)
        assert Server.objects.get(pk=server.pk).owner == carol
        relay.relay(now=LATER)
        alert = Alert.objects.get(event__verb="server.owner_left")
        assert (alert.recipient, alert.title) == (self.scene.people.mia, f"{server} needs another owner")
        assert "Carol, who owns it, has no role for it any more." in alert.body

    def test_a_server_out_of_use_needs_no_owner(self) -> None:
        self.end(self.scene.people.carol)
        Server.objects.update(status="retired")
        assert orphans.report_servers(now=LATER) == 0
