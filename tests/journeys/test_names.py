"""One, two or none of a thing, on every page; what people name may read from the right."""

import re
from collections.abc import Iterator

import pytest

from tests.api.caller import frozen
from tests.cast import a_vendor, assemble
from tests.journeys import estate
from tests.journeys.naming import FROM_THE_RIGHT, named
from tests.journeys.reading import EYES, pages
from tests.journeys.routes import address
from tests.web.signed_in import as_

pytestmark = pytest.mark.slow

ONE_OF_MANY = re.compile(r"(?<![\d.,/-])1 (?:of 1 )?(\w+s)\b", re.ASCII)
# Words that end in s behind a 1 and are no plural.
NO_PLURALS = {
    "is", "was", "has", "this", "s", "MiBs", "address", "business", "process", "access", "status", "class", "pass",
}  # fmt: skip
# Elements that stand within a sentence.
WITHIN = "span|strong|a|b|em|time|code"


def test_the_pattern_sees_a_plural_of_one_wherever_it_stands() -> None:
    text = (
        "<p>1 of 1 vendors</p> <b>1 servers</b> wait, 1 <span>days</span>. 11 files, 2.1 rows, <a>1</a> <a>Reviews</a>"
    )

    assert list(plurals_of_one(text)) == ["1 of 1 vendors", "1 servers", "1 days"]


def test_one_is_not_many_on_any_page(register: estate.Estate) -> None:
    named(register, FROM_THE_RIGHT)
    clients = {role: register.client(role) for role in EYES}
    wrong, seen, with_names = set(), 0, 0
    for route in pages():
        for client in clients.values():
            answer = client.get(address(route, register.keys))
            if answer.status_code == 200 and not answer.streaming:
                seen += 1
                with_names += FROM_THE_RIGHT[:20] in answer.content.decode()
                wrong |= {f"{route.name}: {phrase}" for phrase in plurals_of_one(answer.content.decode())}
                break
    assert seen > 70
    assert with_names > 40
    assert wrong == set()


def test_lists_of_none_one_and_two_say_so(db: None) -> None:
    with frozen():
        cast = assemble()
        for name in ("One Ltd", "Another Ltd"):
            a_vendor(cast, name)
        for words, count in (("One", "1 of 1 vendor |"), ("Ltd", "2 of 2 vendors |"), ("none at all", "Nothing fits")):
            page = as_(cast.alice).get("/vendors/", {"search": words}).content.decode()

            assert count in _text(page), words
            assert not list(plurals_of_one(page)), words


def plurals_of_one(page: str) -> Iterator[str]:
    for found in ONE_OF_MANY.finditer(_text(page)):
        if found[1] not in NO_PLURALS:
            yield found[0]


def _text(page: str) -> str:
    """Return the words of a page; "|" stands where an element ends that is no part of a sentence."""
    page = re.sub(r"<(script|style|svg|datalist|select)\b.*?</\1>", " ", page, flags=re.DOTALL)
    # Two links beside each other are two things, such as the tiles of the dashboard.
    page = re.sub(r"</a>\s*(?=<a\b)", "|", page)
    page = re.sub(rf"</?(?:{WITHIN})\b[^>]*>", "", page)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " | ", page))
