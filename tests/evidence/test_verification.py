"""The evidence level: it follows from issuer, verification and validity; nobody picks it."""

from datetime import timedelta
from typing import Any

import pytest

from evidence import records
from evidence.models import Evidence
from evidence.verification import level
from tests.cast import NOON, TODAY, Cast, assemble
from tests.tables import for_each

pytestmark = pytest.mark.django_db

LAST_DAY = TODAY + timedelta(days=30)


@pytest.fixture
def cast() -> Cast:
    return assemble()


def a_link(cast: Cast, issuer: str) -> Evidence:
    said: dict[str, Any] = {
        "title": "Document",
        "unit": cast.payments,
        "valid_until": LAST_DAY,
        "by": cast.alice,
        "now": NOON,
    }
    if issuer != "register":
        return records.add_link("https://example.com/document", issuer=issuer, **said)
    evidence = records.add_link("https://example.com/document", issuer="vendor", **said)
    evidence.issuer = "register"
    return evidence


def verified(cast: Cast, evidence: Evidence) -> Evidence:
    records.verify(evidence, document="It", document_date=TODAY, checked="All of it.", by=cast.alice, now=NOON)
    return evidence


@for_each(
    ("issuer", "unchecked", "checked"),
    [("vendor", 1, 2), ("independent", 1, 3), ("organisation", 0, 2), ("register", 3, 3)],
)
def test_issuer_and_verification_give_the_level(cast: Cast, issuer: str, unchecked: int, checked: int):
    evidence = a_link(cast, issuer)

    assert level(evidence, today=TODAY) == unchecked
    assert level(verified(cast, evidence), today=TODAY) == checked


@for_each("issuer", ["vendor", "independent", "organisation", "register"])
def test_it_falls_by_one_on_the_day_after_its_validity(cast: Cast, issuer: str):
    evidence = a_link(cast, issuer)
    fresh = level(evidence, today=LAST_DAY)

    assert level(evidence, today=LAST_DAY + timedelta(days=1)) == max(fresh - 1, 0)


@for_each("issuer", ["vendor", "independent", "organisation"])
def test_a_note_is_a_claim_whoever_made_it(cast: Cast, issuer: str):
    note = records.add_note("They said so.", title="Call", issuer=issuer, unit=None, by=cast.alice, now=NOON)

    assert level(note, today=TODAY) == 0


def test_levels_of_loaded_rows_cost_no_statement(cast: Cast, django_assert_num_queries):
    verified(cast, a_link(cast, "vendor"))
    a_link(cast, "independent")
    rows = list(Evidence.objects.prefetch_related("verifications").order_by("number"))

    with django_assert_num_queries(0):
        assert [level(row, today=TODAY) for row in rows] == [2, 1]
