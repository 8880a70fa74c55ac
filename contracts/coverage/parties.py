"""Who is bound: the unit for which a contract was signed, as far as somebody sees it, and the vendor's legal entity."""

from collections.abc import Iterable, Iterator
from typing import Any

from accounts import access
from contracts.coverage.judging import Party
from contracts.models import Contract, ContractTerms
from vendors.models import Vendor
from vendors.naming import legal_entities


def is_for_unseen_unit(contract: Contract, user: Any) -> bool:
    """Return whether it was signed for a unit that somebody does not see: they are told that there is one, no more."""
    key, seen = contract.for_unit_id, access.of(user)
    return key is not None and not seen.sees_all_units and key not in seen.by_unit


def differing(vendor: Vendor, contracts: Iterable[Contract | ContractTerms]) -> Iterator[Party]:
    """Yield the contracts that name another legal entity than the vendor's; where one is not known it is not told."""
    for contract in contracts:
        if legal_entities.differs(contract.their_entity, vendor.legal_entity):
            yield Party(contract.ref, contract.their_entity, vendor.legal_entity)
