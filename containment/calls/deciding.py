"""May this be called now? The answer is read from the approvals themselves, so that it lags behind no decision.

It fails closed: what is not known, not captured or not sure is denied. A policy that observes lets it pass and says
what it would have denied, but for what is suspended: to suspend is to stop it now.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from accounts import access
from containment.calls import methods
from containment.models import Policy, Reason
from decisions.models import Approval
from vendors.models import Remote, Server, Tool
from vendors.models.server import ServerQuerySet


@dataclass(frozen=True, slots=True)
class Asked:
    """A call that somebody wants to make: of which server (its registry name, number or address), and what of it.

    `tool` and the `digest` of its definition belong to tools/call; `unit` is the code of the unit that asks, where
    several have the server; `agent` is kept with a denial.
    """

    server: str
    method: str
    tool: str = ""
    digest: str = ""
    unit: str = ""
    agent: str = ""

    @property
    def storable(self) -> "Asked":
        """Return it with a mark for each NUL: no database takes one, and what has one names nothing."""
        texts = {one.name: str(getattr(self, one.name)) for one in fields(self)}
        return replace(self, **{name: text.replace("\0", "\N{REPLACEMENT CHARACTER}") for name, text in texts.items()})


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether the call may pass, and what the register says of it: `reason` is empty for what is approved."""

    asked: Asked
    reason: str = ""
    server: Server | None = None
    approval: Approval | None = None
    is_enforced: bool = True
    # In which it is counted: the server's, or of an unknown one the only unit that whoever asks can mean.
    unit_id: UUID | None = None

    @property
    def may_pass(self) -> bool:
        """Return what is answered: what is approved, and while its policy only observes, all but what is suspended."""
        return not self.reason or not self.is_enforced

    @property
    def words(self) -> str:
        """Return the reason of a denial as a sentence, empty for none."""
        return f"{Reason(self.reason).label}." if self.reason else ""


def decide(asked: Asked, *, by: Any, now: datetime) -> Answer:
    """Return the answer to what `by` asks, of the servers that they may see. Writes nothing."""
    asked = asked.storable
    if methods.is_harmless(asked.method):
        return Answer(asked)
    servers = _named(asked, by=by)
    if not servers:
        return _of_no_server(asked, by=by)
    answers = [_of_server(asked, server, now=now) for server in servers]
    denied = [answer for answer in answers if answer.reason]
    if not denied:
        return answers[0]
    if len(answers) == 1:
        return denied[0]
    enforced = any(answer.is_enforced for answer in answers)
    first = denied[0]
    return Answer(asked, Reason.AMBIGUOUS_SERVER, first.server, is_enforced=enforced, unit_id=first.unit_id)


def approved_now(servers: "QuerySet[Server]", *, now: datetime) -> "QuerySet[Approval]":
    """Return the approvals by which agents may use these servers at this moment, with server and release."""
    usable = Approval.objects.letting_use(today=timezone.localdate(now)).filter(server__in=servers)
    return usable.select_related("server", "server__unit", "release")


def ended_by_now(servers: "QuerySet[Server]", *, now: datetime) -> "QuerySet[Approval]":
    """Return the approvals that ended of these servers, which stand approved and have none in force, the last first."""
    today = timezone.localdate(now)
    ended = Approval.objects.filter(Approval.in_states([Approval.EXPIRED], today=today), server__in=servers)
    standing = ended.filter(server__status=Server.Status.APPROVED).exclude(
        server__in=Approval.objects.in_force(today=today).values("server")
    )
    return standing.select_related("server").order_by("-valid_until", "-id")


def why_not_approved(server: Server, *, now: datetime) -> str:
    """Return why agents may not use the server at this moment, as a sentence; for one without an approval now."""
    return f"{Reason(_why_not_approved(server, now=now)).label}."


def _named(asked: Asked, *, by: Any) -> list[Server]:
    """Return the servers that the name may mean, but those that are out of use where another one is not."""
    mine = Server.objects.visible_to(by)
    if asked.unit:
        mine = mine.filter(unit__code=asked.unit)
    found = list(_called(asked.server, mine))
    return [one for one in found if one.status not in Server.OUT_OF_USE] or found


def _called(name: str, mine: ServerQuerySet) -> ServerQuerySet:
    """Return the servers of this address, registry name, number or key, by the index of that one.

    They cannot be taken for each other: a registry name has one slash, a number and a key have none, and only a key has
    the underscore that stands for it.
    """
    if "://" in name:
        return mine.filter(pinned_release__in=Remote.objects.filter(url=name).values("release"))
    if "/" in name:
        return mine.called(name)
    number = name[2:] if name[:2].upper() == "S-" else ""
    if number.isdecimal() and len(number) < 10:
        return mine.filter(number=int(number))
    return mine.keyed(name)


def _of_server(asked: Asked, server: Server, *, now: datetime) -> Answer:
    # Without the documents that come with its release: a question reads three rows.
    approval = approved_now(Server.objects.filter(pk=server.pk), now=now).select_related(None).first()
    reason = _why_not(asked, server, approval, now=now)
    return Answer(asked, reason, server, approval, not reason or _is_enforced(server, reason), server.unit_id)


def _is_enforced(server: Server, reason: str) -> bool:
    """Return whether a denial is obeyed: what somebody suspended is stopped also where the policy only observes."""
    if reason == Reason.SUSPENDED:
        return True
    policy = Policy.objects.standing().filter(unit_id=server.unit_id).first()
    return policy is None or policy.status == Policy.Status.ENFORCING


def _why_not(asked: Asked, server: Server, approval: Approval | None, *, now: datetime) -> str:
    if approval is None:
        return _why_not_approved(server, now=now)
    if asked.method == methods.CALL:
        return _why_not_the_tool(asked, approval)
    return "" if asked.method in methods.KNOWN else Reason.UNKNOWN_METHOD


def _why_not_approved(server: Server, *, now: datetime) -> str:
    if server.status == Server.Status.SUSPENDED:
        return Reason.SUSPENDED
    if server.status != Server.Status.APPROVED:
        return Reason.NOT_APPROVED
    in_date = Approval.objects.in_force(today=timezone.localdate(now)).filter(server=server)
    return Reason.CHANGED if in_date.exists() else Reason.APPROVAL_ENDED


def _why_not_the_tool(asked: Asked, approval: Approval) -> str:
    if not approval.manifest_digest:
        return Reason.TOOLS_UNKNOWN
    tool = Tool.objects.filter(release=approval.release_id, name=asked.tool).only("digest").first()
    if tool is None:
        return Reason.TOOL_NOT_APPROVED
    return Reason.TOOL_CHANGED if asked.digest and asked.digest != tool.digest else ""


def _of_no_server(asked: Asked, *, by: Any) -> Answer:
    """Return the denial of a server that nobody registered: blocked, unless every unit that is meant only observes."""
    units = access.visible_units(by)
    if asked.unit:
        units = units.filter(code=asked.unit)
    meant: Sequence[UUID] = list(units.values_list("pk", flat=True))
    observing = Policy.objects.filter(unit__in=meant, status=Policy.Status.OBSERVING).count()
    is_enforced = not meant or observing < len(meant)
    return Answer(asked, Reason.UNKNOWN_SERVER, is_enforced=is_enforced, unit_id=meant[0] if len(meant) == 1 else None)
