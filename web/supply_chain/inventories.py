"""Inventories: the list, one of them with what it lists and what is known of that, changes, exports, withdrawal."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from composition import knowledge
from composition.documents import writing
from composition.inventories import differences, records, taking
from composition.knowledge import Known
from composition.lists import COMPONENTS, INVENTORIES
from composition.models import Component, Inventory
from composition.packages import own_packages
from evidence import store
from web.forms.observations.inventories import AgainstForm
from web.forms.reasons import ReasonForm
from web.page_parts import asking, buttons, downloads, history, listing, lists, missing_files
from web.page_parts.access import MemberRequest, member, member_who_may, visible
from web.page_parts.asking import Page, asks
from web.page_parts.buttons import Button

SECTION = "server-list"
BUTTONS = (Button(taking.withdraw, "withdraw", "Withdraw", is_danger=True),)
PER_PAGE = 100
# How much of each kind of change a page shows.
CHANGES_SHOWN = 500
# The inventory stands above them.
OF_INVENTORY = ("Package", "Version", "What is known", "Needed", "Licences")
_WORST_FIRST = [When(known=known, then=Value(place)) for place, known in enumerate(Known)]


@dataclass(frozen=True, slots=True)
class Side:
    """What was said of a package before and after, in words: its versions, or its licences."""

    word: str
    was: tuple[str, ...]
    now: tuple[str, ...]
    empty: str

    @property
    def before(self) -> str:
        """Return what was said before."""
        return self._words(self.was)

    @property
    def after(self) -> str:
        """Return what is said since."""
        return self._words(self.now)

    def _words(self, values: tuple[str, ...]) -> str:
        return ", ".join(one or self.empty for one in values) or self.empty


@dataclass(frozen=True, slots=True)
class ChangedRow:
    """A package of both inventories, and what changed of it."""

    name: str
    ecosystem: str
    sides: list[Side]


@require_safe
@member
def index(request: MemberRequest) -> HttpResponseBase:
    """Show the inventories that the person may see; `?format=csv` downloads exactly this view."""
    return listing.shown(request, INVENTORIES, template="inventories/index.html", page={"section": "component-list"})


@require_safe
@member
def detail(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show one inventory: what it is of, what it lists, and what is known of each, the worst first."""
    row = _find(request, pk)
    found = Paginator(_components(row), PER_PAGE)
    shown = found.get_page(request.GET.get("page"))
    page = {
        "inventory": row,
        "before": records.before(row),
        "other_package": own_packages.is_of_another(row.release, own_packages.kept(row)),
        "known": knowledge.counts(row.components.all()),
        "components": lists.table_of(COMPONENTS, list(shown), *OF_INVENTORY),
        "shown": shown,
        "total": found.count,
        "forms": writing.FORMS,
        "offers": [one for one in buttons.offers(BUTTONS, row, request.user, of="inventory") if not one.who],
        "section": SECTION,
        **history.shown(request.user, row),
    }
    return render(request, "inventories/detail.html", page)


@require_safe
@member
def changes(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show what differs from another inventory of the server (`?against=`), else from the one whose place it took."""
    row = _find(request, pk)
    form = AgainstForm(request.GET, inventory=row)
    if not form.is_valid():
        raise Http404
    against = form.cleaned_data["against"] or records.before(row)
    page = {"inventory": row, "against": against, "others": form.others, "section": SECTION}
    page |= _between(against, row) if against else {}
    return render(request, "inventories/changes.html", page)


@require_safe
@member
def document(request: MemberRequest, pk: UUID) -> HttpResponseBase:
    """Hand out the document as it came."""
    row = _find(request, pk)
    return downloads.blob(
        request, row.document, name=row.file_name, media_type=downloads.UNKNOWN, noun="This document", **_where(row)
    )


@require_safe
@member
def export(request: MemberRequest, pk: UUID, form: str) -> HttpResponseBase:
    """Hand out what the document lists in another form."""
    row = _find(request, pk)
    if form not in writing.FORMS:
        raise Http404
    try:
        name, exported = records.written(row, form=form)
    except records.NotReadable as refusal:
        messages.error(request, refusal.message)
        return redirect("web:inventory-detail", pk=pk)
    except (store.FileLost, store.StoreUnreachable) as refusal:
        return missing_files.page(request, refusal, noun="This document", **_where(row))
    return downloads.text(json.dumps(exported, indent=1, ensure_ascii=False), name=name)


@asks
@member_who_may(taking.withdraw)
def withdraw(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Say that it is a wrong one."""
    row = _find(request, pk)
    words = (
        "It says nothing any more about the release, and what it alone showed counts as gone. If you have the right "
        "document, give that instead: it takes the place of this one."
    )
    back = reverse("web:inventory-detail", args=[pk])
    page = Page(f"Withdraw {row.ref}", words, "Withdraw", back, row.ref, SECTION, danger=True)
    return asking.ask(
        request,
        asking.filled(request, ReasonForm),
        page,
        step=lambda data: taking.withdraw(row, **data, by=request.user, now=timezone.now()),
        message=f"{row.ref} is withdrawn.",
    )


def _between(before: Inventory, after: Inventory) -> dict[str, Any]:
    found = differences.between(records.listing_of(before), records.listing_of(after))
    return {
        "between": found,
        "changed": [_changed(one) for one in found.changed[:CHANGES_SHOWN]],
        "added": [(one, ", ".join(one.licences)) for one in found.added[:CHANGES_SHOWN]],
        "removed": [(one, ", ".join(one.licences)) for one in found.removed[:CHANGES_SHOWN]],
    }


def _changed(one: differences.Change) -> ChangedRow:
    sides = (
        Side("Version", one.before, one.after, "not said") if one.is_of_version else None,
        Side("Licence", one.licences_before, one.licences_after, "none said") if one.is_of_licence else None,
    )
    return ChangedRow(one.name, one.ecosystem, [side for side in sides if side])


def _components(row: Inventory) -> "QuerySet[Component]":
    known = knowledge.with_advisories(knowledge.with_known(row.components.all()))
    # What the columns read of it is the row that is shown.
    ordered = known.annotate(place=Case(*_WORST_FIRST, output_field=IntegerField()))
    return ordered.order_by("place", "package_version__name", "package_version__version", "id")


def _where(row: Inventory) -> dict[str, Any]:
    return {"up_url": reverse("web:inventory-detail", args=[row.pk]), "section": SECTION}


def _find(request: MemberRequest, pk: UUID) -> Inventory:
    rows = Inventory.objects.select_related("server__unit", "release", "given_by", "document", "superseded_by")
    return visible(rows, request.user, pk=pk)
