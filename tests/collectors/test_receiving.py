"""What collectors that run apart bring is taken in once, and says nothing but what its task asked."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError, transaction

from audit.context import SYSTEM
from collectors import apart, asking, fitting, judging, plans, receiving
from collectors.sources.fetching import complete
from evidence import store
from findings.models import Finding
from inspection import inspecting
from jobs import runner
from jobs.models import Job
from monitoring import verifying, work_list, written_looks
from monitoring.models import Brought, Claim, Collector, Observation, Run, Task
from monitoring.observed import Look, Seen
from riskregister import canonical, env
from riskregister.ids import uuid7
from scoring.scales import Severity
from tests.cast import NOON
from tests.containment import approved
from tests.containment.approved import Approved
from tests.tables import for_each

pytestmark = [pytest.mark.engine, pytest.mark.django_db]
HOUR = timedelta(hours=1)
REF = "npm @example/weather 1.2.3"
OFFERED = Seen(f"offered:{REF}", "npm says of it", "deprecated: use another", Severity.MEDIUM, "package_offered", False)
LOOK = complete((OFFERED,), [{"url": "https://registry.npmjs.org/x", "status": 200}])


@pytest.fixture
def here(db: None, settings: Any) -> Approved:
    """Return an approved server, in a register whose look-ups in npm and looks at servers are taken apart."""
    settings.APART = frozenset({"npm", "inspection"})
    return approved.set_up()


def ask(here: Approved, collector: str = "npm") -> Run:
    if collector == "inspection":
        return inspecting.ask(here.server, by=SYSTEM, now=NOON)
    return asking.ask(here.server, collector=collector, by=SYSTEM, now=NOON)


def claim(run: Run, *, attempt: int = 1, at: Any = NOON) -> Claim:
    return Claim.objects.create(pk=uuid7(), task_id=run.pk, attempt=attempt, claimed_at=at)


def bring(run: Run, text: str, *, digest: str = "") -> UUID:
    """Let a collector bring a text for the run, and return for which claim."""
    key = claim(run).pk
    Brought.objects.create(claim_id=key, text=text, digest=digest or canonical.digest(text), brought_at=NOON)
    return key


def changed(**members: Any) -> str:
    return canonical.canonical(json.loads(written_looks.written(LOOK)) | members)


def seen(**members: Any) -> str:
    """Return the look with the thing that it saw changed, and others given beside it."""
    one = json.loads(written_looks.written(LOOK))["seen"][0]
    return changed(seen=[one | members])


def ended(run: Run) -> Run:
    return Run.objects.get(pk=run.pk)


def test_a_task_says_what_to_ask_and_holds_no_credential(here, settings):
    settings.INSPECT_CREDENTIALS = {"https://registry.npmjs.org": "env:NPM_TOKEN"}
    task = Task.objects.get(run=ask(here))

    assert json.loads(task.asks) == {
        "base": settings.NPM_URL,
        "packages": [
            {
                "registry": "npm", "identifier": "@example/weather", "version": "1.2.3", "sha256": "", "integrity": "",
                "server": "com.example/weather",
            }
        ],
    }  # fmt: skip
    assert not Job.objects.filter(kind=asking.JOB).exists()
    assert json.loads(Task.objects.get(run=ask(here, "inspection")).asks) == {"url": approved.REMOTE}
    assert not Job.objects.filter(kind=inspecting.JOB).exists()


def test_what_is_not_apart_is_a_job_as_ever(here, settings):
    settings.APART = frozenset()
    ask(here)

    assert Job.objects.filter(kind=asking.JOB).count() == 1
    assert not Task.objects.exists()


def test_what_is_brought_ends_as_observation_and_finding_by_the_workers_own_sweep(here):
    run = ask(here)
    bring(run, written_looks.written(LOOK))

    assert receiving.promise(now=NOON) == 1
    assert receiving.promise(now=NOON) == 0
    for job in Job.objects.filter(kind=receiving.JOB):
        runner.run(job.pk, now=NOON)

    assert (ended(run).status, ended(run).raw_digest) == ("complete", LOOK.raw_digest)
    row = Observation.objects.get(collector="npm")
    assert (row.key, row.value, row.severity, row.holds) == (OFFERED.key, OFFERED.value, Severity.MEDIUM, False)
    assert row.finding is not None
    assert row.finding.title == judging.JUDGEMENTS["offered"].title
    assert [model.objects.count() for model in (Task, Claim, Brought)] == [0, 0, 0]
    assert list(verifying.problems()) == []


def test_a_worker_that_is_killed_in_the_middle_leaves_all_of_it_to_be_done_once(here, monkeypatch):
    run = ask(here)
    key = bring(run, written_looks.written(LOOK))

    class Killed(BaseException):
        pass

    def killed(_run: Run) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(work_list, "clear", killed)
        with pytest.raises(Killed):
            receiving.receive(key, now=NOON)
    assert (ended(run).status, Observation.objects.filter(collector="npm").count()) == ("queued", 0)

    receiving.receive(key, now=NOON)
    receiving.receive(key, now=NOON + HOUR)
    assert (ended(run).status, ended(run).ended_at) == ("complete", NOON)
    assert Finding.objects.filter(source="monitoring").count() == 1


def test_a_store_that_does_not_answer_is_no_fault_of_the_collector(here, monkeypatch):
    run = ask(here)
    key = bring(run, written_looks.written(LOOK))

    def unreachable(*args: Any, **kwargs: Any) -> None:
        raise store.StoreUnreachable("Try again later.")

    monkeypatch.setattr(store, "put", unreachable)
    with pytest.raises(store.StoreUnreachable):
        receiving.receive(key, now=NOON)
    assert ended(run).status == "queued"


DEEP = "[" * 5_000 + "]" * 5_000
LONG = "x" * 501
# What a collector that somebody took over could bring, and why it is refused.
UNFIT: dict[str, tuple[Callable[[], str], str]] = {
    "no JSON": (lambda: "{", "cannot be read"),
    "a list": (lambda: "[]", "other members"),
    "what is nested deeply": (lambda: DEEP, "cannot be read"),
    "a key twice": (lambda: changed()[:-1] + ',"code":""}', "cannot be read"),
    "NaN": (lambda: changed().replace('"severity":3', '"severity":NaN'), "cannot be read"),
    "a NUL": (lambda: changed(why="\0"), "cannot be read"),
    "half a surrogate": (lambda: changed().replace("npm says", "\\ud800"), "cannot be read"),
    "a member more": (lambda: changed(server="S-2"), "other members"),
    "a run of its own": (lambda: changed(run=str(uuid7())), "other members"),
    "a number for a text": (lambda: changed(raw=1), "says raw"),
    "a text for a truth": (lambda: changed(is_secret="no"), "says is_secret"),
    "an end that is none": (lambda: changed(outcome="queued"), "no way that a look can end"),
    "complete and a reason": (lambda: changed(code="declined", why="So."), "says why it is not"),
    "failed without a reason": (lambda: changed(outcome="failed", raw="", raw_digest=""), "does not say why"),
    "failed with markup as its code": (
        lambda: changed(outcome="failed", code="<b>", why="So.", raw="", raw_digest=""), "does not say why",
    ),
    "a failure that rests on answers": (lambda: changed(outcome="failed", code="no", why="So."), "rests on nothing"),
    "complete without answers": (lambda: changed(raw="", raw_digest=canonical.digest("")), "rests on nothing"),
    "another digest": (lambda: changed(raw_digest="0" * 64), "not that of the answers"),
    "a day to come": (lambda: changed(as_of="2030-01-01T00:00:00+00:00"), "one to come"),
    "a moment without a zone": (lambda: changed(as_of="2026-01-01T00:00:00"), "no moment"),
    "a thousand things": (
        lambda: changed(seen=[json.loads(changed())["seen"][0]] * 2_001), "more than 2000 things",
    ),
    "a thing twice": (lambda: changed(seen=json.loads(changed())["seen"] * 2), "twice"),
    "a long value": (lambda: seen(value=LONG), "more than 500"),
    "long words": (lambda: seen(words=LONG), "more than 300"),
    "a long key": (lambda: seen(key=f"offered:{LONG}"), "more than 120"),
    "no words": (lambda: seen(words=""), "not said in full"),
    "a severity beyond the scale": (lambda: seen(severity=0), "severity is none"),
    "a true severity": (lambda: seen(severity=True), "says severity"),
    "a fact that is not said": (lambda: seen(holds=None), "not said in full"),
    "another package": (lambda: seen(key="offered:npm left-pad 1.0.0"), "which it was not asked"),
    "another server's address": (lambda: seen(key="versions:https://bank.example"), "which it was not asked"),
    "a kind of another look": (lambda: seen(key=f"versions:{REF}"), "which it was not asked"),
    "a finding of another room": (lambda: seen(key="drift.power:0"), "which it was not asked"),
    "what only the register says": (lambda: seen(key=f"owners_changed:{REF}"), "which it was not asked"),
    "a fact of another look": (lambda: seen(fact="tls_13_only"), "bears on no such fact"),
    "a fact that is none": (lambda: seen(fact="approved"), "bears on no such fact"),
    "a fault where none can be": (
        lambda: seen(key=f"published:{REF}", severity=1, fact="", holds=None), "is no fault",
    ),
}  # fmt: skip


@for_each("what", UNFIT)
def test_what_does_not_fit_its_task_is_refused_and_says_so(here, what):
    text, words = UNFIT[what]
    with transaction.atomic():
        run = ask(here)
        receiving.receive(bring(run, text()), now=NOON)

        assert (ended(run).status, ended(run).code) == ("failed", "unfit")
        assert words in ended(run).why
        assert not Observation.objects.filter(collector="npm").exists()
        assert not Finding.objects.filter(source="monitoring").exists()
        assert not Task.objects.exists()
        transaction.set_rollback(True)


def test_a_text_that_is_not_what_its_digest_says_is_refused(here):
    run = ask(here)
    receiving.receive(bring(run, written_looks.written(LOOK), digest="0" * 64), now=NOON)

    assert (ended(run).status, ended(run).code) == ("failed", "unfit")


TOOLS = '[{"id":1,"jsonrpc":"2.0","result":{"tools":[{"inputSchema":{"type":"object"},"name":"look_up"}]}}]'


def of_a_server(raw: str, *things: Seen) -> str:
    return written_looks.written(
        Look(outcome=Run.Status.COMPLETE, raw=raw, raw_digest=canonical.digest(raw), seen=things)
    )


@for_each(
    "text",
    {
        "no tools": of_a_server("[]"),
        "no JSON": of_a_server("{"),
        "a fault": of_a_server(TOOLS, Seen("access", "x", "y", Severity.HIGH)),
        "another kind": of_a_server(TOOLS, Seen("drift.power:1", "x")),
    }.items(),
    ids=lambda row: row[0],
)
def test_a_look_at_a_server_can_say_no_more_than_its_tools_and_the_way_there(here, text):
    with transaction.atomic():
        run = ask(here, "inspection")
        receiving.receive(bring(run, text[1]), now=NOON)

        assert (ended(run).status, ended(run).code) == ("failed", "unfit")
        assert not Observation.objects.filter(collector="inspection").exists()
        transaction.set_rollback(True)


def test_a_look_at_a_server_comes_in_by_the_same_door(here):
    run = ask(here, "inspection")
    receiving.receive(bring(run, of_a_server(TOOLS, Seen("access", "Lists its tools to", "anybody"))), now=NOON)

    assert (ended(run).status, ended(run).why) == ("complete", "")
    assert Observation.objects.get(collector="inspection", key="access").value == "anybody"
    assert list(verifying.problems()) == []


@for_each("late, claims, sentence", [
    (23 * HOUR, (), ""),
    (25 * HOUR, (), "No collector took it for a day. Start one that takes this look, and ask again."),
    (25 * HOUR, (24 * HOUR,), ""),
    (25 * HOUR, (0 * HOUR,), "No collector took it for a day. Start one that takes this look, and ask again."),
    (2 * HOUR, (0 * HOUR, HOUR, 2 * HOUR), ""),
    (3 * HOUR, (0 * HOUR, HOUR, 2 * HOUR),
     "Collectors took it three times and brought nothing. Look into their log, and ask again."),
])  # fmt: skip
def test_what_nobody_brings_is_not_waited_for_for_ever(here, late, claims, sentence):
    with transaction.atomic():
        run = ask(here)
        for attempt, after in enumerate(claims, start=1):
            claim(run, attempt=attempt, at=NOON + after)

        inspecting.note_lost(now=NOON + late)
        asking.note_lost(now=NOON + late)
        assert receiving.note_lost(now=NOON + late) == bool(sentence)
        assert (ended(run).status, ended(run).why) == (("failed", sentence) if sentence else ("queued", ""))
        assert Task.objects.exists() == (not sentence)
        transaction.set_rollback(True)


def test_what_was_claimed_and_brought_stays_as_it_is_until_the_run_has_ended(here):
    run = ask(here)
    bring(run, written_looks.written(LOOK))
    for change in (
        lambda: Brought.objects.update(text="{}"),
        lambda: Brought.objects.all()._raw_delete("default"),
        lambda: Claim.objects.update(attempt=2),
    ):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change()

    assert Brought.objects.get().text == written_looks.written(LOOK)


def test_a_look_says_the_same_when_it_was_written_and_read():
    look = Look(
        outcome=Run.Status.COMPLETE, raw='{"a":"ü"}', raw_digest="0" * 64, is_secret=True, as_of=NOON,
        seen=(OFFERED, Seen("a", "b"), Seen("c", "d", is_assessed=False)),
    )  # fmt: skip
    assert written_looks.read(written_looks.written(look), now=NOON) == look


def test_every_thing_that_a_look_can_see_has_its_place_among_the_kinds():
    """What a collector's module names as key or fact, and `fitting` does not know, would be refused."""
    for collector in plans.collectors():
        names = ["packages"] if collector in ("npm", "pypi") else [collector.value]
        text = "".join((Path(env.BASE_DIR) / "collectors/sources" / f"{name}.py").read_text() for name in names)
        module = __import__(f"collectors.sources.{names[0]}", fromlist=["x"])
        kinds = {getattr(module, name) for name in re.findall(r"\bkey\(([A-Z_]+),", text)}
        facts = set(re.findall(r'fact="([a-z_0-9]+)"', text))
        known = fitting.KINDS[collector]
        assert kinds == set(known), collector
        assert facts <= {fact for some in known.values() for fact in some}, collector
    assert set(apart.collectors()) == {"inspection", *plans.collectors()} == set(Collector) & set(apart.collectors())
