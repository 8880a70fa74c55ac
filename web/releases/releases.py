"""Pages of a server's releases: what is recorded of each, its tools, and what changed against the pinned ones."""

import json
from dataclasses import dataclass
from uuid import UUID

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from inspection import checking, drift, inspecting
from inspection.checks import table
from inspection.checks.declared import Outcome, Result
from monitoring.models import Collector
from vendors import vendor_text
from vendors.documents import server_json
from vendors.models import Offering, Package, Release, Server, Tool
from vendors.offered import manifest
from vendors.offered.manifest import HINT_DEFAULTS
from vendors.registering import importing, registration
from web.forms.servers.releases import PackageDigestForm, ReleaseDocumentForm, ReleaseForm, ToolsForm
from web.page_parts import asking, documents
from web.page_parts.access import MemberRequest, member, member_who_may, visible
from web.page_parts.asking import asks
from web.releases import tool_changes
from web.servers.serverframe import find_to_write, frame, page_of

PER_PAGE = 100
OFFERINGS_SHOWN = 500
DOCUMENT_SHOWN = 60_000
SCANS_SHOWN = 5
_ABOUT_WRITING = frozenset({"destructive", "idempotent"})
_HINT_KEYS = frozenset(key for _word, key in tool_changes.HINTS.values())


@dataclass(frozen=True, slots=True)
class Hint:
    """What a tool's server claims about its behaviour, or what the protocol assumes where it claims nothing."""

    word: str
    value: bool
    declared: bool


@dataclass(frozen=True, slots=True)
class ToolRow:
    """A tool as its page shows it; schemas and the rest as indented JSON, empty where there is none.

    `hidden` are sentences on the characters in its texts that nobody sees; `rest` is all that it says besides.
    """

    tool: Tool
    hints: list[Hint]
    input: str
    output: str
    hidden: list[str]
    rest: str


@require_safe
@member
def index(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show the releases of a server with packages, remotes and digests, the newest first."""
    page = frame(request, pk, tab="server-releases")
    rows = page["server"].releases.prefetch_related("packages", "remotes").defer("instructions")
    shown = [(row, _document(row)) for row in rows]
    return render(request, "servers/releases.html", page | {"releases": shown})


@require_safe
@member
def tools(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show the tools of a release (`?release=`, else the pinned one), and what changed against another (`?against=`).

    Without one it is compared with the pinned release, or where none is pinned with the capture before it.
    """
    page = frame(request, pk, tab="server-tools")
    server: Server = page["server"]
    captured = list(server.releases.captured().defer("server_json"))
    newest = drift.newest(server)
    release = _chosen(request, server, captured, newest)
    against = _against(request, server, captured, release)
    found = Paginator(release.tools.all() if release else Tool.objects.none(), PER_PAGE)
    shown = found.get_page(request.GET.get("page"))
    extra = {
        "runs": inspecting.last_looks(server),
        "look": inspecting.ask.offer(server, request.user) if page["acts"].write else None,
        "captured": captured,
        "release": release,
        "newer": newest if release and newest and newest.manifest_digest != release.manifest_digest else None,
        "against": against,
        "compared": tool_changes.between(against, release) if against and release else None,
        "tools": [_row(tool) for tool in shown],
        "offerings": [(row, _hidden(row)) for row in release.offerings.all()[:OFFERINGS_SHOWN]] if release else [],
        "look_alikes": release.look_alikes if release else [],
        "hidden": list(vendor_text.places(release.unseen)) if release else [],
        "checks": _worst_first(checking.results(release)) if release else [],
        "checks_version": table.VERSION,
        "scans": server.runs.of(Collector.SCANNER).select_related("asked_by")[:SCANS_SHOWN],
        "shown": shown,
        "total": found.count,
        "next": _next(server) if page["acts"].write and release is None else None,
    }
    return render(request, "servers/tools.html", page | extra)


@asks
@member_who_may(importing.import_server_json)
def import_document(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Record a release of this server from a server.json; look at it first."""
    server = find_to_write(request, pk)
    form = asking.filled(request, ReleaseDocumentForm)
    taken = documents.Taken(request, form, parse=server_json.parse)
    _refuse_another(taken, server)
    if taken.is_wanted:
        now = timezone.now()
        made = taken.attempt(
            lambda: importing.import_server_json(
                form.cleaned_data["text"],
                unit=server.unit,
                reason=form.cleaned_data["reason"],
                by=request.user,
                now=now,
            )
        )
        if made is not None:
            is_new, dropped = made[1].created_at == now, taken.preview.dropped
            taken.say(f"Release {made[1]} is recorded.", recorded=is_new, dropped=dropped)
            return redirect("web:server-releases", pk=pk)
    page = {"server": server, "form": form, "taken": taken, "section": "server-list"}
    return render(request, "servers/release_import.html", page, status=taken.status)


@asks
@member_who_may(registration.add_release)
def add(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Record a release by hand."""
    server = find_to_write(request, pk)
    words = "Only for a server without a server.json: the record has no packages, so less can be checked later."
    return asking.ask(
        request,
        asking.filled(request, ReleaseForm),
        page_of(server, "Record a release by hand", words, "Record", to="server-releases"),
        step=lambda data: registration.add_release(server, **data, by=request.user, now=timezone.now()),
        message="The release is recorded. Capture its tools next.",
    )


@asks
@member_who_may(importing.import_tools)
def import_tools(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Import the tools/list that was captured from a release; look at it first."""
    release = visible(Release.objects.select_related("server"), request.user, pk=pk)
    importing.import_tools.require(release, request.user)
    form = asking.filled(request, ToolsForm, initial={"captured_at": timezone.localtime()})
    taken = documents.Taken(request, form, parse=manifest.parse)
    if taken.is_wanted:
        data, now = form.cleaned_data, timezone.now()
        how = {"captured_at": data["captured_at"], "command": data["command"]}
        made = taken.attempt(lambda: importing.import_tools(release, data["text"], **how, by=request.user, now=now))
        if made is not None:
            taken.say(
                f"The tools of {made} are captured.",
                recorded=made.captured_at == data["captured_at"],
                dropped=taken.preview.dropped,
            )
            return redirect(f"{reverse('web:server-tools', args=[made.server_id])}?release={made.pk}")
    page = {"release": release, "server": release.server, "form": form, "taken": taken, "section": "server-list"}
    return render(request, "servers/tools_import.html", page, status=taken.status)


@asks
@member_who_may(importing.record_package_digest)
def record_digest(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Record the digest by which a package's own registry knows it."""
    seen = Release.objects.visible_to(request.user)
    package = get_object_or_404(Package.objects.select_related("release__server"), pk=pk, release__in=seen)
    server = package.release.server
    importing.record_package_digest.require(package, request.user)
    words = f"The digest of {package}, as {package.registry_type} publishes it. It is written once and never changed."
    return asking.ask(
        request,
        asking.filled(request, PackageDigestForm),
        page_of(server, "Record a package's digest", words, "Record", to="server-releases"),
        step=lambda data: importing.record_package_digest(package, **data, by=request.user, now=timezone.now()),
        message="The digest is recorded.",
    )


def _worst_first(results: list[Result]) -> list[Result]:
    order = (Outcome.HIT, Outcome.NOT_ASSESSED, Outcome.PASSED)
    return sorted(results, key=lambda one: order.index(one.outcome))


def _document(release: Release) -> str:
    # A longer one is for a download.
    shown = 0 < len(release.server_json) <= DOCUMENT_SHOWN
    return tool_changes.indented(json.loads(release.server_json)) if shown else ""


def _refuse_another(taken: documents.Taken, server: Server) -> None:
    name = taken.preview.name if taken.preview is not None else server.name
    if name.lower() != server.name.lower():
        taken.form.add_error("document", f"This document is about {name}. Register that server on its own.")


def _chosen(request: MemberRequest, server: Server, captured: list[Release], newest: Release | None) -> Release | None:
    """Return the release that `?release=` names, else the pinned one, else the one with the newest tools."""
    asked = request.GET.get("release")
    if asked:
        return _named(captured, asked)
    pinned = [release for release in captured if release.pk == server.pinned_release_id]
    return next(iter(pinned), newest)


def _against(
    request: MemberRequest, server: Server, captured: list[Release], release: Release | None
) -> Release | None:
    """Return the release that `?against=` names, else the pinned one, else the capture before; None for the same."""
    if release is None:
        return None
    asked, pinned = request.GET.get("against"), server.pinned_release
    before = next(iter(captured[captured.index(release) + 1 :]), None)
    found = _named(captured, asked) if asked else pinned or before
    return None if found == release else found


def _named(captured: list[Release], key: str) -> Release:
    found = next((release for release in captured if str(release.pk) == key), None)
    if found is None:
        raise Http404
    return found


def _next(server: Server) -> dict[str, str]:
    """Return where somebody goes who wants tools on record: to the import when it is clear of which release."""
    known = list(server.releases.only("version")[:2])
    if len(known) == 1:
        url = reverse("web:release-tools-import", args=[known[0].pk])
        return {"url": url, "label": f"Import the tools of {known[0]}"}
    if known:
        return {"url": reverse("web:server-releases", args=[server.pk]), "label": "Choose a release"}
    return {"url": reverse("web:release-import", args=[server.pk]), "label": "Import a release first"}


def _row(tool: Tool) -> ToolRow:
    hints = [_hint(tool, name) for name in tool_changes.HINTS if not _is_moot(tool, name)]
    more = {key: value for key, value in tool.annotations.items() if key not in _HINT_KEYS and key != "title"}
    rest = {"annotations": more} if more else {}
    schemas = tool_changes.indented(tool.input_schema), tool_changes.indented(tool.output_schema)
    return ToolRow(tool, hints, *schemas, _hidden(tool), tool_changes.indented(rest | tool.uncovered))


def _hidden(row: Tool | Offering) -> list[str]:
    return list(vendor_text.places(row.unseen))


def _is_moot(tool: Tool, name: str) -> bool:
    """Return whether the protocol gives the hint no meaning here: how a tool writes that is declared to only read."""
    return bool(tool.read_only) and name in _ABOUT_WRITING and getattr(tool, name) is None


def _hint(tool: Tool, name: str) -> Hint:
    word, key = tool_changes.HINTS[name]
    declared = getattr(tool, name)
    return Hint(word, HINT_DEFAULTS[key] if declared is None else declared, declared=declared is not None)
