"""Tags of servers: short words of your own, the same however they are written."""

from typing import Any

import pytest

from audit import field_history
from audit.models import Event
from riskregister import tags
from riskregister.refusals import Refused
from tests.cast import NOON, Cast, a_server, assemble
from tests.tables import for_each
from vendors.models import Server
from vendors.registering import registration


@for_each(
    "written, kept",
    [
        ("pci", "pci"),
        ("  PCI ", "pci"),
        ("Customer  data", "customer-data"),
        ("team:payments", "team:payments"),
        ("eu/west_1.a", "eu/west_1.a"),
        ("Übergabe", "übergabe"),
        ("U\u0308bergabe", "übergabe"),
        ("भुगतान", "भुगतान"),
        ("x" * 40, "x" * 40),
    ],
)
def test_a_tag_is_kept_in_one_way_however_it_is_written(written: str, kept: str):
    assert tags.one(written, "tags") == kept


@for_each("written", ["", " ", "-", "pci-", "-pci", "a,b", "=1+1", "a\u200bb", "<b>", "x" * 41, "a\nb;", 7, None])
def test_what_is_no_tag_is_refused(written: Any):
    with pytest.raises(Refused) as refusal:
        tags.one(written, "tags")
    assert refusal.value.field == "tags"


def test_tags_are_kept_once_in_their_order_and_twenty_at_most():
    assert tags.several(["pci", "PCI", "Card data"], "tags") == ["card-data", "pci"]
    with pytest.raises(Refused, match="These are 21 tags; a server has 20 at most"):
        tags.several([f"t{number}" for number in range(21)], "tags")
    with pytest.raises(Refused, match="list"):
        tags.several("pci", "tags")


@pytest.fixture
def cast() -> Cast:
    return assemble()


def words(server: Server) -> list[str]:
    return [tag.word for tag in server.tags.all()]


def edit(server: Server, cast: Cast, *wanted: str) -> None:
    registration.edit_server(server, changes={"tags": list(wanted)}, by=cast.alice, now=NOON)


@pytest.mark.django_db
def test_a_server_is_registered_with_tags_and_gets_others_by_the_ordinary_edit(cast: Cast):
    server = a_server(cast, tags=["PCI", "till"])
    assert words(server) == ["pci", "till"]

    edit(server, cast, "pci", "Customer data")

    assert words(server) == ["customer-data", "pci"]
    data = Event.objects.get(verb="server.edited").data
    assert data == {"fields": ["tags"], "tags_added": ["customer-data"], "tags_removed": ["till"]}
    entries = field_history.read(list(field_history.of(server)))
    assert ("created", "customer-data") in {(entry.action, entry.object_label) for entry in entries}


@pytest.mark.django_db
def test_the_same_tags_written_otherwise_change_nothing(cast: Cast):
    server = a_server(cast, tags=["pci", "till"])
    edit(server, cast, "TILL", "pci")
    assert not Event.objects.filter(verb="server.edited").exists()


@pytest.mark.django_db
def test_what_is_no_tag_changes_nothing(cast: Cast):
    server = a_server(cast, tags=["pci"])
    with pytest.raises(Refused):
        edit(server, cast, "till", "a,b")
    assert words(server) == ["pci"]
    with pytest.raises(Refused):
        a_server(cast, "com.example/other", tags=["a,b"])
    assert Server.objects.count() == 1
