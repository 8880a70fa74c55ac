"""Whether the legal entity of a contract is the vendor that the register knows. Pure but for the rows that it reads."""

from collections.abc import Iterable, Iterator

from contracts.judging import Party
from contracts.models import Contract, ContractTerms
from vendors import legal_entities
from vendors.models import Vendor


def differing(vendor: Vendor, contracts: Iterable[Contract | ContractTerms]) -> Iterator[Party]:
    """Yield the contracts that name another legal entity than the vendor's; where one is not known it is not told."""
    for contract in contracts:
        if legal_entities.differs(contract.their_entity, vendor.legal_entity):
            yield Party(contract.ref, contract.their_entity, vendor.legal_entity)
