"""Who must know of an event, and in which words: numbers and text only, no database.

Every verb of the trail stands either in `ROUTES` or, with the reason, in `SILENT`; a test holds the code to that.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

TITLE_LENGTH = 250


class UndecidedVerb(LookupError):
    """Nobody has decided who must know of events with this verb."""


class Who(StrEnum):
    """A place in the work that somebody holds: in the object itself, or by a role in its unit."""

    OWNER = "owner"
    ASSIGNEE = "assignee"
    SUBMITTER = "submitter"
    REQUESTER = "requester"
    ALSO_ASKED = "also_asked"
    ANALYSTS = "analysts"
    APPROVERS = "approvers"
    MANAGERS = "managers"
    ADMINISTRATORS = "administrators"


@dataclass(frozen=True, slots=True)
class Facts:
    """What an event says that matters for its alerts; empty where it does not apply.

    `subject` is the server or vendor that it is about, `noun` what the object is called; `count` is the number of
    deficiencies that an assessment found; `is_part` says that another alert of the same step tells of it by mail.
    """

    verb: str
    label: str
    today: date
    noun: str = ""
    subject: str = ""
    actor: str = ""
    reason: str = ""
    detail: str = ""
    decision: str = ""
    due_on: date | None = None
    count: int = 0
    is_part: bool = False


@dataclass(frozen=True, slots=True)
class Notice:
    """One group of people to tell, in which words; `otherwise` is told when the event would reach nobody at all."""

    to: Who
    otherwise: Who | None
    title: str
    body: str
    why: str
    is_action: bool
    by_mail: bool


Condition = Callable[[Facts], bool]


@dataclass(frozen=True, slots=True)
class Route:
    """A line of the table: for whom, in which words (names in braces are filled in), and when."""

    title: str
    to: tuple[Who, ...]
    otherwise: Who | None = None
    is_action: bool = False
    by_mail: bool = True
    when: Condition = lambda facts: True


def notices(facts: Facts) -> list[Notice]:
    """Return whom to tell of an event, most concerned first; raise UndecidedVerb for a verb that is in no table."""
    if facts.verb in SILENT:
        return []
    if facts.verb not in ROUTES:
        raise UndecidedVerb(facts.verb)
    route = ROUTES[facts.verb]
    if not route.when(facts):
        return []
    title, body = one_line(route.title.format_map(_words(facts))), _body(facts)
    by_mail = route.by_mail and not facts.is_part
    return [
        Notice(who, route.otherwise, title, body, why(who, facts.noun), route.is_action, by_mail) for who in route.to
    ]


def is_told(verb: str) -> bool:
    """Return whether somebody may have to know of events with this verb; raise UndecidedVerb."""
    if verb not in ROUTES and verb not in SILENT:
        raise UndecidedVerb(verb)
    return verb in ROUTES


def why(who: Who, noun: str) -> str:
    """Return the sentence that tells a person why they are told."""
    return _WHY[who].format(noun=noun or "record")


def one_line(text: str) -> str:
    """Return a title without line breaks and invisible characters, cut to what a title holds.

    A line break in a mail's subject would begin a header; a direction override would show other words than it says.
    """
    plain = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return plain if len(plain) <= TITLE_LENGTH else f"{plain[: TITLE_LENGTH - 1]}…"


def due(due_on: date | None, today: date) -> str:
    """Return how far a due date is, e.g. "is due in 14 days", "is due today", "is overdue by 1 day"."""
    if due_on is None:
        return "is due"
    days = (due_on - today).days
    if days == 0:
        return "is due today"
    return f"is due in {_days(days)}" if days > 0 else f"is overdue by {_days(-days)}"


def _days(days: int) -> str:
    return f"{days} day" if days == 1 else f"{days} days"


def _words(facts: Facts) -> dict[str, str]:
    return {
        "label": facts.label,
        "subject": facts.subject or facts.label,
        "actor": facts.actor,
        "detail": facts.detail,
        "decision": _DECISIONS.get(facts.decision, "was decided"),
        "due": due(facts.due_on, facts.today),
        "deficiencies": "1 deficiency" if facts.count == 1 else f"{facts.count} deficiencies",
    }


def _body(facts: Facts) -> str:
    day = f"Due on {facts.due_on:%A} {facts.due_on.day} {facts.due_on:%B %Y}." if facts.due_on else ""
    said = f"{facts.actor}: {facts.reason.strip()}" if facts.reason.strip() else ""
    return "\n\n".join(part for part in (day, said) if part)


_DECISIONS = {
    "approve": "is approved",
    "approve_with_conditions": "is approved with conditions",
    "reject": "is rejected",
}

_WHY = {
    Who.OWNER: "You own this {noun}.",
    Who.ASSIGNEE: "This {noun} is assigned to you.",
    Who.SUBMITTER: "You submitted the assessment.",
    Who.REQUESTER: "You asked for it.",
    Who.ALSO_ASKED: "You asked for it too.",
    Who.ANALYSTS: "You are an analyst of this unit.",
    Who.APPROVERS: "You are an approver of this unit.",
    Who.MANAGERS: "You manage this unit.",
    Who.ADMINISTRATORS: "You administer the register.",
}

_CLAIM_OF_FIX = Route(
    "{label} is said to be fixed: verify it", (Who.APPROVERS,), otherwise=Who.MANAGERS, is_action=True
)
_ACCEPTANCE_ASKED = Route(
    "{actor} asks to accept the risk of {subject}", (Who.APPROVERS,), otherwise=Who.MANAGERS, is_action=True
)
_ASKED_AND_OWNER = (Who.REQUESTER, Who.OWNER)
_ALL_WHO_ASKED = (Who.REQUESTER, Who.ALSO_ASKED)

ROUTES: Mapping[str, Route] = {
    "assessment.started": Route("{label} is yours to answer", (Who.ASSIGNEE,), is_action=True),
    "assessment.assigned": Route("{label} is yours to answer", (Who.ASSIGNEE,), is_action=True),
    "assessment.released": Route(
        "{label} has nobody to answer it", (Who.MANAGERS,), otherwise=Who.ADMINISTRATORS, is_action=True
    ),
    "assessment.submitted": Route(
        "{label} waits for your decision", (Who.APPROVERS,), otherwise=Who.MANAGERS, is_action=True
    ),
    "assessment.returned": Route("{label} was returned to you", (Who.SUBMITTER, Who.ASSIGNEE), is_action=True),
    "assessment.finalised": Route(
        "{label} is final and found {deficiencies}",
        (Who.OWNER,),
        otherwise=Who.ANALYSTS,
        when=lambda facts: facts.count > 0,
    ),
    "approval.granted": Route("{subject} {decision}", (Who.OWNER, Who.SUBMITTER)),
    "approval.withdrawn": Route("The approval of {subject} was withdrawn", (Who.OWNER, Who.SUBMITTER, Who.MANAGERS)),
    "condition.missed": Route(
        "A condition of the approval of {subject} was missed: {detail}", (Who.OWNER, Who.APPROVERS)
    ),
    "finding.opened": Route("New finding: {label}", (Who.OWNER,), otherwise=Who.ANALYSTS),
    "finding.reopened": Route("{label} is open again", (Who.OWNER,), otherwise=Who.ANALYSTS),
    "finding.assigned": Route("{label} is yours now", (Who.OWNER,), is_action=True),
    "finding.released": Route(
        "{label} has no owner any more", (Who.MANAGERS,), otherwise=Who.ADMINISTRATORS, is_action=True
    ),
    "finding.fix_claimed": _CLAIM_OF_FIX,
    "finding.fix_failed": Route(
        "The fix of {label} did not pass", _ASKED_AND_OWNER, otherwise=Who.ANALYSTS, is_action=True
    ),
    "finding.fix_passed": Route("The fix of {label} passed", _ASKED_AND_OWNER, by_mail=False),
    "finding.acceptance_requested": _ACCEPTANCE_ASKED,
    "acceptance.requested": _ACCEPTANCE_ASKED,
    "acceptance.granted": Route("The risk of {subject} is accepted", _ASKED_AND_OWNER),
    "acceptance.refused": Route("The risk of {subject} is not accepted", _ASKED_AND_OWNER),
    "acceptance.revoked": Route("The acceptance of the risk of {subject} was revoked", _ASKED_AND_OWNER),
    "acceptance.expired": Route("The acceptance of the risk of {subject} has run out", _ASKED_AND_OWNER),
    "override.requested": Route(
        "{actor} asks to set the residual risk of {subject} by hand",
        (Who.APPROVERS,),
        otherwise=Who.MANAGERS,
        is_action=True,
    ),
    "override.granted": Route("The residual risk of {subject} is set by hand", _ASKED_AND_OWNER),
    "override.refused": Route("The residual risk of {subject} stays as computed", _ASKED_AND_OWNER),
    "override.revoked": Route("The residual risk of {subject} is the computed one again", _ASKED_AND_OWNER),
    "override.expired": Route("The residual risk set by hand for {subject} has run out", _ASKED_AND_OWNER),
    "review.opened": Route("Review of {subject} {due}", (Who.ASSIGNEE,), otherwise=Who.ANALYSTS, is_action=True),
    "review.assigned": Route("Review of {subject} is yours and {due}", (Who.ASSIGNEE,), is_action=True),
    "review.released": Route(
        "Review of {subject} has nobody to do it and {due}",
        (Who.MANAGERS,),
        otherwise=Who.ADMINISTRATORS,
        is_action=True,
    ),
    "review.reminded": Route("Review of {subject} {due}", (Who.ASSIGNEE,), otherwise=Who.ANALYSTS, is_action=True),
    "review.overdue": Route(
        "Review of {subject} {due}", (Who.ASSIGNEE, Who.MANAGERS), otherwise=Who.ANALYSTS, is_action=True
    ),
    "review.skipped": Route("Review of {subject} is skipped", (Who.ASSIGNEE, Who.OWNER), by_mail=False),
    "server.suspended": Route("{subject} is suspended: agents must not use it", (Who.OWNER, Who.MANAGERS)),
    "server.resumed": Route("{subject} may be used again", (Who.OWNER, Who.MANAGERS)),
    "server.retired": Route("{subject} is retired", (Who.OWNER,)),
    "server.owner_left": Route(
        "{subject} needs another owner", (Who.MANAGERS,), otherwise=Who.ADMINISTRATORS, is_action=True
    ),
    "server.handed_over": Route("{subject} is yours now", (Who.OWNER,)),
    "deployment.handed_over": Route("{subject} is yours now", (Who.OWNER,)),
    "vendor.handed_over": Route("{subject} is yours now", (Who.OWNER,)),
    "vendor.offboarding": Route("{subject} is being offboarded", (Who.OWNER,)),
    "report.issued": Route("{label} is ready", _ALL_WHO_ASKED),
    "report.failed": Route("{label} could not be made", _ALL_WHO_ASKED, otherwise=Who.ADMINISTRATORS),
    "report.withdrawn": Route("{label} was withdrawn", _ALL_WHO_ASKED),
    "job.died": Route("A background job stopped: {detail}", (Who.ADMINISTRATORS,), is_action=True),
    "evidence.file_damaged": Route("A kept file is damaged: {detail}", (Who.ADMINISTRATORS,), is_action=True),
    "evidence.file_missing": Route("A kept file is missing: {detail}", (Who.ADMINISTRATORS,), is_action=True),
    "token.issued": Route("{actor} made an API token in your name: {label}", (Who.OWNER,)),
    "token.revoked": Route("{actor} revoked your API token {label}", (Who.OWNER,)),
    "person.link_made": Route(
        "{actor} holds a link that sets your password: sign in and change it if you did not ask for one", (Who.OWNER,)
    ),
    "token.expiring": Route("Your API token {label} expires soon", (Who.OWNER,), is_action=True),
}


def _silent(reason: str, verbs: str) -> dict[str, str]:
    return dict.fromkeys(verbs.split(), reason)


SILENT: Mapping[str, str] = {
    **_silent(
        "A record was entered or corrected; it waits for nobody.",
        "vendor.registered vendor.edited vendor.contact_added vendor.contact_removed vendor.sub_processor_added"
        " vendor.sub_processor_removed server.registered server.edited server.supplier_added server.supplier_removed"
        " server.exposure_changed release.recorded release.package_digest_recorded"
        " tools.captured deployment.added deployment.edited deployment.ended"
        " evidence.added evidence.verified evidence.attached evidence.detached",
    ),
    **_silent(
        "Whoever does it works with the vendor; nothing about its servers changes by it.",
        "vendor.activated vendor.offboarded vendor.prospected",
    ),
    **_silent(
        "The decision tells it: approval.granted.",
        "server.review_started server.approved server.rejected server.requested assessment.superseded"
        " approval.superseded",
    ),
    **_silent(
        "Work in progress, seen on the assessment's own page.",
        "assessment.edited assessment.cancelled answer.not_applicable_confirmed",
    ),
    **_silent(
        "Good news that the register shows; nobody has to act.",
        "condition.met finding.milestone_completed evidence.file_restored",
    ),
    **_silent(
        "A step of the finding by those who work on it; a further step tells whoever must act.",
        "finding.observed_again finding.planned finding.closed finding.dismissed finding.accepted"
        " finding.severity_changed finding.due_date_changed finding.no_longer_observed",
    ),
    **_silent("The acceptance tells it: acceptance.expired, acceptance.revoked.", "finding.acceptance_ended"),
    **_silent("The opening, 30 days before the day, tells it.", "review.scheduled"),
    **_silent("The assessment tells it.", "review.done review.started"),
    **_silent("Its cause has an alert of its own; the dashboard shows what moved.", "rating.changed"),
    **_silent("The person waits for it and sees its progress.", "report.requested report.awaited"),
    **_silent(
        "Administration, kept for the audit trail; nothing waits for anybody.",
        "person.invited person.edited person.activated person.deactivated person.sessions_ended"
        " job.retried"
        " unit.renamed role.given role.taken unit.opened signin.failed"
        " signin.succeeded signin.locked signin.signed_out person.password_set delivery.retried"
        " demo.built demo.removed",
    ),
}
