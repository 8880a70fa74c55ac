"""A residual risk set by hand: two people agree, for a while, and the computed one comes back by itself."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import TestCase

from accounts import access
from accounts.models import Membership, Role, User
from audit.models import Event
from decisions import tasks
from decisions.models import RatingOverride, ServerRating
from decisions.ratings import overriding, ratings
from riskregister.refusals import Refused
from riskregister.transitions import IllegalTransition
from tests import append_only, cast
from tests.alerts.scene import told
from tests.alerts.test_days import days_on_which
from tests.assessments import scenes
from tests.assessments.scenes import Scene, in_time, verbs
from tests.cast import NOON, TODAY

IN_TEN_DAYS = TODAY + timedelta(days=10)


class Overriding(TestCase):
    """max manages Payments and approves there too; bob approves."""

    scene: Scene
    bob: User
    max: User

    @classmethod
    def setUpTestData(cls) -> None:
        cls.scene = scenes.set_up()
        payments = cls.scene.people.payments
        cls.bob, cls.max = cls.scene.people.bob, cast.person("max", role=Role.MANAGER, unit=payments)
        Membership.objects.create(user=cls.max, unit=payments, role=Role.APPROVER)
        access.forget(cls.max)
        cls.scene.final()

    def asked(self) -> RatingOverride:
        return overriding.request(
            self.scene.server, residual="medium", reason="So.", expires_on=IN_TEN_DAYS, by=self.max, now=NOON
        )

    def granted(self) -> RatingOverride:
        return overriding.grant(self.asked(), note="", by=self.bob, now=NOON)

    def shown(self) -> tuple[str, str]:
        row = ServerRating.objects.get(server=self.scene.server)
        return row.residual, row.residual_computed

    def test_whoever_asks_neither_grants_nor_refuses_not_even_as_approver(self):
        override, before = self.asked(), self.shown()
        for decide in (overriding.grant, overriding.refuse):
            with pytest.raises(access.NotPermitted, match="You asked"):
                decide(override, note="Mine.", by=self.max, now=NOON)
        assert (RatingOverride.objects.get().status, self.shown()) == ("requested", before)
        assert verbs(override) == ["override.requested"]

    def test_the_database_refuses_it_too(self):
        override = self.asked()
        with pytest.raises(IntegrityError), transaction.atomic():
            RatingOverride.objects.filter(pk=override.pk).update(decided_by=self.max)

    def test_the_computed_value_stays_in_sight(self):
        computed = self.shown()[1]
        assert computed != "medium"
        self.granted()
        assert self.shown() == ("medium", computed)

    def test_an_analyst_does_not_ask_and_a_manager_alone_does_not_decide(self):
        people, override = self.scene.people, self.asked()
        with pytest.raises(access.NotPermitted):
            overriding.request(
                self.scene.server, residual="low", reason="So.", expires_on=IN_TEN_DAYS, by=people.alice, now=NOON
            )
        with pytest.raises(access.NotPermitted):
            overriding.grant(override, note="", by=people.mia, now=NOON)

    def test_it_ends_within_a_year_and_not_before_tomorrow(self):
        for day in (TODAY, TODAY + timedelta(days=366)):
            with self.subTest(day), pytest.raises(Refused) as refusal:
                overriding.request(
                    self.scene.server, residual="low", reason="So.", expires_on=day, by=self.max, now=NOON
                )
            assert refusal.value.field == "expires_on"
        assert not RatingOverride.objects.exists()
        for day in (TODAY + timedelta(days=1), TODAY + timedelta(days=365)):
            with append_only.lifted(connection, RatingOverride):
                RatingOverride.objects.all().delete()
            overriding.request(self.scene.server, residual="low", reason="So.", expires_on=day, by=self.max, now=NOON)
            assert RatingOverride.objects.get().expires_on == day

    def test_its_end_is_told_ahead_and_not_of_one_that_was_never_granted(self):
        asked = self.asked()
        assert days_on_which("override") == []
        overriding.grant(asked, note="", by=self.bob, now=NOON)
        assert [(day, step) for day, _verb, step in days_on_which("override")] == [(0, "30"), (3, "7"), (10, "0")]
        event = Event.objects.filter(verb="override.ending").latest("at")
        assert {name: one.title for name, one in told(event).items()} == dict.fromkeys(
            ("alice", "max"), f"The residual risk set by hand for {self.scene.server} ends today"
        )

    def test_the_last_day_still_counts(self):
        override = self.granted()
        assert overriding.record_expired(now=in_time(10)) == 0
        assert RatingOverride.objects.get().status == "granted"
        assert verbs(override) == ["override.requested", "override.granted"]

    def test_the_rating_asks_the_clock_before_any_sweep_has_seen_it(self):
        self.granted()
        computed = self.shown()[1]
        assert ratings.refresh(self.scene.server, reason="Asked.", now=in_time(10)).residual == "medium"
        assert ratings.refresh(self.scene.server, reason="Asked.", now=in_time(11)).residual == computed

    def test_the_day_after_it_is_over_and_said_so_once_however_long_nobody_looked(self):
        override, (_, computed) = self.granted(), self.shown()
        assert overriding.record_expired(now=in_time(60)) == 1
        assert overriding.record_expired(now=in_time(61)) == 0
        assert self.shown() == (computed, computed)
        assert verbs(override) == ["override.requested", "override.granted", "override.expired"]
        assert RatingOverride.objects.get().status == "expired"

    def test_what_ran_out_is_not_revoked_whether_or_not_a_sweep_has_seen_it(self):
        override = self.granted()
        with pytest.raises(Refused, match="run out"):
            overriding.revoke(override, reason="Wrong.", by=self.bob, now=in_time(11))
        assert RatingOverride.objects.get().status == "granted"
        overriding.record_expired(now=in_time(11))
        with pytest.raises(IllegalTransition, match="from expired to revoked"):
            overriding.revoke(RatingOverride.objects.get(), reason="Wrong.", by=self.bob, now=in_time(11))
        assert verbs(override)[-1] == "override.expired"

    def test_one_that_was_never_decided_stands_in_the_way_of_another_even_after_its_day(self):
        self.asked()
        with pytest.raises(overriding.OverrideInvalid, match="Another override of this server waits or holds"):
            overriding.request(
                self.scene.server, residual="low", reason="So.", expires_on=TODAY + timedelta(days=60), by=self.max,
                now=in_time(30),
            )  # fmt: skip
        assert RatingOverride.objects.get().status == "requested"

    def test_a_refusal_says_why(self):
        override = self.asked()
        for note in ("", " \n"):
            with self.subTest(note), pytest.raises(Refused) as refusal:
                overriding.refuse(override, note=note, by=self.bob, now=NOON)
            assert refusal.value.field == "note"
        assert (RatingOverride.objects.get().status, verbs(override)) == ("requested", ["override.requested"])
        refused = overriding.refuse(override, note="The server is on again.", by=self.bob, now=NOON)
        assert (refused.status, refused.decision_note) == ("refused", "The server is on again.")

    def test_of_two_sweeps_at_once_one_records_it(self):
        key = self.granted().pk
        assert overriding._record_expiry(key, now=in_time(11)) is True
        assert overriding._record_expiry(key, now=in_time(11)) is False

    def test_a_revoked_one_does_not_run_out(self):
        override = overriding.revoke(self.granted(), reason="Wrong.", by=self.bob, now=in_time(1))
        assert overriding.record_expired(now=in_time(11)) == 0
        assert verbs(override)[-1] == "override.revoked"

    def test_the_sweep_of_the_ratings_looks_for_it(self):
        # The product's clock stands years after these tests' day.
        override = self.granted()
        tasks.sweep_ratings(None)  # type: ignore[arg-type]  # the job itself is not looked at
        assert verbs(override)[-1] == "override.expired"
