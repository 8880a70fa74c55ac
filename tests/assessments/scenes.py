"""A server of a vendor with a release, and what is said about it, made through the same steps as in the product."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any
from uuid import UUID

from django.db.models import F, Model, OuterRef, Q, QuerySet, Subquery

from accounts.models import User
from assessments import lifecycle
from assessments.answers import answering
from assessments.models import Answer, Assessment, Snapshot
from audit.models import Event
from catalogue import publishing
from catalogue.models import Dimension, Option, Question
from decisions.approvals import approvals
from decisions.models import Approval
from evidence.models import Evidence
from findings import remediation
from findings.models import Finding, FixClaim
from scoring import methodology
from tests import cast
from tests.assessments import documents
from tests.cast import NOON, TODAY, Cast
from tests.kept import kept
from vendors.models import Server, Vendor
from vendors.registering import deployments, importing, registration, relations

A_DAY = timedelta(days=1)
SERVER_QUESTION = "provenance.source_available"
Choices = Mapping[str, str]
NOTHING: Choices = MappingProxyType({})
# What tools declare whose annotations can be compared, and which leave no question out.
DECLARED = MappingProxyType({"readOnlyHint": False, "destructiveHint": True})


@dataclass
class Scene:
    """The cast, a vendor, and a server of Payments that it publishes, owned by alice.

    Unless it `captures` nothing, tools are captured before an assessment starts: the best answers say so, and the
    register would know otherwise.
    """

    people: Cast
    vendor: Vendor
    server: Server
    spare_names: list[str] = field(default_factory=lambda: ["second", "third", "fourth"])
    ready_servers: set[UUID] = field(default_factory=set)
    captures: bool = True

    @kept
    def another_server(self, *, publisher: Vendor | None = None) -> Server:
        """Return a further server of the same unit, with a release."""
        return register(self.people, f"com.example/{self.spare_names.pop(0)}", publisher=publisher)

    @kept
    def ready(self, server: Server | None = None, *, at: datetime = NOON) -> Server:
        """Return a server with what an approval needs beside its answers; the drafts that follow have evidence."""
        server = server or self.server
        make_ready(server, by=self.people.alice, at=at)
        self.ready_servers.add(server.pk)
        return server

    @kept
    def draft(self, server: Server | None = None, *, at: datetime = NOON, choices: Choices = NOTHING) -> Assessment:
        """Return a draft by alice with the best option everywhere but where `choices` names another answer."""
        server = server or self.server
        if self.captures:
            capture(server, by=self.people.alice, at=at)
        assessment = lifecycle.start(server, kind=Assessment.Kind.INITIAL, by=self.people.alice, now=at)
        fill_in(assessment, by=self.people.alice, at=at, choices=choices)
        if server.pk in self.ready_servers:
            show(assessment, by=self.people.alice, at=at)
        return assessment

    @kept
    def final(self, server: Server | None = None, *, at: datetime = NOON, choices: Choices = NOTHING) -> Assessment:
        """Return an assessment that alice submitted and bob finalised."""
        assessment = self.draft(server, at=at, choices=choices)
        lifecycle.submit(assessment, by=self.people.alice, now=at)
        self.finalise(assessment, at=at)
        return assessment

    @kept
    def finalise(self, assessment: Assessment, *, at: datetime = NOON) -> Snapshot:
        return lifecycle.finalise(assessment, by=self.people.bob, now=at, accept_dimensions=Dimension.values)

    @kept
    def approved(self, server: Server | None = None, *, at: datetime = NOON, **how: Any) -> Approval:
        """Return bob's approval of a server for a year."""
        assessment = self.final(self.ready(server, at=at), at=at)
        approve = Approval.Decision.APPROVE
        standard: dict[str, Any] = {"decision": approve, "valid_until": at.date() + timedelta(days=365)}
        return approvals.decide(
            assessment,
            reason="It does what we need.",
            by=self.people.bob,
            now=at,
            **standard | how,
        )

    @kept
    def finding(self, *, at: datetime = NOON, choice: str = "closed") -> Finding:
        """Return the finding that a bad answer about the server's source code raised."""
        self.final(at=at, choices={SERVER_QUESTION: choice})
        return Finding.objects.get(stable_key=SERVER_QUESTION, server=self.server)

    @kept
    def claimed(self, finding: Finding, *, by: User | None = None, at: datetime = NOON) -> FixClaim:
        """Return alice's claim that the finding is fixed."""
        by = by or self.people.alice
        remediation.plan(finding, description="Ask for a tag.", target_on=finding.due_on or TODAY, by=by, now=at)
        return remediation.claim_fixed(finding, note="Tagged now.", new_option_key="public_commit", by=by, now=at)


@kept
def set_up() -> Scene:
    """Return the scene; the catalogue is published, as in every migrated register."""
    people = cast.assemble()
    vendor = relations.register_vendor(name="Example Ltd", kinds=["mcp_publisher"], by=people.alice, now=NOON)
    return Scene(people, vendor, register(people, "com.example/first", publisher=vendor))


@kept
def register(people: Cast, name: str, *, publisher: Vendor | None = None, by: User | None = None) -> Server:
    """Return a server of Payments with a release, owned by alice."""
    server = registration.register_server(
        unit=people.payments,
        name=name,
        title=name.split("/")[1].capitalize(),
        by=by or people.alice,
        owner=people.alice,
        publisher=publisher,
        now=NOON,
        **cast.EXPOSURE,
    )
    registration.add_release(server, "1.0.0", by=by or people.alice, now=NOON)
    return server


@kept
def fill_in(assessment: Assessment, *, by: User, at: datetime, choices: Choices) -> None:
    """Answer every question with its best option, or as `choices` says: an option's key, "dont_know" or "".

    What an answer tells of happened on the day.
    The first answer and those that `choices` names are given by the step. The others are written as the step leaves
    them, without entries in the field-level log: giving all of them by the step took a third of the time of all tests.
    """
    answers = Answer.objects.filter(assessment=assessment)
    first = answers.select_related("question").first()
    assert first
    plain = answers.exclude(Q(pk=first.pk) | Q(question__key__in=choices))
    best = Option.objects.filter(question=OuterRef("question")).order_by("-quarters", "position").values("pk")[:1]
    plain.exclude(option=Subquery(best)).update(
        choice="option", option=Subquery(best), version=F("version") + 1, edited_by=by, edited_at=at
    )
    plain.filter(question__fresh_days__isnull=False, option__is_undated=False).update(event_on=at.date())
    named = answers.exclude(pk=first.pk).filter(question__key__in=choices).select_related("question")
    for row in (first, *named):
        key = choices[row.question.key] if row.question.key in choices else _best(row).key
        choice = key if key in ("dont_know", "") else "option"
        option = key if choice == "option" else ""
        answering.answer(row, choice=choice, option_key=option, version=row.version, event_on=at.date(), by=by, now=at)


@kept
def capture(server: Server, *, by: User, at: datetime) -> None:
    """Capture a tool of the newest release, unless some were captured."""
    release = server.releases.order_by("-created_at", "-revision")[0]
    if not release.manifest_digest:
        importing.import_tools(release, cast.tools("read", **DECLARED), captured_at=NOON, command="", by=by, now=at)


@kept
def make_ready(server: Server, *, by: User, at: datetime) -> None:
    """Bring what an approval of a server of its tier needs beside the answers: captured tools, a planned deployment."""
    capture(server, by=by, at=at)
    needs = methodology.load().approvals.needs[server.inherent_tier]
    if needs.deployment and not server.deployments.exists():
        deployments.add_deployment(
            server, name="Trial", environment="staging", agent=f"Trial agent of {server.ref}", by=by, now=at,
            **server.facts,
        )  # fmt: skip


@kept
def show(assessment: Assessment, *, by: User, at: datetime) -> Evidence:
    """Return a document that was checked for each critical question which is answered with an option by now."""
    shown = documents.document(by=by, unit=assessment.unit, title="Checked", now=at)
    asked = Answer.objects.filter(assessment=assessment, question__is_critical=True, option__isnull=False)
    for row in asked.select_related("question", "option"):
        answering.attach(row, shown, by=by, now=at)
        documents.verify(row, shown, by=by, now=at)
    return shown


def _best(row: Answer) -> Option:
    return max(row.question.options.all(), key=lambda option: option.quarters)


def questions() -> "QuerySet[Question]":
    """Return the questions that new assessments begin with here."""
    return Question.objects.filter(question_set=publishing.current_question_set())


def question(subject: str) -> Question:
    """Return a question about the subject that is always asked, with an option worth nothing."""
    rows = questions().filter(subject=subject, applies_when__isnull=True, options__quarters=0, is_critical=False)
    return rows.order_by("position")[0]


def worst(row: Question) -> str:
    """Return the key of the question's worst option."""
    return str(row.options.order_by("quarters").values_list("key", flat=True)[0])


def verbs(obj: Model) -> list[str]:
    """Return what happened to an object, oldest first."""
    rows = Event.objects.filter(object_id=obj.pk).order_by("at", "id")
    return list(rows.values_list("verb", flat=True))


def in_time(days: int) -> datetime:
    """Return noon so many days later."""
    return NOON + days * A_DAY
