"""Search: anything of the register by its number or by words, among what the person may see."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from accounts.models import User
from riskregister import nouns
from riskregister.nouns import Noun
from riskregister.queries.searching import by_number
from web.page_parts import lists
from web.page_parts.access import MemberRequest, member
from web.page_parts.object_pages import page_of, url_of

SHOWN = 10
_NUMBER = re.compile(r"\s*([A-Za-z]+)-\d+\s*")


@dataclass(frozen=True, slots=True)
class Found:
    """What was found of one kind: title, address and a hint of each, the first few."""

    title: str
    rows: Sequence[tuple[str, str, str]]
    has_more: bool


@require_safe
@member
def search(request: MemberRequest) -> HttpResponse:
    """Go to the object with this number, else show what holds the words."""
    asked = lists.words_in(request)
    if url := _numbered(request.user, asked):
        return redirect(url)
    groups = [_found(request.user, noun, asked) for noun in _searched()] if len(asked) > 1 else []
    shown = {"q": asked, "groups": [group for group in groups if group.rows], "section": "search"}
    return render(request, "home/search.html", shown)


def _numbered(user: User, asked: str) -> str:
    match = _NUMBER.fullmatch(asked)
    noun = match and next((one for one in nouns.cards() if one.prefix == match[1].upper()), None)
    if not match or not noun:
        return ""
    found = nouns.visible_rows(noun, user).filter(by_number(asked, noun)).values_list("pk", flat=True).first()
    return page_of(user, noun.kind, found) if found else ""


def _searched() -> list[Noun]:
    """Return the nouns that have words to search by; first servers and vendors, which everything else is about."""
    return sorted((noun for noun in nouns.cards() if noun.words), key=lambda noun: noun.subject != "self")


def _found(user: User, noun: Noun, asked: str) -> Found:
    matches = Q()
    for words in noun.words:
        matches |= Q(**{f"{words}__holds": asked})
    found = list(nouns.visible_rows(noun, user).filter(matches)[: SHOWN + 1])
    shown = [(str(row), url_of(row), _hint(noun, row)) for row in found[:SHOWN]]
    return Found(noun.plural.capitalize(), shown, len(found) > SHOWN)


def _hint(noun: Noun, row: Any) -> str:
    """Return what stands beside a hit: a status or kind as people read it, anything else by its name."""
    worded = getattr(row, f"get_{noun.hint}_display", None)
    return str(worded() if worded else nouns.follow(row, noun.hint)) if noun.hint else ""
