"""Quiet hours hold mail back, never what is critical; whoever stands in for somebody is told beside them."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from django.test import override_settings
from django.utils import timezone

from accounts.models import Role
from alerts import relay
from alerts.delivery import quiet
from alerts.models import Alert, Delivery, Deputy, QuietHours
from alerts.recipients import personal
from alerts.recipients.personal import NotTheirTimes, TimesInvalid
from tests import cast
from tests.alerts.scene import say
from tests.cast import NOON, TODAY
from tests.tables import for_each

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
NIGHT = QuietHours(begins=time(20), ends=time(7))
LUNCH = QuietHours(begins=time(12), ends=time(13, 30))
NIGHT_AND_WEEKEND = QuietHours(begins=time(20), ends=time(7), weekends=True)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """Return a moment of March 2026, whose second day is a Monday."""
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


@for_each(
    "hours, moment, then",
    [
        (None, at(2, 23), at(2, 23)),
        (NIGHT, at(2, 12), at(2, 12)),
        (NIGHT, at(2, 20), at(3, 7)),
        (NIGHT, at(2, 23), at(3, 7)),
        (NIGHT, at(3, 6, 59), at(3, 7)),
        (NIGHT, at(3, 7), at(3, 7)),
        (LUNCH, at(2, 12), at(2, 13, 30)),
        (LUNCH, at(2, 11, 59), at(2, 11, 59)),
        (LUNCH, at(2, 13, 30), at(2, 13, 30)),
        # Friday night leads over the weekend into the night before Monday, and that to its morning.
        (NIGHT_AND_WEEKEND, at(6, 21), at(9, 7)),
        (NIGHT_AND_WEEKEND, at(7, 12), at(9, 7)),
        (NIGHT_AND_WEEKEND, at(8, 23), at(9, 7)),
        (NIGHT_AND_WEEKEND, at(9, 7), at(9, 7)),
    ],
)
def test_the_first_moment_at_which_somebody_may_be_written_to(hours, moment, then):
    assert quiet.after(moment, hours) == then


def test_quiet_hours_are_those_of_the_organisation_also_when_its_clock_changes():
    # In Berlin the night to 29 March 2026 is an hour shorter.
    with override_settings(TIME_ZONE="Europe/Berlin"), timezone.override("Europe/Berlin"):
        assert quiet.after(at(28, 22), NIGHT) == at(29, 5)


def set_hours(person: Any, begins: time | None, ends: time | None, **more: Any) -> None:
    personal.set_quiet_hours(person, begins=begins, ends=ends, weekends=False, by=person, now=NOON, **more)


def test_mail_waits_until_the_quiet_hours_are_over_and_the_inbox_does_not(scene):
    alice = scene.cast.alice
    set_hours(alice, time(11), time(14))

    say("finding.assigned", scene.finding, by=scene.cast.mia)
    relay.relay(now=NOON)

    assert Alert.objects.filter(recipient=alice).exists()
    assert Delivery.objects.get(recipient=alice).send_after == NOON + timedelta(hours=2)


def test_what_is_critical_comes_in_quiet_hours_and_takes_along_what_waited(scene):
    alice = scene.cast.alice
    set_hours(alice, time(11), time(14))
    say("finding.assigned", scene.finding, by=scene.cast.mia)
    relay.relay(now=NOON)

    say("server.suspended", scene.server, by=scene.cast.bob, reason="It leaks.")
    relay.relay(now=NOON)

    delivery = Delivery.objects.get(recipient=alice)
    assert (delivery.send_after, delivery.alerts.count()) == (NOON, 2)


def test_hours_are_set_and_ended_by_whom_they_are_of_alone(scene):
    alice, mia = scene.cast.alice, scene.cast.mia
    with pytest.raises(NotTheirTimes):
        personal.set_quiet_hours(alice, begins=time(20), ends=time(7), weekends=False, by=mia, now=NOON)
    set_hours(alice, time(20), time(7))
    assert str(alice.quiet_hours) == "20:00 to 07:00"

    set_hours(alice, None, None)

    assert not QuietHours.objects.exists()


@for_each("begins, ends, weekends", [(time(8), None, False), (time(8), time(8), False), (None, None, True)])
def test_hours_that_do_not_fit_are_refused(scene, begins, ends, weekends):
    alice = scene.cast.alice
    with pytest.raises(TimesInvalid):
        personal.set_quiet_hours(alice, begins=begins, ends=ends, weekends=weekends, by=alice, now=NOON)

    assert not QuietHours.objects.exists()


def name(scene: Any, deputy: Any, **changes: Any) -> None:
    alice = scene.cast.alice
    days = {"first_on": TODAY, "last_on": TODAY + 7 * DAY} | changes
    personal.name_deputy(alice, deputy=deputy, **days, by=alice, now=NOON)


def told_of_the_assignment(scene: Any, *, now: datetime = NOON) -> dict[str, Alert]:
    event = say("finding.assigned", scene.finding, by=scene.cast.mia, at=now)
    relay.relay(now=now)
    return {alert.recipient.name: alert for alert in Alert.objects.filter(event=event)}


def test_a_deputy_is_told_what_the_person_is_told_beside_them_between_the_days(scene):
    name(scene, scene.cast.carol)

    found = told_of_the_assignment(scene)

    assert found.keys() == {"Alice", "Carol"}
    assert found["Carol"].why == "You stand in for Alice until 9 March 2026."
    assert (found["Carol"].title, found["Carol"].is_action) == (found["Alice"].title, True)
    assert found["Carol"].delivery is not None
    assert told_of_the_assignment(scene, now=NOON + 8 * DAY).keys() == {"Alice"}


def test_a_deputy_is_told_nothing_that_they_may_not_see_or_have_done_themselves(scene):
    name(scene, scene.cast.mia)
    assert told_of_the_assignment(scene).keys() == {"Alice"}

    name(scene, cast.person("rosa", role=Role.ANALYST, unit=scene.cast.research))
    assert told_of_the_assignment(scene).keys() == {"Alice"}


def test_a_deputy_who_has_left_is_not_told_and_a_person_ends_it(scene):
    name(scene, scene.cast.carol)
    type(scene.cast.carol).objects.filter(pk=scene.cast.carol.pk).update(is_active=False)
    assert told_of_the_assignment(scene).keys() == {"Alice"}

    name(scene, None)

    assert not Deputy.objects.exists()


def test_a_deputy_that_does_not_fit_is_refused(scene):
    outsider = type(scene.cast.alice).objects.create(email="dan@example.org", name="Dan")
    for deputy, days in (
        (scene.cast.alice, {}),
        (outsider, {}),
        (scene.cast.carol, {"last_on": TODAY - DAY}),
        (scene.cast.carol, {"first_on": TODAY + 9 * DAY}),
        (scene.cast.carol, {"last_on": None}),
    ):
        with pytest.raises(TimesInvalid):
            name(scene, deputy, **days)
    with pytest.raises(NotTheirTimes):
        personal.name_deputy(
            scene.cast.alice, deputy=scene.cast.bob, first_on=TODAY, last_on=TODAY, by=scene.cast.mia, now=NOON
        )

    assert not Deputy.objects.exists()
