"""Steps that put a server on the register: its facts, its suppliers and its releases."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import models

from accounts import steps
from accounts.access import Capability
from accounts.models import Unit, User
from accounts.principals import Principal
from accounts.steps import Done, Unchanged, step
from riskregister import lookalikes, versions
from riskregister import tags as words
from riskregister.lookalikes import LOOK_LIMIT
from riskregister.refusals import Conflict, Refused
from vendors import fields, following
from vendors.models import Release, Server, ServerSupplier, ServerTag, Vendor
from vendors.registering import easing, exposure

_REGISTRY_NAME = re.compile(r"[a-zA-Z0-9.-]+/[a-zA-Z0-9._-]+")


def is_registry_name(text: str) -> bool:
    """Return whether a text is written as the name of a server in a registry, e.g. com.example/weather."""
    return bool(_REGISTRY_NAME.fullmatch(text))


def _registry_name(value: Any, field: str) -> str:
    name = str(fields.name(200)(value, field))
    if not is_registry_name(name):
        raise Refused(
            "Write the name as in the registry: com.example/weather. Use your own domain if none.", field=field
        )
    return name


SERVER_FIELDS: dict[str, fields.Cleaner] = {
    "name": _registry_name,
    "title": fields.name(160),
    "purpose": fields.text,
    "owner": fields.person,
    "repository_url": fields.url(300),
    "repository_source": fields.word(40),
    "repository_id": fields.word(80),
    "repository_subfolder": fields.word(200),
    "website_url": fields.url(300),
    "licence": fields.word(60),
    "is_open_source": fields.truth,
    "is_vendor_hosted": fields.truth,
    "is_under_contract": fields.truth,
}
# What open assessments of the server ask hangs on these.
_ASKED_BY = {"owner", "licence", "repository_url", "is_open_source", "is_vendor_hosted", "is_under_contract"}


def _taken(server: Server) -> Conflict:
    return Conflict(f"{server.name} is registered in this unit already. Open that server instead.", field="name")


@step("server.registered", needs=Capability.WRITE, makes=Server)
def register_server(
    *,
    unit: Unit,
    name: str,
    title: str,
    by: Principal,
    now: datetime,
    publisher: Vendor | None = None,
    owner: User | None = None,
    tags: Iterable[str] = (),
    is_demo: bool = False,
    **facts: Any,
) -> Done[Server]:
    """Return a new requested server of the unit; `facts` are SERVER_FIELDS and exposure facts.

    Raises Refused for a bad value, Conflict when the unit has registered a server of this name already.
    """
    given = {"name": name, "title": title, "owner": owner} | facts
    cleaned, wanted = fields.clean(given, SERVER_FIELDS | exposure.FACT_FIELDS), words.several(tags, "tags")
    server = Server(unit=unit, created_at=now, is_demo=is_demo, **cleaned)
    fields.refuse_outsider(server.owner, unit_id=unit.pk, field="owner")
    _refuse_taken_name(server)
    fields.put_on(server, _looks({"name": server.name, "title": server.title}))
    exposure.rate(server)
    fields.save_once(server, otherwise=_taken(server))
    for word in wanted:
        ServerTag(server=server, word=word).save()
    if publisher is not None:
        ServerSupplier(server=server, vendor=publisher, role=ServerSupplier.SupplierRole.PUBLISHER).save()
    following.changed(server, reason="It was registered.", now=now)
    published = str(publisher) if publisher else None
    return Done(server, name=server.name, publisher=published, tier=server.inherent_tier)


def _edited(server: Server) -> dict[str, Any]:
    return {**versions.facts(*SERVER_FIELDS)(server), "tags": sorted(tag.word for tag in server.tags.all())}


@step("server.edited", needs=Capability.WRITE, taken=_taken, edits=_edited)
def edit_server(server: Server, *, changes: Mapping[str, Any], by: Principal, now: datetime) -> Done[Server]:
    """Return the server with changed SERVER_FIELDS, or other `tags`; records nothing when none differs.

    Raises Refused for a bad value, Conflict when the unit has another server of this name.
    """
    cleaned = fields.clean({key: value for key, value in changes.items() if key != "tags"}, SERVER_FIELDS)
    changed = fields.differing(server, cleaned)
    added, removed = _retag(server, changes["tags"]) if "tags" in changes else ([], [])
    if not (changed or added or removed):
        return Unchanged(server)
    fields.refuse_outsider(changed.get("owner"), unit_id=server.unit_id, field="owner")
    if "name" in changed:
        _refuse_taken_name(Server(pk=server.pk, unit_id=server.unit_id, name=changed["name"]))
    if "owner" in changed and by.person is not None and server.owner_id == by.person.pk:
        server.given_away.create(person=by.person, at=now)
    fields.put_on(server, changed | _looks(changed))
    if _ASKED_BY & changed.keys():
        following.changed(server, reason="What is known of it changed.", now=now)
    touched = [*changed, *(["tags"] if added or removed else [])]
    return Done(server, fields=sorted(touched), tags_added=added, tags_removed=removed)


@step(
    "server.exposure_changed",
    needs=Capability.WRITE,
    also=(Capability.DECIDE,),
    edits=versions.facts(*exposure.FACT_FIELDS),
)
def set_exposure(server: Server, *, facts: Mapping[str, Any], by: Principal, now: datetime) -> Done[Server]:
    """Return the server with other exposure facts of its own (empty: unknown), and the tier that follows from them.

    They count while it has no deployment. Raises Refused for another fact or level, and easing.EasesExposure for
    whoever may not make the tier of an approved server milder.
    """
    changed = fields.differing(server, exposure.clean_facts(facts))
    if not changed:
        return Unchanged(server)
    fields.put_on(server, changed)
    shown = exposure.shown(server)
    easing.note(server, shown["inherent_tier"], by=by, now=now)
    fields.put_on(server, shown)
    following.changed(server, reason="Its exposure or use changed.", now=now)
    return Done(server, fields=sorted(changed), tier=server.inherent_tier)


@step("server.supplier_added", needs=Capability.WRITE)
def add_supplier(server: Server, vendor: Vendor, *, role: str, by: Principal, now: datetime) -> Done[ServerSupplier]:
    """Return the record that a vendor stands behind the server in a role. Raises Conflict when it is there already."""
    chosen = fields.one_of(ServerSupplier.SupplierRole)(role, "role")
    row = ServerSupplier(server=server, vendor=vendor, role=chosen)
    fields.save_once(row, otherwise=Conflict(f"{vendor} is its {chosen} already.", field="vendor"))
    following.changed(server, reason="Its suppliers changed.", now=now)
    return Done(row, vendor=str(vendor), role=chosen)


@step("server.supplier_removed", needs=Capability.WRITE, on="server")
def remove_supplier(supplier: ServerSupplier, *, by: Principal, now: datetime) -> Done[None]:
    """Remove a vendor from behind a server. Raises Conflict when somebody else has done so."""
    if not supplier.delete()[0]:
        raise Conflict("Somebody else has removed this supplier.")
    following.changed(supplier.server, reason="Its suppliers changed.", now=now)
    return Done(None, vendor=str(supplier.vendor), role=supplier.role)


@step("release.recorded", needs=Capability.WRITE, makes=Release)
def add_release(server: Server, version: str, *, by: Principal, now: datetime, description: str = "") -> Done[Release]:
    """Return a new release of the server, recorded by hand, without packages or tools.

    Raises Refused for "latest", which names no version, and Conflict when this version is recorded.
    """
    release = Release(
        server=server,
        version=_version(version),
        description=fields.word(300)(description, "description"),
        created_at=now,
    )
    twice = Conflict(f"Version {release.version} is recorded already.", field="version")
    fields.save_once(release, otherwise=twice)
    return Done(release, **_which(release))


def record_release(release: Release, *, by: Principal, now: datetime) -> None:
    """Say that a release was recorded, with its packages and remotes. Part of a step that makes one on its way."""
    rows = (*release.packages.all(), *release.remotes.all())
    steps.record("release.recorded", release, by=by, now=now, rows=rows, **_which(release))


def _which(release: Release) -> dict[str, Any]:
    digest = release.server_json_digest
    return {"version": release.version, "revision": release.revision, "server_json_digest": digest}


def next_revision(server: Server, version: str) -> int:
    """Return the revision that a further release of this version gets, from 1."""
    last = Release.objects.filter(server=server, version=version).aggregate(last=models.Max("revision"))["last"]
    return (last or 0) + 1


def _retag(server: Server, tags: Any) -> tuple[list[str], list[str]]:
    """Let a server have these tags and no others; return those that it got, and those that it lost."""
    wanted, had = set(words.several(tags, "tags")), {row.word: row for row in server.tags.all()}
    added, removed = sorted(wanted - had.keys()), sorted(had.keys() - wanted)
    for word in removed:
        had[word].delete()
    for word in added:
        fields.save_once(ServerTag(server=server, word=word), otherwise=Conflict(fields.AT_ONCE, field="tags"))
    return added, removed


def _looks(facts: Mapping[str, Any]) -> dict[str, str]:
    """Return what name and title look like, of those that are among the facts."""
    return {
        f"{name}_look": lookalikes.skeleton(facts[name])[:LOOK_LIMIT] for name in ("name", "title") if name in facts
    }


def _version(value: Any) -> str:
    version = str(fields.name(255)(value, "version"))
    if version.lower() == "latest":
        raise Refused("Give the version itself: latest is another one tomorrow.", field="version")
    return version


def _refuse_taken_name(server: Server) -> None:
    twins = Server.objects.filter(unit_id=server.unit_id, name__reads=server.name)
    if twins.exclude(pk=server.pk).exists():
        raise _taken(server)
