"""What the product's own steps lead to in the inboxes: one assessment from its start to its findings."""

import pytest

from alerts import relay
from alerts.models import Alert
from assessments import lifecycle
from audit.events import Pace
from findings.models import Finding
from tests.cast import NOON, a_release, assemble

pytestmark = pytest.mark.django_db


def news() -> set[tuple[str, str, bool, bool]]:
    """Return verb, recipient, whether it waits for them and whether it is mailed, of what is new since last time."""
    relay.relay(now=NOON)
    fresh = Alert.objects.filter(read_at=None).select_related("event", "recipient")
    found = {(row.event.verb, str(row.recipient), row.is_action, row.delivery is not None) for row in fresh}
    fresh.update(read_at=NOON)
    return found


def test_an_assessment_is_told_step_by_step_to_whom_it_concerns():
    cast = assemble()
    server = a_release(cast, "forecast").server
    server.owner = cast.mia
    server.save()
    news()
    draft = lifecycle.start(server, kind="initial", by=cast.alice, now=NOON)
    assert news() == set()

    lifecycle.submit(draft, by=cast.alice, now=NOON)
    assert news() == {("assessment.submitted", "Bob", True, True)}

    lifecycle.return_to_draft(draft, reason="Say more.", by=cast.bob, now=NOON)
    assert news() == {("assessment.returned", "Alice", True, True)}

    lifecycle.submit(draft, by=cast.alice, now=NOON)
    news()
    lifecycle.finalise(draft, by=cast.bob, now=NOON)
    found = news()
    # One mail counts the findings and names the critical ones; the others have their lines in the inbox only.
    assert ("assessment.finalised", "Mia", False, True) in found
    opened = Alert.objects.filter(event__verb="finding.opened")
    assert {(one.pace == Pace.CRITICAL, one.delivery is not None) for one in opened} == {(True, True), (False, False)}
    assert Alert.objects.filter(event__verb="finding.opened").count() == Finding.objects.count() > 5
