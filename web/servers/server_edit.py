"""Putting a server on the register and changing what it says: import, by hand, facts, exposure, suppliers."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from riskregister import lookalikes
from vendors.documents import server_json
from vendors.models import Server, ServerSupplier
from vendors.registering import importing, registration
from vendors.tools import tool_power
from web.forms.servers.releases import ServerJsonForm
from web.forms.servers.servers import EditServerForm, ExposureForm, RegisterServerForm, SupplierForm
from web.page_parts import asking, documents, steps
from web.page_parts.access import MemberRequest, member_who_may
from web.page_parts.asking import asks
from web.servers.serverframe import find_to_write, page_of

LOOK_ALIKES = 10


@asks
@member_who_may(importing.import_server_json)
def import_document(request: MemberRequest) -> HttpResponse:
    """Register a server, or a further release of a known one, from a server.json; look at it first."""
    form = asking.filled(request, ServerJsonForm, by=request.user, initial=_publisher(request))
    taken = documents.Taken(request, form, parse=server_json.parse)
    if taken.is_wanted:
        data, now = form.cleaned_data, timezone.now()
        made = taken.attempt(
            lambda: importing.import_server_json(
                data["text"],
                unit=data["unit"],
                publisher=data["publisher"],
                tags=data["tags"],
                reason=data["reason"],
                by=request.user,
                now=now,
            )
        )
        if made is not None:
            server, release = made
            words = f"{server.title}, release {release}, is on the register."
            taken.say(words, recorded=release.created_at == now, dropped=taken.preview.dropped)
            return redirect("web:server-detail", pk=server.pk)
    page = {"form": form, "taken": taken, "look_alikes": _look_alikes(request, taken)}
    return render(request, "servers/import.html", page, status=taken.status)


def _look_alikes(request: MemberRequest, taken: documents.Taken) -> list[Server]:
    """Return the servers that the person may see and whose name or title passes for that of the document."""
    if taken.preview is None:
        return []
    candidate = Server(name=taken.preview.name, title=taken.preview.title)
    candidate.name_look, candidate.title_look = (
        lookalikes.skeleton(candidate.name),
        lookalikes.skeleton(candidate.title),
    )
    return list(Server.objects.visible_to(request.user).looking_like(candidate)[:LOOK_ALIKES])


@asks
@member_who_may(registration.register_server)
def register(request: MemberRequest) -> HttpResponse:
    """Register a server that has no server.json."""
    form = asking.filled(request, RegisterServerForm, by=request.user, initial=_publisher(request))
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        server = steps.attempt(
            request, lambda: registration.register_server(**form.cleaned_data, by=request.user, now=now), form=form
        )
        if server is not None:
            messages.success(request, f"{server.title} is on the register as {server.ref}. Record its release next.")
            return redirect("web:server-detail", pk=server.pk)
    return render(request, "servers/register.html", {"form": form}, status=asking.status_of(form))


@asks
@member_who_may(registration.edit_server)
def edit(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Change what a server is called, what it is for, whose it is and where its source is."""
    server = find_to_write(request, pk)
    page = page_of(
        server,
        f"Edit {server.title}",
        "Its rating does not depend on these; the last three decide what its assessments ask.",
        "Save",
    )
    form = asking.filled(request, EditServerForm, server=server)
    return asking.ask(
        request,
        form,
        page,
        step=lambda data: form.take(server, changes=data, by=request.user, now=timezone.now()),
        message="Saved.",
    )


@asks
@member_who_may(registration.set_exposure)
def exposure(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Change the exposure facts that the tier of a server without deployments follows from."""
    server = find_to_write(request, pk)
    form = asking.filled(request, ExposureForm, signs=(registration.set_exposure, server), row=server)
    if request.method == "POST" and form.is_valid():
        data, now = asking.values_of(form), timezone.now()
        if steps.done(
            request,
            lambda: form.take(server, facts=data, by=request.user, now=now),
            message="Saved. The tier follows from these facts.",
            form=form,
        ):
            return redirect("web:server-detail", pk=pk)
    page = {"server": server, "form": form, "suggestion": suggestion_for(server), "section": "server-list"}
    return render(request, "servers/exposure.html", page, status=asking.status_of(form))


@asks
@member_who_may(registration.add_supplier)
def add_supplier(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Record that a vendor publishes or hosts a server, or stands behind it."""
    server = find_to_write(request, pk)
    words = "A server can have several: who publishes it, who hosts it, and whose service it passes on (upstream)."
    return asking.ask(
        request,
        asking.filled(request, SupplierForm),
        page_of(server, "Add a supplier", words, "Add"),
        step=lambda data: registration.add_supplier(server, **data, by=request.user, now=timezone.now()),
        message="Added.",
    )


@asks
@member_who_may(registration.remove_supplier)
def remove_supplier(request: MemberRequest, pk: int) -> HttpResponse:
    """Take a vendor from behind a server."""
    seen = Server.objects.visible_to(request.user)
    row = get_object_or_404(ServerSupplier.objects.select_related("server", "vendor"), pk=pk, server__in=seen)
    registration.remove_supplier.require(row, request.user)
    words = f"{row.vendor} no longer stands behind {row.server.title} as its {row.role}. The vendor stays on record."
    return asking.ask(
        request,
        asking.filled(request, asking.Nothing),
        page_of(row.server, f"Remove {row.vendor}", words, "Remove", danger=True),
        step=lambda data: registration.remove_supplier(row, by=request.user, now=timezone.now()),
        message=f"{row.vendor} is removed.",
    )


def _publisher(request: MemberRequest) -> dict[str, str]:
    """Return the vendor that `?publisher=` names, for the form to begin with."""
    return {"publisher": request.GET.get("publisher", "")}


def suggestion_for(server: Server) -> tool_power.Suggestion | None:
    """Return what the tools of the pinned release, else of the newest with tools, suggest about their power."""
    release = server.pinned_release if server.pinned_release_id else server.releases.captured().first()
    told = ("name", "description", "input_schema", "read_only", "destructive")
    return tool_power.suggest_tool_power(release.tools.only(*told)) if release else None
