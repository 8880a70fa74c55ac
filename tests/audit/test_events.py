"""What each room declares of its events: complete, in words, and with data that is kept as declared."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import cache

import pytest
from django.db import transaction

from audit import events, trail
from audit.context import SYSTEM
from audit.events import DataInvalid, EventType, Tell, Undeclared, Who
from audit.models import Event, Outbox
from riskregister.unit_of_work import unit_of_work
from tests.architecture import STEP, Module, modules
from tests.cast import NOON, assemble

VERB = re.compile(r"[a-z_]+\.[a-z_]+")
NOUNS = {kind.verb.split(".")[0] for kind in events.every()}
PLAIN = {str, int, bool, type(None)}


def recorded_verbs(module: Module) -> Iterator[str]:
    """Yield what a module passes to `record`, and what looks like a verb where events or steps come from.

    Of a verb put together at run time ("vendor.{status}") the fixed part is yielded with a star.
    """
    rooms = {name for _, name in module.imports()}
    records = "accounts.steps" in rooms or ("audit" in rooms and "trail" in module.text)
    records = records or ("accounts" in rooms and "steps" in module.text)
    silent = [one for node in ast.walk(module.tree) for one in _without_event(node)]
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == "record" and node.args:
            yield from _verbs(node.args[0])
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "Place":
            yield from _keywords(node, "given", "left")
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("Dated"):
            yield from _keywords(node, "ahead", "passed")
        elif records and isinstance(node, ast.Constant) and _looks_like_a_verb(node.value) and node not in silent:
            yield str(node.value)


def _keywords(call: ast.Call, *names: str) -> Iterator[str]:
    return (verb for word in call.keywords if word.arg in names for verb in _verbs(word.value))


def _without_event(node: ast.AST) -> Iterator[ast.expr]:
    """Yield the name of a step whose parts record their events, and where a field of the API comes from."""
    if isinstance(node, ast.Call):
        yield from (word.value for word in node.keywords if word.arg == "source")
    if isinstance(node, ast.Call) and any(
        word.arg == "records" and ast.unparse(word.value) == "False" for word in node.keywords
    ):
        yield node.args[0]


def _looks_like_a_verb(value: object) -> bool:
    return isinstance(value, str) and bool(VERB.fullmatch(value)) and value.split(".")[0] in NOUNS


def _verbs(argument: ast.expr) -> Iterator[str]:
    if isinstance(argument, ast.JoinedStr):
        yield "".join(str(part.value) if isinstance(part, ast.Constant) else "*" for part in argument.values)
        return
    for node in ast.walk(argument):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def _pattern(verb: str) -> str:
    return re.escape(verb).replace(r"\*", "[a-z_]+")


@cache
def found() -> set[tuple[str, str]]:
    """Return what the product records, each verb with the module that does."""
    recording = [module for module in modules() if not module.name.endswith("/events.py")]
    return {(verb, module.name) for module in recording for verb in recorded_verbs(module)}


DECLARED = [kind.verb for kind in events.every()]


def test_every_verb_that_the_product_records_is_declared():
    unknown = [
        f"{verb} ({name})"
        for verb, name in sorted(found())
        if not any(re.fullmatch(_pattern(verb), known) for known in DECLARED)
    ]

    assert len(found()) > 100
    assert not unknown, "Declare in the events.py of the room: " + ", ".join(unknown)


def test_every_verb_that_is_declared_is_recorded_somewhere():
    recorded = {_pattern(verb) for verb, _ in found()}
    dead = [verb for verb in DECLARED if not any(re.fullmatch(pattern, verb) for pattern in recorded)]

    assert not dead, "Nothing records these any more: " + ", ".join(dead)


def test_a_room_records_what_it_declares_itself_or_a_room_below_it():
    homes: dict[str, str] = {}
    for module in modules():
        if module.name.endswith("/events.py"):
            homes |= {str(verb): module.package for verb in _declared(module.tree)}
    astray = [
        f"{verb} ({name}, declared in {homes[verb]})"
        for verb, name in sorted(found())
        if verb in DECLARED and STEP[homes[verb]] > STEP[name.split("/")[0]]
    ]

    assert not astray, ", ".join(astray)


def _declared(tree: ast.AST) -> Iterator[object]:
    """Yield the verbs that a module declares, and not those that it names as what settles another."""
    settling = [
        one.value
        for node in ast.walk(tree)
        for one in getattr(node, "keywords", ())
        if one.arg in ("settled_by", "ended_by")
    ]
    named = {id(node) for one in settling for node in ast.walk(one)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and node.value in DECLARED and id(node) not in named:
            yield node.value


@pytest.mark.parametrize(
    ("source", "verbs"),
    [
        ('trail.record("vendor.sold", vendor, by=by, at=now)', ["vendor.sold"]),
        ('trail.record(f"vendor.{to}", vendor, by=by, at=now)', ["vendor.*"]),
        ('trail.record("a.b" if good else "a.c", vendor, by=by, at=now)', ["a.b", "a.c"]),
        ('from audit import trail\n_say("finding.sold", finding)', ["finding.sold"]),
        ('from accounts.steps import step\n@step("finding.sold", needs=WRITE, then=("finding.lost",))\ndef f(): ...',
         ["finding.sold", "finding.lost"]),
    ],
)  # fmt: skip
def test_the_search_for_verbs_finds_them(source, verbs):
    assert set(recorded_verbs(Module(modules()[0].path, source))) == set(verbs)


def test_a_verb_is_told_or_silent_and_silence_has_a_reason():
    told = Tell("{label}", (Who.OWNER,))

    with pytest.raises(ValueError, match="says why"):
        EventType("vendor.sold", "Vendor sold")
    with pytest.raises(ValueError, match="says why"):
        EventType("vendor.sold", "Vendor sold", told, silent="Nobody minds it.")
    assert all(len(kind.silent.split()) >= 4 and kind.silent.endswith(".") for kind in events.every() if kind.silent)


def test_a_verb_is_declared_once():
    with pytest.raises(ValueError, match="declared twice"):
        events.declare(EventType("finding.closed", "Finding closed", silent="Said already elsewhere."))


def test_every_verb_has_words_for_people():
    bad = [kind.verb for kind in events.every() if not re.fullmatch(r"[A-Z][a-zA-Z0-9 ,-]+", kind.words)]

    assert not bad
    assert events.words("finding.fix_passed") == "Fix verified"


def test_data_is_made_of_plain_members():
    """Webhooks and a change feed send it: text, numbers, yes or no, nothing, and lists of them."""

    def others() -> Iterator[str]:
        for kind in events.every():
            for name, hint in kind.members().items():
                if not all(part in PLAIN for part in _parts(hint)):
                    yield f"{kind.verb}: {name} is {hint}"

    assert not list(others())
    assert all(kind.data.__doc__ and not kind.data.__doc__.startswith(kind.data.__name__) for kind in events.every())
    assert any(fields(kind.data) for kind in events.every())


def _parts(hint: object) -> Iterator[object]:
    inner = getattr(hint, "__args__", ())
    yield from (part for one in inner for part in _parts(one)) if inner else (hint,)


@dataclass(frozen=True, slots=True)
class Sold:
    """To whom, for how much, and what with it."""

    to: str
    price: int
    extras: list[str]
    note: str | None = None


SOLD = EventType("vendor.sold", "Vendor sold", silent="Only a test says it.", data=Sold)


def test_all_members_are_kept_with_those_that_have_a_default():
    data = {"to": "Eve", "price": 3, "extras": ["keys"]}

    assert SOLD.checked(data) == {**data, "note": None}


@pytest.mark.parametrize(
    "data",
    [
        {"to": "Eve", "price": 3},
        {"to": "Eve", "price": 3, "extras": [], "colour": "red"},
        {"to": "Eve", "price": "3", "extras": []},
        {"to": "Eve", "price": True, "extras": []},
        {"to": None, "price": 3, "extras": []},
        {"to": "Eve", "price": 3, "extras": [7]},
        {"to": "Eve", "price": 3, "extras": "keys"},
    ],
    ids=["missing", "unknown", "text for a number", "yes for a number", "nothing", "a list of others", "no list"],
)
def test_other_data_than_declared_is_refused(data):
    with pytest.raises(DataInvalid, match=r"vendor\.sold"):
        SOLD.checked(data)


def test_what_was_said_under_an_older_declaration_is_still_read():
    assert SOLD.typed({"to": "Eve", "price": 3, "extras": [], "gone": 1}) == Sold("Eve", 3, [])


@pytest.mark.django_db
class TestTheTrail:
    """What it refuses, and what it keeps."""

    def test_it_refuses_a_verb_that_nobody_declared(self):
        unit = assemble().payments
        before = Event.objects.count()

        with pytest.raises(Undeclared, match=r"unit\.sold"), transaction.atomic():
            trail.record("unit.sold", unit, by=SYSTEM, at=NOON)
        assert Event.objects.count() == before

    def test_it_refuses_data_that_nobody_declared(self):
        unit = assemble().payments

        with pytest.raises(DataInvalid, match=r"unit\.renamed"), transaction.atomic():
            trail.record("unit.renamed", unit, by=SYSTEM, at=NOON, was="Payment")

    def test_it_keeps_what_is_said_and_what_is_told_with_another(self):
        cast = assemble()
        with transaction.atomic():
            event = trail.record(
                "role.given", cast.alice, by=SYSTEM, at=NOON, is_part=True,
                role="analyst", unit=None,
            )  # fmt: skip

        assert Event.objects.get(pk=event.pk).data == {"role": "analyst", "unit": None}
        assert Outbox.objects.get(event=event).is_part

    def test_it_writes_the_events_of_a_unit_of_work_together(self, django_assert_num_queries):
        cast = assemble()
        # A savepoint and its release, the events and that they wait to be told, and what escalates about their objects.
        with django_assert_num_queries(5), unit_of_work():
            for person in (cast.alice, cast.bob):
                trail.record("role.given", person, by=SYSTEM, at=NOON, role="analyst", unit=None)

    def test_it_keeps_nothing_of_what_was_taken_back_while_the_rest_goes_on(self):
        cast = assemble()
        before = Event.objects.count()
        with unit_of_work():
            trail.record("role.given", cast.alice, by=SYSTEM, at=NOON, role="analyst", unit=None)
            with transaction.atomic():
                trail.record("role.given", cast.bob, by=SYSTEM, at=NOON, role="analyst", unit=None)
                transaction.set_rollback(True)

        assert Event.objects.count() == before + 1
        assert Event.objects.order_by("-pk")[0].object_id == cast.alice.pk
