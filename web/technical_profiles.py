"""Technical profiles of deployments: the list, one with what was seen otherwise, and the pages that write it."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Field
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.http import require_safe

from accounts.access import Capability
from landscape import profile_facts, technical_profiles
from landscape.lists import TECHNICAL_PROFILES
from landscape.models import TechnicalProfile
from vendors.models import Deployment
from web import asking, history, listing
from web.access import MemberRequest, member, member_who, visible
from web.asking import Page, asks
from web.forms.technical_profile import TechnicalProfileForm
from web.serverframe import page_of as page_of_server

SECTION = "server-list"
GROUPS = (
    ("Connection", ("transport", "tls", "mutual_tls", "certificate_owner", "certificate_ends_on")),
    ("Identity and keys", ("authentication", "token_minutes", "key_rotation_days", "key_rotated_on",
                           "key_rotation_due_on")),
    ("Logs", ("calls_logged", "logs_what", "logs_where", "logs_days")),
    ("Data integrity", ("signatures_checked", "checksums_checked", "schema_checked", "business_rules_checked",
                        "cross_checked", "freshness_minutes", "freshness_pointer")),
    ("Isolation", ("is_contained", "segment", "egress_hosts", "limits")),
    ("When it fails", ("has_circuit_breaker", "fallback", "degraded_mode", "safe_agent")),
)  # fmt: skip


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
        "groups": [(title, [_line(row, name) for name in names]) for title, names in GROUPS],
        "seen_otherwise": otherwise[str(row.deployment_id)],
        "may_write": technical_profiles.rewrite.offer(row, request.user).may and row.deployment.ended_on is None,
        "section": SECTION,
        **history.shown(request.user, row),
    }
    return render(request, "landscape/profile.html", page)


@asks
@member_who(Capability.WRITE)
def write(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Write the technical profile of a deployment; one that has a profile leads to it."""
    deployment = visible(Deployment.objects.select_related("server__unit"), request.user, pk=pk)
    known = TechnicalProfile.objects.filter(deployment=deployment).first()
    if known is not None and request.method != "POST":
        return redirect("web:technical-profile-detail", pk=known.pk)
    words = "Fill in what you know. What is left open is shown as not known."
    return asking.ask(
        request,
        asking.filled(request, TechnicalProfileForm, deployment=deployment),
        page_of_server(
            deployment.server, f"Technical profile of {deployment.name}", words, "Save", to="server-deployments"
        ),
        step=lambda data: technical_profiles.write(deployment, **data, by=request.user, now=timezone.now()),
        message="The profile is written.",
    )


@asks
@member_who(Capability.WRITE)
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


def _line(row: TechnicalProfile, name: str) -> Line:
    field: Field[object, object] = row._meta.get_field(name)  # type: ignore[assignment]
    value = getattr(row, name)
    label = str(field.verbose_name)
    return Line(f"{label[0].upper()}{label[1:]}", _words(row, name, value))


def _words(row: TechnicalProfile, name: str, value: object) -> str:
    if value is None or value == "" or value == []:
        return ""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    if name.endswith("_on"):
        return date_format(value, "j M Y")  # type: ignore[arg-type]
    shown = getattr(row, f"get_{name}_display", None)
    return str(shown() if shown else value)
