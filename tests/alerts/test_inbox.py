"""The inbox of a person."""

from datetime import timedelta

import pytest

from accounts.access import NotPermitted
from alerts import inbox, links
from alerts.models import Alert
from tests.alerts.scene import say, told
from tests.cast import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture
def alert(scene) -> Alert:
    return told(say("finding.assigned", scene.finding, by=scene.cast.mia))["alice"]


def test_reading_is_noted_at_its_first_moment(scene, alert):
    inbox.mark_read(alert, by=scene.cast.alice, now=NOON)
    inbox.mark_read(alert, by=scene.cast.alice, now=NOON + timedelta(hours=1))

    alert.refresh_from_db()
    assert alert.read_at == NOON


def test_nobody_else_reads_it_for_them(scene, alert):
    with pytest.raises(NotPermitted):
        inbox.mark_read(alert, by=scene.cast.ada, now=NOON)

    alert.refresh_from_db()
    assert alert.read_at is None
    assert list(Alert.objects.visible_to(scene.cast.ada)) == []


def test_marking_all_read_touches_ones_own_inbox_only(scene, alert):
    say("review.overdue", scene.review, by=scene.cast.bob)
    told(say("finding.reopened", scene.finding, by=scene.cast.bob))

    assert inbox.mark_all_read(by=scene.cast.alice, now=NOON) == 3
    assert inbox.mark_all_read(by=scene.cast.alice, now=NOON) == 0
    assert Alert.objects.visible_to(scene.cast.mia).unread().count() == 1


def test_an_alert_leads_to_the_door_that_finds_its_object(scene, alert):
    assert links.path(alert) == f"/go/finding/{scene.finding.pk}"
    assert links.absolute(alert) == f"http://localhost:8000/go/finding/{scene.finding.pk}"
