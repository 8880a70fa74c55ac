"""The table of who must know of what: complete, and in words that a person understands."""

import ast
import re
import string
from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from alerts import routing
from alerts.routing import ROUTES, SILENT, Facts, Who
from tests.architecture import Module, modules

TODAY = date(2026, 3, 2)
VERB = re.compile(r"[a-z]+\.[a-z_]+")
NOUNS = {verb.split(".")[0] for verb in (*ROUTES, *SILENT)}


def facts(verb: str, **more) -> Facts:
    return Facts(**{"verb": verb, "label": "F-7 Keys", "subject": "S-12 Filesystem", "today": TODAY, **more})


def titles(verb: str, **more) -> set[str]:
    return {notice.title for notice in routing.notices(facts(verb, **more))}


def recorded_verbs(module: Module) -> Iterator[str]:
    """Yield what a module passes to `record`, and what looks like a verb where the trail is imported.

    Of a verb put together at run time ("vendor.{status}") the fixed part is yielded with a star.
    """
    imports_trail = any(name == "audit" for _, name in module.imports()) and "trail" in module.text
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == "record" and node.args:
            yield from _verbs(node.args[0])
        elif imports_trail and isinstance(node, ast.Constant) and _looks_like_a_verb(node.value):
            yield str(node.value)


def _looks_like_a_verb(value: object) -> bool:
    return isinstance(value, str) and bool(VERB.fullmatch(value)) and value.split(".")[0] in NOUNS


def _verbs(argument: ast.expr) -> Iterator[str]:
    if isinstance(argument, ast.JoinedStr):
        yield "".join(str(part.value) if isinstance(part, ast.Constant) else "*" for part in argument.values)
        return
    for node in ast.walk(argument):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def is_decided(verb: str) -> bool:
    pattern = re.escape(verb).replace(r"\*", "[a-z_]+")
    return any(re.fullmatch(pattern, known) for known in (*ROUTES, *SILENT))


def test_every_verb_that_the_product_records_has_a_decision():
    found = {(verb, module.name) for module in modules() for verb in recorded_verbs(module)}
    undecided = sorted(f"{verb} ({name})" for verb, name in found if not is_decided(verb))

    assert len(found) > 20
    assert not undecided, "Decide in alerts.routing who must know of: " + ", ".join(undecided)


def test_every_verb_that_has_a_decision_is_recorded_somewhere():
    doors = ("alerts.", "web.history")
    inside = [module for module in modules() if not module.name.startswith(doors)]
    patterns = [re.escape(verb).replace(r"\*", "[a-z_]+") for module in inside for verb in recorded_verbs(module)]
    dead = [verb for verb in (*ROUTES, *SILENT) if not any(re.fullmatch(pattern, verb) for pattern in patterns)]

    assert not dead, "Nothing records these any more: " + ", ".join(sorted(dead))


@pytest.mark.parametrize(
    ("source", "verbs"),
    [
        ('trail.record("vendor.sold", vendor, by=by, at=now)', ["vendor.sold"]),
        ('trail.record(f"vendor.{to}", vendor, by=by, at=now)', ["vendor.*"]),
        ('trail.record("a.b" if good else "a.c", vendor, by=by, at=now)', ["a.b", "a.c"]),
        ('from audit import trail\n_say("finding.sold", finding)', ["finding.sold"]),
    ],
)
def test_the_search_for_verbs_finds_them(source, verbs):
    assert list(recorded_verbs(Module(modules()[0].path, source))) == verbs


def test_a_verb_is_either_told_or_silent_and_silence_has_a_reason():
    assert not set(ROUTES) & set(SILENT)
    assert all(reason.endswith(".") and len(reason.split()) >= 4 for reason in SILENT.values())


def test_a_verb_without_a_decision_is_refused():
    with pytest.raises(routing.UndecidedVerb, match=r"server\.painted"):
        routing.notices(facts("server.painted"))
    with pytest.raises(routing.UndecidedVerb):
        routing.is_told("server.painted")


@pytest.mark.parametrize("verb", sorted(ROUTES))
def test_every_title_is_filled_in(verb):
    told = routing.notices(
        facts(verb, actor="Alice", due_on=TODAY, count=2, decision="approve", detail="Rotate keys", noun="finding")
    )

    assert told
    for notice in told:
        assert not set(notice.title) & set("{}")
        assert "  " not in notice.title
        assert len(notice.why) <= 160
    assert {name for _, name, _, _ in string.Formatter().parse(ROUTES[verb].title) if name} <= set(
        routing._words(facts(verb))
    )


@pytest.mark.parametrize(
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


@pytest.mark.parametrize(
    ("decision", "title"),
    [
        ("approve", "S-12 Filesystem is approved"),
        ("approve_with_conditions", "S-12 Filesystem is approved with conditions"),
        ("reject", "S-12 Filesystem is rejected"),
    ],
)
def test_a_decision_is_told_in_its_own_words(decision, title):
    assert titles("approval.granted", decision=decision) == {title}


def test_an_assessment_that_found_nothing_is_told_by_its_decision_alone():
    assert titles("assessment.finalised", count=0) == set()
    assert titles("assessment.finalised", label="A-3 Filesystem", count=1) == {
        "A-3 Filesystem is final and found 1 deficiency"
    }


def test_what_a_part_of_a_larger_step_says_goes_to_the_inbox_only():
    [alone] = routing.notices(facts("finding.opened"))
    [part] = routing.notices(facts("finding.opened", is_part=True))

    assert (alone.by_mail, part.by_mail) == (True, False)


@pytest.mark.parametrize(
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
    assert routing.why(Who.OWNER, "") == "You own this record."


def test_the_body_gives_day_and_reason():
    [notice] = routing.notices(
        facts("finding.assigned", actor="Mia", reason="You know it best.\n", due_on=date(2026, 3, 9))
    )

    assert notice.body == "Due on Monday 9 March 2026.\n\nMia: You know it best."
