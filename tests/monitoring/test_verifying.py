"""Whoever tampers with stored observations breaks what the sealed events of the looks say, and is found."""

from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from audit.models import Event
from monitoring import applying, verifying
from monitoring.models import Collector, Observation, Run, Sighting
from monitoring.observed import Look, Seen
from riskregister.canonical import digest
from riskregister.unit_of_work import unit_of_work
from scoring.scales import Severity
from seal import checking
from tests import append_only, cast
from tests.cast import NOON
from tests.tables import for_each
from vendors.models import Server

pytestmark = [pytest.mark.engine, pytest.mark.django_db]
HOUR = timedelta(hours=1)
BAD = Seen("b", "It does", "harm", Severity.CRITICAL)
FACT = Seen("c", "TLS", "1.3", fact="tls_only", holds=True)


@pytest.fixture
def server(db: None) -> Server:
    """Return a server at which three looks looked: the first saw a and b, the second b and c, another one c."""
    people = cast.assemble()
    server = cast.a_server(people)
    cast.a_server(people, name="com.example/other")
    note(server, Seen("a", "It was"), BAD)
    note(server, BAD, FACT, at=1)
    note(server, FACT, at=2, collector=Collector.SCANNER)
    return server


def note(server: Server, *seen: Seen, at: int = 0, collector: str = Collector.CHECKS) -> Run:
    run = Run(collector=collector, server=server)
    with unit_of_work():
        applying.note(run, seen, now=NOON + at * HOUR)
    return run


def the(key: str) -> Any:
    return Observation.objects.filter(key=key, collector=Collector.CHECKS)


def look_at(key: str) -> Any:
    return Run.objects.filter(pk__in=the(key).values("run"))


def text_of(key: str) -> Any:
    """Return the text of the look that saw it last."""
    event = Event.objects.get(verb="run.complete", object_id=the(key).get().run_id)
    return Sighting.objects.filter(pk=event.data["saw"])


def add_a_row() -> None:
    row = the("b").get()
    row.pk, row.key = uuid4(), "d"
    row.save(force_insert=True)


def add_a_text(text: str = "{}") -> None:
    Sighting.objects.create(pk=digest(text), server=the("b").get().server, text=text)


def rewrite_the_text() -> None:
    text_of("b").update(text=text_of("b").get().text.replace("harm", "good"))
    the("b").update(value="good")


def replace_the_text() -> None:
    text = text_of("b").get().text.replace("harm", "good")
    text_of("b").delete()
    add_a_text(text)
    the("b").update(value="good")


CHANGED = "It is not as the look that saw it last says."
ANOTHER = "Another look than it says saw it last, or at another moment."
STILL = "Whether it is still seen is not as the looks say."
ADDED = "It is there, and no look saw it."
LOST = "Something that it saw is gone."
UNSAID = "It is there, and no event says so."
REWRITTEN = "It is not what the event of its look says."
FORGED: dict[str, tuple[Callable[[], object], list[str]]] = {
    "another value": (lambda: the("b").update(value="good"), [CHANGED]),
    "no severity": (lambda: the("b").update(severity=None), [CHANGED]),
    "a milder severity": (lambda: the("b").update(severity=Severity.LOW), [CHANGED]),
    "other words": (lambda: the("b").update(words="It does no"), [CHANGED]),
    "a fact that does not hold": (lambda: the("c").update(holds=False), [CHANGED]),
    "another fact": (lambda: the("c").update(fact="pkce"), [CHANGED]),
    "not assessed": (lambda: the("b").update(is_assessed=False), [CHANGED]),
    "first seen earlier": (lambda: the("b").update(first_seen_at=NOON - HOUR), [CHANGED]),
    "so for longer": (lambda: the("b").update(value_since=NOON - HOUR), [CHANGED]),
    "seen later": (lambda: the("b").update(last_seen_at=NOON + 99 * HOUR), [ANOTHER]),
    "seen by another look": (lambda: the("b").update(run=look_at("a").get()), [ANOTHER]),
    "looks later": (lambda: Run.objects.update(ended_at=F("ended_at") + HOUR), [ANOTHER] * 4),
    "a look that failed": (lambda: look_at("a").update(status="failed", why="So."), [ANOTHER]),
    "a look at what is older": (lambda: look_at("a").update(as_of=NOON - HOUR), [ANOTHER]),
    "gone while it is there": (lambda: the("b").update(is_seen=False), [STILL]),
    "there while it is gone": (lambda: the("a").update(is_seen=True), [STILL]),
    "a row taken away": (lambda: the("b").delete(), [LOST]),
    "a row of what is gone taken away": (lambda: the("a").delete(), [LOST]),
    "a row added": (add_a_row, [ADDED]),
    "a row of another address": (lambda: the("b").update(address="https://else.example"), [ADDED, LOST]),
    "a row of another key": (lambda: the("b").update(key="d"), [ADDED, LOST]),
    "a row of another collector": (lambda: the("b").update(collector="npm"), [ADDED, LOST]),
    "a row of another server": (
        lambda: the("b").update(server=Server.objects.get(name="com.example/other")), [ADDED, LOST],
    ),
    "all rows taken away": (lambda: Observation.objects.all().delete(), [LOST] * 4),
    "a text added": (add_a_text, [UNSAID]),
    "a text rewritten": (rewrite_the_text, [ADDED, CHANGED, REWRITTEN, STILL]),
    "a text replaced": (replace_the_text, [ADDED, CHANGED, "It is gone", UNSAID, STILL]),
}  # fmt: skip


def test_observations_that_nobody_touched_hold(server):
    assert found() == []


@for_each("what", FORGED)
def test_a_forgery_is_found_by_whoever_makes_it(server, what):
    forge, sentences = FORGED[what]
    with transaction.atomic():
        with append_only.lifted(connection, Sighting):
            forge()

        assert found() == sorted(sentences)
        transaction.set_rollback(True)


def found() -> list[str]:
    """Return the sentences of all problems, of those that name a look only how they begin."""
    return sorted(one.sentence.partition(":")[0] for one in verifying.problems())


@for_each("forge", {"changed": lambda: text_of("b").update(text="{}"), "gone": lambda: text_of("b").delete()}.values())
def test_the_text_of_a_look_does_not_change(server, forge):
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        forge()


def test_every_check_of_the_trail_looks_at_observations_too(server):
    the("b").update(value="good")

    (problem,) = checking.check().problems
    assert (problem.kind, problem.where, problem.sentence) == ("observation", str(the("b").get().pk), CHANGED)


def test_an_event_that_the_register_did_not_write_says_nothing(server):
    with append_only.lifted(connection, Event):
        Event.objects.filter(verb="run.complete", object_id=the("a").get().run_id).update(mac="0" * 64)

    assert "The register did not write it." in found()


def test_what_failed_looks_saw_holds_too(server):
    run = Run.objects.create(collector="npm", server=server, address="https://x.example", asked_at=NOON)
    applying.begin(run, now=NOON)
    applying.apply(run, Look(outcome=Run.Status.EMPTY, code="no", why="No.", seen=(BAD,)), now=NOON)
    assert found() == []

    Observation.objects.filter(collector="npm").update(value="good")
    assert found() == [CHANGED]


def test_who_sees_the_same_again_keeps_no_second_text(server):
    note(server, BAD, FACT, at=3)
    texts = Sighting.objects.count()
    note(server, BAD, FACT, at=4)

    assert Sighting.objects.count() == texts
    assert found() == []


def test_what_comes_back_is_seen_again(server):
    note(server, FACT, at=3)
    note(server, BAD, at=4)

    assert found() == []
    assert dict(Observation.objects.filter(collector="checks").values_list("key", "is_seen")) == {
        "a": False, "b": True, "c": False,
    }  # fmt: skip


def test_the_command_names_what_does_not_hold_and_fails(server):
    output = StringIO()
    call_command("verify_observations", stdout=output)
    assert output.getvalue().splitlines()[0].startswith("4 observations and 3 texts of looks compared in ")
    assert output.getvalue().splitlines()[1] == "The observations hold."

    the("b").update(value="good")
    output = StringIO()
    with pytest.raises(CommandError, match="1 problems"):
        call_command("verify_observations", stdout=output)
    assert output.getvalue().splitlines()[0] == f"BROKEN observation {the('b').get().pk}: {CHANGED}"


def test_a_look_that_sees_hundreds_asks_and_writes_as_often_as_one_that_sees_few(server):
    def statements(many: int) -> int:
        seen = [Seen(f"k{number}", "Seen", str(number)) for number in range(many)]
        with CaptureQueriesContext(connection) as asked:
            note(server, *seen, at=many, collector="npm")
        return len(asked)

    few, many, again = statements(2), statements(700), statements(701)

    # SQLite takes some sixty rows at once.
    more = 12 if connection.vendor == "sqlite" else 0
    assert many - few <= more
    assert again - few <= more
    assert found() == []
