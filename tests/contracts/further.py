"""Rows beside those of the estate, so that every order has something to order and every filter something to leave out.

Payments gets a server whose approval was withdrawn; Research, the unit of strangers, gets one of everything.
"""

from datetime import date, timedelta
from typing import Any

from django.db import transaction

from accounts import people, tokens
from accounts.access import Capability
from accounts.models import Role, Unit, User
from accounts.sign_in import passwords
from accounts.units import units
from alerts import posting, relay
from alerts.channels import managing
from alerts.models import Alert, AlertRule, Channel, Message
from alerts.rules import writing
from assessments import lifecycle, vendor_starts
from assessments.answers import answering
from assessments.models import Answer, Assessment
from assurance import certificates, rounds
from audit.context import SYSTEM
from catalogue.models import Control, Dimension, Framework
from collectors import asking as collecting
from composition import hits
from composition.comparison import comparing
from composition.inventories import taking
from composition.models import Hit, Suppression
from composition.statements import suppressing
from composition.statements import taking as statements
from containment import enforcement, isolating, policies
from containment.calls import deciding, noting
from contracts.agreements import agreeing, clauses, legal_profiles
from contracts.agreements import lifecycle as contract_steps
from contracts.models import Contract, LegalProfile
from controls import statuses as control_statuses
from controls.models import ControlStatus, TierMilestone
from controls.tiers import acceptances
from controls.tiers import plans as tier_plans
from decisions.approvals import approvals
from decisions.models import Approval
from decisions.ratings import overriding
from decisions.reviews import reviews
from discovery import triage as uses
from discovery.models import UnapprovedUse
from escalations import acknowledging, climbing, ladders
from escalations.models import Escalation
from evidence import records
from evidence.models import Evidence
from exits import plans
from feeds import managing as feeds
from feeds.models import Feed, FeedRun, Quarantined
from findings import acceptance, register, remediation
from inspection import inspecting
from intake import asking, triage
from intelligence import egress_logs, sharing, storing, watching
from intelligence.models import IndicatorHit
from intelligence.reading.indicators import Kind, Term, Tlp, Told
from landscape import processes, replacing, shared_services, technical_profiles, use_cases
from landscape.models import SharedService
from monitoring import applying
from monitoring.models import Observation, Run
from monitoring.observed import Look, Seen
from reports import issuing, requests
from reports.models import Report
from scoring.scales import Severity
from tests import cast
from tests.api.caller import Caller
from tests.assessments import scenes
from tests.assurance import made as assured
from tests.composition import advisories, inventories, vex_documents
from tests.containment.isolation import ISOLATION
from tests.discovery import reports as found_reports
from tests.intelligence import scene as threats
from tests.journeys import estate
from vendors.models import Deployment, Release, Server, Vendor
from vendors.registering import deployments, importing, registration, relations

DAY = timedelta(days=1)
NOW = estate.NOW
LOW = dict.fromkeys(
    (
        *("data_reached", "tool_power", "credentials", "autonomy"),
        *("operator", "egress", "dependents", "business_criticality"),
    ),
    "low",
)


def add(made: estate.Estate) -> None:
    """Add them."""
    vendor = _of_everybody(made)
    _of_payments(made, vendor)
    _of_research(made, vendor)
    _of_alice(made)
    _exit_plans(made)
    _assurance(made, vendor)
    _contracts(made)
    _controls(made)
    _tiers(made)
    _used(made, vendor)
    _escalations(made, vendor)
    _policies(made)
    _channels(made)
    _feeds(made)
    _isolated(made)
    _runs(made)
    _requests(made)
    _found(made)
    _threats(made)
    _inventories(made)
    _statements(made)


def _feeds(made: estate.Estate) -> None:
    """Let there be feeds that are off and of another kind, with runs of every outcome, and records in quarantine."""
    ada, kinds = made.people.ada, ("kev", "epss", "osv")
    for at, (kind, status) in enumerate(zip(kinds, ("complete", "failed", "queued"), strict=True)):
        how: dict[str, Any] = {"by": ada, "now": NOW - at * DAY}
        feed = feeds.add(kind=kind, name=f"Of {kind}", where="upload", **how)
        ended = {} if status == "queued" else {"ended_at": NOW, "why": "So."}
        run = FeedRun.objects.create(feed=feed, status=status, asked_at=NOW - at * DAY, asked_by=ada, **ended)
        Quarantined.objects.create(feed=feed, run=run, name=kind, why="It is none.", found_at=NOW - at * DAY)
        Feed.objects.filter(pk=feed.pk).update(last_success_at=NOW - at * DAY)
    feeds.switch_off(feed, reason="Another has it.", by=ada, now=NOW)


def _channels(made: estate.Estate) -> None:
    """Let strangers have a channel that was retired, with messages of every kind; one is of all units, and what went to
    it was given up.
    """
    eve, research = made.people.eve, made.people.research
    how: dict[str, Any] = {"by": eve, "now": NOW - DAY}
    chat, _ = managing.open_channel(
        unit=research, name="Chat", kind="slack", address="https://chat.example/1", form="", **how
    )
    for kind, status in zip(Message.Kind.values, ("pending", "failed", "sent"), strict=True):
        message = posting.begin(chat, Message.Kind(kind), now=NOW - 2 * DAY)
        Message.objects.filter(pk=message.pk).update(status=status, sent_at=NOW)
    facts: dict[str, Any] = {
        "about": ["exit_plan.written"], "least_severity": "", "tiers": [], "vendor": None, "places": ["owner"],
        "people": [], "channels": [], "pace": "daily",
    }  # fmt: skip
    rule = writing.write(unit=research, name="Ways out", facts=facts, **how)
    writing.start(rule, **how)
    AlertRule.objects.create(
        unit=None, name="All", about=["reviews"], places=["head"], written_by=made.people.ada, written_at=NOW
    )
    managing.retire(chat, reason="We moved.", **how)
    of_all = Channel.objects.create(
        unit=None, name="All", kind="webhook", place="https://hooks.example.com", address_kept="x", secret_kept="x",
        former_secret_kept="y", former_until=NOW + DAY,
        opened_by=made.people.ada, opened_at=NOW - 3 * DAY,
    )  # fmt: skip
    trial = posting.begin(of_all, Message.Kind.TRIAL, now=NOW - 2 * DAY)
    Message.objects.filter(pk=trial.pk).update(status=Message.Status.GIVEN_UP, error="Nobody answers there.")


def _of_everybody(made: estate.Estate) -> Vendor:
    """Return an active vendor; there are a third unit, somebody who left, a token of a stranger, two reports."""
    cast_, ada = made.people, made.people.ada
    # Whoever administers the register and can sign in keeps others from giving themselves a role.
    passwords.set_password(ada, password="a long enough sentence", by=ada, now=NOW)
    units.open_unit(name="Archive", code="archive", by=ada, now=NOW)
    left = cast.person("lena", role=Role.AUDITOR, unit=cast_.payments, now=NOW)
    people.deactivate(left, by=ada, now=NOW)
    tokens.issue(cast_.eve, name="Read", scopes=[Capability.READ], lifetime=9 * DAY, by=cast_.eve, now=NOW)
    tokens.issue(cast_.eve, name="Old", scopes=[Capability.READ], lifetime=DAY, by=cast_.eve, now=NOW - 9 * DAY)
    lost, _key = tokens.issue(cast_.eve, name="Lost", scopes=[Capability.READ], lifetime=DAY, by=cast_.eve, now=NOW)
    tokens.revoke(lost, by=cast_.eve, now=NOW)
    vendor = relations.register_vendor(
        name="Model House", country="DE", kinds=["model_provider"], criticality="high", relationship_owner=cast_.bob,
        parent=Vendor.objects.get(pk=made.keys["vendor"]), by=cast_.alice, now=NOW,
    )  # fmt: skip
    Caller(cast_.alice, now=NOW).done(f"/vendors/{vendor.pk}/activate/")
    vendor_starts.start(vendor, kind="initial", by=cast_.alice, now=NOW)
    # Of all units, which whoever reports on some of them may not touch.
    _issue(requests.request_register_report(unit=None, by=ada, now=NOW))
    issuing.fail(requests.request_register_report(unit=None, by=ada, now=NOW), reason="No room was left.", now=NOW)
    return vendor


def _issue(report: Report) -> None:
    issuing.read(report, now=NOW)
    with transaction.atomic():
        issuing.issue(report, [], now=NOW)


def _of_payments(made: estate.Estate, vendor: Vendor) -> None:
    """Let a server of low exposure be approved, its approval withdrawn, and an override of it be refused."""
    cast_ = made.people
    server = scenes.register(cast_, "com.example/ledger", publisher=vendor)
    registration.edit_server(server, changes={"tags": ["pci", "till"]}, by=cast_.alice, now=NOW)
    registration.set_exposure(server, facts=LOW, by=cast_.alice, now=NOW)
    scene = scenes.Scene(cast_, vendor, server)
    approval = scene.approved(server, at=NOW)
    approvals.withdraw(approval, reason="It was a mistake.", by=cast_.bob, now=NOW)
    asked = _override(server, by=cast_.mia)
    overriding.refuse(asked, note="Not so.", by=cast_.bob, now=NOW)
    first = _deployment(server, "Till", environment="staging", by=cast_.alice, **LOW)
    deployments.end_deployment(first, on=NOW.date(), by=cast_.alice, now=NOW)
    acceptance.request_for_server(
        server, reason="It is small.", compensating_control="A wall.", expires_on=NOW.date() + 3 * DAY,
        by=cast_.alice, now=NOW,
    )  # fmt: skip
    reviews.request_review(server, reason="New people.", due_on=NOW.date() - DAY, by=cast_.mia, now=NOW - 9 * DAY)
    requests.request_register_report(unit=cast_.payments, by=cast_.alice, now=NOW)
    lifecycle.start(server, kind=Assessment.Kind.TRIGGERED, due_on=NOW.date() - DAY, by=cast_.alice, now=NOW - 9 * DAY)
    waiting = scene.draft(scene.ready(scenes.register(cast_, "com.example/waiting", publisher=vendor), at=NOW), at=NOW)
    answer = Answer.objects.filter(assessment=waiting).latest("pk")
    answering.answer(
        answer, choice="not_applicable", reason="It has none.", version=answer.version, by=cast_.alice, now=NOW
    )
    lifecycle.submit(waiting, by=cast_.alice, now=NOW)


def _of_research(made: estate.Estate, vendor: Vendor) -> None:
    """Let strangers have an approved server and what belongs to it."""
    eve, research = made.people.eve, made.people.research
    rita = cast.person("rita", role=Role.APPROVER, unit=research, now=NOW)
    server = registration.register_server(
        unit=research,
        name="com.example/lab",
        title="Lab",
        owner=eve,
        publisher=vendor,
        by=eve,
        now=NOW,
        **cast.EXPOSURE,
    )
    registration.add_release(server, "2.0.0", by=eve, now=NOW)
    _approve(server, kind=Assessment.Kind.PERIODIC, by=eve, decided_by=rita)
    override = _override(server, by=eve)
    overriding.grant(override, note="Until then.", by=rita, now=NOW)
    _deployment(server, "Bench", environment="development", in_use_since=NOW.date(), by=eve)
    acceptance.request_for_server(
        server, reason="It is a trial.", compensating_control="No data.", expires_on=NOW.date() + 20 * DAY,
        by=eve, now=NOW,
    )  # fmt: skip
    late: dict[str, Any] = {"by": eve, "now": NOW - 300 * DAY}
    register.open_by_hand(server, title="Left open", severity=Severity.LOW, dimension="provenance", owner=eve, **late)
    records.add_note(
        "Seen on site.", title="Visit", issuer="organisation", unit=research, valid_until=NOW.date() + 5 * DAY,
        by=eve, now=NOW,
    )  # fmt: skip
    asked = reviews.request_review(server, reason="A new lead.", due_on=NOW.date() + 9 * DAY, by=eve, now=NOW)
    reviews.assign(asked, assignee=eve, by=eve, now=NOW)
    reviews.skip(asked, reason="It was done last week.", by=eve, now=NOW)
    requests.request_register_report(unit=research, by=eve, now=NOW)


def _of_alice(made: estate.Estate) -> None:
    """Give alice something to do, and let her have read the rest."""
    alice = made.people.alice
    Caller(alice, now=NOW).done("/alerts/read-all/")
    finding = register.open_by_hand(
        Server.objects.get(pk=made.keys["server"]), title="Old library", severity=Severity.HIGH, dimension="provenance",
        by=made.people.bob, now=NOW,
    )  # fmt: skip
    register.assign(finding, owner=alice, by=made.people.bob, now=NOW)
    remediation.plan(finding, description="Replace it.", target_on=NOW.date() + DAY, by=alice, now=NOW)
    remediation.claim_fixed(finding, note="It is replaced.", by=alice, now=NOW)
    while relay.relay(now=NOW):
        pass
    assert Alert.objects.filter(recipient=alice, read_at__isnull=True, is_action=True).exists()


def _assurance(made: estate.Estate, vendor: Vendor) -> None:
    """Let another vendor have certificates that ended, are superseded, suspended and withdrawn, and complete rounds."""
    people_ = made.people
    how: dict[str, Any] = {"by": people_.alice, "now": NOW}
    first = assured.a_certificate(people_, vendor, now=NOW)
    assured.a_certificate(people_, vendor, issued_on=NOW.date() - DAY, supersedes=first, now=NOW)
    old = assured.SOC2 | {"period_from": date(2023, 1, 1), "period_to": date(2023, 12, 31)}
    assured.a_certificate(people_, vendor, old, now=NOW)
    for kind, stop in (("pci_aoc", certificates.suspend), ("csa_star", certificates.withdraw)):
        facts = {"kind": kind, "legal_entity": "Example Ltd", "scope": "All", "issued_on": NOW.date() - 9 * DAY}
        stop(assured.a_certificate(people_, vendor, facts, now=NOW), on=NOW.date(), reason="So.", **how)
    assured.complete(people_, vendor, now=NOW, owners="unsatisfactory", reputation="concerns", ethics="not_known")
    small = relations.register_vendor(name="Small Ltd", kinds=["host"], criticality="low", **how)
    assured.complete(people_, small, now=NOW)
    assured.complete(people_, small, now=NOW)
    rounds.cancel(rounds.start(small, **how), reason="By mistake.", **how)


def _exit_plans(made: estate.Estate) -> None:
    """Let two more servers have a plan, one of them shown to work."""
    for days, (unit, person) in enumerate(
        ((made.people.payments, made.people.alice), (made.people.research, made.people.eve)), start=2
    ):
        server = Server.objects.filter(unit=unit, exit_plan=None).earliest("number")
        plan = plans.write(server, plan="Go by hand.", replacement="By hand", days=days, by=person, now=NOW)
        if days > 2:
            plans.record_success(plan, tried_on=NOW.date(), note="It held.", by=person, now=NOW)


def _contracts(made: estate.Estate) -> None:
    """Let there be contracts in every state, with a vendor that supplies nothing; and another unit with a profile."""
    eve, today = made.people.eve, NOW.date()
    how: dict[str, Any] = {"by": eve, "now": NOW}
    vendor = relations.register_vendor(name="Paper Ltd", kinds=["cloud"], **how)
    rolling: dict[str, Any] = {
        "ends_on": today + 90 * DAY, "renewal": "automatic", "renewal_months": 12, "notice_days": 30,
        "review_on": today + 9 * DAY, "owner": eve, "evidence": _scan(eve),
    }  # fmt: skip
    kinds = {"signing": "licence", "active": "master", "under_review": "order", "ended": "other"}
    parent = None
    for days, (status, kind) in enumerate(kinds.items()):
        facts = rolling | {"ends_on": rolling["ends_on"] + days * DAY, "kind": kind}
        facts["parent"] = parent if kind == "order" else None
        contract = agreeing.draft(vendor, title=f"Paper {kind}", **facts, **how)
        clauses.record(contract, readings=[clauses.Reading("written_contract", "yes", page=days + 1)], **how)
        if status != "ended":
            contract_steps.send_for_signing(contract, **how)
        if status in Contract.LIVE:
            contract_steps.sign(contract, signed_on=today, starts_on=today, **how)
            parent = contract
        if status == "under_review":
            contract_steps.start_review(contract, **how)
        if status == "ended":
            contract_steps.end(contract, ended_on=today, reason="Never signed.", **how)
    legal_profiles.write(unit=made.people.research, eu="yes", **how)
    archive = Unit.objects.get(code="archive")
    people.give_role(eve, role=Role.AUDITOR, unit=archive, by=made.people.ada, now=NOW)
    LegalProfile.objects.create(unit=archive, written_by=eve, written_at=NOW)


def _scan(by: User) -> Evidence:
    """Return evidence of the whole organisation."""
    note = records.prepare_note("It is so.", title="Scan of a contract", unit=None, by=by, now=NOW)
    return records.add(note, by=by, now=NOW)


def _controls(made: estate.Estate) -> None:
    """Let controls be stated for the organisation, a stranger's server and a deployment, and one be orphaned."""
    alice, eve = made.people.alice, made.people.eve
    by_ref = {one.ref: one for one in Control.objects.filter(framework__status="current", same_as=None)}
    olga = cast.person("olga", role=Role.ANALYST, unit=None, now=NOW)
    how: dict[str, Any] = {"state": "planned", "by": olga, "now": NOW, "owner": alice}
    control_statuses.state_for_organisation(control=by_ref["SR-4"], due_on=NOW.date() + DAY, **how)
    late: dict[str, Any] = how | {"now": NOW - 9 * DAY}
    control_statuses.state_for_organisation(control=by_ref["SR-5"], due_on=NOW.date() - DAY, **late)
    people.take_role(olga.memberships.get(), by=SYSTEM, now=NOW)
    theirs = Server.objects.filter(unit=made.people.research).earliest("number")
    how = {"state": "in_place", "by": eve, "now": NOW}
    for days, ref in enumerate(("MI-20.1.1", "MCP01:2025"), 1):
        day = NOW.date() + days * DAY
        control_statuses.state_for_server(
            theirs, control=by_ref[ref], valid_until=day, as_of=NOW.date() - days * DAY, **how
        )
    used = Deployment.objects.filter(server__unit=made.people.payments).earliest("number")
    control_statuses.state_for_deployment(used, control=by_ref["SR-6"], state="missing", by=alice, now=NOW)
    gateway = SharedService.objects.filter(unit=made.people.payments).earliest("number")
    control_statuses.state_for_service(gateway, control=by_ref["MI-20.2.9"], state="missing", by=alice, now=NOW)
    former = Framework.objects.create(
        key="former", revision="1", title="Former", status="superseded", origin="imported"
    )
    gone = Control.objects.create(framework=former, ref="G-1", title="Gone", section="Old", status="active")
    stated = {"control": gone, "place": "organisation", "state": "missing", "as_of": NOW.date(), "stated_at": NOW}
    ControlStatus.objects.create(**stated)


def _tiers(made: estate.Estate) -> None:
    """Let others run at a governance tier, ask for a lower one, and plan the way up, later and further."""
    how: dict[str, Any] = {"by": made.people.eve, "now": NOW}
    pia = cast.person("pia", role=Role.APPROVER, unit=made.people.research, now=NOW)
    server = Server.objects.filter(unit=made.people.research).earliest("number")
    held: dict[str, Any] = {"governance_tier": 1, "governance_revision": "draft"}
    bank = _deployment(server, "Bank", environment="production", by=made.people.eve, **held)
    until = NOW.date() + 30 * DAY
    # Asked for and refused a month ago, until a day that is over.
    then, over = NOW - 30 * DAY, NOW.date() - DAY
    asked = acceptances.request(
        bank, tier=1, revision="draft", reason="A trial.", expires_on=over, by=made.people.eve, now=then
    )
    acceptances.refuse(asked, note="No.", by=pia, now=then)
    till = _deployment(
        Server.objects.get(pk=made.keys["server"]), "Till", environment="staging", by=made.people.alice, **held
    )
    of_till: dict[str, Any] = {
        "tier": 1,
        "revision": "draft",
        "reason": "A trial.",
        "by": made.people.alice,
        "now": NOW,
    }
    acceptances.grant(acceptances.request(till, expires_on=until + DAY, **of_till), by=made.people.bob, now=NOW)
    how |= {"revision": "draft", "target_on": NOW.date() + DAY}
    plan = tier_plans.plan_for_server(server, to_tier=3, owner=made.people.eve, **how)
    TierMilestone.objects.filter(plan=plan).update(due_on=NOW.date() - DAY)
    former = tier_plans.plan_for_deployment(bank, to_tier=2, **how)
    tier_plans.drop(former, reason="The server has one.", by=made.people.eve, now=NOW)


def _used(made: estate.Estate, vendor: Vendor) -> None:
    """Let Payments have a use case that follows an alias and one that has ended, each unit a process of its own."""
    people_ = made.people
    provider = relations.register_vendor(name="Model Ltd", kinds=["model_provider"], by=people_.alice, now=NOW)
    facts: dict[str, Any] = {"model_vendor": provider, "model_name": "Model", "follows_alias": True}
    replacing.judge(provider, level="not", reason="Nobody else has it.", by=people_.alice, now=NOW)
    for unit, person in ((people_.payments, people_.alice), (people_.research, people_.eve)):
        how: dict[str, Any] = {"by": person, "now": NOW - DAY}
        asked = use_cases.write(unit=unit, name="Another agent", **facts, **how)
        over = use_cases.write(unit=unit, name="Former agent", follows_alias=False, owner=person, **how)
        process = processes.write(unit=unit, name="Closing of books", is_critical=False, owner=person, **how)
        use_cases.add_process(asked, process, **how)
        deployment = Deployment.objects.filter(server__unit=unit, ended_on=None).first()
        if deployment:
            use_cases.add_deployment(asked, deployment, **how)
        use_cases.end(over, reason="Nobody used it.", **how)
        _service(unit, person)
        _replaceable(unit, person)
        former = processes.write(unit=unit, name="Telex", recovery_hours=72, **how)
        processes.end(former, reason="There is none any more.", **how)
    _for_all(people_)


def _for_all(cast_: cast.Cast) -> None:
    """Let a server of Research run behind a service of all units that alice registered."""
    gateway = shared_services.write(unit=None, name="Gateway of all", kind="gateway", by=cast_.alice, now=NOW - DAY)
    used = Deployment.objects.filter(server__unit=cast_.research, ended_on=None).earliest("number")
    shared_services.add(used, gateway, by=cast_.eve, now=NOW - DAY)


def _replaceable(unit: Unit, person: User) -> None:
    """Let another server of a unit be easy to replace."""
    server = Server.objects.filter(unit=unit, substitutability=None).latest("number")
    replacing.judge(server, level="easy", reason="There are three others.", by=person, now=NOW - DAY)


def _service(unit: Unit, person: User) -> None:
    """Let a unit have a shared service that was assessed, and one that has ended."""
    how: dict[str, Any] = {"by": person, "now": NOW - DAY}
    facts: dict[str, Any] = {
        "is_single_point": True,
        "can_be_bypassed": False,
        "vendor": Vendor.objects.get(name="Model Ltd"),
    }
    known = shared_services.write(unit=unit, name="Sign-in", kind="identity_provider", **facts, **how)
    shared_services.record_assessment(known, assessed_on=(NOW - DAY).date(), result="passed", note="It holds.", **how)
    deployment = Deployment.objects.filter(server__unit=unit, ended_on=None).first()
    if deployment:
        shared_services.add(deployment, known, **how)
    for bare in Deployment.objects.filter(server__unit=unit, technical_profile=None, ended_on=None)[:1]:
        technical_profiles.write(bare, tls="1.3", mutual_tls=True, calls_logged=True, is_contained=True, **how)
    for bare in Deployment.objects.filter(server__unit=unit, technical_profile=None, ended_on=None)[:1]:
        technical_profiles.write(bare, calls_logged=False, is_contained=False, **how)
    over = shared_services.write(unit=unit, name="Old log", kind="log_store", is_single_point=False,
                                 can_be_bypassed=True, **how)  # fmt: skip
    shared_services.end(over, reason="Replaced.", **how)


def _isolated(made: estate.Estate) -> None:
    """Let two more servers have an isolation profile, written later."""
    people_ = made.people
    for days, (unit, person) in enumerate(((people_.payments, people_.alice), (people_.research, people_.eve)), 1):
        server = Server.objects.filter(unit=unit, isolation=None).earliest("number")
        isolating.describe(server, values={**ISOLATION, "port": 8080 + days}, by=person, now=NOW + days * DAY)


def _policies(made: estate.Estate) -> None:
    """Let another unit have a policy, and somebody there be denied; and one call be blocked."""
    cast_, later = made.people, NOW + DAY
    paul = cast.person("paul", role=Role.APPROVER, unit=cast_.research, now=NOW)
    former = policies.write(unit=cast_.research, name="A trial", reason="A start.", by=paul, now=NOW)
    policies.retire(former, reason="It was one.", by=paul, now=NOW)
    policy = policies.write(unit=cast_.research, name="Desk", reason="A start.", by=paul, now=later)
    policies.enforce(policy, reason="It is known.", by=paul, now=later)
    for person, name in ((cast_.eve, "com.example/nobody"), (cast_.alice, "com.example/someone")):
        asked = deciding.Asked(name, "tools/list", agent="Desk")
        noting.denied(deciding.decide(asked, by=person, now=later), now=later)
    for day, result in enumerate(("fails", "in_part")):
        enforcement.record(
            unit=cast_.research, client="VS Code", version=f"1.{day}", control="feed", how="Started one.",
            result=result, tried_on=NOW.date() - day * DAY, by=cast_.eve, now=NOW,
        )  # fmt: skip


def _requests(made: estate.Estate) -> None:
    """Let a stranger ask for a server of theirs that is not approved, and one request in each unit be declined."""
    facts: dict[str, Any] = {"purpose": "To draw.", "data_reached": "", "agent": "Desk"}
    for unit, person, other in (
        (made.people.payments, made.people.bob, made.people.alice),
        (made.people.research, made.people.eve, made.people.eve),
    ):
        for what in ("com.example/drawing", "com.example/painting"):
            asked = asking.ask(unit=unit, what=what, **facts, by=person, now=NOW)
        triage.decline(asked, reason="We have one.", by=other, now=NOW)
    lab = Server.objects.filter(unit=made.people.research, status="requested").earliest("number")
    asking.ask(unit=made.people.research, what="", server=lab, **facts, by=made.people.eve, now=NOW)


def _runs(made: estate.Estate) -> None:
    """Let a look at a server of another unit fail, one come back empty, and one wait; and one see nothing any more."""
    eve, research = made.people.eve, made.people.research
    remotes = [{"type": "streamable-http", "url": "https://mcp.example.com/tides"}]
    text = cast.server_json(name="com.example/tides", title="Tides", remotes=remotes)
    server, _release = importing.import_server_json(text, unit=research, by=eve, now=NOW)
    for days, outcome in enumerate((Run.Status.FAILED, Run.Status.EMPTY)):
        later = NOW + days * DAY
        run = applying.begin(inspecting.ask(server, by=eve, now=later), now=later)
        seen = (Seen("access", "Refuses who brings no valid credential"),)
        applying.apply(
            run, Look(outcome=outcome, code="credential", why="It asks for a credential.", seen=seen), now=later
        )
    Observation.objects.filter(server=server).update(is_seen=False)
    run = applying.begin(collecting.ask(server, collector="npm", by=eve, now=NOW), now=NOW)
    attested = Seen("attested:npm @example/weather 1.2.3", "Build attestation", "present, not verified")
    found = Look(outcome=Run.Status.COMPLETE, raw='{"came": []}', seen=(attested,))
    collecting.apply(run, found, collecting.keep(found, now=NOW), now=NOW)
    inspecting.ask(server, by=eve, now=NOW + 2 * DAY)


def _found(made: estate.Estate) -> None:
    """Let machines of two units report, a server be gone from one, another be fixed, and the uses be decided."""
    eve, later = made.people.eve, NOW + DAY
    fixed = {"command": "uvx", "args": ["mcp-server-git==2025.7.1"]}
    how: dict[str, Any] = {"unit": made.people.research, "by": eve}
    found_reports.receive({"git": fixed, "old": {"url": "https://old.example/mcp"}}, **how, machine="DESK-1", now=NOW)
    found_reports.receive({"git": fixed}, **how, machine="DESK-1", now=later)
    entry = {"name": "crm", "place": "x", "url": "https://crm.example/mcp", "env": [], "headers": []}
    Caller(eve, now=NOW).made(
        "/discoveries/", machine="DESK-2", files=[{"client": "Codex", "entries": [entry]}],
        unit=str(made.people.research.pk),
    )  # fmt: skip
    uses.deny(UnapprovedUse.objects.get(package="mcp-server-git"), reason="No.", by=eve, now=later)
    until = NOW.date() + 5 * DAY
    uses.watch(UnapprovedUse.objects.get(package__contains="old"), until=until, by=eve, now=later)
    uses.register(
        UnapprovedUse.objects.get(package__contains="crm"), name="com.example/crm", title="CRM", purpose="",
        by=eve, now=later,
    )  # fmt: skip


def _inventories(made: estate.Estate) -> None:
    """Let a document take the place of another one for a release of another unit, and a wrong one be withdrawn.

    What the register knows of packages was compared, but for one that came since.
    """
    release, eve = Release.objects.filter(server__unit=made.people.research).latest("id"), made.people.eve
    inventories.take(release, by=eve, now=NOW)
    inventories.take(release, inventories.EXPRESS, inventories.TESTED, text=b"{ }", by=eve, now=NOW + DAY)
    wrong = inventories.take(release, inventories.QS, scope="Wrong", by=eve, now=NOW + 2 * DAY)
    taking.withdraw(wrong, reason="Of another server.", by=eve, now=NOW + 2 * DAY)
    advisories.publish("GHSA-hrpp-h998-j3pp", key="CVE-2022-24999")
    comparing.compare_new()
    inventories.take(release, inventories.listed("ms", "2.1.3"), scope="New", by=eve, now=NOW + 2 * DAY)


def _threats(made: estate.Estate) -> None:
    """Let another server of strangers be hit in two places, what is known of threats stand in every way, and entries,
    logs and shares of two units be there.
    """
    alice, bob, eve, later = made.people.alice, made.people.bob, made.people.eve, NOW + DAY
    research, payments = made.people.research, made.people.payments
    remotes = [{"type": "streamable-http", "url": "https://mcp.tides.example/mcp"}]
    text = cast.server_json(name="com.example/tides", packages=[], remotes=remotes)
    server, _release = importing.import_server_json(text, unit=research, by=eve, now=NOW)
    line = "1772000000.000 5 10.0.0.{} TCP_DENIED/403 100 CONNECT {}:80 - HIER_NONE/- -\n"
    for at, host in enumerate(("blocked.example", "other.example")):
        taken = egress_logs.read(line.format(at, host).encode(), client=f"10.0.0.{at}")
        egress_logs.take(server, taken=taken, by=eve, now=NOW + at * DAY)
    feed = threats.a_feed("Further threats")
    package = Told(external_id="p", title="Malicious", ways=(frozenset({Term(Kind.PACKAGE, "npm:@example/weather")}),))
    objects = [
        package,
        threats.of_domain("tides.example", confidence=90, tlp=Tlp.AMBER),
        threats.of_domain("a.example", valid_until=NOW - DAY, tlp=Tlp.GREEN),
        threats.of_domain("b.example", valid_from=later + DAY),
        threats.of_domain("c.example", is_revoked=True),
        threats.of_domain("d.example", confidence=0),
        Told(external_id="y", title="Rule", unmatched="It cannot be matched."),
    ]
    threats.told(feed, *objects, now=NOW)
    threats.told(feed, threats.of_domain("blocked.example", confidence=90), now=NOW)
    storing.let_go(feed, ["blocked.example"], now=later)
    threats.work(now=later)
    vendor = Vendor.objects.get(pk=made.keys["vendor"])
    known = watching.note(vendor, kind="breach_notice", title="Breach", tlp="amber", by=alice, now=NOW)
    watching.settle(known, outcome="Nothing of ours.", by=alice, now=later)
    watching.note(server, kind="take_over", title="Sold", by=eve, now=NOW)
    watching.note(vendor, kind="other", title="Rumour", by=alice, now=NOW)
    how: dict[str, Any] = {"recipient": "The vendor", "reason": "They asked.", "now": NOW}
    sharing.share(unit=payments, entries=[known], tlp="amber", by=bob, **how)
    sharing.share(unit=research, hits=[IndicatorHit.objects.get(server=server, gone_at=None)], tlp="amber+strict",
        by=eve, **how)  # fmt: skip


def _statements(made: estate.Estate) -> None:
    """Let something be said in another unit, and for all: with a day, withdrawn, rejected, accepted, by a command."""
    release, eve = Release.objects.filter(server__unit=made.people.research).latest("id"), made.people.eve
    server, now = release.server, NOW + DAY
    advisories.publish("GHSA-rv95-896h-c2vc", "express", ranges=advisories.EVERY, severity=Severity.LOW, at=now)
    comparing.compare_changed(now=now)
    own = Server.objects.get(pk=made.keys["hit_server"])
    for one in (server, own):
        hits.compare(one, now=now)
    hit = Hit.objects.get(server=server, name="express")
    how: dict[str, Any] = {"by": eve, "now": now}
    statements.state(hit, says="under_investigation", reason="We look.", **how)
    wrong = statements.state(hit, says="affected", reason="It is.", action="Wait.", **how)
    statements.withdraw(wrong, reason="It is not.", by=eve, now=now)
    why = "vulnerable_code_not_present"
    until = now.date() + 9 * DAY
    statements.state(hit, says="not_affected", reason="Not there.", justification=why, until=until, **how)
    ivo = cast.person("ivo", role=Role.ANALYST, unit=made.people.research, now=now)
    suppressing.accept(Suppression.objects.get(hit=hit), reason="Seen.", by=ivo, now=now + DAY)
    of_payments = statements.state(
        Hit.objects.get(server=own, name="express"), says="not_affected", reason="Not there.", justification=why,
        until=until + DAY, by=made.people.alice, now=now,
    )  # fmt: skip
    suppressing.accept(of_payments.suppressions.get(), reason="Seen.", by=made.people.bob, now=now + DAY)
    fixed = {"vulnerability": {"name": "CVE-2020-1"}, "status": "fixed"}
    vex_documents.take(vex_documents.openvex(fixed, author="Host Ltd"), by=SYSTEM, now=now + DAY)
    vex_documents.take(vex_documents.openvex(fixed, author="Mallory"), server=server, unit=server.unit, **how)


def _approve(server: Server, *, kind: str, by: User, decided_by: User) -> Approval:
    due_on = NOW.date() + 7 * DAY
    scenes.make_ready(server, by=by, at=NOW)
    assessment = lifecycle.start(server, kind=kind, assignee=by, due_on=due_on, by=by, now=NOW)
    scenes.fill_in(assessment, by=by, at=NOW, choices=scenes.NOTHING)
    scenes.show(assessment, by=by, at=NOW)
    lifecycle.submit(assessment, by=by, now=NOW)
    lifecycle.finalise(assessment, by=decided_by, now=NOW, accept_dimensions=Dimension.values)
    return approvals.decide(
        assessment, decision=Approval.Decision.APPROVE, reason="It does what we need.",
        valid_until=NOW.date() + 90 * DAY, by=decided_by, now=NOW,
    )  # fmt: skip


def _override(server: Server, *, by: User) -> Any:
    expires_on = NOW.date() + 30 * DAY
    return overriding.request(server, residual="low", reason="It is off.", expires_on=expires_on, by=by, now=NOW)


def _deployment(server: Server, name: str, **facts: Any) -> Any:
    return deployments.add_deployment(server, name=name, agent="An agent", now=NOW, **facts)


def _escalations(made: estate.Estate, vendor: Vendor) -> None:
    """Let what strangers left open escalate too, and one of them have it; let what they use get worse than approved."""
    eve, research = made.people.eve, made.people.research
    server = registration.register_server(
        unit=research,
        name="com.example/bench",
        title="Bench",
        owner=eve,
        publisher=vendor,
        by=eve,
        now=NOW,
        **cast.EXPOSURE,
    )
    registration.add_release(server, "1.0.0", by=eve, now=NOW)
    _approve(server, kind=Assessment.Kind.INITIAL, by=eve, decided_by=User.objects.get(name="Rita"))
    _deployment(server, "Bench", environment="development", in_use_since=NOW.date(), by=eve)
    register.open_by_hand(
        server, title="It leaked", severity=Severity.CRITICAL, dimension="provenance", by=eve, now=NOW
    )
    for ladder in ladders.every():
        climbing.climb(ladder, now=NOW)
    # What is about a vendor of Payments alone is nobody's to acknowledge elsewhere.
    ours = relations.register_vendor(name="Ours alone", kinds=["host"], by=made.people.alice, now=NOW)
    registration.add_supplier(
        Server.objects.get(pk=made.keys["server"]), ours, role="host", by=made.people.alice, now=NOW
    )
    late: dict[str, Any] = {"owner": made.people.bob, "by": made.people.alice, "now": NOW - 300 * DAY}
    register.open_by_hand(ours, title="It was sold", severity=Severity.LOW, dimension="provenance", **late)
    climbing.climb(next(one for one in ladders.every() if one.word == "finding_overdue"), now=NOW)
    known = Escalation.objects.filter(unit=made.people.research, ladder="finding_overdue")
    acknowledging.acknowledge(known.earliest("pk"), note="On Friday.", by=eve, now=NOW)
