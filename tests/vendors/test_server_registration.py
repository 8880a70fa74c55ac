"""Putting a server on the register."""

from typing import Any

import pytest

from accounts.access import NotPermitted
from audit.models import Event
from riskregister.refusals import Conflict, Refused
from tests.cast import NOON, UNKNOWN, Cast, a_server, a_vendor, assemble
from tests.tables import for_each
from vendors.models import Release, Server
from vendors.models.deployment import FACTS
from vendors.registering import registration
from work import lists

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return assemble()


def test_a_new_server_is_requested_with_its_publisher_and_a_tier_for_unknown_facts(cast: Cast):
    vendor = a_vendor(cast)

    server = a_server(cast, publisher=vendor, owner=cast.bob, purpose="Tells\r\nthe weather.", **UNKNOWN)

    server.refresh_from_db()
    assert (server.status, server.ref, server.purpose) == ("requested", "S-1", "Tells\nthe weather.")
    assert (server.inherent_tier, server.tier_at_best) == (1, 4)
    assert server.tier_reason.startswith("At least two facts are severe: Data reached (unknown), ")
    assert [str(supplier) for supplier in server.suppliers.all()] == ["Example Ltd (publisher)"]
    event = Event.objects.get(verb="server.registered")
    assert (event.unit_id, event.concerns_id) == (cast.payments.pk, server.pk)


@for_each("name", ["eve", "carol", "mia", "ada"])
def test_only_analysts_and_approvers_of_the_unit_register_servers(cast: Cast, name: str):
    with pytest.raises(NotPermitted):
        a_server(cast, by=cast.everybody[name])

    assert not Server.objects.exists()


def test_a_unit_registers_a_server_once_and_another_unit_has_its_own(cast: Cast):
    a_server(cast)
    with pytest.raises(Conflict) as refusal:
        a_server(cast, "com.Example/Weather", by=cast.bob)
    a_server(cast, unit=cast.research, by=cast.eve)

    assert refusal.value.field == "name"
    assert Server.objects.count() == 2


def test_the_loser_of_a_race_for_a_server_gets_a_conflict_and_leaves_nothing(cast: Cast, monkeypatch):
    a_server(cast)
    # The loser looked before the winner committed.
    monkeypatch.setattr(registration, "_refuse_taken_name", lambda server: None)

    with pytest.raises(Conflict, match="registered in this unit already"):
        a_server(cast, "com.EXAMPLE/weather", by=cast.bob)

    assert Server.objects.count() == 1
    assert Event.objects.filter(verb="server.registered").count() == 1


@for_each(
    ("field", "value"),
    [
        ("name", "weather"),
        ("name", "com.example/wéather"),
        ("name", "com.example/weather\u200d"),
        ("title", ""),
        ("title", "\u3164"),
        ("repository_url", "file:///etc/passwd"),
        ("website_url", "https://example.com:port/"),
        ("data_reached", "extreme"),
        ("status", "approved"),
        ("inherent_tier", 4),
        ("is_in_use", True),
    ],
)
def test_refuses_bad_values_and_names_the_field(cast: Cast, field: str, value):
    with pytest.raises(Refused) as refusal:
        a_server(cast, **{"name": "com.example/weather", field: value})

    assert refusal.value.field == field
    assert not Server.objects.exists()


def test_an_owner_has_a_role_in_the_unit(cast: Cast):
    with pytest.raises(Refused) as refusal:
        a_server(cast, owner=cast.eve)
    server = a_server(cast, owner=cast.ada)
    with pytest.raises(Refused):
        registration.edit_server(server, changes={"owner": cast.eve}, by=cast.alice, now=NOON)

    assert refusal.value.field == "owner"
    assert Server.objects.get().owner == cast.ada


def test_an_edit_says_which_fields_changed(cast: Cast):
    server = a_server(cast)

    registration.edit_server(server, changes={"title": "Weather", "licence": "MIT"}, by=cast.bob, now=NOON)

    assert '"fields":["licence"]' in Event.objects.get(verb="server.edited").body


def test_a_name_cannot_be_changed_into_that_of_another_server(cast: Cast):
    a_server(cast, "com.example/other")
    server = a_server(cast)

    with pytest.raises(Conflict):
        registration.edit_server(server, changes={"name": "com.example/Other"}, by=cast.alice, now=NOON)


def test_known_facts_change_the_tier_in_the_same_step(cast: Cast):
    server = a_server(cast)
    calm = dict.fromkeys(FACTS, "low")

    registration.set_exposure(server, facts=calm, by=cast.alice, now=NOON)
    quiet = Server.objects.get().inherent_tier
    registration.set_exposure(
        server, facts={"data_reached": "severe", "business_criticality": "high"}, by=cast.alice, now=NOON
    )

    server.refresh_from_db()
    assert (quiet, server.inherent_tier) == (4, 1)
    assert "Data reached" in server.tier_reason


def test_a_release_by_hand_is_recorded_once_and_never_called_latest(cast: Cast):
    server = a_server(cast)
    registration.add_release(server, "1.0", by=cast.alice, now=NOON)

    with pytest.raises(Conflict):
        registration.add_release(server, "1.0", by=cast.bob, now=NOON)
    with pytest.raises(Refused, match="another one tomorrow"):
        registration.add_release(server, "Latest", by=cast.bob, now=NOON)

    assert Release.objects.count() == 1
    assert Event.objects.filter(verb="release.recorded", concerns_id=server.pk).count() == 1


def test_of_several_publishers_the_one_that_was_recorded_first_is_named(cast: Cast):
    zeta, alpha = a_vendor(cast, "Zeta"), a_vendor(cast, "Alpha")
    server = a_server(cast, publisher=zeta)
    registration.add_supplier(server, alpha, role="publisher", by=cast.alice, now=NOON)

    listed: Any = lists.with_findings(Server.objects.filter(pk=server.pk), cast.alice).get()

    assert (server.published_by, listed.publisher) == (zeta, "Zeta")


def test_suppliers_have_a_role_once(cast: Cast):
    server, vendor = a_server(cast), a_vendor(cast)
    row = registration.add_supplier(server, vendor, role="host", by=cast.alice, now=NOON)
    registration.add_supplier(server, vendor, role="upstream", by=cast.alice, now=NOON)

    with pytest.raises(Conflict):
        registration.add_supplier(server, vendor, role="host", by=cast.alice, now=NOON)
    with pytest.raises(Refused):
        registration.add_supplier(server, vendor, role="friend", by=cast.alice, now=NOON)
    with pytest.raises(NotPermitted):
        registration.remove_supplier(row, by=cast.eve, now=NOON)
    registration.remove_supplier(row, by=cast.alice, now=NOON)

    assert [supplier.role for supplier in server.suppliers.all()] == ["upstream"]


def test_a_server_whose_title_passes_for_another_one_is_found_where_it_may_be_seen(cast: Cast):
    weather = a_server(cast, title="Weather")
    twin = a_server(cast, "com.example/wetter", title="Wеather")

    assert list(Server.objects.visible_to(cast.alice).looking_like(weather)) == [twin]
    assert not Server.objects.visible_to(cast.eve).looking_like(weather).exists()

    registration.edit_server(twin, changes={"title": "Rain"}, by=cast.alice, now=NOON)
    assert not Server.objects.looking_like(weather).exists()


def test_the_same_name_in_another_unit_is_no_look_alike(cast: Cast):
    weather = a_server(cast, title="Weather")
    a_server(cast, title="Weather", unit=cast.research, by=cast.eve)

    assert not Server.objects.looking_like(weather).exists()
