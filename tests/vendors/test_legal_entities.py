"""Another legal entity is told from the same one that is written otherwise."""

from tests.tables import for_each
from vendors.naming import legal_entities


@for_each(
    "named, of_vendor, other",
    [
        ("Host Ltd.", "HOST  LTD", False),
        ("Host Limited", "Host Ltd", False),
        ("Host, S. A.", "Host SA", False),
        ("Host Inc", "Host Ltd", True),
        ("Host Inc", "", False),
        ("", "Host Ltd", False),
        ("Müller, GmbH", "Müller GmbH", False),
    ],
)
def test_another_legal_entity_is_seen(named: str, of_vendor: str, other: bool) -> None:
    assert legal_entities.differs(named, of_vendor) is other
