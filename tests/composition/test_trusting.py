"""Whose word counts: an author is a vendor by its name as a whole, or by an address on its website's domain."""

from composition.statements import trusting
from tests.tables import for_each
from vendors.models import Vendor

VENDOR = Vendor(name="Weather Works", legal_entity="Weather Works GmbH", website="https://www.weather.example/about")


@for_each(
    "author, is_theirs",
    [
        ("Weather Works", True),
        ("weather-works <security@elsewhere.example>", True),
        ("Weather Workshop", False),
        ("Weather", False),
        ("security@weather.example", True),
        ("https://psirt.weather.example/vex", True),
        ("security@notweather.example", False),
        ("security@weather.example.evil.example", False),
        ("", False),
    ],
)
def test_an_author_is_a_vendor_by_its_whole_name_or_its_domain(author: str, is_theirs: bool):
    assert trusting.is_of(author, VENDOR) is is_theirs


def test_a_name_without_a_letter_is_nobodys():
    vendor = Vendor(name="Weather Works", legal_entity="-")
    assert [trusting.is_of(author, vendor) for author in ("", "-", "Mallory")] == [False, False, False]
