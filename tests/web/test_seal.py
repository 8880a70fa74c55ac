"""The page that says when the trail was last checked, and what came of it."""

import pytest
from django.db import connection
from django.urls import reverse

from decisions.models import Approval
from seal import checking, sealing
from seal.models import TrailCheck
from tests import append_only
from tests.assessments import scenes
from tests.cast import NOON
from tests.web.signed_in import as_


@pytest.mark.django_db
def test_it_says_what_the_last_check_found_and_names_it_to_those_who_read_administration():
    scene = scenes.set_up()
    assert b"Nobody has checked the trail yet." in as_(scene.people.alice).get(reverse("web:seal")).content
    scene.approved()
    sealing.seal(now=NOON)
    checking.record(now=NOON)
    page = " ".join(as_(scene.people.alice).get(reverse("web:seal")).content.decode().split())
    assert "The trail holds." in page
    assert f"<dd> {TrailCheck.objects.get().size} sealed </dd>" in page
    with append_only.lifted(connection, Approval):
        Approval.objects.update(reason="Fine.")
    checking.record(now=NOON)

    told, unnamed = (as_(who).get(reverse("web:seal")).content for who in (scene.people.ada, scene.people.alice))
    assert b"The trail does not hold: 1 problem." in told
    assert b"It is not as its last event says." in told
    assert b"It is not as its last event says." not in unnamed


@pytest.mark.django_db
def test_it_says_that_what_was_not_sealed_at_a_check_was_next():
    scene = scenes.set_up()
    sealing.seal(now=NOON)
    checking.record(now=NOON)
    with append_only.lifted(connection, TrailCheck):
        TrailCheck.objects.update(size=2000, waiting=2653)
    page = " ".join(as_(scene.people.alice).get(reverse("web:seal")).content.decode().split())
    assert "<dd> 2000 sealed; 2653 newer were next to be sealed, within the minute </dd>" in page
