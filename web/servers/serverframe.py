"""What every page of one server has in common: its head with the rating, its tabs, and what the person may do."""

from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse

from accounts import access
from accounts.access import Capability
from accounts.models import User
from assessments import lifecycle as assessment_lifecycle
from assessments.models import Assessment
from decisions.models import RatingOverride, Review, ServerRating
from decisions.ratings import overriding
from decisions.reviews import reviews
from findings.models import Finding
from riskregister.queries.counting import count_of
from vendors import lifecycle
from vendors.models import Deployment, Release, Server
from vendors.registering import registration
from web.page_parts import buttons, lists
from web.page_parts.access import MemberRequest, visible
from web.page_parts.asking import Page
from web.page_parts.buttons import Button

TABS = {
    "server-detail": "Overview",
    "server-tools": "Tools",
    "server-releases": "Releases",
    "server-built-from": "Built from",
    "server-deployments": "Deployments",
    "server-assessments": "Assessments",
    "server-findings": "Findings",
    "server-reviews": "Reviews",
    "server-evidence": "Evidence",
    "server-seen": "Seen",
    "server-controls": "Controls",
    "server-isolation": "Isolation",
    "server-history": "History",
}
COUNTED = {
    "server-releases": "releases_count",
    "server-deployments": "deployments_count",
    "server-assessments": "assessments_count",
    "server-findings": "findings_count",
    "server-reviews": "reviews_count",
}

# What leads a server from one status to another, in the menu of its head.
MOVES = (
    Button(lifecycle.suspend, "suspend", "Suspend"),
    Button(lifecycle.resume, "resume", "Resume"),
    Button(lifecycle.retire, "retire", "Retire"),
    Button(lifecycle.request_again, "request-again", "Request again"),
)


@dataclass(frozen=True, slots=True)
class Tab:
    """A part of an object as a link."""

    url: str
    word: str
    count: int | None
    current: bool


@dataclass(frozen=True, slots=True)
class Acts:
    """What a person may do in a unit; the steps themselves check it again."""

    write: bool
    decide: bool
    manage: bool


def acts(user: User, unit_id: UUID | None) -> Acts:
    """Return what the person may do in a unit (None: anywhere)."""
    mine = access.of(user)
    kinds = (Capability.WRITE, Capability.DECIDE, Capability.MANAGE)
    return Acts(*(mine.can(kind, unit_id) for kind in kinds))


def find(request: HttpRequest, pk: UUID) -> Server:
    """Return the server that a page or a step is about, or raise Http404."""
    rows = Server.objects.select_related("unit", "owner", "pinned_release", "rating")
    return visible(rows, request.user, pk=pk)  # type: ignore[arg-type]


def offered(request: MemberRequest) -> lists.First[Server]:
    """Return the servers to choose from that the person may write about and that hold the words in the address."""
    units, words = assessment_lifecycle.start.units(request.user), lists.words_in(request)
    rows = Server.objects.visible_to(request.user).filter(unit__in=units).exclude(status=Server.Status.RETIRED)
    rows = rows.select_related("unit")
    if words:
        rows = rows.filter(Q(title__holds=words) | Q(name__holds=words))
    return lists.first(rows.order_by("title"), lists.OFFERED)


def find_to_write(request: HttpRequest, pk: UUID) -> Server:
    """Return a server that the person may change; raise Http404 for a stranger's, NotPermitted for a reader's."""
    server = find(request, pk)
    registration.edit_server.require(server, request.user)
    return server


def page_of(
    server: Server, heading: str, consequence: str, label: str, *, to: str = "server-detail", **how: Any
) -> Page:
    """Return the words of a page that asks before a step about the server, and leads back to its tab `to`."""
    return Page(heading, consequence, label, reverse(f"web:{to}", args=[server.pk]), server.title, "server-list", **how)


def frame(request: HttpRequest, pk: UUID, *, tab: str) -> dict[str, Any]:
    """Return the context of a tab: server, rating, tabs, acts, and the assessment that is open, if any."""
    user = cast(User, request.user)
    server = visible(_counted(user), user, pk=pk)
    rating: ServerRating | None = getattr(server, "rating", None)
    return {
        "server": server,
        "rating": rating,
        "acts": acts(user, server.unit_id),
        "tab": tab,
        "tabs": [_tab(server, name, word, tab) for name, word in TABS.items()],
        "running": server.assessments.filter(status__in=Assessment.WAITING).first(),
        "undecided": server.assessments.filter(status=Assessment.Status.FINAL, approvals__isnull=True).first(),
        "override": _override(server),
        "moves": [one for one in buttons.offers(MOVES, server, user, of="server") if not one.who],
        "can_ask_review": reviews.request_review.offer(server, user).may and server.status not in Server.OUT_OF_USE,
        "can_ask_override": overriding.request.offer(server, user).may,
        "section": "server-list",
    }


def _counted(user: object) -> QuerySet[Server]:
    rows = Server.objects.select_related("unit", "owner", "pinned_release", "rating", "rating__assessment")
    return rows.annotate(
        releases_count=count_of(Release.objects.all(), "server"),
        deployments_count=count_of(Deployment.objects.filter(ended_on__isnull=True), "server"),
        assessments_count=count_of(Assessment.objects.all(), "server"),
        findings_count=count_of(Finding.objects.visible_to(user).being_fixed(), "server"),
        reviews_count=count_of(Review.objects.waiting(), "server"),
    )


def _tab(server: Server, name: str, word: str, current: str) -> Tab:
    count = getattr(server, COUNTED[name]) if name in COUNTED else None
    return Tab(reverse(f"web:{name}", args=[server.pk]), word, count, current == name)


def _override(server: Server) -> RatingOverride | None:
    waiting = (RatingOverride.Status.REQUESTED, RatingOverride.Status.GRANTED)
    return server.overrides.filter(status__in=waiting).select_related("requested_by", "decided_by").first()
