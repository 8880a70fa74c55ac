"""One server of the example through its life, each step taken by somebody whose role allows it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any, NamedTuple
from uuid import UUID

from django.core.files.base import ContentFile

from accounts.models import User
from assessments import lifecycle
from assessments.answers import answering, scored_lines, verifying
from assessments.facts import comparing
from assessments.models import Answer, Assessment, Snapshot
from catalogue.models import Option, Question, QuestionSet
from catalogue.publishing import SET_KEY
from decisions.approvals import approvals
from decisions.models import Approval, Review
from decisions.reviews import reassessment, reviews
from demo import captures, sheets
from demo.diary import Diary
from demo.organisation import Organisation
from demo.story import vendors
from evidence import records
from evidence.models import Evidence
from findings.models import Finding
from vendors.models import Deployment, Server
from vendors.models.deployment import FACTS
from vendors.registering import deployments, importing, registration

EXAMPLE = "Example judgement for the demonstration."
# How long before an answer the scans and drills that it tells of took place.
EVENTS_AGO = 5
# Which document an answer rests on, by how well a server is evidenced and what the question is about.
DOCUMENTS: Mapping[str, Mapping[str, str]] = {
    "thorough": {"release": "package", "vendor": "website checked", "deployment": "record"},
    "checked": {"release": "repository", "vendor": "website checked", "deployment": "record"},
    "usual": {"release": "repository", "vendor": "website", "deployment": "record"},
    "thin": {"vendor": "website", "deployment": "note"},
}
APPROVE = Approval.Decision.APPROVE
CONDITIONS = Approval.Decision.APPROVE_WITH_CONDITIONS
REJECT = Approval.Decision.REJECT


class Staff(NamedTuple):
    """Who does what in a unit."""

    approver: str
    manager: str
    analysts: tuple[str, str]


STAFF = {
    "payments": Staff("priya", "marcus", ("lena", "tomas")),
    "research": Staff("mei", "sofia", ("jonas", "aiko")),
}


class Case:
    """A server of the story; the methods are its steps, to be noted in the diary."""

    def __init__(self, diary: Diary, organisation: Organisation, key: str) -> None:
        """Read what is known and said of the server; nothing happens yet."""
        self.diary, self.organisation = diary, organisation
        self.capture, self.sheet = captures.load(key), sheets.load(key)
        self.unit = organisation.unit(self.sheet.unit)
        self.owner = organisation.person(self.sheet.owner)
        staff = STAFF[self.sheet.unit]
        self.approver, self.manager = organisation.person(staff.approver), organisation.person(staff.manager)
        analysts = [organisation.person(name) for name in staff.analysts]
        self.colleague = next(one for one in analysts if one != self.owner)
        self.documents: dict[str, Evidence] = {}
        # What the colleague reads, and says of each answer what it shows.
        self.checked: set[UUID] = set()

    @property
    def server(self) -> Server:
        """Return the server as it is now."""
        return Server.objects.get(unit=self.unit, name=self.capture.document["server_json"]["name"])

    @property
    def assessment(self) -> Assessment:
        """Return the newest assessment of the server as it is now."""
        return Assessment.objects.select_related("server", "release").filter(server=self.server).latest("number")

    @property
    def approval(self) -> Approval:
        """Return the newest decision about the server as it is now."""
        return Approval.objects.select_related("server").filter(server=self.server).latest("number")

    def finding(self, question: str) -> Finding:
        """Return the finding that a question raised about the server or its publisher."""
        here = Finding.objects.filter(stable_key=question)
        return here.filter(server=self.server).first() or here.get(vendor__supplies__server=self.server)

    def by(self, person: User, step: Any, *args: Any, **how: Any) -> Any:
        """Have a person take a step now."""
        return self.diary.do(person, step, *args, **how)

    def in_days(self, days: int) -> date:
        """Return the day so many days after the clock's."""
        return self.diary.today + timedelta(days=days)

    def arrive(self) -> None:
        """Register the vendor unless it is known, the server at its captured release, and how it is used."""
        publisher = vendors.known(self.diary, self.organisation, self.capture.vendor, by=self.owner)
        server, release = self.by(
            self.owner, importing.import_server_json, self.capture.server_json,
            unit=self.unit, publisher=publisher, tags=self.sheet.tags, is_demo=True,
        )  # fmt: skip
        # In the story the capture is made on its own day at the latest.
        at = min(self.capture.captured_at, self.diary.now)
        command = self.capture.command
        release = self.by(
            self.owner, importing.import_tools, release, self.capture.tools, captured_at=at, command=command
        )
        for package in release.packages.all():
            self.by(self.owner, importing.record_package_digest, package, integrity=self.capture.integrity)
        changes = {
            "owner": self.owner, "licence": self.capture.licence, "is_under_contract": self.sheet.is_under_contract,
        }  # fmt: skip
        self.by(self.owner, registration.edit_server, server, changes=changes)
        for row in self.sheet.deployments[:1]:
            # What it would be exposed to again once no deployment is left.
            facts = {name: row[name] for name in FACTS}
            self.by(self.owner, registration.set_exposure, server, facts=facts)
        for row in self.sheet.deployments:
            self._deploy(server, row)
        self._document(server, publisher.name)

    def assess(
        self, *, share: float = 1, changed: Mapping[str, str] = MappingProxyType({}), questions: int = 1
    ) -> None:
        """Start the assessment that is due, and answer it (or the first part of it) as `changed` or the sheet says.

        `questions` is the version of the question set: most of the story happened before the second was published.
        """
        self._start(QuestionSet.objects.get(key=SET_KEY, version=questions))
        sheet = replace(self.sheet, answers={**self.sheet.answers, **changed})
        asked = scored_lines.applicable(self.assessment, scored_lines.answers_of(self.assessment))
        for row in asked[: int(len(asked) * share)]:
            self._answer(row, sheet)

    def submit(self) -> None:
        """Have the assignee hand the assessment to the approvers."""
        self.by(self.owner, lifecycle.submit, self.assessment)

    def finalise(self) -> Snapshot:
        """Have the approver freeze the answers without deciding yet; what does not apply is accepted."""
        frozen: Snapshot = self.by(self.approver, lifecycle.finalise, self.assessment)
        return frozen

    def decide(
        self, decision: str = APPROVE, *, reason: str, conditions: tuple[tuple[str, int], ...] = (), holds: int = 450
    ) -> Approval:
        """Have the approver decide; an approval holds for so many days, a condition is due in so many."""
        approval: Approval = self.by(
            self.approver, approvals.decide, self.assessment, decision=decision, reason=f"{reason} {EXAMPLE}",
            valid_until=None if decision == REJECT else self.in_days(holds),
            conditions=[(text, self.in_days(days)) for text, days in conditions],
        )  # fmt: skip
        return approval

    def stop_using(self) -> None:
        """End every deployment."""
        for deployment in Deployment.objects.select_related("server").filter(server=self.server, ended_on=None):
            self.by(self.owner, deployments.end_deployment, deployment, on=self.diary.today)

    def _start(self, questions: QuestionSet) -> None:
        due = reviews.waiting_for(self.server).filter(status=Review.Status.OPEN).first()
        if due is not None:
            review = Review.objects.select_related("server", "assignee").get(pk=due.pk)
            self.by(self.owner, reassessment.start, review, question_set=questions)
            return
        kind = Assessment.Kind.PERIODIC if self.server.approvals.exists() else Assessment.Kind.INITIAL
        self.by(self.owner, lifecycle.start, self.server, kind=kind, due_on=self.in_days(14), question_set=questions)

    def _answer(self, row: Answer, sheet: sheets.Sheet) -> None:
        question: Question = row.question
        if row.reused_from_id and question.key not in sheet.answers:
            self._check_reused(row)
            return
        against = comparing.options(row, row.assessment)
        option = sheet.choose(question, Option.objects.filter(question=question), against=against)
        self.by(
            self.owner, answering.answer, row,
            choice=Answer.Choice.OPTION, option_key=option, version=row.version, comment=EXAMPLE,
            event_on=self.in_days(-EVENTS_AGO) if question.event else None,
        )  # fmt: skip
        document = self.documents.get(question.subject)
        if document is None:
            return
        self.by(self.owner, answering.attach, row, document)
        if document.pk in self.checked:
            self._check(row, document)

    def _deploy(self, server: Server, row: Mapping[str, Any]) -> None:
        facts = {key: value for key, value in row.items() if key != "in_use"}
        since = self.diary.today if row["in_use"] else None
        self.by(self.owner, deployments.add_deployment, server, owner=self.owner, in_use_since=since, **facts)

    def _document(self, server: Server, publisher: str) -> None:
        makers = {
            "package": self._package_page, "repository": self._repository, "record": self._record, "note": self._note,
            "website": self._website, "website checked": self._website_checked,
        }  # fmt: skip
        for subject, name in DOCUMENTS[self.sheet.evidence].items():
            self.documents[subject] = makers[name](server, publisher)

    def _package_page(self, server: Server, publisher: str) -> Evidence:
        title = f"What is publicly known of {server.title}'s package"
        return self._checked(self._link(self.capture.package_page, title, Evidence.Issuer.INDEPENDENT))

    def _repository(self, server: Server, publisher: str) -> Evidence:
        title = f"Source code of {server.title}"
        return self._checked(self._link(self.capture.repository, title, Evidence.Issuer.VENDOR))

    def _website(self, server: Server, publisher: str) -> Evidence:
        title = f"What {publisher} says of itself"
        address = self.capture.vendor["website"]
        known = Evidence.objects.filter(unit=None, url=address, title=title).first()
        return known or self._link(address, title, Evidence.Issuer.VENDOR, organisation_wide=True)

    def _website_checked(self, server: Server, publisher: str) -> Evidence:
        return self._checked(self._website(server, publisher))

    def _note(self, server: Server, publisher: str) -> Evidence:
        text = f"{EXAMPLE} The team described in a meeting how it runs {server.title}; nothing was written down."
        note: Evidence = self.by(self.owner, records.add_note, text, title=f"How {server.title} is run", unit=self.unit)
        return note

    def _record(self, server: Server, publisher: str) -> Evidence:
        lines = [
            f"Deployment record of {server.title}", f"Written on {self.diary.today} for the demonstration", "",
            f"Registry name: {server.name}", f"Package digest: {self.capture.integrity}", "",
            *(f"{row['environment']}: {row['name']}, used by {row['agent']}" for row in self.sheet.deployments),
        ]  # fmt: skip
        file = ContentFile("\n".join([*lines, ""]).encode(), name=f"deployment-{self.sheet.key}.txt")
        record: Evidence = self.by(
            self.owner, records.add_file, file,
            title=f"Deployment record of {server.title}", issuer=Evidence.Issuer.ORGANISATION,
            issued_on=self.diary.today, valid_until=self.in_days(540), unit=self.unit,
        )  # fmt: skip
        return self._checked(record)

    def _link(self, address: str, title: str, issuer: str, *, organisation_wide: bool = False) -> Evidence:
        unit = None if organisation_wide else self.unit
        link: Evidence = self.by(self.owner, records.add_link, address, title=title, issuer=issuer, unit=unit)
        return link

    def _checked(self, evidence: Evidence) -> Evidence:
        """Return evidence that the colleague will read for each answer; of a link a copy is kept."""
        if evidence.kind == Evidence.Kind.LINK and evidence.copy is None:
            lines = [f"Copy of {evidence.url}", f"Kept on {self.diary.today} for the demonstration", ""]
            copy = ContentFile("\n".join(lines).encode(), name=f"copy-of-{evidence.ref}.txt")
            self.by(self.owner, records.keep_copy, evidence, copy)
        self.checked.add(evidence.pk)
        return evidence

    def _check_reused(self, row: Answer) -> None:
        """Have a document that a reused answer rests on read for it, where this server's sheet asks for that."""
        document = self.documents.get(row.question.subject)
        if document is None or document.pk not in self.checked:
            return
        if row.evidence.filter(pk=document.pk).exists() and not row.verifications.filter(evidence=document).exists():
            self._check(row, document)

    def _check(self, row: Answer, document: Evidence) -> None:
        given = Answer.objects.select_related("question", "option", "assessment__server").get(pk=row.pk)
        if given.option is None:
            return
        shows = f"Example for the demonstration: it says so of this server. {given.option.text}"
        self.by(
            self.colleague, verifying.verify, given, document,
            shows=shows, location="First page", document_date=self.diary.today,
        )  # fmt: skip
