"""The table of what is demanded: each requirement once, and each place that it names opens."""

import re
from collections import Counter

import pytest

from tests import requirement_tables
from tests.requirement_tables import HOW, ROOT, closed, rows

# The requirements themselves lie beside the project.
ATOMS = ROOT.parent / "shared" / "seeds" / "atoms.md"


def test_each_place_that_does_what_is_demanded_opens() -> None:
    problems = [f"{row['id']}: {why}" for row in rows() for place in row["at"] if (why := closed(place))]
    assert problems == []


def test_what_is_done_says_where_and_what_is_done_in_part_says_what_is_left() -> None:
    assert {row["how"] for row in rows()} <= set(HOW)
    assert [row["id"] for row in rows() if bool(row["at"]) == (row["how"] == "absent")] == []
    assert [row["id"] for row in rows() if ("left" in row) != (row["how"] == "partly")] == []


def test_each_requirement_stands_once_and_none_is_missing() -> None:
    counts = Counter(row["id"] for row in rows())
    assert [one for one, count in counts.items() if count > 1] == []
    if not ATOMS.exists():
        pytest.skip(f"The requirements are not here: {ATOMS}.")
    assert set(counts) == set(re.findall(r"^\| (S[\w.]+) \|", ATOMS.read_text(encoding="utf-8"), re.MULTILINE))


def test_a_place_that_is_not_there_does_not_open() -> None:
    wrong = ("question provenance.nothing", "control MI-20.9", "page nowhere", "api /nothing/", "code web/nothing.py")
    assert [one for one in (*wrong, "code web/home/home.py:Nothing", "film x") if not closed(one)] == []
    assert requirement_tables.of_requirements().startswith("138 requirements: ")
