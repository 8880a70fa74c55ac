"""Where an object's page is: for alerts, the trail and search, which know only its type and id."""

from typing import Any
from uuid import UUID

from django.apps import apps
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from accounts import access
from accounts.models import ApiToken, Unit, User
from web.access import MemberRequest, member
from web.templatetags.ui import address

# Type -> the page's name and the attribute that holds the id in its address.
_PAGES = {
    "vendor": ("vendors.vendor", "vendor", "pk"),
    "server": ("vendors.server", "server", "pk"),
    "release": ("vendors.release", "server", "server_id"),
    "deployment": ("vendors.deployment", "server", "server_id"),
    "evidence": ("evidence.evidence", "evidence", "pk"),
    "assessment": ("assessments.assessment", "assessment", "pk"),
    "approval": ("decisions.approval", "server", "server_id"),
    "ratingoverride": ("decisions.ratingoverride", "server", "server_id"),
    "finding": ("findings.finding", "finding", "pk"),
    "review": ("decisions.review", "review", "pk"),
    "riskacceptance": ("findings.riskacceptance", "acceptance", "pk"),
    "report": ("reports.report", "report", "pk"),
}


@require_safe
@member
def go(request: MemberRequest, kind: str, pk: UUID) -> HttpResponse:
    """Lead to the page of an object that the person may see."""
    url = page_of(request.user, kind, pk)
    if not url:
        raise Http404
    return redirect(url)


def page_of(user: User, kind: str, pk: UUID) -> str:
    """Return the address of an object's page, or an empty text when the person cannot see it or it has none."""
    if kind in _OTHERS:
        return _OTHERS[kind](user, pk)
    if kind not in _PAGES:
        return ""
    label, name, attribute = _PAGES[kind]
    obj = _visible(user, label).filter(pk=pk).first()
    return _page(name, getattr(obj, attribute)) if obj else ""


def url_of(kind: str, pk: Any) -> str:
    """Return the address of the page of an object that is known to be visible and to have a page of its own."""
    return _page(_PAGES[kind][1], pk)


def _page(name: str, pk: Any) -> str:
    return address(f"web:{name}-detail", pk) or address(f"web:{name}", pk)


def _visible(user: User, label: str) -> Any:
    return apps.get_model(label)._default_manager.all().visible_to(user)


def _person(user: User, pk: UUID) -> str:
    if user.pk == pk:
        return address("web:account")
    return address("web:person", pk) if _administers(user) and User.objects.filter(pk=pk).exists() else ""


def _unit(user: User, pk: UUID) -> str:
    return address("web:units") if _administers(user) and Unit.objects.filter(pk=pk).exists() else ""


def _job(user: User, pk: UUID) -> str:
    return address("web:jobs") if _administers(user) else ""


def _token(user: User, pk: UUID) -> str:
    if ApiToken.objects.filter(pk=pk, user=user).exists():
        return address("web:account")
    return address("web:tokens") if _administers(user) and ApiToken.objects.filter(pk=pk).exists() else ""


def _administers(user: User) -> bool:
    return access.of(user).can(access.Capability.ADMINISTER)


_OTHERS = {"user": _person, "unit": _unit, "job": _job, "filecheck": _job, "apitoken": _token}
