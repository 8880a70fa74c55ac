"""A row is found by each of the words that its card and its list name, whatever the case in which they are typed."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Model

from riskregister import nouns
from tests.contracts.base import Listed, OfTheEstate, key_of, lists

TRIED = 5


class SearchContract(OfTheEstate):
    """Words."""

    def test_a_row_is_found_by_its_words_in_any_case(self) -> None:
        searched = [one for one in lists() if "search" in one.filters]
        assert len(searched) > 10
        self.holds(wrong for one in searched for wrong in self._not_found(one))

    def test_a_list_searched_for_what_no_row_has_is_empty(self) -> None:
        for one in lists():
            if "search" in one.filters:
                assert one.rows(self.caller(one.reader), search="no row has such words") == [], one.path

    def test_what_stands_for_anything_in_sql_stands_for_itself(self) -> None:
        for one in lists():
            for words in ("%", "_", "\\", "%%") if "search" in one.filters else ():
                shown = len(one.rows(self.caller(one.reader), search=words))
                assert shown < len(self.whole(one)), (one.path, words)

    def _not_found(self, one: Listed) -> Iterator[str]:
        caller = self.caller(one.reader)
        for row in one.objects(_some(self.whole(one))):
            for words in _words(one, row):
                # Shorter words are looked for at the beginning of others; see searching.py.
                for text in (words, words.swapcase(), words[1:-1] if len(words) > 4 else words[:2]):
                    if row.pk not in {_key(one, found) for found in one.rows(caller, search=text)}:
                        yield f"{one.path}?search={text} does not find {row}."


def _some(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return rows from the beginning to the end of a list."""
    return rows[:: max(1, len(rows) // TRIED)][:TRIED]


def _key(one: Listed, row: dict[str, Any]) -> Any:
    return one.noun.model._meta.pk.to_python(key_of(row))


def _words(one: Listed, row: Model) -> Iterator[str]:
    """Yield the texts of a row that its list is searched by."""
    for path in (*one.noun.words, *getattr(one.of.filters, "also", ())):
        found = nouns.follow(row, path.replace("__", "."))
        if found:
            yield str(found)
