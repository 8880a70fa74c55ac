"""Who decides, manages or administers everywhere sees what waits in every unit, not what is their own alone."""

from datetime import timedelta

import pytest

from accounts import people
from accounts.models import Role, User
from audit.context import SYSTEM
from escalations import climbing, ladders
from tests import cast
from tests.alerts import scene as told
from tests.assessments import scenes
from tests.cast import NOON, TODAY
from work import ending, waiting, week

pytestmark = pytest.mark.django_db
SOON = TODAY + timedelta(days=20)


@pytest.fixture
def approved() -> scenes.Scene:
    """Return the scene with a conditional approval that ends soon."""
    scene = scenes.set_up()
    scene.approved(
        valid_until=SOON,
        decision="approve_with_conditions",
        conditions=[("Have it tested.", TODAY + timedelta(days=9))],
    )
    return scene


def test_what_ends_soon_anywhere_is_seen_by_who_decides_everywhere(approved: scenes.Scene) -> None:
    olga = cast.person("olga", role=Role.APPROVER, unit=None)
    seen = ending.soon(olga, today=TODAY)
    assert [(one.what, one.last_day) for one in seen] == [
        ("Condition", TODAY + timedelta(days=9)),
        ("Approval", SOON),
    ]
    assert seen == ending.soon(approved.people.bob, today=TODAY)


def test_the_week_of_who_manages_everywhere_says_what_ends(approved: scenes.Scene) -> None:
    hana = cast.person("hana", role=Role.MANAGER, unit=None)
    totals = {one.words: one.total for one in week.sections(hana, TODAY)}
    assert totals["end within 30 days"] == 2
    assert totals == {one.words: one.total for one in week.sections(approved.people.mia, TODAY)}


def test_the_lists_of_the_week_show_the_units_of_whose_week_it_is() -> None:
    told.build()
    climbing.climb(next(one for one in ladders.every() if one.word == "finding_overdue"), now=NOON + timedelta(days=35))
    mia, hana = User.objects.get(name="Mia"), cast.person("hana", role=Role.MANAGER, unit=None)
    today = TODAY + timedelta(days=35)
    found = {one.words: dict(one.filters) for one in week.sections(mia, today) if one.noun}
    assert found == {
        "not acknowledged": {"unit": "mine"},
        "became overdue": {"is_overdue": "true", "status": "fixing", "unit": "mine"},
    }
    assert all("unit" not in dict(one.filters) for one in week.sections(hana, today))


def test_a_head_who_administers_too_sees_what_has_come_to_the_managers() -> None:
    told.build()
    hana = cast.person("hana", role=Role.MANAGER, unit=None)
    people.give_role(hana, role=Role.ADMINISTRATOR, unit=None, by=SYSTEM, now=NOON)
    climbing.climb(next(one for one in ladders.every() if one.word == "finding_overdue"), now=NOON + timedelta(days=35))
    assert [one.rung for one in waiting.escalations(hana)] == ["managers"]
