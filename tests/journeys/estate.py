"""One register with a row of every kind, made through the steps, and the people who try every door to it.

The rows belong to Payments. Its people are alice, bob, mia and carol; ada administers everything; eve has all roles of
another unit, dan has no role, and somebody has not signed in.
"""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.test import Client

from accounts import people, tokens
from accounts.access import Capability
from accounts.models import Role, User
from alerts import relay
from alerts.channels import managing
from alerts.models import Alert, Delivery, Message
from alerts.rules import writing
from assessments.answers import answering
from assessments.models import Answer
from audit.context import SYSTEM
from audit.models import Event
from catalogue import frameworks
from catalogue.models import Control, Framework
from composition import hits
from composition.comparison import comparing
from composition.models import Hit, Suppression
from containment import enforcement, isolating, policies
from containment.calls import deciding, noting
from containment.models import Denial
from contracts.agreements import agreeing, legal_profiles
from controls import statuses
from controls.tiers import acceptances
from controls.tiers import plans as tier_plans
from decisions.models import Condition
from decisions.ratings import overriding
from decisions.reviews import reviews
from discovery.models import ConfiguredServer, UnapprovedUse
from escalations import climbing, ladders
from escalations.models import Escalation
from evidence import records
from evidence.models import Evidence
from exits import plans
from feeds import asking as feed_asking
from feeds import managing as feeds
from feeds.models import Quarantined
from findings import acceptance, register, remediation
from findings.models import Milestone
from inspection import inspecting
from intake import asking, triage
from intelligence import egress_logs, sharing, watching
from intelligence.models import IndicatorHit
from jobs import queue
from jobs.models import Job
from landscape import processes, replacing, shared_services, technical_profiles, use_cases
from monitoring import applying
from monitoring.models import Run
from monitoring.observed import Look, Seen
from riskregister import canonical
from scoring.scales import Severity
from tests import cast
from tests.assessments import documents, scenes
from tests.assurance import made as assured
from tests.cast import NOON
from tests.composition import advisories, inventories, vex_documents
from tests.containment.isolation import ISOLATION
from tests.discovery import reports
from tests.intelligence import scene as threats
from tests.reports import scene as reported
from tests.web.signed_in import as_
from vendors.models import Deployment, Release, Server, ServerSupplier, Vendor
from vendors.registering import deployments, importing, registration, relations

DAY = timedelta(days=1)
# When the scene of the reports is told to its end.
NOW = NOON + 11 * DAY
PEOPLE = {
    "administrator": "ada",
    "manager": "mia",
    "approver": "bob",
    "analyst": "alice",
    "auditor": "carol",
    "stranger": "eve",
    "without_role": "dan",
}
ROLES = (*PEOPLE, "nobody", "reader")


@dataclass
class Estate:
    """The people, who tries which door as whom, and the rows by the name that the addresses use."""

    people: cast.Cast
    dan: User
    keys: dict[str, Any]
    reader_key: str

    def client(self, role: str) -> Client:
        """Return a client of somebody in that role; a reader holds alice's token that may only read."""
        if role == "nobody":
            return Client()
        if role == "reader":
            return Client(headers={"Authorization": f"Bearer {self.reader_key}"})
        return as_(self.person(role))

    def person(self, role: str) -> User:
        """Return who is in that role."""
        name = PEOPLE[role]
        return self.dan if name == "dan" else self.people.everybody[name]


def build() -> Estate:
    """Return the estate as it is NOW; the clock must stand there."""
    scene = reported.build()
    everybody, base = scene.people, scene.base
    dan = people.add(email="dan@example.org", name="Dan", by=SYSTEM, now=NOW)
    reader, key = tokens.issue(
        everybody.alice, name="Reader", scopes=[Capability.READ], lifetime=90 * DAY, by=everybody.alice, now=NOW
    )
    rows = _rows(scene)
    keys = rows | _drafts(base, rows["evidence"]) | _around(base) | _risks(scene)
    for role in (Role.APPROVER, Role.MANAGER):
        people.give_role(everybody.eve, role=role, unit=everybody.research, by=SYSTEM, now=NOW)
    frank = cast.person("frank", role=Role.AUDITOR, unit=everybody.payments)
    keys |= {"token": reader.pk, "person": frank.pk, "unit": everybody.payments.pk}
    keys["membership"] = frank.memberships.get().pk
    relay.relay(now=NOW)
    alert = Alert.objects.filter(recipient=everybody.alice, delivery__isnull=False).latest("created_at")
    Delivery.objects.filter(alerts=alert).update(status=Delivery.Status.GIVEN_UP)
    keys |= {"alert": alert.pk, "delivery": alert.delivery_id}
    keys |= _channel(everybody) | _feed(everybody)
    return Estate(everybody, dan, keys, key)


def _channel(people: cast.Cast) -> dict[str, Any]:
    """Return a channel that mia opened and whose secret she exchanged, a message to it that was given up, since nobody
    answers there, and a rule.
    """
    channel, _ = managing.open_channel(
        unit=people.payments, name="On call", kind="webhook", address="https://hooks.example.com/1", form="",
        by=people.mia, now=NOW,
    )  # fmt: skip
    managing.rotate(channel, by=people.mia, now=NOW)
    managing.try_out(channel, by=people.mia, now=NOW)
    message = Message.objects.get()
    Message.objects.update(status=Message.Status.GIVEN_UP, error="hooks.example.com is not known.")
    rule = writing.write(
        unit=people.payments, name="Worst first", by=people.mia, now=NOW, facts={
            "about": ["findings"], "least_severity": "high", "tiers": [1, 2], "vendor": None, "places": ["managers"],
            "people": [people.alice], "channels": [channel], "pace": "soon",
        },
    )  # fmt: skip
    return {"channel": channel.pk, "message": message.pk, "alert_rule": rule.pk}


def _feed(people: cast.Cast) -> dict[str, Any]:
    """Return a feed of which a record could not be read, and whose last run was stopped: its file had nothing left."""
    feed = feeds.add(
        kind="osv",
        name="Advisories",
        where="address",
        place="https://feeds.example.com/all.zip",
        by=people.ada,
        now=NOW,
    )
    with TemporaryDirectory() as folder:
        path = Path(folder, "advisories.jsonl")
        for text in ('{"id": "PYSEC-2026-1", "modified": "2026-01-01T00:00:00Z"}\n{"id": "PYSEC-2026-2"}', ""):
            path.write_text(text)
            run = feed_asking.take_path(feed, path, by=people.ada, now=NOW)
    return {"feed": feed.pk, "feed_run": run.pk, "quarantined_record": Quarantined.objects.get().pk}


def _rows(scene: reported.Scene) -> dict[str, Any]:
    report = reported.issued(scene)
    queue.enqueue("jobs.prune", key="estate", now=NOW)
    Job.objects.filter(key="estate").update(status=Job.Status.DEAD)
    condition = Condition.objects.get(text__startswith="Sign")
    own = Framework.objects.get(key="own")
    control = frameworks.add_control(own, ref="OWN-1", title="Two people release", by=scene.people.alice, now=NOW)
    return {
        "server": scene.base.server.pk,
        "vendor": scene.base.vendor.pk,
        "final": scene.assessment.pk,
        "approval": condition.approval_id,
        "condition": condition.pk,
        "report": report.pk,
        "job": Job.objects.get(key="estate").pk,
        "event": Event.objects.filter(unit_id=scene.people.payments.pk).latest("at").pk,
        "evidence": Evidence.objects.filter(blob__isnull=False).latest("number").pk,
        "supplier": ServerSupplier.objects.get(server=scene.base.server).pk,
        "question_set": scene.assessment.question_set_id,
        "framework": own.pk,
        "control": control.pk,
    }


def _drafts(base: scenes.Scene, evidence: Any) -> dict[str, Any]:
    """Return a draft of a server of its own, and one of its answers."""
    draft = base.draft(base.another_server())
    answer = Answer.objects.get(assessment=draft, question__key=scenes.SERVER_QUESTION)
    answering.attach(answer, Evidence.objects.get(pk=evidence), by=base.people.alice, now=NOW)
    return {"assessment": draft.pk, "answer": answer.pk, "question": scenes.SERVER_QUESTION} | _links(base)


def _links(base: scenes.Scene) -> dict[str, Any]:
    """Return a link, and one of which a copy is kept."""
    how: dict[str, Any] = {"issuer": "vendor", "unit": base.people.payments, "by": base.people.alice, "now": NOW}
    link = records.add_link("https://example.com/terms", title="Terms", **how)
    kept = records.add_link("https://example.com/privacy", title="Privacy", **how)
    records.keep_copy(kept, documents.upload(), by=base.people.alice, now=NOW)
    return {"link": link.pk, "kept_link": kept.pk}


def _enforced(scene: reported.Scene) -> dict[str, Any]:
    """Return a policy, and a denial under it."""
    people, server = scene.people, scene.base.server
    policy = policies.write(unit=people.payments, name="Gateway", reason="A start.", by=people.bob, now=NOW)
    asked = deciding.Asked(server.name, "tools/call", "drop_tables", agent="Desk agent")
    noting.denied(deciding.decide(asked, by=people.alice, now=NOW), now=NOW)
    test = enforcement.record(
        unit=people.payments, client="Claude Code", version="2.1.300", control="decisions", how="Called a tool.",
        result="holds", tried_on=NOW.date(), by=people.alice, now=NOW,
    )  # fmt: skip
    walls = isolating.describe(server, values=ISOLATION, by=people.alice, now=NOW)
    made = {"enforcement_test": test.pk, "isolation_profile": walls.pk, "number": server.number}
    return {"policy": policy.pk, "denial": Denial.objects.get().pk} | made


def _asked(scene: reported.Scene) -> Any:
    """Return a request of alice for what nobody has registered; she took up another one."""
    alice, payments = scene.people.alice, scene.people.payments
    facts: dict[str, Any] = {"purpose": "To book rooms.", "data_reached": "moderate", "agent": "Desk agent"}
    other = asking.ask(unit=payments, what="@example/maps", **facts, by=alice, now=NOW)
    triage.take_up(other, by=alice, now=NOW)
    return asking.ask(unit=payments, what="com.example/rooms", **facts, by=alice, now=NOW).pk


def _found(scene: reported.Scene) -> dict[str, Any]:
    """Return the report of a machine, a server that it is configured with, and that nobody approved that."""
    people = scene.people
    found = reports.receive({"fs": reports.FS}, unit=people.payments, by=people.alice, now=NOW)
    return {
        "discovery": found.pk,
        "configured_server": ConfiguredServer.objects.get().pk,
        "unapproved_use": UnapprovedUse.objects.get().pk,
    }


def _around(base: scenes.Scene) -> dict[str, Any]:
    """Return a release with a package, a deployment, a contact and a sub-processor."""
    alice = base.people.alice
    text = cast.server_json(remotes=[{"type": "streamable-http", "url": "https://mcp.example.com/weather"}])
    server, release = importing.import_server_json(text, unit=base.people.payments, by=alice, now=NOW)
    release = importing.import_tools(release, cast.tools("look_up"), captured_at=NOW, command="", by=alice, now=NOW)
    deployment = deployments.add_deployment(
        base.server, name="Desk", environment="production", agent="Desk agent", by=alice, now=NOW, **cast.EXPOSURE
    )
    host = relations.register_vendor(name="Host Ltd", kinds=["host"], by=alice, now=NOW)
    return _looked(server, by=alice) | {
        "release": release.pk,
        "package": release.packages.get().pk,
        "deployment": deployment.pk,
        **_tiered(deployment, by=alice),
        "contact": relations.add_contact(base.vendor, name="Pat", by=alice, now=NOW).pk,
        **_inventories(release, by=alice),
        **_statement(release, host, by=alice),
        "sub_processor": relations.add_sub_processor(base.vendor, host, purpose="hosting", by=alice, now=NOW).pk,
    }


def _tiered(deployment: Deployment, *, by: User) -> dict[str, Any]:
    """Return that a lower governance tier is asked for, and a plan towards a higher one."""
    how: dict[str, Any] = {"revision": "draft", "by": by, "now": NOW}
    asked = acceptances.request(deployment, tier=1, reason="A trial.", expires_on=NOW.date() + 9 * DAY, **how)
    plan = tier_plans.plan_for_deployment(deployment, to_tier=2, target_on=NOW.date() + 9 * DAY, **how)
    return {"tier_gap": deployment.pk, "tier_acceptance": asked.pk, "tier_plan": plan.pk}


def _inventories(release: Release, *, by: User) -> dict[str, Any]:
    """Return two inventories of a release, and a component of one."""
    inventory = inventories.take(release, by=by, now=NOW)
    tools = inventories.take(release, inventories.QS, text=b"{ }", scope="tools", by=by, now=NOW)
    return {"inventory": inventory.pk, "against": tools.pk, "component": tools.components.get().pk}


def _statement(release: Release, vendor: Vendor, *, by: User) -> dict[str, Any]:
    """Return what hits a release, and what its host says of that, which waits for somebody to accept it."""
    server = registration.add_supplier(release.server, vendor, role="host", by=by, now=NOW).server
    advisories.publish("GHSA-6rw7-vpxm-498p", key="CVE-2025-15284", severity=Severity.MEDIUM, at=NOW)
    comparing.compare_changed(now=NOW)
    hits.compare(server, now=NOW)
    hit = Hit.objects.get(server=server)
    document = vex_documents.openvex(
        vex_documents.not_affected(vulnerability={"name": "CVE-2025-15284"}), author="Host Ltd"
    )
    statement = vex_documents.take(document, server=server, unit=server.unit, by=by, now=NOW)
    return {
        "hit": hit.pk,
        "hit_server": server.pk,
        "package_finding": hit.observation.finding_id,
        "statement": statement.pk,
        "suppression": Suppression.objects.get().pk,
    }


def _looked(server: Server, *, by: User) -> dict[str, Any]:
    """Return a look at a server that saw the tools that were captured before, and what it observed."""
    run = applying.begin(inspecting.ask(server, by=by, now=NOW), now=NOW)
    answer = f'[{{"jsonrpc": "2.0", "id": 1, "result": {cast.tools("look_up")}}}]'
    look = Look(
        outcome=Run.Status.COMPLETE,
        raw=answer,
        raw_digest=canonical.digest(answer),
        seen=(
            Seen("access", "Lists its tools to", "anybody"),
            Seen("protocol", "Speaks the Model Context Protocol", "2025-11-25"),
        ),
    )
    observed = inspecting.apply(run, look, inspecting.keep(look, now=NOW), now=NOW)
    return {"run": run.pk, "observation": observed[0].pk}


def _risks(scene: reported.Scene) -> dict[str, Any]:
    """Return a finding in remediation, a requested acceptance and override, and a review."""
    alice, mia, server = scene.people.alice, scene.people.mia, scene.base.server
    raised = register.open_by_hand(server, title="No signature", severity=3, dimension="provenance", by=alice, now=NOW)
    plan = remediation.plan(
        raised, description="Sign.", target_on=NOW.date() + DAY, milestones=[("Ask", NOW.date() + DAY)],
        by=alice, now=NOW,
    )  # fmt: skip
    asked = acceptance.request(
        raised, reason="For now.", compensating_control="A wall.", expires_on=NOW.date() + 9 * DAY, by=alice, now=NOW
    )
    override = overriding.request(
        server, residual="low", reason="It is off.", expires_on=NOW.date() + 9 * DAY, by=mia, now=NOW
    )
    review = reviews.request_review(server, reason="After an incident.", due_on=NOW.date() + DAY, by=mia, now=NOW)
    return {
        "finding": raised.pk,
        "milestone": Milestone.objects.get(plan=plan).pk,
        "acceptance": asked.pk,
        "override": override.pk,
        "review": review.pk,
        "escalation": _escalation(server, by=alice).pk,
        **_enforced(scene),
        "request": _asked(scene),
        **_found(scene),
        **_threats(scene),
        "control_status": statuses.state_for_server(
            server,
            control=Control.objects.get(ref="SR-3", framework__key="nist-sp-800-53"),
            state="missing",
            by=alice,
            now=NOW,
        ).pk,
        **_agreed(scene),
        **_used(scene, server),
        "exit_plan": plans.write(server, plan="Use files.", replacement="Files", days=1, by=alice, now=NOW).pk,
        **_assurance(scene),
    }


def _assurance(scene: reported.Scene) -> dict[str, Any]:
    """Return a certificate of the vendor, and a round of due diligence in which alice looked at all."""
    people_, vendor = scene.people, scene.base.vendor
    certificate = assured.a_certificate(people_, vendor, now=NOW)
    done = assured.a_round(people_, vendor, now=NOW)
    item = done.items.earliest("position")
    return {"certificate": certificate.pk, "due_diligence": done.pk, "due_diligence_item": item.pk}


def _agreed(scene: reported.Scene) -> dict[str, Any]:
    """Return a contract that is being drafted and covers hosting, and what Payments is to the law."""
    people, vendor = scene.people, scene.base.vendor
    how: dict[str, Any] = {"by": people.alice, "now": NOW}
    contract = agreeing.draft(vendor, title="Services", reference="2026/1", **how)
    service = agreeing.cover(contract, service="Hosting", **how)
    profile = legal_profiles.write(unit=people.payments, financial="payment_institution", **how)
    return {"contract": contract.pk, "contract_service": service.pk, "legal_profile": profile.pk}


def _used(scene: reported.Scene, server: Server) -> dict[str, Any]:
    """Return a use case that works with a deployment behind a gateway, and the business process that needs it."""
    alice, unit = scene.people.alice, scene.people.payments
    use_case = use_cases.write(unit=unit, name="Support agent", by=alice, now=NOW)
    process = processes.write(unit=unit, name="Refunds", recovery_hours=8, is_critical=True, by=alice, now=NOW)
    deployment = Deployment.objects.filter(server=server, ended_on=None).earliest("number")
    service = shared_services.write(unit=unit, name="Tool gateway", kind="gateway", by=alice, now=NOW)
    return {
        "technical_profile": technical_profiles.write(deployment, tls="1.2", mutual_tls=False, by=alice, now=NOW).pk,
        "substitutability": replacing.judge(server, level="hard", reason="No other has it.", by=alice, now=NOW).pk,
        "shared_service": service.pk,
        "service_link": shared_services.add(deployment, service, by=alice, now=NOW).pk,
        "use_case": use_case.pk,
        "business_process": process.pk,
        "use_case_deployment": use_cases.add_deployment(use_case, deployment, by=alice, now=NOW).pk,
        "use_case_process": use_cases.add_process(use_case, process, by=alice, now=NOW).pk,
    }


def _threats(scene: reported.Scene) -> dict[str, Any]:
    """Return an indicator with a hit of which no source is sure, what is watched, observed egress, and a share."""
    people, server = scene.people, scene.base.server
    entry = watching.note(server, kind="advisory", title="Advisory", tlp="clear", by=people.alice, now=NOW)
    line = b"1772000000.000 5 10.0.0.5 TCP_TUNNEL/200 100 CONNECT api.evil.example:443 - HIER_DIRECT/- -\n"
    log = egress_logs.take(server, taken=egress_logs.read(line), by=people.alice, now=NOW)
    feed = threats.a_feed("Estate's threats")
    threats.told(feed, threats.of_domain("evil.example", confidence=40), now=NOW)
    share = sharing.share(
        unit=people.payments, entries=[entry], tlp="green", recipient="FS-ISAC", reason="They asked.", by=people.bob,
        now=NOW,
    )  # fmt: skip
    return {
        "indicator": feed.indicators.get().pk,
        "indicator_hit": IndicatorHit.objects.get().pk,
        "watch_entry": entry.pk,
        "egress_log": log.pk,
        "egress_contact": log.contacts.get().pk,
        "share": share.pk,
    }


def _escalation(server: Server, *, by: User) -> Escalation:
    """Return what became of a finding that has been overdue for months and that nobody has acknowledged."""
    raised = register.open_by_hand(
        server, title="Old gap", severity=4, dimension="provenance", by=by, now=NOW - 300 * DAY
    )
    ladder = next(one for one in ladders.every() if one.word == "finding_overdue")
    climbing.climb(ladder, now=NOW)
    return Escalation.objects.get(object_id=raised.pk)
