"""From the request to the file: who may ask, one part whatever happens to the worker, failures, withdrawal, proof."""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from io import BytesIO, StringIO

import pytest
import time_machine
from auditlog.models import LogEntry
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import TestCase, TransactionTestCase
from django.utils import timezone

from accounts import access
from accounts.access import NotPermitted
from accounts.models import Role, Unit, User
from alerts import relay
from alerts.models import Alert
from assessments.models import Assessment
from audit.models import Event, Outbox
from evidence import store
from evidence.models import Blob
from jobs import queue, runner
from jobs.models import Job
from reports import downloads, issuing, render, requests, tasks, verification
from reports.models import Report, ReportPart
from riskregister.canonical import canonical, digest
from riskregister.refusals import Refused
from riskregister.transitions import IllegalTransition
from tests import append_only, cast
from tests.assessments import scenes
from tests.cast import NOON
from tests.evidence.places import place_of
from tests.interleaving import overtaken
from tests.reports import scene
from work import retries

HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)


def verbs(report: Report) -> list[str]:
    return list(Event.objects.filter(object_id=report.pk).order_by("at", "id").values_list("verb", flat=True))


class Asking(TestCase):
    base: scenes.Scene
    final: Assessment

    @classmethod
    def setUpTestData(cls) -> None:
        cls.base = scenes.set_up()
        cls.final = cls.base.final()

    def test_promises_a_job_in_the_same_step(self) -> None:
        report = requests.request_assessment_report(self.final, by=self.base.people.alice, now=NOON)
        job = Job.objects.get(kind="reports.render")
        assert (job.payload, job.status) == ({"report": str(report.pk)}, "queued")
        assert (report.status, report.unit, report.ref) == ("requested", self.final.unit, "RP-1")
        assert verbs(report) == ["report.requested"]

    def test_refuses_an_assessment_that_is_not_final(self) -> None:
        draft = self.base.draft(self.base.another_server())
        with pytest.raises(requests.NothingToReport, match="Only a final assessment"):
            requests.request_assessment_report(draft, by=self.base.people.alice, now=NOON)
        assert not Report.objects.exists()

    def test_refuses_people_of_other_units(self) -> None:
        with pytest.raises(NotPermitted):
            requests.request_assessment_report(self.final, by=self.base.people.eve, now=NOON)
        with pytest.raises(NotPermitted):
            requests.request_register_report(unit=self.final.unit, by=self.base.people.eve, now=NOON)
        assert not Report.objects.exists()

    def test_an_auditor_asks_for_reports_and_withdraws_none(self) -> None:
        carol = self.base.people.carol
        report = requests.request_assessment_report(self.final, by=carol, now=NOON)
        assert report.requested_by == carol
        with pytest.raises(NotPermitted, match="Auditors ask for reports and withdraw none"):
            requests.withdraw(report, reason="I do not like it.", by=carol, now=NOON)

    def test_the_register_of_all_units_needs_a_role_in_the_whole_organisation(self) -> None:
        with pytest.raises(NotPermitted, match="Choose one unit"):
            requests.request_register_report(unit=None, by=self.base.people.mia, now=NOON)
        assert requests.request_register_report(unit=None, by=self.base.people.ada, now=NOON).unit is None

    def test_asked_for_again_while_it_is_on_its_way_it_is_the_same(self) -> None:
        people = self.base.people
        asks = (
            lambda at: requests.request_assessment_report(self.final, by=people.alice, now=at),
            lambda at: requests.request_register_report(unit=people.payments, by=people.alice, now=at),
            lambda at: requests.request_register_report(unit=None, by=people.ada, now=at),
        )
        for ask in asks:
            first, again = ask(NOON), ask(NOON + HOUR)
            assert (again, requests.is_new(first, now=NOON), requests.is_new(again, now=NOON + HOUR)) == (
                first, True, False,
            )  # fmt: skip
            assert verbs(first) == ["report.requested"]
            issuing.read(first, now=NOON + HOUR)
            assert ask(NOON + HOUR + 59 * SECOND) == first
            # What was read longer ago may no longer be what there is.
            assert ask(NOON + HOUR + 61 * SECOND) != first
        assert (Report.objects.count(), Job.objects.filter(kind="reports.render").count()) == (6, 6)

    def test_a_report_that_is_issued_or_failed_is_not_the_one_that_is_asked_for(self) -> None:
        mia, unit = self.base.people.mia, self.base.people.payments
        issued = scene.issue(requests.request_register_report(unit=unit, by=mia, now=NOON))
        failed = requests.request_register_report(unit=unit, by=mia, now=NOON)
        assert failed != issued
        issuing.fail(failed, reason="No.", now=NOON)
        assert requests.request_register_report(unit=unit, by=mia, now=NOON) not in (issued, failed)

    def test_a_report_that_is_tried_again_prints_what_was_read_then_and_is_not_the_one_asked_for(self) -> None:
        mia, unit = self.base.people.mia, self.base.people.payments
        old = requests.request_register_report(unit=unit, by=mia, now=NOON)
        issuing.read(old, now=NOON)
        issuing.fail(old, reason="No.", now=NOON)
        requests.request_again(old, by=mia, now=NOON + HOUR)
        assert requests.request_register_report(unit=unit, by=mia, now=NOON + HOUR) != old

    def test_what_happens_to_a_report_of_all_units_is_for_whoever_has_a_role_in_all_of_them(self) -> None:
        people, everywhere = self.base.people, cast.person("otto", role=Role.APPROVER, unit=None)
        of_unit = requests.request_register_report(unit=people.payments, by=people.mia, now=NOON)
        of_all = requests.request_register_report(unit=None, by=people.ada, now=NOON)
        seen = {
            person.name: set(access.visible_events(person).filter(verb__startswith="report.").values_list("object_id"))
            for person in (people.alice, people.eve, everywhere)
        }
        assert seen == {"Alice": {(of_unit.pk,)}, "Eve": set(), "Otto": {(of_unit.pk,), (of_all.pk,)}}

    def test_shows_a_report_to_its_unit_and_one_of_all_units_to_the_whole_organisation_only(self) -> None:
        people = self.base.people
        of_unit = requests.request_register_report(unit=people.payments, by=people.mia, now=NOON)
        of_all = requests.request_register_report(unit=None, by=people.ada, now=NOON)
        everywhere = cast.person("otto", role=Role.AUDITOR, unit=None)
        seen = {
            person.name: set(Report.objects.visible_to(person)) for person in (people.carol, people.eve, everywhere)
        }
        assert seen == {"Carol": {of_unit}, "Eve": set(), "Otto": {of_unit, of_all}}


@pytest.mark.slow
class Working(TestCase):
    base: scenes.Scene
    report: Report

    @classmethod
    def setUpTestData(cls) -> None:
        cls.base = scenes.set_up()
        cls.report = requests.request_register_report(unit=cls.base.people.payments, by=cls.base.people.mia, now=NOON)

    def die(self) -> Job:
        """Let the job's worker have been killed in its last try, and a sweep find it."""
        job = Job.objects.get(key=f"report:{self.report.pk}:1")
        Job.objects.filter(pk=job.pk).update(
            status="running", attempts=5, lease_token=job.pk, lease_until=NOON, run_after=NOON
        )
        assert runner.run(job.pk, now=NOON + HOUR) is False
        queue.do_chores(now=NOON + HOUR)
        self.report.refresh_from_db()
        return job

    def test_issues_one_part_and_says_so_to_the_requester(self) -> None:
        report = scene.issue(self.report)
        part = report.parts.get()
        assert (report.status, part.position, part.file_name) == ("issued", 1, "RP-1-register.pdf")
        assert verbs(report) == ["report.requested", "report.issued"]
        relay.relay(now=timezone.now())
        assert Alert.objects.filter(recipient=self.base.people.mia, event__verb="report.issued").count() == 1

    def test_tells_everybody_who_asked_while_it_was_under_way_once(self) -> None:
        people = self.base.people
        for by in (people.alice, people.mia, people.alice):
            assert requests.request_register_report(unit=people.payments, by=by, now=NOON + HOUR) == self.report
        assert verbs(self.report) == ["report.requested", "report.awaited"]
        scene.issue(self.report)
        assert self.told("report.issued") == {"Mia": "You asked for it.", "Alice": "You asked for it too."}
        requests.request_register_report(unit=people.payments, by=people.bob, now=NOON + 2 * HOUR)
        requests.withdraw(Report.objects.get(pk=self.report.pk), reason="A wrong unit.", by=people.mia, now=NOON)
        assert set(self.told("report.withdrawn")) == {"Alice"}

    def test_tells_whoever_had_a_failed_one_made_again(self) -> None:
        self.die()
        requests.request_again(self.report, by=self.base.people.alice, now=NOON + HOUR)
        assert runner.run(Job.objects.get(key=f"report:{self.report.pk}:2").pk, now=timezone.now())
        assert set(self.told("report.issued")) == {"Mia", "Alice"}

    def told(self, verb: str) -> dict[str, str]:
        """Return who is told of the report's event, and why they."""
        relay.relay(now=timezone.now())
        rows = Alert.objects.filter(event__object_id=self.report.pk, event__verb=verb)
        return dict(rows.values_list("recipient__name", "why"))

    def test_a_worker_killed_before_the_end_leaves_no_part_and_the_next_prints_the_same(self) -> None:
        with time_machine.travel(NOON, tick=False):
            issuing.read(self.report, now=NOON)
            lost = list(issuing.draw(self.report, now=NOON))
        assert not ReportPart.objects.exists()
        self.base.another_server()

        report = scene.issue(self.report)

        assert [part.blob for part in report.parts.all()] == [drawn.blob for drawn in lost]
        assert report.as_of == NOON

    def test_doing_an_issued_report_again_adds_nothing(self) -> None:
        report = scene.issue(self.report)
        before = scene.pdf(report)
        Job.objects.update(status="queued", run_after=NOON, finished_at=None)
        assert runner.run(Job.objects.get().pk, now=timezone.now())
        assert (ReportPart.objects.count(), Job.objects.get().status) == (1, "done")
        assert scene.pdf(Report.objects.get(pk=report.pk)) == before
        assert verbs(report).count("report.issued") == 1

    def test_a_second_worker_cannot_issue_what_the_first_issued(self) -> None:
        late = Report.objects.get(pk=self.report.pk)
        issuing.read(late, now=NOON)
        drawn = list(issuing.draw(late, now=NOON))
        scene.issue(Report.objects.get(pk=late.pk))
        with pytest.raises(IllegalTransition):
            issuing.issue(late, drawn, now=NOON)
        assert ReportPart.objects.count() == 1

    def test_says_that_it_failed_when_its_job_has_given_up(self) -> None:
        self.die()
        assert (self.report.status, self.report.error) == ("failed", tasks.GAVE_UP)
        assert verbs(self.report) == ["report.requested", "report.failed"]
        with pytest.raises(downloads.NotIssued, match="RP-1 is not issued"):
            downloads.open_part(self.report, 1)

    def test_a_failed_report_can_be_asked_for_again(self) -> None:
        self.die()
        requests.request_again(self.report, by=self.base.people.mia, now=NOON + HOUR)
        assert runner.run(Job.objects.get(key=f"report:{self.report.pk}:2").pk, now=timezone.now())
        assert Report.objects.get(pk=self.report.pk).status == "issued"

    def test_a_dead_job_that_an_administrator_queues_again_issues_the_failed_report(self) -> None:
        job = self.die()
        retries.retry(Job.objects.get(pk=job.pk), by=self.base.people.ada, now=NOON)
        assert scene.issue(self.report).status == "issued"

    def test_a_document_that_needs_too_much_memory_fails_alone(self) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(render, "MEGABYTES", 60)
            with pytest.raises(render.CannotRender):
                render.pdf(render.Part("<p>Too much"))

    def test_withdrawing_keeps_the_report_and_ends_its_download(self) -> None:
        report = scene.issue(self.report)
        with pytest.raises(Refused, match="Give a reason"):
            requests.withdraw(report, reason=" ", by=self.base.people.mia, now=NOON)
        with pytest.raises(NotPermitted):
            requests.withdraw(report, reason="Wrong unit.", by=self.base.people.carol, now=NOON)
        requests.withdraw(report, reason="Wrong unit.", by=self.base.people.mia, now=NOON)
        assert (report.status, report.parts.count()) == ("withdrawn", 1)
        with pytest.raises(downloads.NotIssued, match=r"RP-1 was withdrawn: Wrong unit\."):
            downloads.open_part(report, 1)

    def test_the_data_stays_out_of_the_field_level_audit(self) -> None:
        report = scene.issue(self.report)
        entries = report_changes(report)
        assert any("data_digest" in changes for changes in entries)
        assert not any("data" in changes for changes in entries)


def report_changes(report: Report) -> list[dict[str, object]]:
    return [entry.changes_dict for entry in LogEntry.objects.get_for_object(report)]


class Proving(TestCase):
    report: Report

    @classmethod
    def setUpTestData(cls) -> None:
        base = scenes.set_up()
        cls.report = scene.issue(requests.request_assessment_report(base.final(), by=base.people.alice, now=NOON))

    def verify(self, *arguments: str) -> str:
        out = StringIO()
        call_command("verify_report", *arguments, stdout=out)
        return out.getvalue()

    def test_says_what_holds(self) -> None:
        lines = self.verify("RP-1").splitlines()
        assert [line.split(":")[0] for line in lines[:-1]] == [
            "OK     Data digest",
            "OK     Issuing event",
            "OK     Data as issued",
            "OK     Parts as issued",
            "OK     Names of the parts",
            "OK     Report as issued",
            "OK     Data in canonical form",
            "OK     Snapshot digest",
            "OK     Snapshot as in the register",
            "OK     Score",
            "OK     Bytes of RP-1-assessment.pdf",
            "OK     Attachment of RP-1-assessment.pdf",
        ]
        assert lines[-1].endswith("holds.")

    def test_finds_a_changed_answer_even_under_a_new_digest(self) -> None:
        data = issuing.data_of(self.report)
        line = next(row for row in data["snapshot"]["sheet"]["lines"] if row["value"] == "1")
        line["value"] = "1/2"
        text = canonical(data)
        with append_only.lifted(connection, Report):
            Report.objects.filter(pk=self.report.pk).update(data=text, data_digest=digest(text))
        with pytest.raises(CommandError, match="RP-1 does not hold"):
            self.verify("RP-1")

    def rewritten(self, change: Callable[[], object]) -> str:
        """Return what a check prints after the owner of the database made a change, which is undone."""
        with transaction.atomic():
            with append_only.lifted(connection):
                change()
            found = [check.what for check in verification.checks(Report.objects.get()) if not check.holds]
            transaction.set_rollback(True)
        return ", ".join(found)

    def without_event(self) -> None:
        Outbox.objects.filter(event__verb="report.issued").delete()
        Event.objects.filter(verb="report.issued").delete()

    def test_finds_whatever_was_rewritten_together_with_its_digest(self) -> None:
        data = issuing.data_of(self.report) | {"title": "Another"}
        text, other = canonical(data), store.put(BytesIO(b"%PDF-1.7 other"), name="part.pdf", now=NOON)
        reports, parts = Report.objects.all(), ReportPart.objects.all()
        changes: dict[str, tuple[Callable[[], object], str]] = {
            "data": (lambda: reports.update(data=text, data_digest=digest(text)), "Data as issued"),
            "a part of another report": (lambda: parts.update(blob=other), "Parts as issued"),
            "no part": (parts.delete, "Parts as issued"),
            "a part's name": (lambda: parts.update(file_name="RP-9.pdf"), "Names of the parts"),
            "a part's place": (lambda: parts.update(position=2), "Names of the parts"),
            "the title": (lambda: reports.update(title="Another"), "Report as issued"),
            "who asked for it": (lambda: reports.update(requested_by=User.objects.get(name="Mia")), "Report as issued"),
            "when it was issued": (lambda: reports.update(issued_at=NOON - HOUR), "Report as issued"),
            "as of when": (lambda: reports.update(as_of=NOON - HOUR), "Report as issued"),
            "no event": (self.without_event, "Issuing event"),
            "data that is none": (lambda: reports.update(data="{", data_digest=digest("{")), "Data in canonical form"),
        }
        for what, (change, broken) in changes.items():
            with self.subTest(what):
                assert broken in self.rewritten(change)

    def test_the_first_part_carries_what_the_report_prints(self) -> None:
        assert verification.attachment(scene.pdf(self.report)) == self.report.data.encode()
        assert verification.attachment(b"%PDF-1.7 without") == b""

    def test_finds_changed_bytes(self) -> None:
        path = place_of(Blob.objects.get(pk=self.report.parts.get().blob_id))
        kept = path.read_bytes()
        path.chmod(0o600)
        try:
            path.write_bytes(kept[:-1] + b"x")
            with pytest.raises(CommandError):
                self.verify("RP-1")
        finally:
            path.write_bytes(kept)

    def test_tells_a_part_from_another_file(self) -> None:
        given = place_of(self.report.parts.get().blob)
        assert "is RP-1-assessment.pdf" in self.verify("rp-1", "--file", str(given))
        with pytest.raises(CommandError, match="does not hold"):
            self.verify("RP-1", "--file", __file__)

    def test_names_a_report_that_was_never_issued(self) -> None:
        with pytest.raises(CommandError, match="No report RP-99 was issued"):
            self.verify("RP-99")

    def test_hands_out_what_the_register_keeps(self) -> None:
        opened = downloads.open_part(self.report, 1)
        with opened.file as file:
            data = file.read()
        assert (opened.file_name, opened.media_type, opened.size) == (
            "RP-1-assessment.pdf",
            "application/pdf",
            len(data),
        )
        assert hashlib.sha256(data).hexdigest() == opened.sha256
        with pytest.raises(ReportPart.DoesNotExist):
            downloads.open_part(self.report, 2)


@pytest.mark.engine
@pytest.mark.django_db(transaction=True)
def test_reads_the_register_as_of_one_moment_on_this_engine() -> None:
    base = scenes.set_up()
    report = scene.issue(requests.request_assessment_report(base.final(), by=base.people.alice, now=NOON))
    assert (report.status, report.parts.count()) == ("issued", 1)


@pytest.mark.engine
class AskedAtOnce(TransactionTestCase):
    """Two people who ask for the same report in the same moment wait for one."""

    def setUp(self) -> None:
        self.base = scenes.set_up()
        self.final = self.base.final()
        self.otto, self.olga = (cast.person(name, role=Role.APPROVER, unit=None) for name in ("otto", "olga"))

    def ask(self, by: User, *, unit: Unit | None) -> Report:
        return requests.request_register_report(unit=unit, by=by, now=NOON)

    def one_comes_of(self, first: Callable[[], Report], second: Callable[[], Report]) -> None:
        made, found = overtaken(first, second, at=(queue, "enqueue"))
        assert found == made == Report.objects.get()
        assert set(made.awaited_by.values_list("name", flat=True)) == {"Olga"}
        assert Job.objects.filter(kind="reports.render").count() == 1

    def test_on_an_assessment(self) -> None:
        ask = requests.request_assessment_report
        self.one_comes_of(
            partial(ask, Assessment.objects.get(), by=self.otto, now=NOON),
            partial(ask, Assessment.objects.get(), by=self.olga, now=NOON),
        )

    def test_on_a_unit(self) -> None:
        unit = self.base.people.payments
        self.one_comes_of(partial(self.ask, self.otto, unit=unit), partial(self.ask, self.olga, unit=unit))

    def test_on_all_units(self) -> None:
        self.one_comes_of(partial(self.ask, self.otto, unit=None), partial(self.ask, self.olga, unit=None))
