"""Who has left a unit reads no longer what they were told of it."""

import pytest

from accounts import access, people
from alerts import relay
from alerts.models import Alert
from findings import register
from tests.api.caller import Caller, accepted
from tests.assessments import scenes
from tests.cast import NOON
from tests.web.signed_in import as_

pytestmark = pytest.mark.django_db


def test_alerts_of_a_unit_go_with_the_role_in_it() -> None:
    scene = scenes.set_up()
    alice, ada = scene.people.alice, scene.people.ada
    people.give_role(alice, role="analyst", unit=scene.people.research, by=ada, now=NOON)
    register.open_by_hand(
        scene.server,
        title="Open to all",
        severity=1,
        dimension="provenance",
        owner=alice,
        by=scene.people.bob,
        now=NOON,
    )
    while relay.relay(now=NOON):
        pass
    alert = Alert.objects.filter(recipient=alice, title__contains="Open to all").get()
    assert alert in Alert.objects.visible_to(alice)
    assert alert.title in as_(alice).get("/inbox/").content.decode()

    people.take_role(alice.memberships.get(unit=scene.people.payments), by=ada, now=NOON)
    access.forget(alice)
    assert alert not in Alert.objects.visible_to(alice)
    for where in ("/inbox/", "/inbox/?show=all"):
        assert alert.title not in as_(alice).get(where).content.decode()
    assert as_(alice).post(f"/inbox/{alert.pk}/read/").status_code == 404
    rows = accepted(Caller(alice, now=NOON).get("/alerts/"), 200)["results"]
    assert str(alert.pk) not in {row["id"] for row in rows}

    people.give_role(alice, role="auditor", unit=scene.people.payments, by=ada, now=NOON)
    access.forget(alice)
    assert alert in Alert.objects.visible_to(alice)
