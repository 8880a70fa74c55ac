"""Contracts of the cast: Example Ltd supplies Weather, a server of Payments at tier 2 that is in use."""

from datetime import date
from typing import Any

from contracts.agreements import agreeing, clauses, lifecycle
from contracts.agreements.clauses import Reading
from contracts.models import Contract
from tests import cast
from tests.cast import NOON, TODAY, Cast
from tests.kept import kept
from vendors.models import Server, Vendor
from vendors.registering import registration

LAST_YEAR = date(2025, 3, 2)


@kept
def supplied(people: Cast, **facts: Any) -> tuple[Vendor, Server]:
    """Return a vendor that works as a business, and a server of its that agents use."""
    vendor = cast.a_vendor(people, is_commercial=True, **facts)
    server = cast.a_server(people)
    registration.add_supplier(server, vendor, role="publisher", by=people.alice, now=NOON)
    Server.objects.filter(pk=server.pk).update(is_in_use=True)
    server.refresh_from_db()
    return vendor, server


@kept
def drafted(people: Cast, vendor: Vendor, title: str = "Services", **facts: Any) -> Contract:
    """Return a contract in drafting, by alice."""
    return agreeing.draft(vendor, title=title, by=people.alice, now=NOON, **facts)


@kept
def in_force(people: Cast, vendor: Vendor, title: str = "Services", **facts: Any) -> Contract:
    """Return a contract that has been in force for a year."""
    contract = drafted(people, vendor, title, **facts)
    lifecycle.send_for_signing(contract, by=people.alice, now=NOON)
    starts = facts.get("starts_on", LAST_YEAR)
    return lifecycle.sign(contract, signed_on=LAST_YEAR, starts_on=starts, by=people.alice, now=NOON)


@kept
def read(people: Cast, contract: Contract, *readings: Reading) -> Contract:
    """Return the contract with these clauses read by alice."""
    return clauses.record(contract, readings=readings, by=people.alice, now=NOON)


__all__ = ("LAST_YEAR", "NOON", "TODAY", "drafted", "in_force", "read", "supplied")
