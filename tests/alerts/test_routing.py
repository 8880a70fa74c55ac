"""Whom an event is told to, in which words: titles that a person understands, and one line each."""

import string
from datetime import date, timedelta

from alerts.recipients import routing
from alerts.recipients.routing import Facts
from audit import events
from audit.events import Who
from tests.alerts.scene import example
from tests.tables import for_each

TODAY = date(2026, 3, 2)
TOLD = [kind.verb for kind in events.every() if kind.tell]


def notices(verb: str, members: dict[str, object] | None = None, **more) -> list[routing.Notice]:
    kind = events.of(verb)
    assert kind.tell
    data = kind.data(**{**example(kind), **(members or {})})
    known = {"label": "F-7 Keys", "subject": "S-12 Filesystem", "opens": "F-7 Keys", "today": TODAY, "data": data}
    return routing.notices(kind.tell, Facts(**{**known, **more}))


def titles(verb: str, members: dict[str, object] | None = None, **more) -> set[str]:
    return {notice.title for notice in notices(verb, members, **more)}


@for_each("verb", TOLD)
def test_every_title_is_filled_in(verb):
    told = notices(verb, actor="Alice", due_on=TODAY)

    assert told
    for notice in told:
        assert not set(notice.title) & set("{}")
        assert "  " not in notice.title


def test_a_title_names_nothing_that_may_be_missing():
    known = {"label", "subject", "opens", "actor", "due"}
    for kind in events.every():
        if kind.tell:
            named = {name for _, name, _, _ in string.Formatter().parse(kind.tell.title) if name}
            assert named <= known | set(kind.tell.fill(kind.data(**example(kind)))), kind.verb


@for_each(
    ("days", "title"),
    [
        (14, "Review of S-12 Filesystem is due in 14 days"),
        (1, "Review of S-12 Filesystem is due in 1 day"),
        (0, "Review of S-12 Filesystem is due today"),
        (-1, "Review of S-12 Filesystem is overdue by 1 day"),
        (-40, "Review of S-12 Filesystem is overdue by 40 days"),
    ],
)
def test_a_review_says_how_far_its_day_is(days, title):
    assert titles("review.reminded", due_on=TODAY + timedelta(days=days)) == {title}


@for_each(
    ("decision", "title"),
    [
        ("approve", "S-12 Filesystem is approved"),
        ("approve_with_conditions", "S-12 Filesystem is approved with conditions"),
        ("reject", "S-12 Filesystem is rejected"),
    ],
)
def test_a_decision_is_told_in_its_own_words(decision, title):
    assert titles("approval.granted", {"decision": decision}) == {title}


def test_an_assessment_that_found_nothing_is_told_by_its_decision_alone():
    assert titles("assessment.finalised", {"deficiencies": 0}) == set()
    assert titles("assessment.finalised", {"deficiencies": 1}, label="A-3 Filesystem") == {
        "A-3 Filesystem is final and found 1 deficiency"
    }


def test_what_a_part_of_a_larger_step_says_goes_to_the_inbox_only():
    [alone] = notices("finding.opened")
    [part] = notices("finding.opened", is_part=True)

    assert (alone.by_mail, part.by_mail) == (True, False)


@for_each(
    ("text", "title"),
    [
        ("Keys\r\nBcc: eve@example.org", "Keys Bcc: eve@example.org"),
        ("tab\tand\x00null", "tab and null"),
        ("gnp.\u202efdp", "gnp. fdp"),
        ("x" * 300, "x" * 249 + "…"),
    ],
)
def test_a_title_is_one_line_of_what_can_be_seen(text, title):
    assert routing.one_line(text) == title


def test_braces_in_a_name_are_text():
    assert titles("finding.opened", label="F-7 {actor} {0}") == {"New finding: F-7 {actor} {0}"}


def test_every_place_says_why():
    assert all(routing.why(who, "finding").endswith(".") for who in Who)
    assert routing.why(Who.OWNER, "finding") == "You own this finding."


def test_the_body_gives_day_and_reason():
    [notice] = notices("finding.assigned", actor="Mia", reason="You know it best.\n", due_on=date(2026, 3, 9))

    assert notice.body == "Due on Monday 9 March 2026.\n\nMia: You know it best."
