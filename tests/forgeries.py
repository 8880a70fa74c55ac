"""The forgeries that an application's role once got through, by what they set: each must be refused by the database."""

from datetime import timedelta
from typing import Any

from auditlog.models import LogEntry
from django.db.models import Model

from accounts.models import ApiToken, Membership, Unit, User
from catalogue.models import Control
from composition import hits
from composition.comparison import comparing
from composition.models import Hit, Statement, Suppression
from composition.statements import suppressing
from composition.statements import taking as statements
from containment import enforcement, policies
from containment.models import EnforcementTest, Policy
from contracts.agreements import lifecycle as contracts
from contracts.agreements.clauses import Reading
from contracts.models import Clause, Contract
from controls import statuses
from controls.models import ControlStatus, TierAcceptance
from controls.tiers import acceptances
from decisions.models import Approval, Condition, EndNotice, RatingRecord, ServerRating
from discovery import triage as uses
from discovery.models import UnapprovedUse
from findings.models import Finding, FixClaim, RiskAcceptance
from intake import asking
from intake import triage as requests
from intake.models import ServerRequest
from intelligence import sharing, watching
from intelligence.models import Share, WatchEntry
from numbering.models import Numbering
from reports.models import Report, ReportPart
from scoring.scales import Severity
from tests import cast
from tests.cast import NOON, TODAY, Cast
from tests.composition import inventories
from tests.composition.advisories import publish
from tests.discovery import reports as discovered
from tests.vendor_contracts import scene as agreed
from vendors.models import Deployment, Package, Release, Remote, Server, Tool, Vendor
from vendors.registering import deployments

DAY = timedelta(days=1)
LATER = TODAY + 500 * DAY


def decide(server: Server, people: Cast) -> None:
    """Let all be decided of a server of Payments that the report of the scene has not."""
    pass_on(server, people)
    accept_lower(server, people)
    suppress(server, people)
    answer(server, people)
    agree(server, people)


def pass_on(server: Server, people: Cast) -> None:
    """Let bob pass on what alice has learnt about a server of Payments."""
    entry = watching.note(server, kind="breach_notice", title="Breach", by=people.alice, now=NOON)
    how: dict[str, Any] = {"tlp": "amber", "recipient": "FS-ISAC", "reason": "They asked."}
    sharing.share(unit=people.payments, entries=[entry], **how, by=people.bob, now=NOON)


def ask_for_lower(server: Server, people: Cast) -> TierAcceptance:
    """Return alice's request to run a deployment at a lower tier."""
    facts = {**cast.EXPOSURE, "name": "Lower", "agent": "Lower", "environment": "staging"}
    desk = deployments.add_deployment(server, **facts, by=people.alice, now=NOON)
    how: dict[str, Any] = {"tier": 1, "revision": "draft", "reason": "For now.", "expires_on": TODAY + 9 * DAY}
    return acceptances.request(desk, **how, by=people.alice, now=NOON)


def accept_lower(server: Server, people: Cast) -> None:
    """Let a third person accept the lower tier of a deployment that alice asked for."""
    acceptances.grant(ask_for_lower(server, people), by=people.bob, now=NOON)


def suppress(server: Server, people: Cast) -> None:
    """Let bob accept until a day that a vulnerability does not apply to a server, as alice says."""
    release = Release.objects.relied_on(server)
    assert release is not None
    publish("GHSA-hrpp-h998-j3pp", key="CVE-2022-24999", severity=Severity.MEDIUM)
    inventories.take(release, inventories.QS, by=people.alice, now=NOON)
    comparing.compare_changed(now=NOON)
    hits.compare(server, now=NOON)
    statements.state(
        Hit.objects.get(), says="not_affected", reason="It never parses queries.",
        justification="vulnerable_code_not_in_execute_path", until=TODAY + 90 * DAY, by=people.alice, now=NOON,
    )  # fmt: skip
    suppressing.accept(Suppression.objects.get(), reason="Seen in the code.", by=people.bob, now=NOON)
    taken_back = statements.state(
        Hit.objects.get(), says="under_investigation", reason="We look.", by=people.alice, now=NOON
    )
    statements.withdraw(taken_back, reason="We know.", by=people.alice, now=NOON)


def answer(server: Server, people: Cast) -> None:
    """Let alice decline a request and deny an unapproved use, and bob try a client under a policy that he enforced."""
    payments, alice, bob = people.payments, people.alice, people.bob
    asked = asking.ask(
        unit=payments, what="com.example/rooms", purpose="To book.", data_reached="", agent="Desk", by=alice, now=NOON
    )
    requests.decline(asked, reason="There is one already.", by=alice, now=NOON)
    discovered.receive({"fs": discovered.FS}, unit=payments, by=alice)
    uses.deny(UnapprovedUse.objects.get(), reason="It reads everything.", by=alice, now=NOON)
    policy = policies.write(unit=payments, name="Gateway", reason="We begin.", by=bob, now=NOON)
    policies.enforce(policy, reason="It is tried.", by=bob, now=NOON)
    enforcement.record(
        unit=payments, client="Desk", version="2.1", control="feed", how="An unknown server.", result="fails",
        tried_on=TODAY, by=bob, now=NOON,
    )  # fmt: skip
    entry = watching.note(server, kind="take_over", title="Taken over", by=alice, now=NOON)
    watching.settle(entry, outcome="Nothing changed.", by=alice, now=NOON)


def agree(server: Server, people: Cast) -> None:
    """Let alice read a contract in force and one that ended, state of a control that it is missing, and end the use."""
    alice, vendor = people.alice, Vendor.objects.earliest("number")
    for title in ("Services", "Former services"):
        agreed.read(people, agreed.in_force(people, vendor, title), Reading("audit_right", present="no"))
    ended = Contract.objects.get(title="Former services")
    contracts.end(ended, ended_on=TODAY, reason="It is over.", by=alice, now=NOON)
    control = Control.objects.get(ref="SR-6", framework__status="current", same_as=None)
    statuses.state_for_server(server, control=control, state="missing", by=alice, now=NOON)
    facts = {**cast.EXPOSURE, "name": "Trial", "agent": "Trial", "environment": "staging"}
    trial = deployments.add_deployment(server, **facts, by=alice, now=NOON)
    deployments.end_deployment(trial, on=TODAY, by=alice, now=NOON)


def the(model: type[Model], **how: Any) -> Any:
    return model._base_manager.filter(**how)


FORGED = {
    "an acceptance prolonged": lambda: the(RiskAcceptance, status="granted").update(expires_on=LATER),
    "an acceptance in another's name": lambda: the(RiskAcceptance, status="granted").update(
        decided_by=User.objects.get(name="Mia")
    ),
    "a granted acceptance asked for again": lambda: the(RiskAcceptance, status="granted").update(status="requested"),
    "a lower tier accepted for longer": lambda: the(TierAcceptance, status="granted").update(expires_on=LATER),
    "a lower tier accepted in another's name": lambda: the(TierAcceptance, status="granted").update(
        decided_by=User.objects.get(name="Mia")
    ),
    "a lower tier accepted of another revision": lambda: the(TierAcceptance, status="granted").update(
        revision="approved-specification"
    ),
    "a lower tier asked for again": lambda: the(TierAcceptance, status="granted").update(status="requested"),
    "an acceptance of a lower tier gone": lambda: the(TierAcceptance)._raw_delete("default"),
    "a suppression for longer": lambda: the(Suppression, status="accepted").update(until=LATER),
    "a suppression in another's name": lambda: the(Suppression, status="accepted").update(
        decided_by=User.objects.get(name="Mia")
    ),
    "a suppression as of a lower risk": lambda: the(Suppression, status="accepted").update(severity=1),
    "a suppression gone": lambda: the(Suppression)._raw_delete("default"),
    "a statement of something else": lambda: the(Statement).update(says="fixed"),
    "a statement by another": lambda: the(Statement).update(taken_by=User.objects.get(name="Mia")),
    "a statement for longer": lambda: the(Statement).exclude(until=None).update(until=LATER),
    "a statement for all": lambda: the(Statement).update(server=None, release=None, unit=None),
    "a withdrawn statement that counts again": lambda: the(Statement, status="withdrawn").update(status="in_force"),
    "a statement gone": lambda: the(Statement, status="withdrawn")._raw_delete("default"),
    "a control status of another server": lambda: the(ControlStatus).update(
        server=Server.objects.exclude(control_statuses__state="missing")[0]
    ),
    "a control status gone": lambda: the(ControlStatus)._raw_delete("default"),
    "a contract that holds again": lambda: the(Contract, status="ended").update(status="active", ended_on=None),
    "a contract that never ended": lambda: the(Contract, status="ended").update(ended_on=TODAY + 9 * DAY),
    "a contract that ended, in other words": lambda: the(Contract, status="ended").update(ends_on=LATER),
    "a contract gone": lambda: the(Contract)._raw_delete("default"),
    "a clause of another contract": lambda: the(Clause, contract__status="active").update(key="exit"),
    "a clause of a contract that ended": lambda: the(Clause, contract__status="ended").update(present="yes"),
    "a clause gone": lambda: the(Clause)._raw_delete("default"),
    "a deployment that never ended": lambda: the(Deployment).exclude(ended_on=None).update(ended_on=None),
    "a deployment that ended, less exposed": lambda: the(Deployment).exclude(ended_on=None).update(inherent_tier=4),
    "a deployment gone": lambda: the(Deployment)._raw_delete("default"),
    "a request that was never declined": lambda: the(ServerRequest, status="declined").update(status="asked"),
    "a request declined for another reason": lambda: the(ServerRequest).update(reason="It is dangerous."),
    "a request gone": lambda: the(ServerRequest)._raw_delete("default"),
    "an unapproved use of something else": lambda: the(UnapprovedUse).update(identity="npm:other"),
    "an unapproved use gone": lambda: the(UnapprovedUse)._raw_delete("default"),
    "a policy in another's name": lambda: the(Policy).update(moved_by=User.objects.get(name="Mia")),
    "a policy of another unit": lambda: the(Policy).update(unit=Unit.objects.get(code="research")),
    "a policy gone": lambda: the(Policy)._raw_delete("default"),
    "a client that obeys after all": lambda: the(EnforcementTest).update(result="holds"),
    "a test of a client gone": lambda: the(EnforcementTest)._raw_delete("default"),
    "what was learnt, reworded": lambda: the(WatchEntry).update(title="Nothing"),
    "what came of it, reworded": lambda: the(WatchEntry, status="settled").update(outcome="All is well."),
    "what was learnt, gone": lambda: the(WatchEntry)._raw_delete("default"),
    "an approval in another's name": lambda: the(Approval).update(decided_by=User.objects.get(name="Mia")),
    "an approval gone": lambda: the(Approval)._raw_delete("default"),
    "a condition gone": lambda: the(Condition)._raw_delete("default"),
    "a condition later": lambda: the(Condition).update(due_on=LATER),
    "a finding gone": lambda: the(Finding)._raw_delete("default"),
    "a finding closed without a step between": lambda: the(Finding, status="remediating").update(status="closed"),
    "a verdict turned": lambda: the(FixClaim, verdict="passed").update(verdict="failed"),
    "a verdict by another": lambda: the(FixClaim, verdict="passed").update(verified_by=User.objects.get(name="Mia")),
    "an analyst made approver": lambda: the(Membership, role="analyst").update(role="approver"),
    "a token that may more": lambda: the(ApiToken).update(scopes=["read", "decide"]),
    "a token with another key": lambda: the(ApiToken).update(digest="0" * 64),
    "field diffs gone": lambda: the(LogEntry)._raw_delete("default"),
    "field diffs reworded": lambda: the(LogEntry).update(changes={}),
    "a report's data": lambda: the(Report).update(data="{}", data_digest="0" * 64),
    "a report's part gone": lambda: the(ReportPart)._raw_delete("default"),
    "a report's part shown as another": lambda: the(ReportPart).update(pages=1, file_name="other.pdf"),
    "a release's manifest": lambda: the(Release).exclude(manifest_digest="").update(manifest_digest="0" * 64),
    "a release's document": lambda: the(Release).exclude(server_json="").update(server_json="{}"),
    "a capture of another day": lambda: the(Release).exclude(captured_at=None).update(capture_command="Another."),
    "a release gone": lambda: the(Release)._raw_delete("default"),
    "a package of another digest": lambda: the(Package).update(sha256="0" * 64),
    "a package gone": lambda: the(Package)._raw_delete("default"),
    "a remote elsewhere": lambda: the(Remote).update(url="https://elsewhere.example.com/"),
    "a tool reworded": lambda: the(Tool).update(description="Harmless."),
    "a tool gone": lambda: the(Tool)._raw_delete("default"),
    "a rating without its record": lambda: the(ServerRating).update(residual="low", residual_rank=4),
    "a score without its record": lambda: the(ServerRating).update(score="100"),
    "a rating gone": lambda: the(ServerRating)._raw_delete("default"),
    "a record of a rating": lambda: the(RatingRecord).update(residual="low"),
    "what was passed on, reworded": lambda: the(Share).update(bundle="{}"),
    "what was passed on, to another": lambda: the(Share).update(recipient="Nobody"),
    "what was passed on, gone": lambda: the(Share)._raw_delete("default"),
    "a notice of an end gone": lambda: the(EndNotice)._raw_delete("default"),
    "a notice of an end later": lambda: the(EndNotice).update(sent_at=NOON + timedelta(days=9)),
    "numbers set back": lambda: the(Numbering, prefix="F").update(last=1),
    "a unit of the demo": lambda: the(Unit).update(is_demo=True),
}
