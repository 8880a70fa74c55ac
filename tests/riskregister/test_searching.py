"""Words are found whatever their case, in every script, on both engines."""

import pytest
from django.db.models import QuerySet

from accounts.models import Unit
from riskregister.queries.searching import folded
from riskregister.refusals import Refused
from tests import cast
from tests.tables import for_each
from tests.web.signed_in import as_
from vendors.models import Vendor

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

# What is on record, and what somebody types.
FOUND = (
    ("ŻÓŁW Sp. z o.o.", "żółw"), ("żółw sp. z o.o.", "ŻÓŁW"), ("Straße 5", "STRASSE"), ("STRAẞE 5", "straße"),
    ("ΣΊΣΥΦΟΣ", "σίσυφος"), ("Ёлка", "ЁЛКА"), ("İstanbul", "İSTANBUL"), ("ﬁrm", "FIRM"), ("Émile", "é"),
    ("Acme Weather", "ACME w"), ("100 % sure", "100 %"), ("a_b", "A_B"), ("c:\\d", "C:\\D"), ("東京", "京"),
)  # fmt: skip
# What looks near and is something else.
OTHERS = (("Zolw", "żółw"), ("100 x sure", "100 %"), ("axb", "a_b"), ("Emile", "é"), ("Acme", "acme "))


def called(name: str) -> QuerySet[Unit]:
    """Return a unit of that name, alone."""
    return Unit.objects.filter(pk=Unit.objects.create(name=name, code=f"u{Unit.objects.count()}").pk)


@for_each("pair", FOUND)
def test_words_are_found_in_any_case(pair: tuple[str, str]):
    name, words = pair
    assert called(name).filter(name__holds=words).exists()


@for_each("pair", OTHERS)
def test_other_words_are_not_found(pair: tuple[str, str]):
    name, words = pair
    assert not called(name).filter(name__holds=words).exists()


@for_each("pair", [pair for pair in FOUND if folded(pair[0]) == folded(pair[1])])
def test_a_text_reads_as_its_other_case(pair: tuple[str, str]):
    name, words = pair
    found = called(name)
    assert found.filter(name__reads=words).exists()
    assert not found.filter(name__reads=words[:-1]).exists()


def test_words_that_are_typed_decomposed_are_found():
    people = cast.assemble()
    tortoise = cast.a_vendor(people, name="Żółw")
    assert Vendor.objects.filter(name__holds="z\u0307o\u0301łw").get() == tortoise


def test_a_page_a_list_of_the_api_and_the_search_of_everything_find_it():
    people = cast.assemble()
    tortoise = cast.a_vendor(people, name="ŻÓŁW Sp. z o.o.")
    client = as_(people.alice)

    assert client.get("/vendors/", {"q": "żółw"}).context["list"].rows == [tortoise]
    listed = client.get("/api/v1/vendors/", {"search": "żółw"}).json()["results"]
    assert [row["id"] for row in listed] == [str(tortoise.pk)]
    assert tortoise.name in client.get("/search/", {"q": "żółw"}).content.decode()
    assert client.get("/vendors/", {"q": "żółwia"}).context["list"].rows == []


def test_a_vendor_in_the_other_case_is_registered_once():
    people = cast.assemble()
    cast.a_vendor(people, name="ŻÓŁW")
    with pytest.raises(Refused, match="żółw is registered already"):
        cast.a_vendor(people, name="żółw")
