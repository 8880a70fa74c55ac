"""Nobody sees a row of another unit: in lists, by its address, by search, in the trail; and everybody sees theirs."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.db.models import Model
from django.urls import reverse

from accounts import access
from accounts.models import User
from alerts.models import AlertRule, Channel, Message
from audit.models import Event
from reports.models import Report
from riskregister import nouns
from riskregister.nouns import Noun
from tests.contracts.base import Listed, OfTheEstate, key_of, lists
from vendors.models import Server

ROLES = ("administrator", "analyst", "stranger", "without_role")
READERS = (*ROLES, "manager", "auditor")
# Rows of each noun that are asked for one by one.
TRIED = 3
# What a list leaves out for everybody, as it is about some of the rows of its noun.
LEFT_OUT: Mapping[str, Callable[[Any], bool]] = {
    "/tier-gaps/": lambda row: row.ended_on is not None or row.server.status in Server.OUT_OF_USE,
}


class VisibilityContract(OfTheEstate):
    """Units."""

    def test_a_list_shows_exactly_the_rows_of_a_persons_units(self) -> None:
        self.holds(
            wrong for one in lists() if one.noun.unit for role in ROLES for wrong in self._wrongly_listed(one, role)
        )

    def test_a_row_of_another_unit_is_not_found_by_its_address(self) -> None:
        self.holds(wrong for noun in _nouns() for wrong in self._found_by_address(noun))

    def test_a_row_is_found_by_its_number_and_words_by_those_who_may_see_it_alone(self) -> None:
        searched = [noun for noun in _nouns() if noun.words or noun.prefix]
        assert len(searched) > 5
        self.holds(wrong for noun in searched for wrong in self._wrongly_searched(noun))

    def test_the_trail_tells_strangers_nothing_of_a_row(self) -> None:
        stranger, analyst = self.caller("stranger"), self.caller("analyst")
        heard = 0
        for noun in _nouns():
            for row in _hidden(noun, stranger.person):
                assert stranger.read("/events/", object=str(row.pk))["results"] == [], (noun.word, row)
                heard += len(analyst.read("/events/", object=str(row.pk))["results"])
        assert heard > 20

    def test_the_trail_tells_of_no_row_that_somebody_may_not_see(self) -> None:
        self.holds(wrong for role in READERS for wrong in self._told_unseen(role))

    def _told_unseen(self, role: str) -> Iterator[str]:
        person = self.estate.person(role)
        told = access.visible_events(person).exclude(scope=Event.Scope.ADMINISTRATION)
        for noun in nouns.cards():
            if noun.is_seen_by_row:
                mine = told.filter(object_type=noun.model._meta.label_lower)
                seen = nouns.visible_rows(noun, person).order_by().values("pk")
                unseen = mine.exclude(object_id__in=seen).filter(object_id__in=noun.model._base_manager.values("pk"))
                yield from (f"{role}: {event}" for event in unseen)

    def _wrongly_listed(self, one: Listed, role: str) -> Iterator[str]:
        caller = self.caller(role)
        response = caller.get(one.path, limit=1)
        if response.status_code == 403:
            return
        found = {str(key_of(row)) for row in one.rows(caller)}
        rows = [row for row in _told(one) if _is_theirs(row, caller.person)]
        expected = {str(row.pk) for row in rows if not _is_of_all_units(row) or _sees_all(caller.person)}
        # Of events some are for administrators and auditors of all only.
        missing = set() if one.noun.kind == "event" else expected - found
        if found - expected or missing:
            yield f"{one.path} as {role}: {len(found - expected)} too many, {len(missing)} missing"

    def _found_by_address(self, noun: Noun) -> Iterator[str]:
        stranger, analyst = self.client_of("stranger"), self.client_of("analyst")
        for row in _hidden(noun, self.estate.person("stranger")):
            where = reverse("web:go", args=[noun.kind, row.pk])
            if stranger.get(where).status_code != 404:
                yield f"{where} leads a stranger to {row}."
            if noun.pages and not noun.pages[0].whose and analyst.get(where).status_code != 302:
                yield f"{where} leads an analyst of the unit nowhere."
            yield from self._found_in_the_api(noun, row)

    def _found_in_the_api(self, noun: Noun, row: Model) -> Iterator[str]:
        for one in lists():
            if one.noun is not noun or not hasattr(one.view, "retrieve"):
                continue
            for role, status in (("stranger", 404), ("analyst", 200 if _is_told(one, row) else 404)):
                if (answered := self.caller(role).get(f"{one.path}{row.pk}/").status_code) != status:
                    yield f"{one.path}{row.pk}/ as {role}: {answered}"

    def _wrongly_searched(self, noun: Noun) -> Iterator[str]:
        for row in _hidden(noun, self.estate.person("stranger")):
            for words in _words(noun, row):
                for role, is_seen in (("analyst", True), ("stranger", False)):
                    if self._is_found(role, words, noun, row) is not is_seen:
                        yield f"{noun.word} {row} by {words!r} as {role}: {'not found' if is_seen else 'found'}"

    def _is_found(self, role: str, words: str, noun: Noun, row: Model) -> bool:
        response = self.client_of(role).get(reverse("web:search"), {"q": words})
        key = str(nouns.follow(row, noun.pages[0].key))
        return key in (response.headers.get("Location", "") or response.content.decode())


def _nouns() -> Iterator[Noun]:
    """Yield the nouns whose rows belong to units and are seen by some."""
    for noun in nouns.cards():
        if noun.unit and noun.is_seen_by_row and noun.kind != "event":
            yield noun


def _told(one: Listed) -> list[Any]:
    """Return the rows that a list is about."""
    return [row for row in one.noun.model._base_manager.all() if _is_told(one, row)]


def _is_told(one: Listed, row: Model) -> bool:
    return one.path not in LEFT_OUT or not LEFT_OUT[one.path](row)


def _is_theirs(row: Model, person: User) -> bool:
    unit, seen = nouns.unit_of(row), access.of(person)
    if unit is None:
        return seen.is_member
    return seen.sees_all_units or unit in seen.unit_ids


def _is_of_all_units(row: Model) -> bool:
    """Return whether what belongs to no unit has the content of all of them."""
    return isinstance(row, Report | Channel | Message | AlertRule) and nouns.unit_of(row) is None


def _sees_all(person: User) -> bool:
    return access.of(person).sees_all_units


def _hidden(noun: Noun, person: User) -> list[Any]:
    """Return the first rows of Payments, which are hidden from a stranger."""
    return [row for row in noun.model._base_manager.order_by("pk") if not _is_theirs(row, person)][:TRIED]


def _words(noun: Noun, row: Any) -> Iterator[str]:
    """Yield what a row is searched by: its number, and each text that its card names."""
    if noun.prefix:
        yield f"{noun.prefix}-{row.number}"
    for path in noun.words:
        found = nouns.follow(row, path.replace("__", "."))
        if found and len(str(found)) > 1:
            yield str(found)
