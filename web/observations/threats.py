"""What the world says of threats: what of ours it hits, one hit, indicators, and the vocabulary of techniques."""

from uuid import UUID

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from intelligence import promoting, sharing
from intelligence.lists import HITS, INDICATORS
from intelligence.models import Indicator, IndicatorHit, WatchEntry
from intelligence.reading import techniques as vocabulary
from web.forms.reasons import ReasonForm
from web.page_parts import asking, buttons, history, listing, lists
from web.page_parts.access import MemberRequest, member, member_who_may, visible
from web.page_parts.asking import Page, asks
from web.page_parts.buttons import Button

SECTION = "indicator-hit-list"
BUTTONS = (Button(promoting.promote, "promote", "Propose a finding", is_main=True),)
MOST = 50
_OF_INDICATOR = ("What is met", "Server", "State", "Finding", "First met")


@require_safe
@member
def hits(request: MemberRequest) -> HttpResponseBase:
    """Show what indicators meet of the servers of the person's units; `?format=csv` downloads exactly this view."""
    watched = WatchEntry.objects.visible_to(request.user).filter(status=WatchEntry.Status.WATCHED)
    page = {
        "watched": watched.count(),
        "may_share": sharing.share.may_somewhere(request.user),
        "indicators": Indicator.objects.all(),
    }
    return listing.shown(request, HITS, template="threats/hits.html", page=page)


@require_safe
@member
def hit(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show what is met, who says what of it, and what came of it."""
    row = _find(request, pk)
    others = IndicatorHit.objects.filter(observation=row.observation_id, gone_at__isnull=True).exclude(pk=row.pk)
    page = {
        "hit": row,
        "standing": row.indicator.standing_at(now=timezone.now()),
        "techniques": vocabulary.named(row.indicator.techniques),
        "others": others.select_related("indicator__feed")[:MOST],
        "offers": [one for one in buttons.offers(BUTTONS, row, request.user, of="indicator-hit") if not one.who],
        "section": SECTION,
        **history.shown(request.user, row),
    }
    return render(request, "threats/hit.html", page)


@asks
@member_who_may(promoting.promote)
def promote(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Propose a finding of a hit of which no source is sure enough for the rule."""
    row = _find(request, pk)
    words = "A finding is proposed for the server. Somebody judges it before anybody works on it."
    back = reverse("web:indicator-hit-detail", args=[row.pk])
    offer = promoting.promote.offer(row, request.user)
    page = Page("Propose a finding", words, "Propose it", back, "The hit", SECTION)
    if not offer.is_possible:
        return asking.refuse(request, Page("Propose a finding", offer.why_not, "", back, "The hit", SECTION))
    return asking.ask(
        request,
        asking.filled(request, ReasonForm),
        page,
        step=lambda data: promoting.promote(row, **data, by=request.user, now=timezone.now()),
        message="A finding is proposed.",
    )


@require_safe
@member
def indicators(request: MemberRequest) -> HttpResponseBase:
    """Show what feeds say is bad; `?format=csv` downloads exactly this view."""
    return listing.shown(request, INDICATORS, template="threats/indicators.html", page={"section": SECTION})


@require_safe
@member
def indicator(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show one indicator, by what it is met, and what of the person's servers it hits."""
    row = visible(Indicator.objects.select_related("feed"), request.user, pk=pk)
    met = HITS.rows(request.user).filter(indicator=row)
    page = {
        "indicator": row,
        "standing": row.standing_at(now=timezone.now()),
        "terms": row.terms.all()[:MOST],
        "techniques": vocabulary.named(row.techniques),
        "hits": lists.table(HITS, met, *_OF_INDICATOR, most=MOST),
        "section": SECTION,
    }
    return render(request, "threats/indicator.html", page)


@require_safe
@member
def techniques(request: MemberRequest) -> HttpResponse:
    """Show what SAFE-MCP and MITRE ATLAS call how attackers proceed."""
    page = {"vocabularies": vocabulary.vocabularies(), "section": SECTION}
    return render(request, "threats/techniques.html", page)


def _find(request: MemberRequest, pk: UUID) -> IndicatorHit:
    rows = IndicatorHit.objects.select_related(
        "server__unit", "indicator__feed", "observation__finding", "observation__run"
    )
    return visible(rows, request.user, pk=pk)
