"""The version of a row: it says which facts somebody saw, and so which have changed since."""

from datetime import date

from riskregister import versions
from tests.tables import for_each

SEEN = {
    "name": "Example Ltd",
    "notes": "One line.\nAnother.",
    "kinds": ["host", "publisher"],
    "parent": None,
    "due_on": date(2026, 3, 2),
}


def test_nothing_differs_from_what_was_seen():
    assert versions.differing(SEEN, versions.version(SEEN)) == ()


@for_each(
    ("name", "value"),
    [
        ("name", "Example ltd"),
        ("notes", ""),
        ("kinds", ["host"]),
        ("parent", "x"),
        ("due_on", date(2026, 3, 3)),
        ("due_on", None),
    ],
)
def test_what_changed_since_is_named(name, value):
    assert versions.differing(SEEN | {name: value}, versions.version(SEEN)) == (name,)


def test_the_ends_of_lines_of_a_browser_are_no_change():
    assert versions.differing(SEEN | {"notes": "One line.\r\nAnother."}, versions.version(SEEN)) == ()


def test_a_step_asks_for_its_own_facts_of_a_version_of_all():
    whole = versions.version(SEEN)

    assert versions.differing({"name": "Example Ltd"}, whole) == ()
    assert versions.differing({"days": 3}, whole) == ("days",)


@for_each("sent", ["", "x", "żółw", "AAAA", "=" * 12, versions.version({"name": "x"})[:-1], "A" * 1000])
def test_what_is_no_version_is_of_another_state(sent):
    assert versions.differing(SEEN, sent) == tuple(SEEN)


def test_it_is_short_and_tells_no_value():
    sent = versions.version({"name": "secret"})

    assert len(sent) == 12
    assert "secret" not in sent
