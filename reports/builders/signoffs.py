"""Who signed what: each act that decides as the trail has it, with its own actor, moment and way."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from audit import events
from audit.models import Event
from reports.builders.entries import moment

ACTS = (
    "assessment.submitted", "assessment.returned", "assessment.finalised",
    "approval.granted", "approval.withdrawn", "approval.superseded", "approval.expired", "condition.met",
    "acceptance.requested", "acceptance.granted", "acceptance.refused", "acceptance.revoked", "acceptance.expired",
    "override.requested", "override.granted", "override.refused", "override.revoked", "override.expired",
    "finding.acceptance_requested", "finding.fix_passed", "finding.fix_failed", "finding.closed", "finding.dismissed",
    "finding.reopened", "finding.severity_changed", "finding.due_date_changed", "answer.not_applicable_confirmed",
    "tier_acceptance.requested", "tier_acceptance.granted", "tier_acceptance.refused", "tier_acceptance.revoked",
    "tier_acceptance.ended", "server.suspended", "server.resumed", "server.rejected", "server.retired",
)  # fmt: skip
# By the kind of the actor. That somebody was signed in is said of nobody: the trail does not know it.
WAYS = {
    "person": "In person",
    "token": "By an API token",
    "job": "By a job for them",
    "command": "By a command on the machine",
    "system": "By the register",
}


@dataclass(frozen=True, slots=True)
class SignOff:
    """One act: what was done to what, by whom, in which way and when; `digest` is that of its event."""

    act: str
    what: str
    who: str
    way: str
    at: str
    reason: str
    digest: str


def of(objects: Collection[UUID]) -> tuple[SignOff, ...]:
    """Return the acts that decide on these objects, in the order of time."""
    rows = list(Event.objects.filter(object_id__in=objects, verb__in=ACTS).defer("body").order_by("at", "id"))
    issuers = _issuers({row.actor_id for row in rows if row.actor_kind == "token"})
    return tuple(_act(row, issuer=issuers.get(row.actor_id, "")) for row in rows)


def _issuers(tokens: Collection[str]) -> dict[str, str]:
    """Return who issued the tokens, by the token's id: not always the person for whom a token acts."""
    issued = Event.objects.filter(verb="token.issued", object_id__in=tokens)
    return {str(token): label for token, label in issued.values_list("object_id", "actor_label")}


def _act(row: Event, *, issuer: str) -> SignOff:
    way = WAYS.get(row.actor_kind, row.actor_kind.capitalize())
    return SignOff(
        act=events.words(row.verb),
        what=row.object_label,
        who=row.actor_label,
        way=f"{way}, issued by {issuer}" if issuer else way,
        at=moment(row.at),
        reason=row.reason,
        digest=row.digest,
    )
