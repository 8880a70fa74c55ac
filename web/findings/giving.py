"""Giving several findings or reviews of a list to one person at once."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Model, QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from accounts.access import NotPermitted
from accounts.models import User
from accounts.steps import Step
from decisions.lists import REVIEWS
from decisions.models import Review
from decisions.reviews import reviews
from findings import register
from findings.lists import FINDINGS
from findings.models import Finding
from riskregister import nouns, plurals
from riskregister.lists import List
from riskregister.nouns import Noun
from scoring.scales import Severity
from web.forms.giving import GivingForm
from web.page_parts import asking, listing, steps
from web.page_parts.access import MemberRequest, member
from web.page_parts.asking import Page, asks
from work.in_hand import assigning


@dataclass(frozen=True, slots=True)
class Giving:
    """What is given: rows of a list, by a step, as `place`; `name` is that of the list's page, `address` of this one.

    `words` says of a row what somebody who chooses must know.
    """

    model: type[Model]
    of: List
    step: Step[Any, Any]
    give: Callable[..., None]
    place: str
    name: str
    address: str
    title: str
    words: Callable[[Any], str]

    @property
    def card(self) -> Noun:
        """Return the card of what is given."""
        return nouns.card(self.model)

    @property
    def list_path(self) -> str:
        """Return the path of the list."""
        return reverse(self.name)


def _of_finding(row: Finding) -> str:
    unit = row.unit or "All units"
    about = f"{row} · {Severity(row.severity).word.capitalize()} · {row.server or row.vendor} · {unit}"
    return f"{about} · {row.owner or 'Nobody'} owns it"


def _of_review(row: Review) -> str:
    return f"{row} · {row.unit} · {row.assignee or 'Nobody'} does it"


FINDINGS_GIVEN = Giving(
    model=Finding,
    of=FINDINGS,
    step=register.assign,
    give=assigning.findings,
    place="owner",
    name="web:finding-list",
    address="web:findings-give",
    title="Risk register",
    words=_of_finding,
)
REVIEWS_GIVEN = Giving(
    model=Review,
    of=REVIEWS,
    step=reviews.assign,
    give=assigning.reviews_of,
    place="assignee",
    name="web:review-list",
    address="web:reviews-give",
    title="Reviews",
    words=_of_review,
)


def url(request: MemberRequest, giving: Giving, rows: Iterable[Any]) -> str:
    """Return where the rows that a list shows are given, if the person may give one of them; else an empty text."""
    if not any(giving.step.offer(row, request.user).may for row in rows):
        return ""
    return f"{reverse(giving.address)}?{request.GET.urlencode()}"


@asks
@member
def findings(request: MemberRequest) -> HttpResponseBase:
    """Give findings of the list to one owner."""
    return _give(request, FINDINGS_GIVEN)


@asks
@member
def reviews_of(request: MemberRequest) -> HttpResponseBase:
    """Give reviews of the list to one person."""
    return _give(request, REVIEWS_GIVEN)


def _may(user: User, giving: Giving) -> bool:
    """Return whether the person may give such rows somewhere."""
    return giving.step.may_somewhere(user)


def _give(request: MemberRequest, giving: Giving) -> HttpResponse:
    if not _may(request.user, giving):
        raise NotPermitted("Your roles do not let you give work to others.")
    rows: dict[str, Any] = {"seen": _seen(request, giving), "offered": _offered(request, giving)}
    form = asking.filled(request, GivingForm, place=giving.place, **rows)
    back = f"{giving.list_path}?{request.GET.urlencode()}"
    words = "They are told. Due dates stay. If one of them cannot be given, none is."
    heading = f"Give {giving.card.plural} to one person"
    page = Page(heading, words, "Give", back, giving.title, giving.name.removeprefix("web:"))
    if request.method == "POST" and form.is_valid():
        chosen, to = list(form.cleaned_data["rows"]), form.cleaned_data["to"]
        how: dict[str, Any] = {giving.place: to, "by": request.user, "now": timezone.now()}
        message = f"{plurals.counted(len(chosen), giving.card.word, giving.card.plural)} given to {to}."
        if steps.done(request, lambda: giving.give(chosen, **how), message=message, form=form):
            return redirect(back)
    return asking.show(request, form, page)


def _seen(request: MemberRequest, giving: Giving) -> "QuerySet[Any]":
    return nouns.visible_rows(giving.card, request.user)


def _offered(request: MemberRequest, giving: Giving) -> dict[Any, str]:
    """Return in words what the person may give of the page that the address asks for, and what was chosen before."""
    listed = listing.listing(request, giving.of, path=giving.list_path).rows
    rows = [row for row in listed if giving.step.offer(row, request.user).may]
    chosen = [key for key in request.POST.getlist("rows") if _is_key(key)]
    shown = {row.pk for row in rows}
    before = _seen(request, giving).filter(pk__in=chosen).exclude(pk__in=shown) if chosen else []
    return {row: giving.words(row) for row in [*rows, *before]}


def _is_key(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
