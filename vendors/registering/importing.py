"""Steps that bring documents of strangers onto the register: a registry `server.json` and a captured `tools/list`."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from django.db import models

from accounts.access import Capability
from accounts.models import Unit
from accounts.principals import Principal
from accounts.steps import Done, Unchanged, step
from riskregister import nouns, transitions
from riskregister.refusals import Conflict, Refused
from riskregister.text import clean_name, clean_word
from vendors import credentials, fields, following
from vendors.documents import registry_listing, server_document, server_json
from vendors.documents.server_document import ServerDocument
from vendors.models import Offering, Package, Release, Remote, Server, Tool, Vendor
from vendors.naming.integrity import DIGESTS_LIMIT, WrongForm
from vendors.naming.integrity import read as read_digests
from vendors.offered import manifest, offerings
from vendors.registering import registration

# The protocol was published on 25 November 2024. Years such as 1 could not be shown in every zone.
_FIRST = datetime(2024, 11, 1, tzinfo=UTC)
# Ends of registry names that many publishers use alike.
_ANYBODYS = frozenset({"mcp", "mcp-server", "server"})
_TITLE_LIMIT = 160
# What a further revision has from the document of the first, beside its text.
_OF_THE_DOCUMENT = ("schema_date", "dropped", *registry_listing.FIELDS)
_AT_ONCE = "Somebody else imported this at the same time. Look again."


@step("release.imported", needs=Capability.WRITE, makes=Release, records=False)
def import_server_json(
    text: str | bytes,
    *,
    unit: Unit,
    by: Principal,
    now: datetime,
    publisher: Vendor | None = None,
    tags: Iterable[str] = (),
    is_demo: bool = False,
    reason: str = "",
) -> tuple[Server, Release]:
    """Return the server and the release that a `server.json` describes, new ones where the unit has none.

    The same document again gives the same release; another document of the same version is a further revision. A known
    server keeps its fields: what the document says of the repository is in the release. `publisher` and `tags` are of a
    new server only. A document that its registry calls deprecated or deleted is taken with a `reason`; a known one gets
    the registry's newer word. Raises ServerDocumentInvalid with the path of each problem, Refused, or Conflict.
    """
    document = server_json.parse(text)
    listing = registry_listing.fields_of(document.listing, reason=reason)
    server = Server.objects.filter(unit=unit, name__reads=document.name).first()
    if server is not None:
        nouns.hold(server)
    else:
        registry_listing.require_reason(listing)
        server = _register(document, unit=unit, by=by, now=now, publisher=publisher, tags=tags, is_demo=is_demo)
    known = server.releases.filter(server_json_digest=document.digest).order_by("revision").first()
    if known is None:
        registry_listing.require_reason(listing)
        return server, _record_release(server, document, listing, by=by, now=now)
    registry_listing.note(known, listing, by=by, now=now)
    return server, known


@step("tools.captured", needs=Capability.WRITE, makes=Release)
def import_tools(
    release: Release, text: str | bytes, *, captured_at: datetime, command: str, by: Principal, now: datetime
) -> Done[Release]:
    """Return the release that has the tools of a captured `tools/list`.

    The given release takes them when it has none yet and is not pinned. The same tools again give the release of this
    version that has them; other tools under the same version make a further revision, with the same packages. Without a
    `command` that of the document is kept, where it names one.
    Raises ManifestInvalid with the path of each problem, Refused for a capture of the future or long ago, or Conflict.
    """
    server = release.server
    nouns.hold(server)
    if not _FIRST <= captured_at <= now:
        raise Refused("Give the moment of the capture: not later than now, nor before MCP was.", field="captured_at")
    captured = manifest.parse(text)
    twin = server.releases.filter(version=release.version, manifest_digest=captured.digest).order_by("revision").first()
    if twin is not None:
        return Unchanged(twin)
    how = {"captured_at": captured_at, "capture_command": _command(command or captured.command)}
    target = _without_tools(release, server, by=by, now=now)
    rows = _take_manifest(target, captured, how)
    following.changed(server, reason="Its tools were captured.", now=now)
    when, digest = captured_at.isoformat(), captured.digest
    return Done(target, tools=len(captured.tools), manifest_digest=digest, captured_at=when).made(*rows)


@step("release.package_digest_recorded", needs=Capability.WRITE, on="release")
def record_package_digest(package: Package, *, integrity: str, by: Principal, now: datetime) -> Done[Package]:
    """Return the package with its registry's own digest, e.g. `sha512-…`; written once.

    Several, apart by spaces, are those of its files. Raises Refused for what is no digest, Conflict for another one.
    """
    digest = clean_name(integrity, field="integrity", limit=DIGESTS_LIMIT)
    try:
        read_digests(digest)
    except WrongForm as error:
        raise Refused(str(error), field="integrity") from error
    if package.integrity == digest:
        return Unchanged(package)
    if not transitions.change_if(package, {"integrity": ""}, integrity=digest):
        raise Conflict(
            "This package has another digest already. A changed package is a new release.", field="integrity"
        )
    return Done(package, package=str(package), integrity=digest)


def _command(text: str) -> str:
    command = clean_word(text, field="command", limit=500)
    if credentials.is_in(command):
        raise Refused(
            "The command holds what looks like a credential. Leave it out: name the variable, not its value.",
            field="command",
        )
    return command


def _register(document: ServerDocument, *, unit: Unit, **how: Any) -> Server:
    where = document.repository
    repository: dict[str, Any] = {}
    if where:
        repository = {
            "repository_url": where.url,
            "repository_source": where.source,
            "repository_id": where.id,
            "repository_subfolder": where.subfolder,
        }
    return registration.register_server(
        unit=unit,
        name=document.name,
        title=document.title or _short(document.name),
        purpose=document.description,
        website_url=document.website_url,
        **repository,
        **how,
    )


def _short(name: str) -> str:
    """Return the part of a registry name that tells servers apart: all of it where its end could be anybody's."""
    end = name.split("/")[-1]
    return (name if end.lower() in _ANYBODYS else end)[:_TITLE_LIMIT]


def _record_release(
    server: Server, document: ServerDocument, listing: dict[str, Any], *, by: Principal, now: datetime
) -> Release:
    release = Release(
        server=server,
        version=document.version,
        revision=registration.next_revision(server, document.version),
        description=document.description,
        server_json=document.canonical,
        server_json_digest=document.digest,
        schema_date=document.schema_date,
        dropped=list(document.dropped),
        created_at=now,
        **listing,
    )
    fields.save_once(release, otherwise=Conflict(_AT_ONCE))
    _save_rows([_package(release, row) for row in document.packages], "packages")
    _save_rows([_remote(release, row) for row in document.remotes], "remotes")
    registration.record_release(release, by=by, now=now)
    return release


def _package(release: Release, row: server_document.Package) -> Package:
    return Package(
        release=release,
        registry_type=row.registry_type,
        identifier=row.identifier,
        registry_base_url=row.registry_base_url,
        version=row.version,
        transport=row.transport.type,
        transport_url=row.transport.url,
        runtime_hint=row.runtime_hint,
        sha256=row.file_sha256,
        environment=[asdict(named) for named in row.environment_variables],
        headers=[asdict(named) for named in row.transport.headers],
        runtime_arguments=[asdict(argument) for argument in row.runtime_arguments],
        package_arguments=[asdict(argument) for argument in row.package_arguments],
    )


def _remote(release: Release, row: server_document.Remote) -> Remote:
    return Remote(
        release=release,
        transport=row.type,
        url=row.url,
        headers=[asdict(named) for named in row.headers],
        variables=[asdict(named) for named in row.variables],
    )


def _save_rows(rows: Iterable[models.Model], path: str) -> None:
    for index, row in enumerate(rows):
        place = f"{path}[{index}]"
        fields.refuse_too_long(row, path=place)
        fields.save_once(row, otherwise=Conflict(f"{place} is there twice. Keep one of them.", field=place))


def _without_tools(release: Release, server: Server, *, by: Principal, now: datetime) -> Release:
    """Return the release when it can take tools, else a further revision of its version with the same packages."""
    if not release.manifest_digest and server.pinned_release_id != release.pk:
        return release
    copy = Release(
        server=server,
        version=release.version,
        revision=registration.next_revision(server, release.version),
        description=release.description,
        server_json=release.server_json,
        server_json_digest=release.server_json_digest,
        created_at=now,
        **{name: getattr(release, name) for name in _OF_THE_DOCUMENT},
    )
    fields.save_once(copy, otherwise=Conflict(_AT_ONCE))
    for package in release.packages.all():
        _copy(package, copy)
    for remote in release.remotes.all():
        _copy(remote, copy)
    registration.record_release(copy, by=by, now=now)
    return copy


def _copy(row: Package | Remote, release: Release) -> None:
    values = {column.attname: getattr(row, column.attname) for column in row._meta.concrete_fields}
    del values["id"]
    type(row)(**values | {"release_id": release.pk}).save()


def _take_manifest(release: Release, captured: manifest.Manifest, how: dict[str, Any]) -> list[Tool | Offering]:
    facts = {
        "manifest_digest": captured.digest,
        "instructions": captured.instructions,
        "protocol_version": captured.protocol_version,
        "reported_name": captured.server_name,
        "reported_version": captured.server_version,
        "server_info": captured.server_info,
        "capabilities": captured.capabilities,
        "dropped": [*release.dropped, *captured.dropped],
    }
    if not transitions.change_if(release, {"manifest_digest": ""}, **facts, **how):
        raise Conflict(_AT_ONCE)
    tools = Tool.objects.bulk_create([_tool(release, tool) for tool in captured.tools], batch_size=200)
    offered = Offering.objects.bulk_create([_offering(release, row) for row in captured.offerings], batch_size=200)
    return [*tools, *offered]


def _tool(release: Release, tool: manifest.Tool) -> Tool:
    hints = tool.hints
    return Tool(
        release=release,
        name=tool.name,
        title=tool.title,
        description=tool.description,
        input_schema=tool.input_schema,
        output_schema=tool.output_schema,
        read_only=_declared(hints.read_only),
        destructive=_declared(hints.destructive),
        idempotent=_declared(hints.idempotent),
        open_world=_declared(hints.open_world),
        annotations=tool.annotations,
        uncovered=tool.uncovered,
        canonical=tool.canonical,
        digest=tool.digest,
    )


def _offering(release: Release, row: offerings.Offering) -> Offering:
    return Offering(
        release=release,
        kind=row.kind,
        key=row.key,
        name=row.name,
        title=row.title,
        description=row.description,
        mime_type=row.mime_type,
        arguments=row.arguments,
        uncovered=row.uncovered,
        canonical=row.canonical,
        digest=row.digest,
    )


def _declared(hint: manifest.Hint) -> bool | None:
    return hint.value if hint.declared else None
