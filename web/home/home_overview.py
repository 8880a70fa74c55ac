"""What the home page shows of others' work, for managers and whoever else must know: late, nobody's, ending soon."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils import timezone

from accounts import access
from accounts.access import Capability
from accounts.models import Role, User
from accounts.units import belonging
from decisions.ratings import worsening
from escalations.models import Escalation
from vendors.models import Server
from web.home.home_queues import SHOWN, Item, Queue, list_of, of_list, of_rows, severity_of
from web.page_parts.object_pages import url_of
from work.in_hand import ending, late, unowned, waiting

# So many are named of those who may decide what is late.
APPROVERS = 3
ROLES_WANTED = {
    Role.ANALYST: "Nobody answers assessments or works on findings. Invite somebody, or give somebody the role.",
    Role.APPROVER: "Nobody decides. Invite somebody who is no analyst, or give somebody the role.",
}


@dataclass(frozen=True, slots=True)
class Overview:
    """The queues that come before a person's own work, and those that come after it."""

    pressing: Sequence[Queue]
    rest: Sequence[Queue]


def queues(user: User, *, today: date) -> Overview:
    """Return what the person must know of beside their own work."""
    seen = access.of(user)
    pressing = [_escalations(user), _got_worse(user), *([_roles_unheld()] if seen.can(Capability.ADMINISTER) else [])]
    rest: list[Queue] = []
    if seen.can(Capability.MANAGE):
        rest += [_reviews_late(user, today=today), _findings_late(user, today=today)]
        rest += [_assessments_late(user, today=today), _decisions_late(user, today=today)]
    if seen.can(Capability.MANAGE) or seen.can(Capability.WRITE):
        rest += _nobodys(user)
    return Overview(pressing, [*rest, _ending(user, today=today)])


def _escalations(user: User) -> Queue:
    def item(row: Escalation) -> Item:
        since = timezone.localdate(row.began_at)
        told = f"{row.what}. Told so far: {row.told}. Waits since {since:%-d %b %Y}."
        return Item(row.label, url_of(row), told, severity=severity_of(row))

    rows = waiting.escalations(user)
    return of_rows("Not acknowledged", "exclamation-triangle", rows, item, all_url=list_of("escalation"))


def _got_worse(user: User) -> Queue:
    def item(server: Server) -> Item:
        residual = server.rating.residual
        since = timezone.localdate(server.rating.worse_since)
        hint = f"Worse than approved since {since:%-d %b %Y}, until somebody decides anew or it gets better."
        return Item(str(server), url_of(server), hint, severity=worsening.severity(residual).word)

    rows = waiting.servers_got_worse(user)
    return of_rows("Approved, but got worse", "bar-chart", rows, item, all_url=list_of("server", got_worse="true"))


def _roles_unheld() -> Queue:
    """Return the roles that nobody who can sign in has, and without which no server gets a decision."""
    wanted = ROLES_WANTED if Server.objects.exists() else {}
    unheld = [role for role in wanted if not access.people_with([role], unit_id=None).exists()]
    people = reverse("web:people")
    return of_list("Roles that nobody has", "people", unheld, lambda role: Item(role.label, people, wanted[role]))


def _reviews_late(user: User, *, today: date) -> Queue:
    return of_rows(
        "Overdue reviews of others",
        "calendar-check",
        waiting.reviews_overdue(user, today=today),
        lambda row: Item(
            f"{row.ref} {row.server.title}", url_of(row), f"{row.assignee or 'Nobody'} does it", row.due_on
        ),
        all_url=list_of("review", state="overdue", unit=belonging.MINE),
    )


def _findings_late(user: User, *, today: date) -> Queue:
    return of_rows(
        "Overdue findings of others",
        "flag",
        waiting.findings_overdue(user, today=today),
        lambda row: Item(str(row), url_of(row), f"{row.owner or 'Nobody'} owns it", row.due_on, severity_of(row)),
        all_url=list_of("finding", status="fixing", is_overdue="true", unit=belonging.MINE),
    )


def _assessments_late(user: User, *, today: date) -> Queue:
    return of_rows(
        "Late assessments of others",
        "clipboard-check",
        late.assessments(user, today=today),
        lambda row: Item(str(row), url_of(row), f"{row.assignee or 'Nobody'} answers it", row.due_on),
        all_url=list_of("assessment", status="draft", is_overdue="true"),
    )


def _decisions_late(user: User, *, today: date) -> Queue:
    def item(one: late.LateDecision, approvers: list[User]) -> Item:
        since = timezone.localdate(one.since)
        who = " or ".join(str(person) for person in approvers[:APPROVERS]) or "nobody who may"
        hint = f"{one.asked_by or 'Somebody'} asked on {since:%-d %b %Y}. It waits for {who}."
        return Item(str(one.row), url_of(one.row), hint, since + late.DECIDED_WITHIN)

    found, total = late.decisions(user, today=today, limit=SHOWN)
    items = [item(*one) for one in late.with_approvers(found)]
    return Queue("Late decisions", "check-lg", items, total)


def _nobodys(user: User) -> list[Queue]:
    nobodys = list_of("finding", owner="none")
    return [
        of_rows(
            "Findings that nobody owns",
            "flag",
            unowned.findings(user),
            lambda row: Item(str(row), url_of(row), str(row.subject), row.due_on, severity_of(row)),
            all_url=nobodys,
        ),
        of_rows(
            "Servers that nobody owns",
            "hdd-stack",
            unowned.servers(user),
            lambda row: Item(str(row), url_of(row), f"{row.unit}{', in use' if row.is_in_use else ''}"),
            all_url=list_of("server", owner="none", status="current"),
        ),
        of_rows(
            "Reviews that nobody does",
            "calendar-check",
            unowned.reviews(user),
            lambda row: Item(f"{row.ref} {row.server.title}", url_of(row), row.trigger_reason, row.due_on),
            all_url=list_of("review", assignee="none"),
        ),
        of_rows(
            "Vendors that nobody looks after",
            "building",
            unowned.vendors(user),
            lambda row: Item(str(row), url_of(row)),
            all_url=list_of("vendor", relationship_owner="none", status="active"),
        ),
    ]


def _ending(user: User, *, today: date) -> Queue:
    return of_list(
        "Ends within 30 days",
        "clock-history",
        ending.soon(user, today=today),
        lambda one: Item(one.name, url_of(one.row), one.what, one.last_day),
    )
