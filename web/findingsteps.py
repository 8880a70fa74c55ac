"""What can be done with a finding now, whether this person may do it, and who may otherwise."""

from dataclasses import dataclass

from accounts import access
from accounts.access import Capability
from accounts.models import User
from findings import register
from findings.models import Finding, FixClaim
from web.templatetags.ui import address

S = Finding.Status
TOUCHED = (S.PROPOSED, *Finding.UNSETTLED)
WORK = (Capability.WRITE,)
_WHO = {Capability.WRITE: "An analyst or approver", Capability.DECIDE: "An approver"}


@dataclass(frozen=True, slots=True)
class Rule:
    """A step on a finding: in which states, who may take it, whether its owner is left out."""

    key: str
    label: str
    when: tuple[str, ...]
    needs: tuple[Capability, ...] = WORK
    others_only: bool = False
    is_danger: bool = False
    is_main: bool = False


DECIDERS = (Capability.DECIDE,)
# A main step leads a finding on; each state has one.
RULES = (
    Rule("confirm", "Confirm it", (S.PROPOSED,), is_main=True),
    Rule("plan", "Plan the fix", (S.OPEN,), is_main=True),
    Rule("fix", "Claim it is fixed", (S.REMEDIATING,), is_main=True),
    Rule("verify", "Verify the fix", (S.AWAITING_VERIFICATION,), DECIDERS, is_main=True),
    Rule("reopen", "Reopen", (S.CLOSED, S.DISMISSED), is_main=True),
    Rule("plan", "Change the plan", (S.REMEDIATING,)),
    Rule("accept", "Ask to accept the risk", (S.OPEN, S.REMEDIATING)),
    Rule("accept", "Ask to accept it for longer", (S.ACCEPTED,)),
    Rule("assign", "Change the owner", TOUCHED, (Capability.WRITE, Capability.MANAGE)),
    Rule("severity", "Change the severity", TOUCHED),
    Rule("due-date", "Change the due date", Finding.BEING_FIXED),
    Rule("close", "Close without a verified fix", (S.OPEN, S.ACCEPTED), DECIDERS, others_only=True, is_danger=True),
    Rule("dismiss", "Dismiss", (S.PROPOSED,), others_only=True, is_danger=True),
    Rule("dismiss", "Dismiss", (S.OPEN,), DECIDERS, others_only=True, is_danger=True),
)


@dataclass(frozen=True, slots=True)
class Offer:
    """A step that is possible now; `who` says who takes it when this person may not."""

    key: str
    label: str
    url: str
    is_danger: bool
    is_main: bool
    who: str


def offers(finding: Finding, user: User, *, claim: FixClaim | None, is_asked: bool) -> list[Offer]:
    """Return the steps that the finding's state allows, the main one first.

    `claim` is the fix that waits for a verdict; `is_asked`: a request to accept the risk waits.
    """
    legal = (rule for rule in RULES if finding.status in rule.when and not (rule.key == "accept" and is_asked))
    return [
        Offer(
            key=rule.key,
            label=rule.label,
            url=address(f"web:finding-{rule.key}", finding.pk),
            is_danger=rule.is_danger,
            is_main=rule.is_main,
            who=_who(rule, finding, user, claim),
        )
        for rule in legal
    ]


def who_may(capability: Capability, finding: Finding) -> str:
    """Return who takes such a step, e.g. "An approver of Payments"."""
    return f"{_WHO[capability]} of {finding.unit}" if finding.unit else _WHO[capability]


def _who(rule: Rule, finding: Finding, user: User, claim: FixClaim | None) -> str:
    """Return who takes the step instead of the person; empty when the person may."""
    if not any(access.of(user).can(capability, finding.unit_id) for capability in rule.needs):
        return who_may(rule.needs[0], finding)
    is_own_fix = rule.key == "verify" and claim is not None and claim.claimed_by_id == user.pk
    if is_own_fix:
        return f"{who_may(rule.needs[0], finding)} other than you: you claimed the fix"
    if rule.others_only and not register.may_settle(finding, user):
        why = "you own it" if finding.owner_id == user.pk else "you owned it and gave it away"
        return f"{who_may(rule.needs[0], finding)} other than you: {why}"
    return ""
