"""What servers are built from: the tab of a server, giving a document, and components across servers."""

from typing import NamedTuple
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from composition import knowledge, wording
from composition.comparison import upgrades
from composition.inventories import incoming, licences_in_use, taking
from composition.knowledge import Known
from composition.lists import COMPONENTS, INVENTORIES
from composition.models import Comparison, Component, Hit, Inventory
from riskregister import limits, plurals
from vendors.models import Server
from vendors.strict_json import DocumentInvalid, Problem
from web.forms.observations.inventories import InventoryForm
from web.page_parts import asking, listing, lists, steps
from web.page_parts.access import MemberRequest, member, member_who_may, visible
from web.page_parts.asking import asks
from web.servers.serverframe import find_to_write, frame

TAB = "server-built-from"
SECTION = "component-list"
HITS_SHOWN = INVENTORIES_SHOWN = 50
UPGRADES_SHOWN = LICENCES_SHOWN = 200
SERVERS_NAMED = 3
# The server stands above them.
OF_SERVER = ("Number", "What it describes", "Release", "Components", "Not comparable", "State", "Taken")


class Figure(NamedTuple):
    """A number with the list that it counts."""

    label: str
    value: int
    url: str
    note: str = ""


@require_safe
@member
def index(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show what a server is built from as its inventories say, and what is known of that."""
    page = frame(request, pk, tab=TAB)
    server: Server = page["server"]
    inventories = server.inventories.select_related("server", "release", "given_by", "document")
    counting = list(Inventory.objects.counting().filter(server=server).select_related("release"))
    hits = lists.first(_hits(server), HITS_SHOWN)
    shown = {
        "counting": counting,
        "comparison": Comparison.objects.filter(server=server).first(),
        "figures": _figures(server) if counting else [],
        "hits": lists.First([(hit, wording.versions(hit.versions)) for hit in hits.rows], hits.total),
        "inventories": lists.table(INVENTORIES, inventories, *OF_SERVER, most=INVENTORIES_SHOWN),
    }
    return render(request, "inventories/of_server.html", page | shown)


@asks
@member_who_may(taking.take)
def give(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Take in an SBOM or a lock file of a release of the server."""
    server = find_to_write(request, pk)
    form = asking.filled(request, InventoryForm, server=server)
    problems: tuple[Problem, ...] = ()
    if request.method == "POST" and form.is_valid():
        try:
            made = steps.attempt(request, lambda: _taken(request, form), form=form)
        except DocumentInvalid as error:
            made, problems = None, error.problems
        if made is not None:
            count = made.components_count
            listed, those = plurals.counted(count, "component"), plurals.word_for(count, "It is", "They are")
            messages.success(request, f"{made.ref} lists {listed}. {those} compared next.")
            return redirect("web:inventory-detail", pk=made.pk)
    form.ask_what_was_refused()
    page = {
        "server": server,
        "form": form,
        "problems": problems,
        "most": limits.INVENTORY,
        "releases": server.releases.exists(),
        "section": "server-list",
    }
    status = asking.REFUSED if problems else asking.status_of(form)
    return render(request, "inventories/give.html", page, status=status)


@require_safe
@member
def components(request: MemberRequest) -> HttpResponseBase:
    """Show the components of the servers that the person may see; `?format=csv` downloads exactly this view."""
    return listing.shown(request, COMPONENTS, template="inventories/components.html")


@require_safe
@member
def affected(request: MemberRequest) -> HttpResponse:
    """Show which version of which package frees which servers (`?server=`: one of them), the most critical first."""
    server = _asked(request)
    found = upgrades.of(request.user, server=server.pk if server else None)
    page = {"server": server, "upgrades": lists.First(found[:UPGRADES_SHOWN], len(found))}
    return render(request, "inventories/affected.html", page | {"section": SECTION})


@require_safe
@member
def licences(request: MemberRequest) -> HttpResponse:
    """Show under which licences the components of servers are (`?server=`: of one of them)."""
    server = _asked(request)
    found = licences_in_use.of(request.user, server=server.pk if server else None)
    shown = found[:LICENCES_SHOWN]
    titles = dict(
        Server.objects.filter(pk__in={key for one in shown for key in one.servers}).values_list("pk", "title")
    )
    rows = [(one, lists.named(sorted(titles[key] for key in one.servers), most=SERVERS_NAMED)) for one in shown]
    page = {"server": server, "licences": lists.First(rows, len(found)), "section": SECTION}
    return render(request, "inventories/licences.html", page)


def _asked(request: MemberRequest) -> Server | None:
    """Return the server that `?server=` names, None for all. Raises Http404 for one that the person may not see."""
    asked = request.GET.get("server", "")
    if not asked:
        return None
    try:
        return visible(Server.objects.all(), request.user, pk=UUID(asked))
    except ValueError:
        raise Http404 from None


def _taken(request: MemberRequest, form: InventoryForm) -> Inventory:
    """Return the inventory that was given. Raises DocumentInvalid, Refused."""
    data = form.cleaned_data
    given = incoming.read(data["file"])
    return taking.take(
        data["release"], given.listing, given.document, file_name=given.file_name, scope=data["scope"],
        other_package=data["other_package"], by=request.user, now=timezone.now(),
    )  # fmt: skip


def _figures(server: Server) -> list[Figure]:
    rows = f"{reverse('web:component-list')}?server={server.pk}&counts=true"
    known = knowledge.counts(Component.objects.counting().filter(inventory__server=server))
    named = known[Known.VERIFY]
    return [
        Figure("Components", known["components"], rows),
        Figure("Affected", known[Known.AFFECTED], f"{rows}&known=affected"),
        *([Figure("To verify", named, f"{rows}&known=verify", "The package is named")] if named else []),
        Figure("Unknown", known[Known.UNKNOWN], f"{rows}&known=unknown", "Not clean"),
    ]


def _hits(server: Server) -> "QuerySet[Hit]":
    seen = Hit.objects.filter(server=server, observation__is_seen=True).worst_first()
    return seen.select_related("vulnerability", "observation__finding")
