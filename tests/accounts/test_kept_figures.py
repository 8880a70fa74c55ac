"""Figures that are kept count as long as nobody has committed a change of their part, and never longer."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event as Signal

import pytest
from django.db import connection, transaction

from accounts.models import KeptPart, PartMark
from accounts.units import kept_figures
from accounts.units.kept_figures import VENDORS, Part
from tests.cast import NOON, Cast, a_server, assemble
from tests.waiting import PATIENCE
from vendors.models import Server, ServerSupplier, Vendor

pytestmark = pytest.mark.engine
DAY = "2026-11-29"


@pytest.fixture
def server(db: None) -> Server:
    """Return a server whose unit was counted after it was registered."""
    return counted(assemble())


def counted(cast: Cast) -> Server:
    made = a_server(cast)
    keep(of_unit(made), "1")
    keep(about_vendors(), "{}")
    return made


def found(name: str, *, basis: str = DAY) -> Part:
    return kept_figures.find([name], basis=basis)[name]


def of_unit(server: Server) -> Part:
    return found(server.unit_id.hex)


def about_vendors() -> Part:
    return found(VENDORS)


def keep(part: Part, body: str) -> None:
    kept_figures.keep({part: body}, basis=DAY)


def test_what_is_kept_counts_on_its_day_only(server):
    assert (of_unit(server).body, of_unit(server).is_current) == ("1", True)
    assert not found(server.unit_id.hex, basis="2026-11-30").is_current


def test_a_change_marks_its_unit_and_what_is_about_vendors(server):
    Server.objects.filter(pk=server.pk).update(is_in_use=True)

    assert not of_unit(server).is_current
    assert not about_vendors().is_current


def test_a_change_of_what_is_not_counted_marks_nothing(server):
    Server.objects.filter(pk=server.pk).update(title="Another title", is_in_use=server.is_in_use)

    assert not PartMark.objects.exists()
    assert of_unit(server).is_current


def test_a_vendor_behind_a_server_marks_what_is_about_vendors_alone(server):
    vendor = Vendor.objects.create(name="Other Ltd", created_at=NOON)
    ServerSupplier.objects.create(server=server, vendor=vendor, role="host")

    assert of_unit(server).is_current
    assert not about_vendors().is_current


def test_what_is_counted_anew_counts_until_the_next_change(server):
    Server.objects.filter(pk=server.pk).update(is_in_use=True)
    keep(of_unit(server), "2")

    assert (of_unit(server).body, of_unit(server).is_current) == ("2", True)
    assert PartMark.objects.filter(part=server.unit_id.hex).count() == 0


def test_a_change_after_counting_began_is_not_lost(server):
    begun = of_unit(server)
    Server.objects.filter(pk=server.pk).update(is_in_use=True)
    keep(begun, "2")

    assert not of_unit(server).is_current


def test_who_began_to_count_before_another_kept_it_keeps_nothing(server):
    Server.objects.filter(pk=server.pk).update(is_in_use=True)
    slow = of_unit(server)
    keep(of_unit(server), "newer")
    keep(slow, "older")

    assert (of_unit(server).body, of_unit(server).is_current) == ("newer", True)


def test_of_two_who_count_for_the_first_time_one_keeps_it(server):
    one, other = found("0" * 32), found("0" * 32)
    keep(one, "first")
    keep(other, "second")

    assert KeptPart.objects.get(part="0" * 32).body == "first"


@pytest.mark.django_db(transaction=True)
def test_what_was_open_while_it_was_counted_is_counted_when_it_commits():
    if connection.vendor == "sqlite":
        pytest.skip("SQLite lets one write at a time: nobody keeps anything while a change is open.")
    server = counted(assemble())
    changed, counting_done = Signal(), Signal()

    def change() -> None:
        with transaction.atomic():
            Server.objects.filter(pk=server.pk).update(is_in_use=True)
            changed.set()
            assert counting_done.wait(PATIENCE)
        connection.close()

    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(change)
        assert changed.wait(PATIENCE)
        Server.objects.create(unit=server.unit, name="com.example/second", title="Second", created_at=NOON)
        keep(of_unit(server), "2")
        assert of_unit(server).is_current
        counting_done.set()
        other.result(PATIENCE)

    assert not of_unit(server).is_current
