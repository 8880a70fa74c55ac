"""Steps that put a server on the register: its facts, its suppliers and its releases."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import models, transaction

from accounts import access
from accounts.access import Capability
from accounts.models import Unit, User
from audit import trail
from riskregister.refusals import Conflict, Refused
from vendors import deployments, exposure, fields
from vendors.models import Deployment, Release, Server, ServerSupplier, Vendor
from vendors.signals import server_changed

_REGISTRY_NAME = re.compile(r"[a-zA-Z0-9.-]+/[a-zA-Z0-9._-]+")


def _registry_name(value: Any, field: str) -> str:
    name = str(fields.name(200)(value, field))
    if not _REGISTRY_NAME.fullmatch(name):
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
}


@transaction.atomic
def register_server(
    *,
    unit: Unit,
    name: str,
    title: str,
    by: User,
    now: datetime,
    publisher: Vendor | None = None,
    owner: User | None = None,
    is_demo: bool = False,
    **facts: Any,
) -> Server:
    """Return a new requested server of the unit; `facts` are SERVER_FIELDS and exposure facts.

    Raises Refused for a bad value, Conflict when the unit has registered a server of this name already.
    """
    access.require(by, Capability.WRITE, unit_id=unit.pk)
    said = {"name": name, "title": title, "owner": owner} | facts
    cleaned = fields.clean(said, SERVER_FIELDS | exposure.FACT_FIELDS)
    server = Server(unit=unit, created_at=now, is_demo=is_demo, **cleaned)
    fields.refuse_outsider(server.owner, unit_id=unit.pk, field="owner")
    _refuse_taken_name(server)
    exposure.rate(server)
    fields.save_once(server, otherwise=_taken(server), field="name")
    if publisher is not None:
        ServerSupplier(server=server, vendor=publisher, role=ServerSupplier.SupplierRole.PUBLISHER).save()
    trail.record(
        "server.registered", server, by=by, at=now, concerns=server,
        name=server.name, publisher=str(publisher) if publisher else None, tier=server.inherent_tier,
    )  # fmt: skip
    server_changed.send(Server, server=server, reason="It was registered.", now=now)
    return server


@transaction.atomic
def edit_server(server: Server, *, changes: Mapping[str, Any], by: User, now: datetime) -> Server:
    """Return the server with changed SERVER_FIELDS; records nothing when none differs.

    Raises Refused for a bad value, Conflict when the unit has another server of this name.
    """
    access.require(by, Capability.WRITE, unit_id=server.unit_id)
    changed = fields.differing(server, fields.clean(changes, SERVER_FIELDS))
    if not changed:
        return server
    fields.refuse_outsider(changed.get("owner"), unit_id=server.unit_id, field="owner")
    if "name" in changed:
        _refuse_taken_name(Server(pk=server.pk, unit_id=server.unit_id, name=changed["name"]))
    fields.put_on(server, changed)
    trail.record("server.edited", server, by=by, at=now, concerns=server, fields=sorted(changed))
    return server


@transaction.atomic
def set_exposure(exposed: Server | Deployment, *, facts: Mapping[str, Any], by: User, now: datetime) -> None:
    """Set exposure facts of a server or a deployment (empty: unknown); the tiers follow in the same transaction.

    A server's own facts count while it has no deployment. Raises Refused for another fact or level, DeploymentEnded.
    """
    cleaned = exposure.clean_facts(facts)
    if isinstance(exposed, Deployment):
        deployments.edit_deployment(exposed, changes=cleaned, by=by, now=now)
        return
    access.require(by, Capability.WRITE, unit_id=exposed.unit_id)
    changed = fields.differing(exposed, cleaned)
    if not changed:
        return
    fields.put_on(exposed, changed)
    exposure.refresh(exposed, now=now)
    trail.record(
        "server.exposure_changed", exposed, by=by, at=now, concerns=exposed, fields=sorted(changed),
        tier=exposed.inherent_tier,
    )  # fmt: skip


@transaction.atomic
def add_supplier(server: Server, vendor: Vendor, *, role: str, by: User, now: datetime) -> ServerSupplier:
    """Return the record that a vendor stands behind the server in a role. Raises Conflict when it is there already."""
    access.require(by, Capability.WRITE, unit_id=server.unit_id)
    chosen = fields.one_of(ServerSupplier.SupplierRole)(role, "role")
    row = ServerSupplier(server=server, vendor=vendor, role=chosen)
    fields.save_once(row, otherwise=f"{vendor} is its {chosen} already.", field="vendor")
    trail.record("server.supplier_added", server, by=by, at=now, concerns=server, vendor=str(vendor), role=chosen)
    return row


@transaction.atomic
def remove_supplier(supplier: ServerSupplier, *, by: User, now: datetime) -> None:
    """Remove a vendor from behind a server. Raises Conflict when somebody else has done so."""
    server, vendor, role = supplier.server, str(supplier.vendor), supplier.role
    access.require(by, Capability.WRITE, unit_id=server.unit_id)
    if not supplier.delete()[0]:
        raise Conflict("Somebody else has removed this supplier.")
    trail.record("server.supplier_removed", server, by=by, at=now, concerns=server, vendor=vendor, role=role)


@transaction.atomic
def add_release(server: Server, version: str, *, by: User, now: datetime, description: str = "") -> Release:
    """Return a new release of the server, recorded by hand, without packages or tools.

    Raises Refused for "latest", which names no version, and Conflict when this version is recorded.
    """
    access.require(by, Capability.WRITE, unit_id=server.unit_id)
    release = Release(
        server=server,
        version=_version(version),
        description=fields.word(300)(description, "description"),
        created_at=now,
    )
    fields.save_once(release, otherwise=f"Version {release.version} is recorded already.", field="version")
    record_release(release, by=by, now=now)
    return release


def record_release(release: Release, *, by: User, now: datetime) -> None:
    """Say that a release was recorded; the part of every step that makes one."""
    server = release.server
    trail.record(
        "release.recorded", release, by=by, at=now, unit_id=server.unit_id, concerns=server,
        version=release.version, revision=release.revision, server_json_digest=release.server_json_digest,
    )  # fmt: skip


def next_revision(server: Server, version: str) -> int:
    """Return the revision that a further release of this version gets, from 1."""
    last = Release.objects.filter(server=server, version=version).aggregate(last=models.Max("revision"))["last"]
    return (last or 0) + 1


def _version(value: Any) -> str:
    version = str(fields.name(255)(value, "version"))
    if version.lower() == "latest":
        raise Refused("Give the version itself: latest is another one tomorrow.", field="version")
    return version


def _taken(server: Server) -> str:
    return f"{server.name} is registered in this unit already. Open that server instead."


def _refuse_taken_name(server: Server) -> None:
    twins = Server.objects.filter(unit_id=server.unit_id, name__iexact=server.name)
    if twins.exclude(pk=server.pk).exists():
        raise Conflict(_taken(server), field="name")
