"""Contracts and what was read in them stay, and those that ended change no more: guarded by triggers."""

from contracts.agreements.agreeing import FIELDS
from contracts.agreements.clauses import FACTS
from contracts.models import Clause, Contract
from riskregister.guards import Lifecycle, declare

_DEMO_VENDOR = "EXISTS (SELECT 1 FROM vendors_vendor v WHERE v.id = OLD.vendor_id AND v.is_demo)"
_DEMO_CONTRACT = (
    "EXISTS (SELECT 1 FROM contracts_contract c JOIN vendors_vendor v ON v.id = c.vendor_id"
    " WHERE c.id = OLD.contract_id AND v.is_demo)"
)
# One that was signed for a unit of the demo organisation is for all when that goes.
_FOR_DEMO_UNIT = "EXISTS (SELECT 1 FROM accounts_unit u WHERE u.id = OLD.for_unit_id AND u.is_demo)"
declare(
    Lifecycle(
        Contract,
        "a_contract_keeps_with_whom_it_is",
        told=(*FIELDS, "notice_by", "kept_until"),
        once=("notice_given_on", "ended_on", "end_reason"),
        frozen=f"OLD.status = 'ended' AND NOT {_FOR_DEMO_UNIT}",
        unless=_DEMO_VENDOR,
    ),
    Lifecycle(
        Clause,
        "a_clause_stays_in_its_contract",
        told=(*FACTS, "checked_by", "checked_at"),
        frozen="EXISTS (SELECT 1 FROM contracts_contract c WHERE c.id = OLD.contract_id AND c.status = 'ended')",
        unless=_DEMO_CONTRACT,
    ),
)
