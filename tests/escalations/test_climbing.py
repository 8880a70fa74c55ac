"""What waits goes from the owner to the managers to the head, each once, until somebody has it."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import override_settings
from django.urls import reverse

from accounts import people, steps
from accounts.access import NotPermitted
from accounts.models import Role
from alerts import relay
from alerts.models import Alert
from audit.context import SYSTEM
from audit.models import Event
from escalations import acknowledging, climbing, ladders
from escalations.models import Escalation
from findings import register
from findings.models import Finding
from riskregister.transitions import IllegalTransition
from scoring.scales import Severity
from tests.cast import NOON, a_vendor, person
from tests.web.signed_in import as_
from vendors.models import ServerSupplier
from work.in_hand import waiting

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
# The finding of the scene is due 30 days from NOON's day and waits from the midnight after.
BEGINS = datetime(2026, 4, 2, tzinfo=UTC)


def of(word: str) -> ladders.Ladder:
    return next(one for one in ladders.every() if one.word == word)


def climb(now: datetime, word: str = "finding_overdue") -> int:
    return climbing.climb(of(word), now=now)


def verbs() -> list[str]:
    return list(Event.objects.filter(verb__startswith="escalation").order_by("pk").values_list("verb", flat=True))


def told(verb: str) -> dict[str, str]:
    """Relay what waits, and return what was said by the event with the verb, by the recipient's name."""
    relay.relay(now=NOON)
    return {one.recipient.name: one.title for one in Alert.objects.filter(event__verb=verb)}


def test_an_overdue_finding_goes_from_owner_to_managers_to_the_head_on_its_days(scene):
    found = []
    for day in range(60):
        now = NOON + day * DAY
        before = len(verbs())
        climb(now)
        assert climb(now) == 0
        found += [(day, verb) for verb in verbs()[before:]]

    # High: the managers after three days, the head after seven; it begins on the 31st day, at midnight.
    assert found == [(31, "escalation.begun"), (34, "escalation.to_managers"), (38, "escalation.to_head")]


def test_managers_and_head_are_told_what_waits_and_for_how_long(scene):
    head = person("hana", role=Role.MANAGER, unit=None)
    climb(BEGINS + 3 * DAY)
    title = f"Overdue finding, not acknowledged for 3 days: {scene.finding}"
    assert told("escalation.to_managers") == {"Mia": title, "Hana": title}

    climb(BEGINS + 7 * DAY)
    assert told("escalation.to_head") == {head.name: title.replace("3 days", "7 days")}


def test_where_nobody_manages_all_units_the_head_is_who_administers_the_register(scene):
    climb(BEGINS + 7 * DAY)

    assert list(told("escalation.to_head")) == ["Ada"]


def test_after_an_outage_every_rung_is_told_the_lower_one_first(scene):
    climb(BEGINS + 40 * DAY)

    assert verbs() == ["escalation.begun", "escalation.to_managers", "escalation.to_head"]


def test_who_acknowledges_stops_it_and_settles_what_others_were_told(scene):
    climb(BEGINS + 3 * DAY)
    assert list(told("escalation.to_managers")) == ["Mia"]
    escalation = Escalation.objects.get()
    acknowledging.acknowledge(escalation, note="The vendor answers on Friday.", by=scene.cast.alice, now=NOON)
    relay.relay(now=NOON)

    alert = Alert.objects.get(event__verb="escalation.to_managers")
    assert (alert.settled_by, alert.settled_at) == ("Alice", NOON)
    assert climb(BEGINS + 50 * DAY) == 0
    escalation.refresh_from_db()
    assert (escalation.status, escalation.rung, escalation.acknowledged_by) == (
        "acknowledged", "managers", scene.cast.alice,
    )  # fmt: skip
    with pytest.raises(IllegalTransition):
        acknowledging.acknowledge(escalation, by=scene.cast.mia, now=NOON)


@pytest.mark.parametrize("name", ["carol", "eve"])
def test_who_reads_only_and_who_is_of_another_unit_do_not_acknowledge(scene, name):
    climb(BEGINS)
    escalation = Escalation.objects.get()

    with pytest.raises(NotPermitted):
        acknowledging.acknowledge(escalation, by=getattr(scene.cast, name), now=NOON)
    escalation.refresh_from_db()
    assert escalation.status == "waiting"


def about_a_vendor(scene) -> Escalation:
    """Return what became of a finding about a vendor, which serves Payments and not Research, and that nobody owns."""
    vendor = a_vendor(scene.cast)
    ServerSupplier.objects.create(server=scene.server, vendor=vendor, role="publisher")
    made = register.open_by_hand(
        vendor, title="It was sold", severity=Severity.HIGH, dimension="provenance", by=scene.cast.alice, now=NOON
    )
    register.assign(made, owner=scene.cast.alice, by=scene.cast.alice, now=NOON)
    climb(NOON + 400 * DAY)
    return Escalation.objects.get(object_id=made.pk)


def test_what_is_about_a_vendor_is_acknowledged_in_the_units_that_it_serves(scene):
    mona = person("mona", role=Role.MANAGER, unit=scene.cast.research)
    escalation = about_a_vendor(scene)
    assert escalation.unit is None

    for outsider in (scene.cast.eve, mona):
        offer = acknowledging.acknowledge.offer(escalation, outsider)
        assert (offer.is_possible, offer.may) == (True, False)
        with pytest.raises(NotPermitted, match="units in which you have no role"):
            acknowledging.acknowledge(escalation, by=outsider, now=NOON)
    escalation.refresh_from_db()
    assert escalation.status == "waiting"
    assert set(told("escalation.to_managers")) == {"Mia"}
    assert list(waiting.escalations(mona)) == []
    assert escalation in waiting.escalations(scene.cast.mia)
    acknowledging.acknowledge(escalation, by=scene.cast.mia, now=NOON)


def test_what_is_about_a_vendor_that_serves_nobody_is_acknowledged_by_anybody_who_may_somewhere(scene):
    escalation = about_a_vendor(scene)
    ServerSupplier.objects.all().delete()
    acknowledging.acknowledge(escalation, by=scene.cast.eve, now=NOON)
    assert escalation.status == "acknowledged"


def test_what_is_fixed_is_over_and_tells_nobody_further(scene):
    climb(BEGINS)
    scene.finding.status = Finding.Status.REMEDIATING
    scene.finding.due_on = date(2026, 6, 1)
    scene.finding.save()

    climb(BEGINS + DAY)
    climb(BEGINS + 30 * DAY)
    escalation = Escalation.objects.get()
    assert (escalation.status, escalation.over_at) == ("over", BEGINS + DAY)
    assert verbs() == ["escalation.begun", "escalation.over"]


@pytest.mark.parametrize("change", [{"due_on": date(2026, 3, 30)}, {"severity": Severity.CRITICAL}])
def test_another_day_or_severity_is_another_occurrence_that_nobody_has_acknowledged(scene, change):
    climb(BEGINS)
    acknowledging.acknowledge(Escalation.objects.get(), by=scene.cast.alice, now=NOON)
    for name, value in change.items():
        setattr(scene.finding, name, value)
    scene.finding.save()

    climb(BEGINS + DAY)
    assert list(Escalation.objects.order_by("pk").values_list("status", flat=True)) == ["over", "waiting"]


def test_a_critical_finding_that_nobody_owns_is_the_managers_at_once(scene):
    scene.finding.severity, scene.finding.owner = Severity.CRITICAL, None
    scene.finding.save()
    climb(NOON, "finding_unassigned")

    title = f"Critical finding without an owner, not acknowledged and in nobody’s hands: {scene.finding}"
    assert told("escalation.to_managers") == {"Mia": title}
    assert Alert.objects.get(event__verb="escalation.to_managers").pace == "critical"


def test_a_finding_that_is_escalated_twice_stands_once(scene):
    climb(BEGINS)
    escalation = Escalation.objects.get()
    escalation.pk = None
    escalation._state.adding = True
    with pytest.raises(IntegrityError), transaction.atomic():
        escalation.save(force_insert=True)


@override_settings(ESCALATION={"critical": (0, 0), "high": (0, 1), "medium": (9, 9), "low": (9, 9)})
def test_the_times_are_those_of_the_configuration(scene):
    climb(BEGINS)
    assert Escalation.objects.get().rung == "managers"
    climb(BEGINS + DAY)
    assert Escalation.objects.get().rung == "head"


def test_its_page_says_when_each_rung_was_told_and_who_is_told_next(scene, time_machine):
    hana = person("hana", role=Role.MANAGER, unit=None)

    def rungs() -> list[tuple[str, datetime | None, bool]]:
        page = as_(hana).get(reverse("web:escalation-detail", args=[Escalation.objects.get().pk]))
        return [(word, at, is_told) for word, _names, at, is_told in page.context["rungs"]]

    # Two days late, after an outage.
    late, head = BEGINS + 5 * DAY, BEGINS + 7 * DAY
    climb(late)
    assert rungs() == [("Managers", late, True), ("Head", head, False)]

    acknowledging.acknowledge(Escalation.objects.get(), by=scene.cast.alice, now=late)
    assert rungs() == [("Managers", late, True), ("Head", None, False)]


def test_its_page_tells_the_owner_s_rung_at_the_moment_of_its_event(scene):
    climb(BEGINS + DAY)
    page = as_(scene.cast.mia).get(reverse("web:escalation-detail", args=[Escalation.objects.get().pk]))
    assert page.context["begun_at"] == BEGINS + DAY == Event.objects.get(verb="escalation.begun").at
    assert page.context["escalation"].began_at == BEGINS


def test_finding_and_home_say_everybody_whom_it_has_reached(scene, time_machine):
    time_machine.move_to(BEGINS + 8 * DAY)
    pages = [reverse("web:finding-detail", args=[scene.finding.pk]), reverse("web:home")]
    for day, words in ((0, "the owner."), (3, "everybody up to the managers."), (7, "everybody up to the head.")):
        climb(BEGINS + day * DAY)
        for page in pages:
            assert f"Told so far: {words}" in as_(scene.cast.mia).get(page).content.decode(), (day, page)


def test_a_step_that_does_what_waits_ends_its_escalation_with_it(scene):
    Finding.objects.filter(pk=scene.finding.pk).update(severity=Severity.MEDIUM)
    climb(BEGINS)
    register.close(scene.finding, reason="The server is gone.", by=scene.cast.bob, now=BEGINS + DAY)

    escalation = Escalation.objects.get()
    assert (escalation.status, escalation.over_at) == ("over", BEGINS + DAY)
    closed, over = Event.objects.filter(verb__in=["finding.closed", "escalation.over"]).order_by("id")
    assert (closed.verb, over.verb, over.actor_label) == ("finding.closed", "escalation.over", "The register")
    page = as_(scene.cast.mia).get(reverse("web:finding-detail", args=[scene.finding.pk]))
    assert (page.context["escalations"], list(waiting.escalations(scene.cast.mia))) == ([], [])
    assert climb(BEGINS + DAY) == 0


def test_a_step_that_leaves_it_waiting_ends_nothing_and_another_occurrence_is_left_to_the_sweep(scene):
    climb(BEGINS)
    register.assign(scene.finding, owner=scene.cast.bob, by=scene.cast.alice, now=BEGINS)
    register.change_severity(scene.finding, severity=1, reason="Worse.", by=scene.cast.alice, now=BEGINS)
    assert Escalation.objects.get().status == "waiting"
    climb(BEGINS)
    assert list(Escalation.objects.order_by("pk").values_list("status", flat=True)) == ["over", "waiting"]


def test_what_is_refused_ends_nothing(scene):
    climb(BEGINS)
    with pytest.raises(NotPermitted):
        register.close(scene.finding, reason="The server is gone.", by=scene.cast.bob, now=BEGINS + DAY)
    assert (Escalation.objects.get().status, verbs()) == ("waiting", ["escalation.begun"])


def test_what_nobody_owns_was_told_to_the_managers_when_it_began(scene):
    Finding.objects.filter(pk=scene.finding.pk).update(severity=Severity.CRITICAL, owner=None)
    climb(NOON, "finding_unassigned")
    page = as_(scene.cast.mia).get(reverse("web:escalation-detail", args=[Escalation.objects.get().pk]))
    _word, names, at, is_told = page.context["rungs"][0]
    assert (names, at, is_told) == ("Mia", NOON, True)


def test_a_manager_who_left_is_not_told(scene):
    people.deactivate(scene.cast.mia, by=SYSTEM, now=NOON)
    climb(BEGINS + 3 * DAY)

    assert list(told("escalation.to_managers")) == ["Ada"]


def test_a_sweep_that_dies_between_two_rungs_has_told_neither(scene, monkeypatch):
    recorded = steps.record

    def dies(verb, *args, **more):
        if verb == "escalation.to_head":
            raise KeyboardInterrupt
        recorded(verb, *args, **more)

    climb(BEGINS)
    monkeypatch.setattr(steps, "record", dies)
    with pytest.raises(KeyboardInterrupt):
        climb(BEGINS + 7 * DAY)
    assert (Escalation.objects.get().rung, verbs()) == ("owner", ["escalation.begun"])

    monkeypatch.undo()
    climb(BEGINS + 7 * DAY)
    climb(BEGINS + 7 * DAY)
    assert verbs() == ["escalation.begun", "escalation.to_managers", "escalation.to_head"]
