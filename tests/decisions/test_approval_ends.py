"""The end of an approval is told, caps the rating, brings the review forward, and is a state of its own."""

from datetime import date, datetime, timedelta

from django.test import TestCase

from audit.models import Event
from decisions.approvals import approval_ends, approvals, server_states
from decisions.models import Approval, EndNotice, Review, ServerRating
from decisions.ratings import ratings
from decisions.reviews import reviews
from scoring import methodology
from tests.alerts.scene import told
from tests.assessments import scenes
from tests.assessments.scenes import Scene, in_time, verbs
from tests.cast import NOON, TODAY
from vendors import lifecycle
from vendors.models import Server
from vendors.registering import deployments

LAST_DAY = 100
METHOD_1, METHOD_2 = (methodology.load(version) for version in (1, 2))


class Ends(TestCase):
    """A server that bob approved for a hundred days."""

    scene: Scene
    approval: Approval

    @classmethod
    def setUpTestData(cls) -> None:
        cls.scene = scenes.set_up()
        cls.approval = cls.scene.approved(valid_until=TODAY + timedelta(days=LAST_DAY))

    def server(self) -> Server:
        return Server.objects.get(pk=self.scene.server.pk)

    def renewed(self, *, at: int, until: int) -> Approval:
        return self.scene.approved(at=in_time(at), valid_until=TODAY + timedelta(days=until))

    def caps(self, days: int) -> list[tuple[str, str]]:
        rating = ratings.current(self.server(), now=in_time(days))
        return [(cap.id, cap.reason) for cap in rating.caps if cap.subject == "approval"]


class Telling(Ends):
    def test_thirty_seven_and_no_days_before_and_from_the_day_after_once_each(self):
        counts = {day: approval_ends.tell(now=in_time(day)) for day in range(468)}

        assert [day for day, count in counts.items() if count] == [70, 93, 100, 101]
        assert verbs(self.approval)[1:] == ["approval.ending"] * 3 + ["approval.expired"]
        data = [event.data for event in Event.objects.filter(verb="approval.ending").order_by("at")]
        until = (TODAY + timedelta(days=LAST_DAY)).isoformat()
        assert data == [{"until": until, "step": str(left), "days": left} for left in (30, 7, 0)]

    def test_whoever_must_act_and_once_it_has_ended_whoever_answers_for_it(self):
        titles = {}
        for day in (70, 99, 100, 101):
            approval_ends.tell(now=in_time(day))
            event = Event.objects.filter(verb__in=["approval.ending", "approval.expired"]).latest("at")
            titles[day] = {name: alert.title for name, alert in told(event).items()}
        named = str(self.server())
        assert titles == {
            70: dict.fromkeys(("alice", "bob"), f"The approval of {named} ends in 30 days"),
            99: dict.fromkeys(("alice", "bob"), f"The approval of {named} ends in 1 day"),
            100: dict.fromkeys(("alice", "bob"), f"The approval of {named} ends today"),
            101: dict.fromkeys(("alice", "bob", "mia"), f"The approval of {named} has run out"),
        }

    def test_after_weeks_of_downtime_what_has_ended_is_told_as_ended_only(self):
        assert [approval_ends.tell(now=in_time(day)) for day in (140, 141)] == [1, 0]
        assert list(EndNotice.objects.values_list("step", flat=True)) == ["expired"]

    def test_of_two_sweeps_at_once_one_tells(self):
        key = self.approval.pk
        assert [approval_ends._tell(key, now=in_time(101)) for _ in range(2)] == [True, False]

    def test_nobody_of_what_was_replaced_withdrawn_or_rejected(self):
        self.renewed(at=60, until=300)
        other = self.scene.approved(self.scene.another_server(), valid_until=TODAY + timedelta(days=LAST_DAY))
        approvals.withdraw(other, reason="It was breached.", by=self.scene.people.bob, now=in_time(1))
        self.scene.approved(self.scene.another_server(), decision=Approval.Decision.REJECT)
        assert [approval_ends.tell(now=in_time(day)) for day in (70, 93, 100, 101)] == [0, 0, 0, 0]

    def test_nobody_of_a_server_that_is_out_of_use(self):
        people = self.scene.people
        deployments.end_deployment(
            self.server().deployments.select_related("server").get(), on=TODAY, by=people.alice, now=in_time(1)
        )
        lifecycle.retire(self.server(), reason="It is not needed.", by=people.bob, now=in_time(1))
        assert approval_ends.tell(now=in_time(101)) == 0

    def test_no_end_of_eleven_is_silent_in_468_days(self):
        self.scene.spare_names.extend(f"spare{number}" for number in range(10))
        ends = [40, 41, 68, 90, 133, 170, 201, 256, 300, 366]
        made = [
            self.scene.approved(self.scene.another_server(), valid_until=TODAY + timedelta(days=end)) for end in ends
        ]

        for day in range(468):
            approval_ends.tell(now=in_time(day))

        moments = {
            approval.pk: [
                event.at for event in Event.objects.filter(object_id=approval.pk, verb__in=TOLD).order_by("at")
            ]
            for approval in (self.approval, *made)
        }
        assert moments == {
            approval.pk: [in_time(max(end - left, 0)) for left in (30, 7, 0, -1)]
            for approval, end in zip((self.approval, *made), (LAST_DAY, *ends), strict=True)
        }


TOLD = ("approval.ending", "approval.expired")


class Rating(Ends):
    def test_is_capped_from_the_day_after_the_last(self):
        assert self.caps(LAST_DAY) == []
        ended = "The approval ended on 10 Jun 2026."
        assert self.caps(LAST_DAY + 1) == [("approval-lapsed", ended)]
        assert (
            ratings.current(self.server(), now=in_time(LAST_DAY + 1)).overall
            == METHOD_2.caps["approval-lapsed"].at_most
        )

    def test_keeps_the_moment_at_which_it_will_be(self):
        Review.objects.all().delete()
        rating = ratings.refresh(self.server(), reason="So.", now=in_time(1))
        assert rating.changes_at == datetime.fromisoformat("2026-06-11T00:00:00Z")

    def test_is_what_it_was_once_somebody_decides_anew(self):
        before = ratings.current(self.server(), now=in_time(1)).residual
        renewed = self.renewed(at=120, until=300)
        assert self.caps(120) == []
        assert ratings.current(self.server(), now=in_time(120)).residual == before

        assert renewed.residual == before.value

    def test_without_a_review_date_is_stale_by_version_1_only(self):
        final = self.scene.final(self.scene.another_server(), at=in_time(1))
        assert "stale" not in {cap.id for cap in ratings.current(final.judged_server, now=in_time(1)).caps}
        assert [METHOD_1.caps["stale"].without_a_date, METHOD_2.caps["stale"].without_a_date] == [True, False]


class ReviewAhead(Ends):
    def due(self) -> list[tuple[str, date]]:
        return list(Review.objects.waiting().order_by("due_on").values_list("trigger", "due_on"))

    def test_is_due_by_the_last_day_from_the_first_notice_on(self):
        ends_on = TODAY + timedelta(days=LAST_DAY)
        assert self.due() == [("cadence", date(2026, 9, 2))]
        approval_ends.tell(now=in_time(70))
        assert self.due() == [("cadence", ends_on)]
        assert ServerRating.objects.get().next_review_on == ends_on
        assert (
            Event.objects.filter(verb="review.scheduled").latest("at").reason
            == f"{self.approval.ref} ends on 10 Jun 2026."
        )
        assert Review.objects.get().trigger_reason == f"{self.approval.ref} ends on 10 Jun 2026."

    def test_stays_where_it_is_earlier(self):
        asked = reviews.request_review(
            self.server(), reason="An incident.", due_on=TODAY + timedelta(days=80), by=self.scene.people.mia, now=NOON
        )
        approval_ends.tell(now=in_time(70))
        assert self.due() == [("request", asked.due_on), ("cadence", date(2026, 9, 2))]

    def test_is_an_occasion_of_its_own_where_none_waits(self):
        Review.objects.all().delete()
        for day in (70, 93, 101):
            approval_ends.tell(now=in_time(day))
        assert self.due() == [("event", TODAY + timedelta(days=LAST_DAY))]


class State(Ends):
    def test_is_expired_from_the_day_after_the_last_and_never_stored(self):
        for days, states in ((LAST_DAY, ("granted", "approved")), (LAST_DAY + 1, ("expired", "approval_expired"))):
            today = TODAY + timedelta(days=days)
            approval, server = Approval.objects.get(), self.server()
            assert (approval.state(today=today), server_states.state(server, today=today)) == states
            assert (approval.status, server.status) == ("granted", "approved")
            assert list(Approval.objects.filter(Approval.in_states([states[0]], today=today))) == [approval]
            other = "expired" if states[0] == "granted" else "granted"
            assert not Approval.objects.filter(Approval.in_states([other], today=today)).exists()

    def test_of_a_suspended_server_is_suspended(self):
        lifecycle.suspend(self.server(), reason="To be sure.", by=self.scene.people.bob, now=in_time(1))
        assert server_states.state(self.server(), today=TODAY + timedelta(days=LAST_DAY + 1)) == "suspended"

    def test_of_a_rejection_is_in_force(self):
        rejected = self.scene.approved(self.scene.another_server(), decision=Approval.Decision.REJECT)
        assert rejected.state(today=date(2036, 1, 1)) == "granted"
