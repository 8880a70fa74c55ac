"""Who decides, manages or administers everywhere sees what waits in every unit, not what is their own alone."""

from datetime import timedelta

import pytest

from accounts import people
from accounts.models import Role, User
from audit.context import SYSTEM
from controls.models import TierAcceptance
from decisions.ratings import overriding
from escalations import climbing, ladders
from tests import cast, forgeries
from tests.alerts import scene as told
from tests.assessments import scenes
from tests.cast import NOON, TODAY
from vendors.models import Deployment
from work.in_hand import ending, late, waiting, week

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


def test_what_else_was_decided_until_a_day_ends_too_and_was_decided_in_the_week(db: None) -> None:
    scene = scenes.set_up()
    scene.final()
    people_ = scene.people
    forgeries.suppress(scene.server, people_)
    forgeries.accept_lower(scene.server, people_)
    day = TODAY + timedelta(days=10)
    asked = overriding.request(scene.server, residual="medium", reason="So.", expires_on=day, by=people_.mia, now=NOON)
    overriding.grant(asked, by=people_.bob, now=NOON)

    seen = ending.soon(people_.mia, today=TODAY, within=timedelta(days=100))
    assert [(one.what, one.last_day) for one in seen] == [
        ("Lower tier", TODAY + timedelta(days=9)),
        ("Override", day),
        ("Suppression", TODAY + timedelta(days=90)),
    ]
    assert ending.soon(people_.eve, today=TODAY, within=timedelta(days=100)) == []
    [decided] = [one for one in week.sections(people_.mia, TODAY) if one.words == "decided"]
    assert decided.lines == [
        f"{scene.server} as medium: granted, by Bob",
        f"{TierAcceptance.objects.get()}: granted, by Bob",
    ]


def test_a_lower_tier_that_nobody_decides_is_late_and_waits_for_those_who_may(db: None) -> None:
    scene = scenes.set_up()
    people_ = scene.people
    asked = forgeries.ask_for_lower(scene.server, people_)
    ben = cast.person("ben", role=Role.APPROVER, unit=people_.payments)
    Deployment.objects.update(owner=ben)

    assert late.decisions(people_.mia, today=TODAY + timedelta(days=14), limit=6) == ([], 0)
    found, total = late.decisions(people_.mia, today=TODAY + timedelta(days=15), limit=6)
    assert (total, [one.row for one in found]) == (1, [asked])
    assert [people for _one, people in late.with_approvers(found)] == [[people_.bob]]


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
