"""A server that was assessed, accepted in part, approved with a condition and improved since, through the steps."""

from dataclasses import dataclass
from datetime import date, timedelta
from io import BytesIO
from typing import Any

from django.utils import timezone
from pypdf import PdfReader

from accounts.models import Role, User
from assessments import lifecycle
from assessments.answers import answering, verifying
from assessments.models import Answer, Assessment
from decisions.approvals import approvals
from decisions.models import Approval
from evidence import records
from findings import acceptance, register, remediation
from findings.models import Finding
from jobs import runner
from jobs.models import Job
from reports import downloads, requests
from reports.models import Report
from tests import cast
from tests.assessments import scenes
from tests.cast import NOON
from tests.kept import kept
from vendors.registering import importing

DAY = timedelta(days=1)


class Upload(BytesIO):
    """A file as a browser sends it."""

    def __init__(self, content: bytes, name: str) -> None:
        super().__init__(content)
        self.name, self.size = name, len(content)


@dataclass
class Scene:
    """The assessed server and the people around it; dora is a second approver."""

    base: scenes.Scene
    dora: User
    assessment: Assessment

    @property
    def people(self) -> cast.Cast:
        return self.base.people


@kept
def build(*, comment: str = "See the vendor's page of 2 March.") -> Scene:
    """Return the scene: assessed on 2 March 2026, a risk accepted, approved, one finding fixed a week later."""
    base = scenes.set_up()
    dora = cast.person("dora", role=Role.APPROVER, unit=base.people.payments)
    release = base.server.releases.get()
    importing.import_tools(
        release, cast.tools("read", "write", **scenes.DECLARED), captured_at=NOON, command="npx first",
        by=base.people.alice, now=NOON,
    )  # fmt: skip
    assessment = _assessed(base, comment=comment)
    scene = Scene(base, dora, assessment)
    _accept(scene)
    _approve(scene)
    _fix(scene)
    return scene


def _assessed(base: scenes.Scene, *, comment: str) -> Assessment:
    alice, choices = base.people.alice, {}
    rows = scenes.questions().filter(applies_when__isnull=True).order_by("position")
    critical = rows.filter(is_critical=True, options__quarters=0).first()
    assert critical is not None
    choices[critical.key] = scenes.worst(critical)
    for row in rows.filter(is_critical=False, options__quarters=0).distinct()[2:9:3]:
        choices[row.key] = scenes.worst(row)
    draft = base.draft(choices=choices)
    answers = list(Answer.objects.filter(assessment=draft).select_related("question").order_by("question__position"))
    _attach(base, answers)
    silent = next(row for row in answers if row.question.weight == 2 and row.question.applies_when is None)
    _say(silent, choice="dont_know", by=alice)
    outside = next(row for row in answers if row.question.weight in (1, 2) and row.pk != silent.pk)
    _say(outside, choice="not_applicable", by=alice, reason="We run it without a network.")
    noted = Answer.objects.get(pk=answers[0].pk)
    answering.answer(
        noted,
        choice=noted.choice,
        option_key=noted.option.key if noted.option else "",
        comment=comment,
        version=noted.version,
        by=alice,
        now=NOON,
    )
    lifecycle.submit(draft, by=alice, now=NOON)
    base.finalise(draft, at=NOON + timedelta(hours=1))
    return draft


def _say(row: Answer, *, by: User, **facts: Any) -> None:
    row.refresh_from_db()
    answering.answer(row, version=row.version, by=by, now=NOON, **facts)


def _attach(base: scenes.Scene, answers: list[Answer]) -> None:
    alice, unit = base.people.alice, base.people.payments
    report = records.add_file(
        Upload(b"%PDF-1.7\n1 0 obj\nendobj\n%%EOF\n", "audit.pdf"),
        title="Penetration test of release 1.0.0",
        issuer="independent",
        issued_on=date(2026, 1, 20),
        valid_until=date(2027, 1, 19),
        unit=unit,
        by=alice,
        now=NOON,
    )
    page = records.add_link(
        "https://example.com/security/very/long/path/that/goes/on?and=on&and=on",
        title="Security page of the vendor",
        issuer="vendor",
        issued_on=date(2026, 2, 1),
        unit=unit,
        by=alice,
        now=NOON,
    )
    for place, row in enumerate(answers):
        if place % 3 != 2:
            answering.attach(row, report if place % 3 else page, by=alice, now=NOON)
        if place % 3 == 1:
            verifying.verify(
                row,
                report,
                shows=f"Scope and method, and that nothing was found against answer {place}.",
                location=f"p. {place}",
                document_date=date(2026, 1, 20),
                by=base.people.bob,
                now=NOON,
            )


def _accept(scene: Scene) -> None:
    alice = scene.people.alice
    for finding in Finding.objects.filter(server=scene.base.server, severity=1):
        asked = acceptance.request(
            finding,
            reason="The server only reads public weather data until the vendor has fixed it.",
            compensating_control="It runs without credentials, in a container of its own.",
            expires_on=NOON.date() + 60 * DAY,
            by=alice,
            now=NOON + timedelta(hours=2),
        )
        acceptance.grant(asked, by=scene.dora, now=NOON + timedelta(hours=3), note="Until the fix, not longer.")


def _approve(scene: Scene) -> None:
    approvals.decide(
        scene.assessment,
        decision=Approval.Decision.APPROVE_WITH_CONDITIONS,
        reason="It does what we need, and what is missing is dated.",
        valid_until=NOON.date() + 200 * DAY,
        conditions=[("Sign the data processing agreement.", NOON.date() + 30 * DAY)],
        by=scene.people.bob,
        now=NOON + timedelta(hours=4),
    )


def _fix(scene: Scene) -> None:
    alice, later = scene.people.alice, NOON + 7 * DAY
    rows = Finding.objects.filter(server=scene.base.server, status="open", question_key__gt="").order_by("number")
    first, second = rows[0], rows[1]
    for row in (first, second):
        register.assign(row, owner=alice, by=alice, now=NOON)
        remediation.plan(
            row,
            description="Ask the vendor, check the answer, record it.",
            target_on=NOON.date() + 14 * DAY,
            milestones=[("Asked", NOON.date() + 3 * DAY), ("Answered", NOON.date() + 10 * DAY)],
            by=alice,
            now=NOON + DAY,
        )
    better = remediation.answers_that_close(first)[0]
    claim = remediation.claim_fixed(
        first, note="The vendor showed it to us.", new_option_key=better.key, by=alice, now=later
    )
    remediation.pass_fix(claim, note="Seen in the release.", by=scene.people.bob, now=later + DAY)


def issue(report: Report) -> Report:
    """Return the report after a worker did its job."""
    job = Job.objects.get(key=f"report:{report.pk}:1")
    assert runner.run(job.pk, now=timezone.now())
    job.refresh_from_db()
    assert job.status == Job.Status.DONE, job.error
    return Report.objects.get(pk=report.pk)


def issued(scene: Scene) -> Report:
    """Return the issued report on the scene's assessment."""
    return issue(requests.request_assessment_report(scene.assessment, by=scene.people.alice, now=NOON + 10 * DAY))


def pdf(report: Report, position: int = 1) -> bytes:
    """Return the bytes that somebody downloads."""
    with downloads.open_part(report, position).file as file:
        data: bytes = file.read()
    return data


def text(data: bytes) -> str:
    """Return the text of all pages."""
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(data)).pages)
