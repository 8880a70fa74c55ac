"""The evidence level of a document for one statement: it follows from the record; nobody picks it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from evidence import levels, records
from evidence.levels import Support
from evidence.models import Evidence
from tests.assessments.documents import document, upload
from tests.cast import NOON, TODAY, Cast, assemble
from tests.tables import for_each

LAST_DAY = TODAY + timedelta(days=30)
ALICE, BOB, CAROL = uuid4(), uuid4(), uuid4()


@dataclass
class Check:
    """That somebody looked."""

    verified_by_id: UUID
    verified_at: datetime


def support(**facts: Any) -> Support:
    """Return a kept file of somebody independent that alice added and bob attached."""
    standard: dict[str, Any] = {
        "kind": "file",
        "issuer": "independent",
        "is_kept": True,
        "valid_until": LAST_DAY,
        "brought_by": {ALICE, BOB},
        "checked_by": set(),
    }
    return Support(**standard | facts)


@for_each(
    ("issuer", "unchecked", "by_who_brought_it", "by_another"),
    [
        ("vendor", 1, 2, 2),
        ("independent", 1, 2, 3),
        ("organisation", 0, 2, 2),
        ("register", 3, 3, 3),
    ],
)
def test_a_kept_document(issuer: str, unchecked: int, by_who_brought_it: int, by_another: int) -> None:
    found = [
        levels.level(support(issuer=issuer, checked_by=who), today=TODAY)
        for who in (set(), {ALICE}, {BOB}, {ALICE, BOB}, {CAROL}, {ALICE, CAROL})
    ]
    assert found == [unchecked, *[by_who_brought_it] * 3, *[by_another] * 2]


@for_each(
    ("facts", "words"),
    [
        ({"kind": "note", "is_kept": False}, "A note carries nothing further: attach a document."),
        ({"issuer": "organisation"}, "Nobody has said what the document shows of this answer: verify it."),
        ({"issuer": "vendor", "kind": "link", "is_kept": False}, "It is a bare link: keep a copy, then verify it."),
        ({"checked_by": {BOB}}, "For more, somebody who did not bring it has to verify it."),
        ({"issuer": "vendor", "checked_by": {CAROL}}, "For more, an independent document has to show it."),
        ({"checked_by": {CAROL}}, ""),
        ({"issuer": "register"}, ""),
        (
            {"valid_until": TODAY - timedelta(days=1), "checked_by": {CAROL}},
            "Its validity has ended: attach a newer one.",
        ),
    ],
)
def test_it_says_what_would_lift_it(facts: dict[str, Any], words: str) -> None:
    assert levels.lift(support(**facts), today=TODAY) == words


@for_each(("issuer", "level"), [("vendor", (1, 1)), ("independent", (1, 1)), ("organisation", (0, 1))])
def test_a_bare_link_counts_as_e1_at_most_whoever_looked(issuer: str, level: tuple[int, int]) -> None:
    bare = {"kind": "link", "is_kept": False, "issuer": issuer}
    assert tuple(levels.level(support(**bare, checked_by=who), today=TODAY) for who in (set(), {CAROL})) == level


@for_each("issuer", ["vendor", "independent", "organisation"])
def test_a_note_is_a_claim_whoever_looked(issuer: str) -> None:
    assert levels.level(support(kind="note", issuer=issuer, checked_by={CAROL}), today=TODAY) == 0


@for_each("issuer", ["vendor", "independent", "organisation", "register"])
def test_it_falls_by_one_on_the_day_after_its_validity(issuer: str) -> None:
    for who in (set[UUID](), {CAROL}):
        known = support(issuer=issuer, checked_by=who)
        fresh = levels.level(known, today=LAST_DAY)
        assert levels.level(known, today=LAST_DAY + timedelta(days=1)) == max(fresh - 1, 0)


def test_an_observation_of_the_register_that_has_no_end_is_not_known_to_be_fresh() -> None:
    assert levels.level(support(issuer="register", valid_until=None), today=TODAY) == 2


@pytest.fixture
def cast() -> Cast:
    return assemble()


def level_of(evidence: Evidence, *checks: Check, attached_by: UUID | None = None) -> int:
    return levels.level(levels.support(evidence, attached_by=attached_by, checks=checks), today=TODAY)


@pytest.mark.django_db
def test_whoever_added_attached_or_kept_the_copy_does_not_second_it(cast: Cast) -> None:
    link = records.add_link(
        "https://example.com/a", title="Audit", issuer="independent", unit=None, by=cast.alice, now=NOON
    )
    records.keep_copy(link, upload(), by=cast.bob, now=NOON)
    later = NOON + timedelta(hours=1)

    seen = {
        one.name: level_of(link, Check(one.pk, later), attached_by=cast.mia.pk)
        for one in (cast.alice, cast.bob, cast.mia, cast.eve)
    }
    assert seen == {"Alice": 2, "Bob": 2, "Mia": 2, "Eve": 3}


@pytest.mark.django_db
def test_a_look_at_the_page_before_a_copy_was_kept_is_not_of_the_copy(cast: Cast) -> None:
    details: dict[str, Any] = {"title": "Audit", "issuer": "independent", "unit": None, "by": cast.alice, "now": NOON}
    link = records.add_link("https://example.com/audit", **details)
    before, after = Check(cast.eve.pk, NOON), Check(cast.eve.pk, NOON + timedelta(hours=2))
    assert level_of(link, before) == 1

    records.keep_copy(link, upload(), by=cast.alice, now=NOON + timedelta(hours=1))
    assert (level_of(link), level_of(link, before), level_of(link, after)) == (1, 1, 3)


@pytest.mark.django_db
def test_levels_of_loaded_rows_cost_no_statement(cast: Cast, django_assert_num_queries) -> None:
    document(by=cast.alice, unit=None)
    records.add_link("https://example.com/b", title="B", issuer="vendor", unit=None, by=cast.alice, now=NOON)
    rows = list(Evidence.objects.select_related("kept_copy").order_by("number"))

    with django_assert_num_queries(0):
        assert [level_of(row, Check(cast.bob.pk, NOON)) for row in rows] == [2, 1]
