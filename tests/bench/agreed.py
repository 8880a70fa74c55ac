"""Contracts of one vendor in a full register: a master contract and orders under it, each read for every clause."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from contracts.coverage import clause_list
from contracts.models import Clause, Contract
from vendors.models import Vendor

CONTRACTS = 200


def fill(vendor: Vendor, *, now: datetime) -> None:
    """Insert the contracts of the vendor, and what they say."""
    begun = (now - timedelta(days=300)).date()
    rows: list[Contract] = []
    for i in range(1, CONTRACTS + 1):
        kind, parent = ("order", rows[0]) if rows else ("master", None)
        rows.append(
            Contract(
                number=i, vendor=vendor, title=f"Contract {i:03}", kind=kind, parent=parent, status="active",
                signed_on=begun, starts_on=begun, created_at=now,
            )
        )  # fmt: skip
    Contract.objects.bulk_create(rows)
    Clause.objects.bulk_create((one for row in rows for one in _clauses(row)), batch_size=2_000)


def _clauses(contract: Contract) -> Iterator[Clause]:
    for key, clause in clause_list.load().clauses.items():
        value = Decimal(clause.highest or 0) if clause.better else None
        yield Clause(
            contract=contract, key=key, present="yes", page=contract.number, value=value,
            unit=clause.unit if value is not None else "",
        )  # fmt: skip
