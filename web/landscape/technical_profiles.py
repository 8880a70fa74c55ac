"""Technical profiles of deployments: the list, one, those of a server side by side, and the pages that write them."""

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from landscape import joined_profile, profile_facts, profile_words, technical_profiles
from landscape.lists import TECHNICAL_PROFILES
from landscape.models import TechnicalProfile
from vendors.models import Deployment
from web.forms.servers.technical_profile import TechnicalProfileForm
from web.page_parts import asking, history, listing
from web.page_parts.access import MemberRequest, member, member_who_may, visible
from web.page_parts.asking import Page, asks
from web.servers.serverframe import acts, find
from web.servers.serverframe import page_of as page_of_server

SECTION = "server-list"


@dataclass(frozen=True, slots=True)
class Line:
    """A fact with its words; empty where nobody knows it."""

    label: str
    words: str


@require_safe
@member
def index(request: MemberRequest) -> HttpResponseBase:
    """Show the technical profiles that the person may see; `?format=csv` downloads exactly this view."""
    return listing.shown(
        request, TECHNICAL_PROFILES, template="landscape/profiles.html", page={"section": "use-case-list"}
    )


@require_safe
@member
def detail(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show a technical profile, and what was seen of the server that is not as it says."""
    row = _find(request, pk)
    otherwise = profile_facts.seen_otherwise([row], now=timezone.now())
    page = {
        "profile": row,
        "groups": [(title, [_line(row, name) for name in names]) for title, names in profile_words.GROUPS.items()],
        "seen_otherwise": otherwise[str(row.deployment_id)],
        "may_write": technical_profiles.rewrite.offer(row, request.user).may and row.deployment.ended_on is None,
        "section": SECTION,
        **history.shown(request.user, row),
    }
    return render(request, "landscape/profile.html", page)


@require_safe
@member
def of_server(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show the technical profiles of a server's deployments side by side."""
    server = find(request, pk)
    page = {
        "server": server,
        "joined": joined_profile.of(server, now=timezone.now()),
        "acts": acts(request.user, server.unit_id),
        "section": SECTION,
    }
    return render(request, "landscape/server_profile.html", page)


@asks
@member_who_may(technical_profiles.write)
def write(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Write the technical profile of a deployment, from the facts of another one where `like` names it.

    One that has a profile leads to it.
    """
    deployment = visible(Deployment.objects.select_related("server__unit"), request.user, pk=pk)
    known = TechnicalProfile.objects.filter(deployment=deployment).first()
    if known is not None and request.method != "POST":
        return redirect("web:technical-profile-detail", pk=known.pk)
    like = _like(request, deployment)
    begin = TechnicalProfileForm.begin(like) if like else {}
    words = "Fill in what you know. What is left open is shown as not known."
    if like is not None:
        words = f"The form begins with what is written of {like.deployment}. Keep what is so here too, change the rest."
    return asking.ask(
        request,
        asking.filled(request, TechnicalProfileForm, deployment=deployment, initial=begin),
        page_of_server(
            deployment.server, f"Technical profile of {deployment.name}", words, "Save", to="server-deployments"
        ),
        step=lambda data: technical_profiles.write(deployment, **data, by=request.user, now=timezone.now()),
        message="The profile is written.",
    )


@asks
@member_who_may(technical_profiles.rewrite)
def rewrite(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Change a technical profile."""
    row = _find(request, pk)
    form = asking.filled(request, TechnicalProfileForm, row=row, deployment=row.deployment)
    back = reverse("web:technical-profile-detail", args=[pk])
    words = "What is left open is shown as not known."
    return asking.ask(
        request,
        form,
        Page(f"Technical profile of {row.deployment.name}", words, "Save", back, row.deployment.name, SECTION),
        step=lambda data: form.take(row, changes=data, by=request.user, now=timezone.now()),
        message="Saved.",
    )


def _find(request: MemberRequest, pk: UUID) -> TechnicalProfile:
    rows = TechnicalProfile.objects.select_related("deployment__server__unit", "fallback", "written_by")
    return visible(rows, request.user, pk=pk)


def _like(request: MemberRequest, deployment: Deployment) -> TechnicalProfile | None:
    """Return the profile of another deployment of the server that the address names, if any."""
    rows = TechnicalProfile.objects.visible_to(request.user).filter(deployment__server=deployment.server)
    return next((row for row in rows.select_related("deployment") if str(row.pk) == request.GET.get("like")), None)


def _line(row: TechnicalProfile, name: str) -> Line:
    return Line(profile_words.label(name), profile_words.in_words(row, name))
