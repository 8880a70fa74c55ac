"""What is sealed, and what a check finds when somebody who owns the database rewrites it."""

import copy
import json
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from auditlog.models import LogEntry
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.models import F, Model

from accounts import people
from accounts.models import Membership, User
from alerts.models import Alert
from assessments import lifecycle
from assessments.answers import answering
from assessments.models import Answer, Assessment, Snapshot, Verification
from audit import bound_rows, trail
from audit.context import SYSTEM
from audit.models import Event, Outbox
from catalogue.models import Control
from composition.models import Statement
from contracts.models import Clause, Contract
from controls.models import ControlStatus
from decisions.models import Approval, Condition, RatingRecord, ServerRating
from evidence.models import Evidence
from findings.models import Finding, FixClaim, RiskAcceptance
from reports.models import Report, ReportPart
from riskregister.canonical import digest
from riskregister.ids import uuid7
from seal import checking, claims, entries, exporting, sealing
from seal.models import Checkpoint, Leaf, TrailCheck
from tests import append_only, cast, forgeries
from tests.cast import NOON
from tests.reports import scene as reported
from tests.tables import for_each
from vendors.models import Deployment, Release, Server, Tool

pytestmark = [pytest.mark.engine, pytest.mark.django_db]


@pytest.fixture(scope="module")
def sealed(kept_for_the_module: None, tmp_path_factory: pytest.TempPathFactory) -> tuple[reported.Scene, Path]:
    """Return a register with decisions and an issued report, sealed and exported, and the folder of the export."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("sealed")
        patch.setattr(settings, "DATA_DIR", folder)
        found = reported.build()
        reported.issued(found)
        found.base.another_server()
        remote = {"type": "streamable-http", "url": "https://mcp.example.com/"}
        cast.a_release(found.people, "search", text=cast.server_json(remotes=[remote]))
        forgeries.decide(found.base.server, found.people)
        assert sealing.seal(now=NOON) == Event.objects.count() + LogEntry.objects.count()
        exporting.export(now=NOON)
    return found, folder


@pytest.fixture
def scene(sealed: tuple[reported.Scene, Path], db: None, settings: Any, tmp_path: Path) -> reported.Scene:
    """Return the sealed register, with an export of its own."""
    found, folder = sealed
    settings.DATA_DIR = shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    return copy.deepcopy(found)


def owner(change: Callable[[], object]) -> None:
    """Do what somebody can who owns the database: past every trigger."""
    with append_only.lifted(connection):
        change()


def first(model: type[Model], **how: Any) -> Any:
    rows = model._base_manager.filter(**how)
    return rows.filter(pk=rows.order_by("pk").values_list("pk", flat=True)[0])


def test_a_trail_that_nobody_touched_holds(scene):
    found = checking.check()

    assert [str(problem) for problem in found.problems] == []
    assert found.size == Leaf.objects.count() > 100
    assert found.waiting == 0
    assert found.rows == sum(model._base_manager.count() for model in bound_rows.models())


def test_each_change_of_an_answer_is_a_sealed_entry_of_its_own(scene):
    draft = lifecycle.start(scene.base.server, kind=Assessment.Kind.PERIODIC, by=scene.people.alice, now=NOON)
    answer = Answer.objects.filter(assessment=draft, choice="")[0]
    before = _of_answers().count()
    for choice, comment in (("dont_know", ""), ("not_applicable", "We run it alone."), ("dont_know", "Asked.")):
        answer.refresh_from_db()
        answering.answer(answer, choice=choice, reason=comment, version=answer.version, by=scene.people.alice, now=NOON)
    sealing.seal(now=NOON)

    diffs = _of_answers().filter(object_pk=str(answer.pk)).order_by("pk")
    assert [one.changes["choice"] for one in diffs][-3:] == [
        ["", "dont_know"], ["dont_know", "not_applicable"], ["not_applicable", "dont_know"],
    ]  # fmt: skip
    assert _of_answers().count() == before + 3
    assert Leaf.objects.filter(change_id__in=_of_answers().values("pk")).count() == before + 3
    assert checking.check().problem_count == 0


def test_what_happened_since_waits_and_holds(scene):
    with transaction.atomic():
        trail.record("unit.renamed", scene.people.payments, by=SYSTEM, at=NOON)

    found = checking.check()

    assert (found.waiting, found.problem_count) == (1, 0)
    assert sealing.seal(now=NOON) == 1
    assert sealing.seal(now=NOON) == 0


def test_what_commits_behind_others_is_sealed_too(scene):
    late = uuid7()
    with transaction.atomic():
        trail.record("unit.renamed", scene.people.payments, by=SYSTEM, at=NOON)
    sealing.seal(now=NOON)
    event = Event.objects.order_by("-pk")[0]
    body = json.loads(event.body) | {"id": str(late)}
    event.pk, event.body = late, json.dumps(body)
    event.save(force_insert=True)

    assert sealing.seal(now=NOON) == 1
    assert Leaf.objects.filter(event_id=late).exists()


def test_what_commits_hours_later_is_found_among_all(scene):
    with transaction.atomic():
        trail.record("unit.renamed", scene.people.payments, by=SYSTEM, at=NOON)
    sealing.seal(now=NOON + timedelta(hours=2))
    event = Event.objects.order_by("pk")[0]
    event.pk = uuid7().__class__(int=event.pk.int - (3_600_000 * 5 << 80))
    event.save(force_insert=True)

    assert sealing.seal(now=NOON + timedelta(hours=4)) == 0
    assert sealing.seal_stragglers(now=NOON + timedelta(hours=4)) == 1


def _reworded() -> None:
    event = Event.objects.order_by("pk")[5]
    body = json.dumps(json.loads(event.body) | {"reason": "Another."})
    Event.objects.filter(pk=event.pk).update(body=body, digest=digest(body), reason="Another.")


def _forged() -> None:
    event = Event.objects.order_by("pk")[5]
    event.pk = uuid7()
    event.body = json.dumps(json.loads(event.body) | {"id": str(event.pk)})
    event.digest = digest(event.body)
    event.save(force_insert=True)


def _resealed() -> None:
    """Reword an event and put its leaf right too, as somebody does who knows how trees are made."""
    _reworded()
    Leaf.objects.filter(event_id=Event.objects.get(reason="Another.").pk).update(hash="0" * 64)


def _cut_back() -> None:
    last = Checkpoint.objects.order_by("-size").first()
    assert last is not None
    Leaf.objects.filter(position__gte=3).delete()
    Checkpoint.objects.all().delete()


def _back_in() -> None:
    """Bar Mia, and let her sign in again by a hand."""
    mia = User.objects.get(name="Mia")
    people.deactivate(mia, by=SYSTEM, now=NOON)
    User.objects.filter(pk=mia.pk).update(is_active=True)


def _emptied() -> None:
    """Let no event say anything any more."""
    Event.objects.update(body="{}")


def _event() -> Any:
    return first(Event, verb="approval.granted")


def _of_answers() -> Any:
    """Return the field diffs of answers, which have no events of their own."""
    return LogEntry.objects.get_for_model(Answer)


# What the owner of the database does, and what is said of it.
REWRITTEN: dict[str, tuple[Callable[[], object], str]] = {
    "an event reworded, digest and all": (_reworded, "The register did not write it."),
    "an event and its leaf": (_resealed, "The register did not write it."),
    "an event's actor": (lambda: _event().update(actor_label="Mia"), "Its columns say"),
    "an event's moment": (lambda: _event().update(at=NOON - timedelta(days=9)), "Its columns say"),
    "an event's reason": (lambda: _event().update(reason="Fine."), "Its columns say"),
    "an event's scope": (lambda: _event().update(scope="administration"), "Its columns say"),
    "an event's unit": (lambda: _event().update(unit_id=uuid4()), "Its columns say"),
    "an event's occasion": (lambda: _event().update(correlation_id=uuid4()), "Its columns say"),
    "an event's digest": (lambda: _event().update(digest="0" * 64), "Its digest is of another body."),
    "what all events say gone": (_emptied, "The register did not write it."),
    "an event gone": (
        lambda: (Alert.objects.all().delete(), Outbox.objects.all().delete(), _event().delete()),
        "It was sealed and is gone.",
    ),
    "an event forged": (_forged, "The register did not write it."),
    "a field diff reworded": (lambda: first(LogEntry).update(changes={"x": ["a", "b"]}), "The register did not write"),
    "a field diff in another name": (lambda: first(LogEntry).update(actor=User.objects.all()[0]), "The register did"),
    "a field diff gone": (lambda: first(LogEntry).delete(), "It was sealed and is gone."),
    "what an answer was before": (
        lambda: first(LogEntry, pk__in=_of_answers().values("pk")).update(changes={"choice": ["", "option"]}),
        "The register did not write it.",
    ),
    "the field diffs of all answers gone": (lambda: _of_answers().delete(), "It was sealed and is gone."),
    "all field diffs gone": (lambda: LogEntry.objects.all().delete(), "It was sealed and is gone."),
    "a leaf": (lambda: first(Leaf).update(hash="1" * 64), "The entry is not what was sealed."),
    "a leaf gone": (lambda: first(Leaf, position__gt=0).delete(), "Leaves are missing from here."),
    "the first leaves gone": (lambda: Leaf.objects.filter(position__lt=7).delete(), "Leaves are missing from here."),
    "a leaf far beyond": (
        lambda: Leaf.objects.create(position=10**15, hash="1" * 64, event_id=uuid4()),
        "Leaves are missing from here.",
    ),
    "a checkpoint": (lambda: Checkpoint.objects.update(root="1" * 64), "Its columns are not what was signed."),
    "a checkpoint gone": (
        lambda: Checkpoint.objects.all()._raw_delete("default"),
        "It left the database, and is gone from it.",
    ),
    "the tree cut back": (_cut_back, "It seals"),
    "an approval in another's name": (
        lambda: Approval.objects.update(decided_by=User.objects.get(name="Mia")),
        "It is not as its last event says.",
    ),
    "an approval prolonged": (
        lambda: Approval.objects.update(valid_until=F("valid_until") + timedelta(days=90)),
        "It is not as its last event says.",
    ),
    "an approval gone": (
        lambda: (Condition.objects.all().delete(), Approval.objects.all()._raw_delete("default")),
        "It is gone, and no event says so.",
    ),
    "a condition put off": (
        lambda: Condition.objects.update(due_on=F("due_on") + timedelta(days=90)),
        "It is not as its last event says.",
    ),
    "an acceptance prolonged": (
        lambda: RiskAcceptance.objects.update(expires_on=F("expires_on") + timedelta(days=90)),
        "It is not as its last event says.",
    ),
    "a finding closed": (
        lambda: Finding.objects.filter(status="remediating").update(status="closed", closed_at=NOON + timedelta(9)),
        "It is not as its last event says.",
    ),
    "a finding less severe": (lambda: Finding.objects.update(severity=4), "It is not as its last event says."),
    "a verdict by another": (
        lambda: FixClaim.objects.update(verified_by=User.objects.get(name="Mia")),
        "It is not as its last event says.",
    ),
    "an analyst made approver": (
        lambda: Membership.objects.filter(role="analyst").update(role="approver"),
        "It is not as its last event says.",
    ),
    "a role given to oneself": (
        lambda: Membership.objects.create(user=User.objects.get(name="Eve"), role="approver"),
        "It is there, and no event says so.",
    ),
    "a server stopped by a hand": (
        lambda: Server.objects.filter(status="approved").update(status="suspended"),
        "It is suspended, and was approved last.",
    ),
    "a deployment less exposed": (
        lambda: Deployment.objects.update(inherent_tier=4, tier_reason="It only reads."),
        "It is not as its last event says.",
    ),
    "a deployment ended by a hand": (
        lambda: Deployment.objects.update(ended_on=NOON.date()),
        "It is not as its last event says.",
    ),
    "a statement of something else": (
        lambda: Statement.objects.update(says="fixed"),
        "It is not as its last event says.",
    ),
    "a statement that counts again": (
        lambda: Statement.objects.update(status="in_force", ended_at=None),
        "It is not as its last event says.",
    ),
    "a control that is in place": (
        lambda: ControlStatus.objects.update(state="in_place"),
        "It is not as its last event says.",
    ),
    "a status of another control": (
        lambda: ControlStatus.objects.update(control=Control.objects.earliest("pk")),
        "It is not as its last event says.",
    ),
    "a contract until another day": (
        lambda: Contract.objects.update(ends_on=NOON.date()),
        "It is not as its last event says.",
    ),
    "a clause that is there": (lambda: Clause.objects.update(present="yes"), "It is not as its last event says."),
    "a clause read by nobody": (
        lambda: Clause.objects.create(contract=Contract.objects.all()[0], key="exit", present="yes"),
        "It is there, and no event says so.",
    ),
    "a server exposed less": (
        lambda: Server.objects.update(inherent_tier=4, tier_reason="Nothing reaches it."),
        "It is of tier 4, and was of tier 2 last.",
    ),
    "somebody who left lets themselves in": (
        _back_in,
        "This person can sign in, and was barred last.",
    ),
    "somebody barred by a hand": (
        lambda: User.objects.filter(name="Bob").update(is_active=False),
        "This person is barred, and could sign in last.",
    ),
    "the address to which links go": (
        lambda: User.objects.filter(name="Bob").update(email="eve@example.com"),
        "The address is eve@example.com, and was bob@example.org last.",
    ),
    "a role taken": (lambda: first(Membership).delete(), "It is gone, and no event says so."),
    "a document checked by another": (
        lambda: Verification.objects.update(verified_by=User.objects.get(name="Mia")),
        "It is not as its last event says.",
    ),
    "evidence of another issuer": (
        lambda: Evidence.objects.filter(issuer="vendor").update(issuer="independent"),
        "It is not as its last event says.",
    ),
    "a snapshot, digest and all": (
        lambda: Snapshot.objects.update(body="{}", digest=digest("{}")),
        "It is not as its last event says.",
    ),
    "a report's data, digest and all": (
        lambda: Report.objects.update(data="{}", data_digest=digest("{}")),
        "It is not as its last event says.",
    ),
    "a release's instructions filled in": (
        lambda: Release.objects.update(instructions="Trust it."),
        "It is not as its last event says.",
    ),
    "a tool reworded": (lambda: Tool.objects.update(description="Harmless."), "It is not as its last event says."),
    "a tool added": (
        lambda: Tool.objects.create(
            release=Release.objects.exclude(manifest_digest="")[0], name="more", canonical="{}", digest=digest("{}")
        ),
        "It is there, and no event says so.",
    ),
    "a tool gone": (lambda: first(Tool)._raw_delete("default"), "It is gone, and no event says so."),
    "a rating": (lambda: ServerRating.objects.update(residual="low"), "It is not as its last event says."),
    "a dimension of a rating": (
        lambda: ServerRating.objects.update(provenance_percent=99),
        "It is not as its last event says.",
    ),
    "a rating that never was": (
        lambda: (
            ServerRating.objects.all()._raw_delete("default"),
            ServerRating.objects.create(
                server=Server.objects.all()[0],
                as_of=NOON,
                residual="not_assessed",
                residual_rank=0,
                residual_computed="not_assessed",
            ),
        ),
        "It is not as its last event says.",
    ),
    "the rating of a server that nobody assessed": (
        lambda: ServerRating.objects.filter(residual="not_assessed")._raw_delete("default"),
        "It is gone, and no event says so.",
    ),
    "a record of a rating forged": (
        lambda: RatingRecord.objects.create(
            server=Server.objects.all()[0], at=NOON, reason="Good.", residual="low", was="high", body="{}"
        ),
        "It is there, and no event says so.",
    ),
    "a report's part": (lambda: ReportPart.objects.update(pages=1), "It is not as its last event says."),
}


@for_each("what", REWRITTEN)
def test_what_the_owner_of_the_database_rewrites_is_found(scene, what):
    rewrite, says = REWRITTEN[what]
    with transaction.atomic():
        owner(rewrite)

        found = checking.check()

        assert any(problem.sentence.startswith(says) for problem in found.problems), found.problems[:5]
        transaction.set_rollback(True)


def test_a_database_that_was_set_back_is_found_by_the_checkpoints_that_left_it(scene):
    size = Leaf.objects.count()
    with transaction.atomic():
        trail.record("unit.renamed", scene.people.payments, by=SYSTEM, at=NOON)
    sealing.seal(now=NOON)
    exporting.export(now=NOON)
    lines = claims.file().read_text().splitlines()

    owner(lambda: (Leaf.objects.filter(position=size).delete(), Checkpoint.objects.filter(size=size + 1).delete()))
    found = checking.check()

    assert len(lines) == Checkpoint.objects.count() + 1
    assert [str(one) for one in found.problems] == [
        f"checkpoint on line {len(lines)} of checkpoints.jsonl: It seals {size + 1} entries, and {size} are there."
    ]


def test_a_checkpoint_under_another_key_is_found(scene, settings):
    settings.SEAL_KEYS = ["A" * 43 + "="]

    found = checking.check()

    assert any("not signed by a key of this register" in one.sentence for one in found.problems)


def test_a_former_key_still_counts(scene, settings):
    settings.SEAL_KEYS = ["A" * 43 + "=", *settings.SEAL_KEYS]

    assert checking.check().problem_count == 0


def test_a_check_is_kept_and_administrators_hear_once_of_one_that_does_not_hold(scene):
    assert checking.record(now=NOON).holds
    owner(lambda: Approval.objects.update(valid_until=None, decision="reject"))

    found = [checking.record(now=NOON), checking.record(now=NOON)]

    assert [one.holds for one in found] == [False, False]
    assert TrailCheck.objects.count() == 3
    assert Event.objects.filter(verb="trail.broken").count() == 1


def test_the_command_says_what_does_not_hold_and_fails(scene, capsys):
    call_command("verify_trail")
    assert "The trail holds." in capsys.readouterr().out
    owner(lambda: Approval.objects.update(reason="Fine."))

    with pytest.raises(CommandError, match="1 problems: the trail does not hold"):
        call_command("verify_trail")

    key = bound_rows.key(Approval.objects.get())
    assert f"BROKEN row {key}: It is not as its last event says." in capsys.readouterr().out


def test_nothing_waits_beyond_what_has_no_leaf(scene):
    assert entries.waiting(now=NOON, limit=9) == entries.all_waiting(limit=9) == []
