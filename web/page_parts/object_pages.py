"""Where an object's page is: for alerts, the trail and search, which know only its type and id."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts import access
from accounts.models import User
from riskregister import nouns
from riskregister.nouns import Page
from web.page_parts.access import MemberRequest, anybody


@require_safe
@anybody
def lead(request: MemberRequest, kind: str, pk: UUID) -> HttpResponse:
    """Lead to the page of an object that the person may see."""
    url = page_of(request.user, kind, pk)
    if not url:
        raise Http404
    return redirect(url)


def page_of(user: User, kind: str, pk: UUID) -> str:
    """Return the address of an object's page, or an empty text when the person cannot see it or it has none."""
    noun = nouns.of_kind(kind)
    if noun is None or not noun.pages:
        return ""
    row = nouns.visible_rows(noun, user).filter(pk=pk).first() if noun.is_seen_by_row else None
    if row is None and noun.is_seen_by_row:
        return ""
    return next((_address(page, row) for page in noun.pages if _is_for(page, user, row)), "")


def url_of(row: Any) -> str:
    """Return the address of the page of a row that is known to be visible and to have a page for everybody."""
    return _address(nouns.card(row).pages[0], row)


def _is_for(page: Page, user: User, row: Any) -> bool:
    if page.whose:
        return bool(nouns.follow(row, page.whose) == user.pk)
    return not page.needs or access.of(user).can(page.needs)


def _address(page: Page, row: Any) -> str:
    return reverse(f"web:{page.route}", args=[nouns.follow(row, page.key)] if page.key else [])
