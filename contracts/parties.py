"""Whether the legal entity of a contract is the vendor that the register knows. Pure but for the rows that it reads."""

import re
from collections.abc import Iterable, Iterator

from contracts.judging import Party
from contracts.models import Contract
from vendors.models import Vendor

# One form of a company, as it is written out and in short.
_FORMS = {
    "limited": "ltd",
    "incorporated": "inc",
    "corporation": "corp",
    "company": "co",
}


def same(one: str, other: str) -> bool:
    """Return whether two names are one, but for case, points and how the form of the company is written."""
    return _plain(one) == _plain(other)


def differing(vendor: Vendor, contracts: Iterable[Contract]) -> Iterator[Party]:
    """Yield the contracts that name another legal entity than the vendor's; where one is not known it is not told."""
    for contract in contracts:
        if vendor.legal_entity and contract.their_entity and not same(vendor.legal_entity, contract.their_entity):
            yield Party(contract.ref, contract.their_entity, vendor.legal_entity)


def _plain(name: str) -> list[str]:
    words = re.findall(r"\w+", name.casefold().replace(".", ""))
    return [_FORMS.get(word, word) for word in words]
