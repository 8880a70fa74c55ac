"""What steps are given besides the row: by the name of the argument, or for one step alone."""

import json
from collections.abc import Callable, Mapping
from datetime import time
from typing import Any

from accounts.models import Unit
from accounts.sign_in import passwords
from assessments.models import Answer, AnswerEvidence, Assessment
from catalogue.models import Control, Dimension
from catalogue.oscal import reading as oscal
from composition.vex import reading
from containment.models import Policy
from contracts.agreements import clauses
from contracts.models import LegalProfile
from discovery import incoming
from evidence import records
from evidence.models import Blob, Evidence, KeptCopy
from intelligence import egress_logs
from intelligence.models import WatchEntry
from landscape.models import BusinessProcess, SharedService, TechnicalProfile, UseCase
from monitoring.models import Collector, Observation, Run
from tests import cast
from tests.assurance import made as assured
from tests.catalogue import oscal_documents as documents
from tests.composition import inventories, vex_documents
from tests.containment.isolation import ISOLATION
from tests.contracts.base import NOW
from tests.journeys.estate import DAY, Estate
from vendors.models import Deployment, Server, Vendor


def _attached(row: Any, estate: Estate) -> Evidence:
    """Return evidence that the answer rests on."""
    added = {"attached_by": estate.people.alice, "attached_at": NOW}
    evidence = Evidence.objects.filter(unit=estate.people.payments).latest("number")
    AnswerEvidence.objects.get_or_create(answer=row, evidence=evidence, defaults=added)
    return evidence


def _without_profile(unit: Unit) -> Unit:
    """Return the unit, of which nobody has said yet what it is to the law."""
    LegalProfile.objects.filter(unit=unit).delete()
    return unit


def _own_control() -> Control:
    """Return a control of the organisation's own."""
    return Control.objects.select_related("framework").get(framework__origin="own", ref="OWN-1")


def _a_control() -> Control:
    """Return a control of which nothing is stated."""
    return Control.objects.select_related("framework", "same_as").get(ref="MI-20.6.9", framework__status="current")


WORDS: Mapping[str, Any] = {"requirement": "So.", "section": ""}
STATED: Mapping[str, Any] = {"state": "missing"}
RULES = oscal.read(json.dumps(documents.catalog(documents.control("r-1"))).encode())


def _other_deployment(row: Any, estate: Estate) -> Deployment:
    """Return a deployment of Payments that nobody has linked with the use case."""
    mine = Deployment.objects.filter(server__unit=estate.people.payments, ended_on=None)
    return (
        mine.exclude(serves__use_case=row).earliest("number") if isinstance(row, UseCase) else mine.earliest("number")
    )


VEX = json.dumps(vex_documents.openvex(vex_documents.not_affected(), author="Host Ltd")).encode()
SOON = NOW.date() + 5 * DAY
FACTS = {"data_reached": "high", "tool_power": "severe"}
RULE: Mapping[str, Any] = {
    "about": ["findings"], "least_severity": "", "tiers": (), "vendor": None, "places": ["owner"], "people": (),
    "channels": (), "pace": "daily",
}  # fmt: skip
# Plain values that fit wherever an argument has this name.
PLAIN: Mapping[str, Any] = {
    "reason": "It is so.", "note": "Seen.", "title": "A title", "description": "What it is.", "name": "com.example/new",
    "compensating_control": "A wall.", "expires_on": SOON, "due_on": SOON, "target_on": SOON, "severity": 2,
    "dimension": "provenance", "residual": "low", "kind": "triggered", "environment": "staging", "agent": "An agent",
    "on": NOW.date(), "captured_at": NOW, "command": "npx it", "integrity": cast.INTEGRITY, "version": "9.9",
    "role": "upstream", "kinds": ["host"], "purpose": "hosting", "facts": FACTS,
    "email": "new@example.org", "code": "new", "scopes": ["read"], "lifetime": 9 * DAY,
    "password": "a long enough sentence", "choice": "dont_know",
    "shows": "Section 4 names TLS 1.3 for every connection.", "location": "p. 12", "document_date": NOW.date(),
    "choices": {"findings": "daily"},
    "what": "com.example/wanted", "data_reached": "low",
    "via": "page", "until": SOON,
    "client": "VS Code", "control": "feed", "how": "Started one.", "result": "holds",
    "plan": "Use files.", "instead": "Instead: files.", "replacement": "Files", "days": 1, "tried_on": NOW.date(),
    "conclusion": "It can be relied on.",
    "signed_on": NOW.date(), "starts_on": NOW.date(), "ends_on": None, "ended_on": NOW.date(), "given_on": NOW.date(),
    "review_on": SOON,
    "collector": "npm", "outcome": "Nothing of ours.", "recipient": "FS-ISAC",
}  # fmt: skip
# Rows and people of the estate.
OF_THE_ESTATE: Mapping[str, Callable[[Any, Estate], Any]] = {
    "owner": lambda row, estate: estate.people.bob,
    "assignee": lambda row, estate: estate.people.bob,
    "unit": lambda row, estate: estate.people.payments,
    "vendor": lambda row, estate: Vendor.objects.get(name="Host Ltd"),
    "used": lambda row, estate: Vendor.objects.exclude(pk=row.pk).latest("number"),
    "evidence": lambda row, estate: Evidence.objects.filter(unit=estate.people.payments).latest("number"),
    "deployment": _other_deployment,
    "service": lambda row, estate: (
        SharedService.objects.filter(unit=estate.people.payments, status="standing")
        .exclude(in_front_of__deployment=row if isinstance(row, Deployment) else None)
        .latest("number")
    ),
    "process": lambda row, estate: BusinessProcess.objects.filter(
        unit=estate.people.payments, status="standing"
    ).latest("number"),
    "release": lambda row, estate: row.releases.latest("id"),
    "assessment": lambda row, estate: Assessment.objects.filter(server=row.server_id).latest("number"),
}
# What a step is taken with where that is no row of the register yet.
GIVEN: Mapping[str, Callable[[Estate], Any]] = {
    "evidence.records.add": lambda estate: records.prepare_note(
        "It is so.", title="A note", unit=estate.people.payments, by=estate.people.alice, now=NOW
    ),
    "catalogue.frameworks.change_control": lambda estate: _own_control(),
    "catalogue.frameworks.withdraw_control": lambda estate: _own_control(),
}
# What one step alone is given.
OWN: Mapping[str, Callable[[Any, Estate], dict[str, Any]]] = {
    "evidence.records.move": lambda row, estate: {"valid_until": SOON + 400 * DAY, "issuer": "vendor"},
    "assurance.certificates.record": lambda row, estate: {
        **assured.ISO, "kind": "iso_42001", "supersedes": None, "bridges": None,
        "evidence": records.prepare_note(
            "It is so.", title="A note", issuer="independent", by=estate.people.alice, now=NOW
        ),
    },
    "assurance.certificates.correct": lambda row, estate: {"changes": {"scope": "Another service"}},
    "assurance.rounds.record": lambda row, estate: {
        "outcome": "satisfactory", "looked_on": NOW.date(), "evidence": None, "valid_until": None,
    },
    "contracts.agreements.agreeing.cover": lambda row, estate: {"server": None, "service": "Support"},
    "contracts.agreements.agreeing.edit": lambda row, estate: {"changes": {"reference": "Another"}},
    "contracts.agreements.clauses.record": lambda row, estate: {"readings": [clauses.Reading("audit_right", "yes")]},
    "contracts.agreements.legal_profiles.rewrite": lambda row, estate: {"changes": {"eu": "yes", "nis2": "none"}},
    "contracts.agreements.legal_profiles.write": lambda row, estate: {"unit": _without_profile(estate.people.research)},
    "catalogue.frameworks.take": lambda row, estate: {"document": RULES, "key": "rules", "below": None},
    "catalogue.frameworks.add_control": lambda row, estate: {"ref": "X-9", "requirement": "So.", "section": ""},
    "catalogue.frameworks.change_control": lambda row, estate: {**WORDS},
    "controls.statuses.state_for_server": lambda row, estate: {**STATED, "control": _a_control()},
    "controls.statuses.state_for_deployment": lambda row, estate: {**STATED, "control": _a_control()},
    "controls.statuses.state_for_service": lambda row, estate: {**STATED, "control": _a_control()},
    "controls.statuses.state_for_organisation": lambda row, estate: {**STATED, "control": _a_control()},
    "controls.statuses.restate": lambda row, estate: {"state": "partly"},
    "composition.inventories.taking.take": lambda row, estate: {
        "listing": inventories.listing(inventories.QS), "document": b"[1]", "file_name": "package-lock.json",
        "scope": "Another part",
    },
    "feeds.managing.add": lambda row, estate: {"kind": "osv", "name": "More advisories", "where": "upload"},
    "feeds.managing.change": lambda row, estate: {"name": "Other advisories"},
    "feeds.asking.take_file": lambda row, estate: {"file": Blob.objects.earliest("pk"), "file_name": "all.zip"},
    "alerts.rules.writing.rewrite": lambda row, estate: {"facts": RULE},
    "alerts.rules.writing.write": lambda row, estate: {"facts": RULE},
    "alerts.recipients.personal.set_quiet_hours":
        lambda row, estate: {"begins": time(20), "ends": time(7), "weekends": True},
    "alerts.recipients.personal.name_deputy": lambda row, estate: {
        "deputy": estate.people.bob if row != estate.people.bob else estate.people.alice, "first_on": NOW.date(),
        "last_on": SOON,
    },
    "composition.statements.taking.take": lambda row, estate: {
        "document": reading.read(VEX), "raw": VEX, "file_name": "vex.json", "unit": estate.people.payments
    },
    "composition.statements.taking.state": lambda row, estate: {"says": "under_investigation"},
    "alerts.channels.managing.change": lambda row, estate: {"address": "", "form": ""},
    "alerts.channels.managing.open_channel": lambda row, estate: {
        "kind": "webhook", "address": "https://hooks.example.com/2", "form": ""
    },
    "containment.isolating.describe": lambda row, estate: {"values": ISOLATION},
    "containment.isolating.redescribe": lambda row, estate: {"values": {**ISOLATION, "port": 9090}},
    "containment.policies.write": lambda row, estate: {
        "unit": Unit.objects.exclude(policies__in=Policy.objects.standing()).earliest("name")
    },
    "discovery.applying.receive": lambda row, estate: {
        "report": incoming.of_files("NEW-1", [("mcp.json", b'{"servers": {}}')])
    },
    "intelligence.egress_logs.take": lambda row, estate: {
        "taken": egress_logs.read(b"1772000001.0 5 10.0.0.5 TCP_TUNNEL/200 9 CONNECT a.example:443 - -/- -\n"),
        "deployment": None,
    },
    "intelligence.watching.note": lambda row, estate: {"kind": "advisory", "via": "api"},
    "intelligence.sharing.share": lambda row, estate: {
        "entries": [WatchEntry.objects.filter(server__isnull=True).latest("number")], "tlp": "amber",
    },
    "discovery.triage.link": lambda row, estate: {"server": Server.objects.filter(unit=row.unit_id).earliest("number")},
    "decisions.approvals.approvals.decide": lambda row, estate: {
        "decision": "approve", "valid_until": SOON, "accept_dimensions": Dimension.values
    },
    "assessments.answers.answering.answer": lambda row, estate: {"version": row.version},
    "assessments.answers.answering.detach": lambda row, estate: {"evidence": _attached(row, estate)},
    "assessments.answers.verifying.verify": lambda row, estate: {"evidence": _attached(row, estate)},
    "evidence.records.keep": lambda row, estate: {
        "copy": KeptCopy(
            evidence=row, blob=Blob.objects.earliest("pk"), file_name="copy.pdf", kept_by=estate.people.alice,
            kept_at=NOW,
        )
    },
    "findings.remediation.pass_fix": lambda row, estate: {"shows": "", "location": "", "document_date": None},
    "assessments.drafts.previous.keep": lambda row, estate: {"version": row.version},
    "collectors.taking.take": lambda row, estate: {"version": row.version},
    "assessments.lifecycle.finalise": lambda row, estate: {"accept_dimensions": Dimension.values},
    "accounts.sign_in.passwords.set_by_link": lambda row, estate: {"token": passwords.link_parts(row)[1]},
    "accounts.people.give_role": lambda row, estate: {"role": "auditor"},
    # A report on what one is under way about is that one, and records that somebody waits for it too.
    "reports.requests.request_register_report": lambda row, estate: {"unit": None},
    "inspection.scanner_results.import_results": lambda row, estate: {
        "text": '{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "Skim"}}, "results": []}]}'
    },
    "intake.triage.link": lambda row, estate: {
        "server": Server.objects.filter(unit=estate.people.payments, status="requested").latest("number")
    },
    "controls.tiers.acceptances.request": lambda row, estate: {"tier": 1, "revision": "draft"},
    "controls.tiers.plans.plan_for_deployment": lambda row, estate: {"to_tier": 3, "revision": "draft"},
    "controls.tiers.plans.plan_for_server": lambda row, estate: {"to_tier": 3, "revision": "draft"},
    "controls.tiers.plans.reschedule": lambda row, estate: {"control": "MI-20.T.1"},
    "vendors.registering.deployments.edit_deployment": lambda row, estate: {"changes": {"name": "Another"}},
    "vendors.registering.importing.import_server_json": lambda row, estate: {
        "text": cast.server_json(name="com.example/imported", version="7")
    },
    "vendors.registering.importing.import_tools": lambda row, estate: {"text": cast.tools("forget")},
    "vendors.registering.registration.edit_server": lambda row, estate: {"changes": {"title": "Another"}},
    "landscape.technical_profiles.rewrite": lambda row, estate: {"changes": {"logs_where": "The log store"}},
    "landscape.replacing.judge": lambda row, estate: {"level": "hard", "reason": "No other has it."},
    "landscape.replacing.rejudge": lambda row, estate: {"changes": {"alternatives": "Another one"}},
    "landscape.shared_services.write": lambda row, estate: {"kind": "sandbox"},
    "landscape.shared_services.rewrite": lambda row, estate: {"changes": {"stand_in": "Another"}},
    "landscape.shared_services.record_assessment": lambda row, estate: {
        "assessed_on": NOW.date(), "result": "passed", "assess_again_on": None
    },
    "landscape.processes.rewrite": lambda row, estate: {"changes": {"name": "Another"}},
    "landscape.use_cases.rewrite": lambda row, estate: {"changes": {"name": "Another one"}},
    "vendors.registering.relations.edit_vendor": lambda row, estate: {"changes": {"name": "Another"}},
}  # fmt: skip


def _shown(row: Answer) -> Answer:
    """Return an answer of the same assessment that a look shows."""
    server, blob = row.assessment.judged_server, Blob.objects.earliest("pk")
    # Of a domain only what its publisher's own says is said of a server.
    if server.published_by is None:
        server.suppliers.create(vendor=Vendor.objects.earliest("pk"), role="publisher")
    Vendor.objects.filter(supplies__in=server.suppliers.all()).update(website="https://example.com")
    run = Run.objects.create(
        server=server, collector=Collector.SECURITY_TXT, address="https://example.com", status=Run.Status.COMPLETE,
        raw=blob, asked_at=NOW, ended_at=NOW,
    )  # fmt: skip
    Observation.objects.create(
        server=server, collector=run.collector, address=run.address, key="channel:example.com", words="A contact",
        fact="private_channel", holds=True, value_since=NOW, first_seen_at=NOW, last_seen_at=NOW, run=run,
    )  # fmt: skip
    return Answer.objects.get(assessment=row.assessment_id, question__key="security_posture.disclosure_programme")


def _undescribed(row: Deployment) -> Deployment:
    """Return a deployment of which nothing technical is known any more."""
    TechnicalProfile.objects.filter(deployment=row).delete()
    return row


# What one step alone is taken on, in place of a row that the register has.
TAKEN_ON: Mapping[str, Callable[[Any], Any]] = {
    "landscape.technical_profiles.write": _undescribed,
    "collectors.taking.take": _shown,
    "evidence.records.add": lambda row: records.prepare_note(
        "It is so.", title="A note", unit=row.unit, by=row.added_by, now=NOW
    ),
}


class Unthought(LookupError):
    """Nobody has said what a step is given."""


def taken_on(step: str, row: Any) -> Any:
    """Return what to take a step on, for which a row of the register stands."""
    return TAKEN_ON[step](row) if row is not None and step in TAKEN_ON else row


def values(step: str, asked: list[str], row: Any, estate: Estate) -> dict[str, Any]:
    """Return what to give to a step that asks for these. Raises Unthought for one that nobody has thought of."""
    own = OWN[step](row, estate) if step in OWN else {}
    return {name: _value(step, name, row, estate) for name in asked if name not in own} | own


def _value(step: str, name: str, row: Any, estate: Estate) -> Any:
    if name in OF_THE_ESTATE:
        return OF_THE_ESTATE[name](row, estate)
    if name in PLAIN:
        return PLAIN[name]
    raise Unthought(f"Say in tests/contracts/arguments.py what {step} is given as {name}.")
