"""Vendors and how they hang together."""

from itertools import pairwise
from typing import Any
from unittest import mock
from uuid import uuid4

import pytest
from auditlog.models import LogEntry

from accounts.access import NotPermitted
from audit.models import Event
from jobs import runner
from jobs.models import Job
from riskregister.refusals import Conflict, Refused
from tests.cast import NOON, Cast, a_server, a_vendor, assemble
from tests.tables import for_each
from tests.web.signed_in import sign_in
from vendors import following
from vendors.models import Contact, Server, SubProcessor, Vendor
from vendors.registering import registration, relations
from vendors.registering.relations import CycleFound

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return assemble()


def verbs(subject) -> list[str]:
    return list(Event.objects.filter(concerns_id=subject.pk).order_by("id").values_list("verb", flat=True))


def test_a_registered_vendor_is_prospective_and_carries_what_was_said(cast: Cast):
    vendor = a_vendor(
        cast,
        "  Example   Ltd ",
        kinds=["host", "mcp_publisher", "host"],
        country="gb",
        website="https://example.com/about",
        relationship_owner=cast.mia,
        criticality="high",
    )

    vendor.refresh_from_db()
    assert (vendor.name, vendor.country, vendor.status, vendor.ref) == ("Example Ltd", "GB", "prospective", "V-1")
    assert [row.kind for row in vendor.kinds.all()] == ["host", "mcp_publisher"]
    assert verbs(vendor) == ["vendor.registered"]


def test_what_is_said_of_a_vendor_is_told_of_each_server_that_it_publishes_in_a_job_of_its_own(cast: Cast):
    vendor = a_vendor(cast)
    alike: dict[str, Any] = {"by": cast.alice, "now": NOON}
    published = [a_server(cast, f"com.example/{name}", publisher=vendor) for name in ("weather", "maps")]
    hosted = a_server(cast, "com.example/hosted")
    registration.add_supplier(hosted, vendor, role="host", **alike)
    told: list[Server] = []

    with mock.patch.object(following, "_followers", [lambda server, **_: told.append(server)]):
        relations.edit_vendor(vendor, changes={"is_commercial": True}, **alike)
        assert told == []
        assert runner.run_due(now=NOON) == 2
        assert sorted(told, key=lambda server: server.number) == published
        relations.edit_vendor(vendor, changes={"is_commercial": False}, **alike)
        assert runner.run_due(now=NOON) == 2


def test_a_worker_that_was_relieved_tells_nobody_anything_of_a_vendor(cast: Cast):
    vendor = a_vendor(cast)
    server = a_server(cast, publisher=vendor)

    def told_too_late(server: Server, **_: Any) -> None:
        Server.objects.filter(pk=server.pk).update(purpose="It was told.")
        Job.objects.update(lease_token=uuid4())

    relations.edit_vendor(vendor, changes={"is_commercial": True}, by=cast.alice, now=NOON)
    with mock.patch.object(following, "_followers", [told_too_late]):
        runner.run_due(now=NOON)

    server.refresh_from_db()
    assert (server.purpose, Job.objects.get().status) == ("", Job.Status.RUNNING)


@for_each("name", ["carol", "mia", "ada"])
def test_only_analysts_and_approvers_register_vendors(cast: Cast, name: str):
    with pytest.raises(NotPermitted):
        a_vendor(cast, by=cast.everybody[name])

    assert not Vendor.objects.exists()


def test_a_name_is_registered_once_whatever_its_case_or_spacing(cast: Cast):
    a_vendor(cast, "Café Ltd")

    with pytest.raises(Conflict) as refusal:
        a_vendor(cast, "CAFe\u0301  LTD")

    assert refusal.value.field == "name"
    assert Vendor.objects.count() == 1


def test_the_loser_of_a_race_for_a_name_gets_a_conflict_and_leaves_nothing(cast: Cast, monkeypatch):
    a_vendor(cast, "Example Ltd")
    # The loser looked before the winner committed.
    monkeypatch.setattr(relations, "_refuse_taken_name", lambda vendor: None)

    with pytest.raises(Conflict, match="registered already"):
        a_vendor(cast, "Example Ltd", kinds=["host"])

    assert Vendor.objects.count() == 1
    assert Event.objects.filter(verb="vendor.registered").count() == 1


@for_each(
    ("field", "value"),
    [
        ("name", "Examp\u200ble"),
        ("name", "Ltd\u202eelpmaxE"),
        ("name", "   "),
        ("name", "x" * 161),
        ("country", "UK"),
        ("website", "javascript:alert(1)"),
        ("website", "https://user:secret@example.com/"),
        ("website", "https://exämple.com/"),
        ("website", "ftp://example.com/"),
        ("website", "https:example.com"),
        ("website", "user:secret@example.com"),
        ("website", "example"),
        ("website", "-.example.com"),
        ("criticality", "extreme"),
        ("notes", "ring\x07"),
        ("kinds", []),
        ("kinds", ["bank"]),
        ("status", "active"),
        ("number", 7),
    ],
)
def test_refuses_bad_values_and_names_the_field(cast: Cast, field: str, value):
    with pytest.raises(Refused) as refusal:
        a_vendor(cast, **{"name": "Example Ltd", field: value})

    assert refusal.value.field == field
    assert not Vendor.objects.exists()


@for_each("typed", ["freshco.example", " freshco.example/about ", "freshco.example:8443/?a=b"])
def test_an_address_without_a_scheme_is_taken_as_https(cast: Cast, typed: str):
    assert a_vendor(cast, typed, website=typed).website == f"https://{typed.strip()}"


def test_an_edit_records_the_fields_that_changed_with_their_author(cast: Cast):
    vendor = a_vendor(cast)

    changes = {"name": "Example plc", "country": "", "kinds": ["host"], "parent": a_vendor(cast, "Group")}
    relations.edit_vendor(vendor, changes=changes, by=cast.bob, now=NOON)

    event = Event.objects.get(verb="vendor.edited")
    assert '"fields":["kinds","name","parent"]' in event.body
    assert event.actor_label == "Bob"
    assert [row.kind for row in Vendor.objects.get(name="Example plc").kinds.all()] == ["host"]
    entry = LogEntry.objects.get_for_object(vendor).first()
    assert entry.changes_dict["name"] == ["Example Ltd", "Example plc"]


def test_an_edit_that_changes_nothing_says_nothing(cast: Cast):
    vendor = a_vendor(cast)

    relations.edit_vendor(vendor, changes={"name": "Example Ltd", "kinds": ["mcp_publisher"]}, by=cast.bob, now=NOON)

    assert verbs(vendor) == ["vendor.registered"]


def test_two_people_editing_different_fields_keep_both_changes(cast: Cast):
    vendor = a_vendor(cast)
    hers, his = Vendor.objects.get(pk=vendor.pk), Vendor.objects.get(pk=vendor.pk)

    relations.edit_vendor(hers, changes={"legal_entity": "Example Limited"}, by=cast.alice, now=NOON)
    relations.edit_vendor(his, changes={"notes": "Met in May."}, by=cast.bob, now=NOON)

    vendor.refresh_from_db()
    assert (vendor.legal_entity, vendor.notes) == ("Example Limited", "Met in May.")


@pytest.mark.parametrize("depth", [1, 2, 5])
def test_a_vendor_cannot_come_to_belong_to_itself_at_any_depth(cast: Cast, depth: int):
    chain = [a_vendor(cast, "Vendor 0")]
    for number in range(1, depth + 1):
        chain.append(a_vendor(cast, f"Vendor {number}", parent=chain[-1]))

    with pytest.raises(CycleFound) as refusal:
        relations.edit_vendor(chain[0], changes={"parent": chain[-1]}, by=cast.alice, now=NOON)

    assert refusal.value.field == "parent"
    assert Vendor.objects.get(pk=chain[0].pk).parent is None


def test_a_vendor_is_not_its_own_parent(cast: Cast):
    vendor = a_vendor(cast)

    with pytest.raises(CycleFound):
        relations.edit_vendor(vendor, changes={"parent": vendor}, by=cast.alice, now=NOON)


@pytest.mark.parametrize("depth", [0, 1, 4])
def test_sub_processors_never_lead_back_at_any_depth(cast: Cast, depth: int):
    chain = [a_vendor(cast, f"Vendor {number}") for number in range(depth + 1)]
    for vendor, used in pairwise(chain):
        relations.add_sub_processor(vendor, used, purpose="Hosting", by=cast.alice, now=NOON)

    with pytest.raises(CycleFound):
        relations.add_sub_processor(chain[-1], chain[0], purpose="Hosting", by=cast.alice, now=NOON)

    assert SubProcessor.objects.count() == depth


def test_a_sub_processor_is_recorded_once_and_can_be_removed_once(cast: Cast):
    vendor, cloud = a_vendor(cast), a_vendor(cast, "Cloud", kinds=["cloud"])
    row = relations.add_sub_processor(vendor, cloud, purpose="Hosting", by=cast.alice, now=NOON)
    with pytest.raises(Conflict):
        relations.add_sub_processor(vendor, cloud, purpose="Backups", by=cast.alice, now=NOON)

    again = SubProcessor.objects.get(pk=row.pk)
    relations.remove_sub_processor(row, by=cast.bob, now=NOON)
    with pytest.raises(Conflict):
        relations.remove_sub_processor(again, by=cast.alice, now=NOON)

    assert verbs(vendor)[1:] == ["vendor.sub_processor_added", "vendor.sub_processor_removed"]


def test_looking_for_cycles_costs_a_query_for_each_depth_not_for_each_vendor(cast: Cast, django_assert_num_queries):
    hub, spokes = a_vendor(cast, "Hub"), [a_vendor(cast, f"Spoke {number}") for number in range(6)]
    for spoke in spokes:
        relations.add_sub_processor(hub, spoke, purpose="Data", by=cast.alice, now=NOON)

    with django_assert_num_queries(2):
        assert relations._behind(hub.pk) == {spoke.pk for spoke in spokes}


def test_contacts_are_added_checked_and_removed(cast: Cast):
    vendor = a_vendor(cast)
    contact = relations.add_contact(vendor, name="Jo", email="jo@example.com", by=cast.alice, now=NOON)
    with pytest.raises(Refused) as refusal:
        relations.add_contact(vendor, name="Jo", email="jo at example", by=cast.alice, now=NOON)
    relations.remove_contact(contact, by=cast.alice, now=NOON)

    assert refusal.value.field == "email"
    assert not Contact.objects.exists()
    assert verbs(vendor) == ["vendor.registered", "vendor.contact_added", "vendor.contact_removed"]


def test_a_contact_is_added_once_however_often_the_form_is_sent(cast: Cast):
    vendor, other = a_vendor(cast), a_vendor(cast, "Other Ltd")
    relations.add_contact(vendor, name="Jo", email="jo@example.com", by=cast.alice, now=NOON)
    with pytest.raises(Conflict, match=r"o is a contact of Example Ltd already\."):
        relations.add_contact(vendor, name="jo", email="Jo@example.com", by=cast.alice, now=NOON)

    relations.add_contact(vendor, name="Jo", email="jo.two@example.com", by=cast.alice, now=NOON)
    relations.add_contact(other, name="Jo", email="jo@example.com", by=cast.alice, now=NOON)
    assert [Contact.objects.filter(vendor=row).count() for row in (vendor, other)] == [2, 1]
    assert verbs(vendor) == ["vendor.registered", "vendor.contact_added", "vendor.contact_added"]


def test_a_name_that_looks_like_another_one_is_found_among_all(cast: Cast):
    acme, other = a_vendor(cast, "Acme"), a_vendor(cast, "Example")
    twin = a_vendor(cast, "Асmе")

    assert list(Vendor.objects.looking_like(acme)) == [twin]
    assert list(Vendor.objects.looking_like(twin)) == [acme]
    assert not Vendor.objects.looking_like(other).exists()

    relations.edit_vendor(twin, changes={"name": "Quite another"}, by=cast.alice, now=NOON)
    assert not Vendor.objects.looking_like(acme).exists()


def test_a_look_alike_is_said_on_the_pages_of_both(cast: Cast, client):
    acme, twin = a_vendor(cast, "Acme"), a_vendor(cast, "Асmе")
    sign_in(client, cast.alice)

    for one, other in ((acme, twin), (twin, acme)):
        page = client.get(f"/vendors/{one.pk}/").content.decode()
        assert "written with other characters" in page
        assert f'href="/vendors/{other.pk}/"' in page
