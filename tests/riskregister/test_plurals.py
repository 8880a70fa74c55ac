"""How many there are of something, in words."""

from riskregister import plurals
from tests.tables import for_each


@for_each(
    "count, word, plural, text",
    [
        (0, "day", "", "0 days"),
        (1, "finding", "", "1 finding"),
        (2, "finding", "", "2 findings"),
        (1, "deficiency", "deficiencies", "1 deficiency"),
        (1200, "deficiency", "deficiencies", "1,200 deficiencies"),
    ],
)
def test_a_number_has_the_word_that_fits(count: int, word: str, plural: str, text: str) -> None:
    assert plurals.counted(count, word, plural) == text


@for_each(
    "plural, count, text",
    [
        ("findings", 1, "finding"),
        ("findings", 0, "findings"),
        ("findings", 2, "findings"),
        ("people", 1, "person"),
        ("pieces of evidence", 1, "piece of evidence"),
        ("exit plans", 1, "exit plan"),
        ("policies", 1, "policy"),
        ("deficiencies", 1, "deficiency"),
        ("gaps to tier", 1, "gap to tier"),
        ("business processes", 1, "business process"),
        ("control statuses", 1, "control status"),
        ("unapproved uses", 1, "unapproved use"),
        ("observed egress", 1, "observed egress"),
    ],
)
def test_the_word_of_a_list_fits_its_number(plural: str, count: int, text: str) -> None:
    assert plurals.fitting(plural, count) == text
