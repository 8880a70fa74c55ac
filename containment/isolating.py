"""The walls around a server: what is said of them, and the files that are made of it for whatever builds them."""

import difflib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from accounts import principals
from accounts.access import Capability
from accounts.models import User
from accounts.principals import Principal
from accounts.steps import Done, Unchanged, step
from containment.calls import deciding
from containment.isolation import agentgateway, cilium, compose, facts, kubernetes, squid, toolhive
from containment.isolation.isolated import Isolated
from containment.models import ArtefactFetch, IsolationProfile
from decisions.models import Approval
from landscape.models import TechnicalProfile
from riskregister import versions
from riskregister.refusals import Conflict, Refused
from vendors import fields
from vendors.models import Remote, Server

FIELDS = (
    "egress_hosts", "read_only_paths", "tools", "image", "port", "path", "run_as_user", "memory_mb", "cpu_millis",
    "processes",
)  # fmt: skip


class NoArtefact(Refused):
    """There is nothing to hand out: the server may not run, or nothing is said of how."""


@dataclass(frozen=True, slots=True)
class Artefact:
    """A file for something that builds walls: its name in addresses, its own name, and how it is made."""

    name: str
    file: str
    words: str
    make: Callable[[Isolated], str]
    is_of_image: bool = True


ARTEFACTS = (
    Artefact("kubernetes", "kubernetes.yaml", "Kubernetes: network policy, deployment and service", kubernetes.make),
    Artefact("cilium", "cilium.yaml", "Cilium: hosts by name, tools by header", cilium.make),
    Artefact("toolhive", "toolhive-profile.json", "ToolHive: permission profile", toolhive.make),
    Artefact("compose", "compose.yaml", "Docker Compose with an egress proxy", compose.make),
    Artefact("squid", "squid.conf", "Squid: the egress proxy alone", squid.make),
    Artefact(
        "agentgateway", "agentgateway.yaml", "agentgateway: the tools alone", agentgateway.make, is_of_image=False
    ),
)
BY_NAME = {artefact.name: artefact for artefact in ARTEFACTS}


@dataclass(frozen=True, slots=True)
class Prepared:
    """An artefact as it is now, or why there is none; when it was fetched last, and the lines that differ since."""

    artefact: Artefact
    text: str
    why_not: str
    last: ArtefactFetch | None
    changes: Sequence[str]

    @property
    def difference(self) -> str:
        """Return the lines that differ as one text."""
        return "\n".join(self.changes)


@step("isolation.described", needs=Capability.WRITE, makes=IsolationProfile)
def describe(server: Server, *, values: Mapping[str, Any], by: Principal, now: datetime) -> IsolationProfile:
    """Return the isolation profile of a server that had none.

    Raises ProfileInvalid for what cannot be written into a configuration, Conflict for a second profile.
    """
    made = IsolationProfile(unit=server.unit, server=server, written_by=principals.person_of(by), written_at=now)
    fields.put_on(made, facts.cleaned(values))
    fields.save_once(made, otherwise=Conflict("This server has an isolation profile already. Change that one."))
    return made


@step("isolation.redescribed", needs=Capability.WRITE, edits=versions.facts(*FIELDS))
def redescribe(
    profile: IsolationProfile, *, values: Mapping[str, Any], by: Principal, now: datetime
) -> Done[IsolationProfile]:
    """Return the profile with other facts; records nothing when none differs. Raises ProfileInvalid."""
    changed = fields.differing(profile, facts.cleaned({name: getattr(profile, name) for name in FIELDS} | dict(values)))
    if not changed:
        return Unchanged(profile)
    fields.put_on(profile, changed)
    profile.written_by, profile.written_at = principals.person_of(by), now
    return Done(profile, fields=sorted(changed))


def prepare(profile: IsolationProfile, *, now: datetime) -> list[Prepared]:
    """Return all artefacts of a profile as they are now."""
    last = {row.artefact: row for row in profile.fetches.select_related("fetched_by")}
    approval = _approval(profile, now=now)
    why = "" if approval else _not_approved(profile, now=now)
    made = isolated(profile, approval) if approval else None
    return [_prepared(artefact, made, why, last.get(artefact.name)) for artefact in ARTEFACTS]


def hand_out(profile: IsolationProfile, artefact: Artefact, *, to: User, now: datetime) -> str:
    """Return an artefact, and note who fetched it. Raises NoArtefact with the reason."""
    approval = _approval(profile, now=now)
    if approval is None:
        raise NoArtefact(_not_approved(profile, now=now))
    made = isolated(profile, approval)
    if why := _nothing_to_build(artefact, made):
        raise NoArtefact(why)
    text = artefact.make(made)
    known = {"text": text, "fetched_by": to, "fetched_at": now}
    ArtefactFetch.objects.update_or_create(profile=profile, artefact=artefact.name, defaults=known)
    return text


def notes(profile: IsolationProfile, *, now: datetime) -> list[str]:
    """Return in sentences what the artefacts do not let through although somebody may expect it."""
    approval = _approval(profile, now=now)
    if approval is None:
        return []
    approved = _approved_tools(approval)
    found = [f"{name!r} cannot be named in a rule, so that none lets it be called." for name in approved
             if not facts.is_writable(name)]  # fmt: skip
    found += [f"{name} is not among the approved tools any more." for name in profile.tools if name not in approved]
    if not approved:
        found.append("No tools of the approved release were captured, so that no rule lets one be called.")
    return found + list(_held_back(profile))


def planned_hosts(server: Server) -> list[str]:
    """Return where the deployments in use connect to by their technical profiles, as far as a rule can name it."""
    named = [one for row in _technical_profiles(server.pk) for one in row.egress_hosts]
    return [str(one) for one in sorted({facts.host(one) for one in named if facts.is_host(one)})]


def _held_back(profile: IsolationProfile) -> Iterator[str]:
    for row in _technical_profiles(profile.server_id):
        if held_back := [one for one in row.egress_hosts if not _lets_through(profile, one)]:
            yield f"{row.deployment} connects to {', '.join(held_back)} by its technical profile, and no rule lets it."


def _lets_through(profile: IsolationProfile, host: str) -> bool:
    return facts.is_host(host) and str(facts.host(host)) in profile.egress_hosts


def _technical_profiles(server: UUID) -> "QuerySet[TechnicalProfile]":
    rows = TechnicalProfile.objects.current().filter(deployment__server=server)
    return rows.select_related("deployment").order_by("deployment__number")


def isolated(profile: IsolationProfile, approval: Approval) -> Isolated:
    """Return what the artefacts are made of: the approval's tools, as far as the profile lets them be called."""
    server, release = profile.server, approval.release
    remote = Remote.objects.fixed_streamable().filter(release=release).first()
    wanted = set(profile.tools)
    tools = [name for name in _approved_tools(approval) if facts.is_writable(name) and (not wanted or name in wanted)]
    return Isolated(
        server=server.ref,
        title=server.title,
        approval=approval.ref,
        release=str(release),
        digest=approval.manifest_digest,
        valid_until=approval.valid_until.isoformat() if approval.valid_until else "",
        image=profile.image,
        address=remote.url if remote and not profile.image else "",
        port=profile.port,
        path=profile.path,
        user=profile.run_as_user,
        memory_mb=profile.memory_mb,
        cpu_millis=profile.cpu_millis,
        processes=profile.processes,
        hosts=tuple(facts.host(one) for one in profile.egress_hosts),
        read_only=tuple(profile.read_only_paths),
        tools=tuple(tools),
    )


def _approved_tools(approval: Approval) -> list[str]:
    names = approval.release.tools.values_list("name", flat=True) if approval.manifest_digest else []
    return sorted(names)


def _approval(profile: IsolationProfile, *, now: datetime) -> Approval | None:
    return deciding.approved_now(Server.objects.filter(pk=profile.server_id), now=now).first()


def _not_approved(profile: IsolationProfile, *, now: datetime) -> str:
    return deciding.why_not_approved(profile.server, now=now)


def _nothing_to_build(artefact: Artefact, made: Isolated) -> str:
    if made.image or (made.address and not artefact.is_of_image):
        return ""
    return "The profile names no image, and nothing can be built around what the vendor runs."


def _prepared(artefact: Artefact, made: Isolated | None, why: str, last: ArtefactFetch | None) -> Prepared:
    why = why if made is None else _nothing_to_build(artefact, made)
    text = "" if made is None or why else artefact.make(made)
    return Prepared(artefact, text, why, last, _changes(last.text, text) if last and text else [])


def _changes(before: str, after: str) -> list[str]:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=1)
    # Two lines with the names of files come first.
    return list(lines)[2:]
