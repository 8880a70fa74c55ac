"""Rows that were decided stay, and change only as their lifecycle says: tried with bare SQL, past every step."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction
from django.db.models import Field, ForeignKey

from accounts import tokens
from accounts.models import Unit, User
from audit import triggers
from composition.models import Hit
from decisions.models import Approval, EndNotice, ServerRating
from decisions.ratings import overriding
from escalations import climbing, ladders
from feeds import managing as feeds
from findings.models import RiskAcceptance
from landscape import shared_services
from landscape.models import SharedService
from reports.models import ReportPart
from riskregister import guards
from riskregister.guards import Counted, Lifecycle
from tests import cast, forgeries
from tests.assurance import made
from tests.cast import NOON, TODAY
from tests.reports import scene as reported
from tests.tables import for_each
from vendors.models import Server

pytestmark = [pytest.mark.engine, pytest.mark.django_db]
LATER = TODAY + timedelta(days=500)
LIFECYCLES = [one for one in guards.every() if isinstance(one, Lifecycle)]


@pytest.fixture(scope="module", autouse=True)
def register(kept_for_the_module: None) -> None:
    """Fill a register with a row of every kind that has a lifecycle, none of the demo organisation."""
    found = reported.build()
    reported.issued(found)
    alice = found.people.alice
    tokens.issue(alice, name="Nightly", scopes=["read"], lifetime=timedelta(days=9), by=alice, now=NOON)
    overriding.request(
        found.base.server, residual="low", reason="It is off.", expires_on=TODAY + timedelta(days=9),
        by=found.people.mia, now=NOON,
    )  # fmt: skip
    remote = {"type": "streamable-http", "url": "https://mcp.example.com/"}
    cast.a_release(found.people, "search", text=cast.server_json(remotes=[remote]))
    EndNotice.objects.create(approval=Approval.objects.get(), step="30", sent_at=NOON)
    forgeries.decide(found.base.server, found.people)
    made.a_certificate(found.people, found.base.vendor)
    made.a_round(found.people, found.base.vendor)
    for ladder in ladders.every():
        climbing.climb(ladder, now=NOON + timedelta(days=700))


def refused(change: Any) -> bool:
    """Return whether the database refuses the change."""
    try:
        with transaction.atomic():
            change()
    except DatabaseError:
        return True
    return False


def another(one: "Field[Any, Any]", value: Any) -> Any:
    """Return a value that the column could have instead."""
    if isinstance(one, ForeignKey) or one.get_internal_type() == "UUIDField":
        return uuid4()
    kinds: list[tuple[type, Any]] = [
        (bool, lambda: not value), (int, lambda: value + 1), (datetime, lambda: value + timedelta(days=400)),
        (date, lambda: value + timedelta(days=400)), (list, lambda: [*value, "administer"]), (str, lambda: f"{value}x"),
    ]  # fmt: skip
    return next((make() for kind, make in kinds if isinstance(value, kind)), _first_value(one))


def _first_value(one: "Field[Any, Any]") -> Any:
    return {"DateField": TODAY, "DateTimeField": NOON, "PositiveSmallIntegerField": 1}.get(one.get_internal_type(), "x")


def settled(guard: Lifecycle) -> "Iterator[Field[Any, Any]]":
    """Yield the fields that no step changes once the row is there."""
    moving = {"status", *guard.told, *guard.free, *guard.once, *guard.noted}
    yield from (one for one in guard.model._meta.concrete_fields if one.name not in moving and not one.primary_key)


@for_each("guard", LIFECYCLES, ids=lambda guard: guard.table)
def test_what_is_settled_does_not_change_and_the_row_stays(guard):
    row = guard.model._base_manager.order_by("pk").last()
    rows = guard.model._base_manager.filter(pk=row.pk)
    taken = [
        one.name
        for one in settled(guard)
        if not refused(lambda one=one: rows.update(**{one.name: another(one, getattr(row, one.attname))}))
    ]

    assert not taken
    # A rating has no column that is settled: each is told by a row of its history, or free.
    assert any(settled(guard)) or guard.model is ServerRating
    if guard.unless != guards.ALWAYS:
        assert refused(lambda: rows._raw_delete("default"))
    assert rows.get().pk == row.pk


@for_each("what", forgeries.FORGED)
def test_what_was_once_forged_is_refused(what):
    assert refused(forgeries.FORGED[what])


# What a column is called that names whoever decided, accepted, judged or tried something.
DECIDERS = {
    *("acknowledged_by", "completed_by", "decided_by", "finalised_by", "met_by", "moved_by", "revoked_by"),
    *("settled_by", "tried_by", "verified_by", "waived_by", "withdrawn_by"),
}


def test_a_row_that_names_whoever_decided_is_guarded():
    deciding = {
        model
        for model in apps.get_models()
        for one in model._meta.concrete_fields
        if isinstance(one, ForeignKey) and one.name in DECIDERS
    }
    guarded = {one.table for one in guards.every() if not isinstance(one, Counted)}

    assert len(deciding) > 15
    assert {model._meta.label for model in deciding if model._meta.db_table not in guarded} == set()


def test_nothing_real_becomes_a_part_of_the_demo_organisation_whose_rows_can_be_removed():
    marked = [model for model in apps.get_models() if any(one.name == "is_demo" for one in model._meta.fields)]
    feeds.add(kind="osv", name="Ours", where="upload", by=User.objects.get(name="Ada"), now=NOON)

    assert len(marked) > 7
    for model in marked:
        assert model._base_manager.filter(is_demo=False).exists(), model
        assert refused(lambda model=model: model._base_manager.update(is_demo=True)), model


def test_what_may_go_with_the_demo_organisation_is_not_moved_into_it():
    other = Server.objects.latest("number")
    unit = Unit.objects.get(code="payments")
    shared_services.write(unit=unit, name="Gateway", kind="gateway", by=User.objects.get(name="Alice"), now=NOON)

    assert refused(lambda: Hit.objects.exclude(server=other).update(server=other))
    assert refused(lambda: SharedService.objects.update(unit=Unit.objects.get(code="research")))
    assert refused(lambda: SharedService.objects.update(unit=None))


def test_a_part_does_not_join_an_issued_report():
    part = ReportPart.objects.get()
    joined = ReportPart(report=part.report, position=2, blob=part.blob, file_name="more.pdf", pages=1)

    assert refused(lambda: joined.save(force_insert=True))


def test_a_guard_names_fields_that_are_there():
    with pytest.raises(ValueError, match="has no field expires"):
        Lifecycle(RiskAcceptance, "an_acceptance_is_forever", free=("expires",))


# What somebody who owns the tables does to a guard, by what it is: each leaves a trigger of that name.
WEAKENED = {
    "sqlite": {
        "emptied": (
            "DROP TRIGGER audit_event_no_update",
            "CREATE TRIGGER audit_event_no_update BEFORE UPDATE ON audit_event BEGIN SELECT 1; END",
        ),
        "on another table": (
            "DROP TRIGGER audit_event_no_update",
            "CREATE TRIGGER audit_event_no_update BEFORE UPDATE ON audit_outbox"
            " BEGIN SELECT RAISE(ABORT, 'audit_event is append-only'); END",
        ),
        "gone": ("DROP TRIGGER audit_event_no_update",),
    },
    "postgresql": {
        "emptied": (
            "CREATE OR REPLACE FUNCTION audit_event_no_change() RETURNS trigger LANGUAGE plpgsql"
            " AS $$ BEGIN RETURN COALESCE(NEW, OLD); END $$",
        ),
        "switched off": ("ALTER TABLE audit_event DISABLE TRIGGER audit_event_no_change",),
        "off in replica role": ("ALTER TABLE audit_event ENABLE TRIGGER audit_event_no_change",),
        "for one column": (
            "DROP TRIGGER audit_event_no_change ON audit_event",
            "CREATE TRIGGER audit_event_no_change BEFORE UPDATE OF verb OR DELETE ON audit_event"
            " FOR EACH ROW EXECUTE FUNCTION audit_event_no_change()",
            "ALTER TABLE audit_event ENABLE ALWAYS TRIGGER audit_event_no_change",
        ),
        "gone": ("DROP TRIGGER audit_event_no_change ON audit_event",),
    },
}


@for_each("how", WEAKENED[connection.vendor])
def test_a_weakened_guard_is_told_and_put_right_by_a_migration(db, how):
    connection.check_constraints()
    with connection.cursor() as cursor:
        for statement in WEAKENED[connection.vendor][how]:
            cursor.execute(statement)

    assert triggers.amiss(connection) == [f"audit_event_no_{'update' if connection.vendor == 'sqlite' else 'change'}"]
    triggers.install(connection)
    assert triggers.amiss(connection) == []
