"""The register of information: what each template would hold, what is missing first, and the file that is handed in."""

from itertools import groupby
from typing import Any

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts import access
from accounts.models import Unit
from contracts import law
from contracts.models import Contract
from contracts.register_of_information import filling, gathering, rows, templates
from landscape.models import BusinessProcess
from vendors.models import Server, Vendor
from web.page_parts import downloads
from web.page_parts.access import MemberRequest, member

# Of more the file has the whole list.
SHOWN = 200
# Where what is missing of a record is given.
_PAGES: dict[type, str] = {
    Unit: "legal-profile",
    Contract: "contract-detail",
    Vendor: "vendor-detail",
    Server: "server-deployments",
    BusinessProcess: "process-detail",
}


@require_safe
@member
def index(request: MemberRequest) -> HttpResponse:
    """Show the templates with their rows and what is missing, for the unit that hands them in."""
    unit = _unit(request)
    found = rows.rows(gathering.gather(request.user, maintainer=unit, today=timezone.localdate()))
    missing = filling.missing(templates.load(), found)
    lines = [
        {
            "template": one,
            "rows": len(found.get(one.code, ())),
            "missing": sum(cell.template is one for cell in missing),
        }
        for one in templates.load()
    ]
    todos = filling.todos(missing)
    page = {
        "unit": unit,
        "units": list(access.visible_units(request.user)),
        "lines": lines,
        "groups": _by_thing(todos[:SHOWN]),
        "todo_count": len(todos),
        "shown": SHOWN,
        "missing_count": len(missing),
        "has_contracts": bool(found.get("B_02.01")),
        "no_advice": law.NO_ADVICE,
        "section": "law",
    }
    return render(request, "contracts/register_of_information.html", page)


@require_safe
@member
def archive(request: MemberRequest) -> HttpResponseBase:
    """Return the templates as a zip of CSV files, with the list of what is missing."""
    today = timezone.localdate()
    found = rows.rows(gathering.gather(request.user, maintainer=_unit(request), today=today))
    content = filling.as_archive(templates.load(), found)
    return downloads.made(
        content, name=f"register-of-information-{today.isoformat()}.zip", media_type="application/zip"
    )


def _by_thing(todos: list[filling.Todo]) -> list[tuple[Any, list[tuple[filling.Todo, str]]]]:
    """Return what is to be done by the records on whose pages it is done, each with that page; None: by hand."""
    return [
        (thing, [(one, _page_of(one)) for one in group]) for thing, group in groupby(todos, key=lambda one: one.thing)
    ]


def _page_of(todo: filling.Todo) -> str:
    if todo.thing is None:
        return ""
    by_place = {"contracts": "vendor-contracts"} if isinstance(todo.thing, Vendor) else {}
    return reverse(f"web:{by_place.get(todo.at, _PAGES[type(todo.thing)])}", args=[todo.thing.pk])


def _unit(request: MemberRequest) -> Unit | None:
    asked = request.GET.get("unit", "")
    unit = gathering.maintainer_for(request.user, asked=asked)
    if asked and unit is None:
        raise Http404
    return unit
