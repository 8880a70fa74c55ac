"""Servers and vendors from one status to the next."""

import pytest
from auditlog.models import LogEntry

from accounts.access import NotPermitted
from audit.models import Event
from riskregister.refusals import Refused
from riskregister.transitions import IllegalTransition
from tests.cast import NOON, TODAY, Cast, a_release, a_server, a_vendor, assemble
from vendors import lifecycle
from vendors.models import Release, Server, Vendor
from vendors.registering import deployments, registration

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return assemble()


@pytest.fixture
def release(cast: Cast) -> Release:
    return a_release(cast, "get_weather")


def approved(cast: Cast, release: Release) -> Server:
    server = lifecycle.start_review(release.server, by=cast.alice, now=NOON)
    return lifecycle.approve(server, release, by=cast.bob, now=NOON)


def verbs(subject) -> list[str]:
    rows = Event.objects.filter(object_id=subject.pk).order_by("id")
    return [verb.split(".")[1] for verb in rows.values_list("verb", flat=True)]


def test_a_server_goes_through_its_life_and_each_step_is_told(cast: Cast, release: Release):
    server = approved(cast, release)
    lifecycle.suspend(server, reason="The vendor was breached.", by=cast.mia, now=NOON)
    lifecycle.resume(server, by=cast.bob, now=NOON)
    lifecycle.retire(server, reason="Replaced.", by=cast.bob, now=NOON)
    lifecycle.request_again(server, by=cast.alice, now=NOON)

    server.refresh_from_db()
    assert (server.status, server.pinned_release) == ("requested", None)
    assert verbs(server) == [
        "registered", "review_started", "approved", "suspended", "resumed", "retired", "requested"
    ]  # fmt: skip
    assert Event.objects.get(verb="server.suspended").reason == "The vendor was breached."
    assert LogEntry.objects.get_for_object(server).first().changes_dict["status"] == ["retired", "requested"]


def test_an_approval_pins_the_release_and_a_later_one_pins_the_next(cast: Cast, release: Release):
    server = approved(cast, release)
    following = registration.add_release(server, "2.0", by=cast.alice, now=NOON)

    lifecycle.approve(server, following, by=cast.bob, now=NOON)

    server.refresh_from_db()
    assert (server.status, server.pinned_release) == ("approved", following)
    first = Event.objects.filter(verb="server.approved").earliest("id")
    assert release.manifest_digest in first.body


def test_a_release_of_another_server_is_not_approved(cast: Cast, release: Release):
    other = lifecycle.start_review(a_server(cast, "com.example/other"), by=cast.alice, now=NOON)

    with pytest.raises(lifecycle.ReleaseOfAnotherServer):
        lifecycle.approve(other, release, by=cast.bob, now=NOON)

    other.refresh_from_db()
    assert (other.status, other.pinned_release) == ("in_review", None)


def test_only_approvers_decide(cast: Cast, release: Release):
    server = lifecycle.start_review(release.server, by=cast.alice, now=NOON)
    for name in ("alice", "mia", "carol", "eve", "ada"):
        with pytest.raises(NotPermitted):
            lifecycle.approve(server, release, by=cast.everybody[name], now=NOON)
        with pytest.raises(NotPermitted):
            lifecycle.reject(server, reason="No.", by=cast.everybody[name], now=NOON)

    server.refresh_from_db()
    assert server.status == "in_review"


@pytest.mark.parametrize("name", ["alice", "carol", "eve", "ada"])
def test_only_approvers_and_managers_stop_a_server(cast: Cast, release: Release, name: str):
    server = approved(cast, release)

    with pytest.raises(NotPermitted):
        lifecycle.suspend(server, reason="Stop.", by=cast.everybody[name], now=NOON)

    assert Server.objects.get().status == "approved"


def test_of_two_who_decide_at_once_one_wins(cast: Cast, release: Release):
    server = lifecycle.start_review(release.server, by=cast.alice, now=NOON)
    hers, his = Server.objects.get(pk=server.pk), Server.objects.get(pk=server.pk)

    lifecycle.reject(hers, reason="No source.", by=cast.bob, now=NOON)
    with pytest.raises(IllegalTransition, match="from rejected to approved"):
        lifecycle.approve(his, release, by=cast.bob, now=NOON)

    assert verbs(server)[2:] == ["rejected"]


def test_a_pin_is_not_moved_when_somebody_suspended_the_server_meanwhile(cast: Cast, release: Release):
    server = approved(cast, release)
    stale = Server.objects.get(pk=server.pk)
    lifecycle.suspend(server, reason="Breach.", by=cast.mia, now=NOON)
    following = registration.add_release(server, "2.0", by=cast.alice, now=NOON)

    with pytest.raises(IllegalTransition):
        lifecycle.approve(stale, following, by=cast.bob, now=NOON)

    assert Server.objects.get().pinned_release == release


def test_only_a_suspended_server_resumes(cast: Cast, release: Release):
    server = lifecycle.start_review(release.server, by=cast.alice, now=NOON)

    with pytest.raises(IllegalTransition):
        lifecycle.resume(server, by=cast.bob, now=NOON)

    assert Server.objects.get().status == "in_review"


@pytest.mark.parametrize("step", [lifecycle.reject, lifecycle.suspend, lifecycle.retire])
def test_stopping_needs_a_reason(cast: Cast, release: Release, step):
    server = approved(cast, release)

    with pytest.raises(Refused) as refusal:
        step(server, reason=" \n ", by=cast.bob, now=NOON)

    assert refusal.value.field == "reason"
    assert Server.objects.get().status == "approved"


def deployed(cast: Cast, server: Server):
    return deployments.add_deployment(
        server, name="Desk", environment="production", agent="Desk agent", in_use_since=TODAY, by=cast.alice, now=NOON
    )


def test_a_server_in_use_is_not_retired(cast: Cast, release: Release):
    server = approved(cast, release)
    deployment = deployed(cast, server)

    with pytest.raises(lifecycle.StillInUse, match="1 current deployment"):
        lifecycle.retire(server, reason="Replaced.", by=cast.bob, now=NOON)
    deployments.end_deployment(deployment, on=TODAY, by=cast.alice, now=NOON)
    lifecycle.retire(server, reason="Replaced.", by=cast.bob, now=NOON)

    assert Server.objects.get().status == "retired"


def test_a_vendor_goes_through_its_life_and_comes_back(cast: Cast):
    vendor = a_vendor(cast)

    for step in (lifecycle.activate, lifecycle.start_offboarding, lifecycle.offboard, lifecycle.prospect):
        step(vendor, reason="As agreed.", by=cast.alice, now=NOON)

    assert Vendor.objects.get().status == "prospective"
    assert verbs(vendor) == ["registered", "activated", "offboarding", "offboarded", "prospected"]


@pytest.mark.parametrize("step", [lifecycle.start_offboarding, lifecycle.prospect])
def test_a_vendor_does_not_jump(cast: Cast, step):
    vendor = a_vendor(cast)

    with pytest.raises(IllegalTransition):
        step(vendor, reason="Because.", by=cast.alice, now=NOON)

    assert verbs(vendor) == ["registered"]


def test_a_vendor_is_not_offboarded_while_it_supplies_what_is_approved_or_in_use(cast: Cast, release: Release):
    vendor = a_vendor(cast)
    server = approved(cast, release)
    registration.add_supplier(server, vendor, role="publisher", by=cast.alice, now=NOON)
    registration.add_supplier(server, vendor, role="host", by=cast.alice, now=NOON)

    with pytest.raises(lifecycle.StillInUse, match="still supplies 1 server "):
        lifecycle.offboard(vendor, reason="Over.", by=cast.alice, now=NOON)
    lifecycle.retire(server, reason="Replaced.", by=cast.bob, now=NOON)
    lifecycle.offboard(vendor, reason="Over.", by=cast.alice, now=NOON)

    assert Vendor.objects.get().status == "offboarded"
