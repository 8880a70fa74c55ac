"""What pages show of the figures that are kept is what is counted now, whatever has changed since they were kept."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import F

from accounts.models import KeptPart, Unit, User
from catalogue import publishing
from decisions.models import Approval, Review, ServerRating
from findings.models import Finding, RiskAcceptance
from scoring.scales import Residual
from tests import cast
from tests.api.caller import frozen
from tests.cast import NOON, TODAY
from tests.tables import for_each
from tests.work import figures
from vendors.models import Server, ServerSupplier
from work import kept, tiles
from work.models import ServerLevels

pytestmark = [pytest.mark.engine, pytest.mark.django_db]
A_SERVER = {
    "unit": 0, "status": "approved", "is_in_use": True, "vendors": {(0, "publisher")}, "residual": Residual.HIGH,
    "approved": 10, "review": -3, "worse": False,
}  # fmt: skip
A_FINDING = {
    "server": 0, "vendor": 0, "due": -2, "status": "open", "severity": 2, "owner": 1, "accepted": ("granted", 20),
}  # fmt: skip
REGISTER = (
    [A_SERVER, {**A_SERVER, "unit": 1, "vendors": {(1, "host")}}],
    [A_FINDING, {**A_FINDING, "server": 1, "owner": None}, {**A_FINDING, "server": None}],
)


@pytest.fixture
def people(db: None) -> figures.People:
    """Return the people of a register of two servers, with a finding about each, and one about a vendor."""
    with frozen():
        publishing.publish_catalogue(now=NOON)
        found = figures.gather(cast.assemble())
        figures.fill(found, REGISTER)
    return found


def shown(person: User, unit: Unit | None, *, today: Any = TODAY) -> tiles.Figures:
    return kept.figures(person, unit=unit, today=today)


def everything(people: figures.People, *, today: Any = TODAY) -> list[tiles.Figures]:
    return [shown(person, unit, today=today) for person in people.all.values() for unit in (None, *people.units[:2])]


def counted_now(people: figures.People, *, today: Any = TODAY) -> list[tiles.Figures]:
    return [
        tiles.figures(person, unit=unit, today=today)
        for person in people.all.values()
        for unit in (None, *people.units[:2])
    ]


def versions(people: figures.People) -> list[int]:
    kept_now = dict(KeptPart.objects.values_list("part", "version"))
    return [kept_now[unit.hex] for unit in (people.units[0].pk, people.units[1].pk)]


def first(model: Any) -> Any:
    return model.objects.filter(pk=model.objects.order_by("pk").values_list("pk", flat=True)[0])


def levels(people: figures.People, **facts: int) -> ServerLevels:
    of = Server.objects.order_by("pk")[0]
    return ServerLevels.objects.create(
        server=of, package="affected", ecosystem="unknown", inspection="clear", rank=121, tier=1, **facts
    )


CHANGES: dict[str, Callable[[figures.People], object]] = {
    "a finding is worse": lambda people: first(Finding).update(severity=1),
    "a finding is closed": lambda people: Finding.objects.update(status="closed", closed_at=NOON),
    "a finding opened in another month": lambda people: first(Finding).update(opened_at=NOON - timedelta(days=20)),
    "a finding is due later": lambda people: first(Finding).update(due_on=TODAY + timedelta(days=9)),
    "a finding has another owner": lambda people: first(Finding).update(owner=people.administrator),
    "a finding more, about a vendor": lambda people: figures.fill(people, ([], [A_FINDING])),
    "an acceptance is revoked": lambda people: RiskAcceptance.objects.update(
        status="revoked", revoked_by=people.administrator, revoked_at=NOON
    ),
    "a server is retired": lambda people: first(Server).update(status="retired"),
    "a server is of another tier": lambda people: first(Server).update(inherent_tier=1),
    "a server is no longer in use": lambda people: first(Server).update(is_in_use=False),
    "a server has another vendor": lambda people: first(ServerSupplier).update(vendor=people.vendors[2]),
    "a server loses its vendor": lambda people: ServerSupplier.objects.all().delete(),
    "a server got worse": lambda people: first(ServerRating).update(worse_since=NOON),
    "a server has scores": lambda people: ServerRating.objects.update(provenance_percent="41.25", residual_rank=2),
    "a server has levels": levels,
    "a server has something malicious": lambda people: levels(people, malicious=1),
    "an approval is withdrawn": lambda people: first(Approval).update(status="withdrawn"),
    "a review is done": lambda people: first(Review).update(status="done"),
    "a review is due later": lambda people: Review.objects.update(due_on=F("due_on") + timedelta(days=30)),
}


@for_each("change", list(CHANGES))
def test_what_is_shown_after_a_change_is_what_is_counted(people, change):
    # Each from the same register: what another change has retired no change would be seen of.
    with transaction.atomic():
        before = everything(people)

        CHANGES[change](people)

        assert everything(people) == counted_now(people) != before
        transaction.set_rollback(True)


def test_a_change_is_seen_in_what_is_shown(people):
    before = shown(people.manager, None).findings.overdue
    Finding.objects.filter(unit=people.units[0]).update(status="closed", closed_at=NOON)

    assert (before, shown(people.manager, None).findings.overdue) == (2, 1)


def test_a_server_that_stands_otherwise_than_when_it_was_counted_is_counted_so(people):
    row = levels(people)
    before = shown(people.manager, None).levels
    ServerLevels.objects.filter(pk=row.pk).update(package="clear", rank=500)
    after = shown(people.manager, None).levels
    ServerLevels.objects.all().delete()

    assert [{cell.package: n for cell, n in found.items()} for found in (before, after)] == [
        {"affected": 1},
        {"clear": 1},
    ]
    assert not shown(people.manager, None).levels


def test_counted_anew_is_only_what_has_changed(people):
    everything(people)
    before = versions(people)
    Finding.objects.filter(unit=people.units[1]).update(severity=1)
    everything(people)

    assert versions(people) == [before[0], before[1] + 1]


def test_another_day_is_counted_anew(people):
    everything(people)
    later = TODAY + timedelta(days=31)

    assert everything(people, today=later) == counted_now(people, today=later)
    assert everything(people) == counted_now(people)


def test_where_nothing_can_be_written_it_is_counted_each_time(people, engine):
    Finding.objects.update(severity=1)
    with _read_only(engine):
        assert everything(people) == counted_now(people)
    assert not KeptPart.objects.exists()


@contextmanager
def _read_only(engine: str) -> Iterator[None]:
    """Let the database refuse to write in the block."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("PRAGMA query_only = ON" if engine == "sqlite" else "SET TRANSACTION READ ONLY")
        try:
            yield
        finally:
            if engine == "sqlite":
                cursor.execute("PRAGMA query_only = OFF")
            # The end of the savepoint takes the other engine's word back.
            transaction.set_rollback(engine != "sqlite")


def test_what_is_kept_is_read_and_not_counted(people, django_assert_num_queries):
    everything(people)

    # What is kept, its marks, all units there are, and the names of owners.
    with django_assert_num_queries(4):
        shown(people.administrator, None)
