"""The forgeries that an application's role once got through, by what they set: each must be refused by the database."""

from datetime import timedelta
from typing import Any

from auditlog.models import LogEntry
from django.db.models import Model

from accounts.models import ApiToken, Membership, Unit, User
from controls.models import TierAcceptance
from controls.tiers import acceptances
from decisions.models import Approval, Condition, EndNotice, RatingRecord, ServerRating
from findings.models import Finding, FixClaim, RiskAcceptance
from intelligence import sharing, watching
from intelligence.models import Share
from numbering.models import Numbering
from reports.models import Report, ReportPart
from tests import cast
from tests.cast import NOON, TODAY, Cast
from vendors import deployments
from vendors.models import Package, Release, Remote, Server, Tool

DAY = timedelta(days=1)
LATER = TODAY + 500 * DAY


def pass_on(server: Server, people: Cast) -> None:
    """Let bob pass on what alice has learnt about a server of Payments."""
    entry = watching.note(server, kind="breach_notice", title="Breach", by=people.alice, now=NOON)
    how: dict[str, Any] = {"tlp": "amber", "recipient": "FS-ISAC", "reason": "They asked."}
    sharing.share(unit=people.payments, entries=[entry], **how, by=people.bob, now=NOON)


def accept_lower(server: Server, people: Cast) -> None:
    """Let a third person accept the lower tier of a deployment that alice asked for."""
    said = {**cast.EXPOSURE, "name": "Lower", "agent": "Lower", "environment": "staging"}
    desk = deployments.add_deployment(server, **said, by=people.alice, now=NOON)
    how: dict[str, Any] = {"tier": 1, "revision": "draft", "reason": "For now.", "expires_on": TODAY + 9 * DAY}
    asked = acceptances.request(desk, **how, by=people.alice, now=NOON)
    acceptances.grant(asked, by=people.bob, now=NOON)


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
