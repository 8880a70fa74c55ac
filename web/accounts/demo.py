"""The page that removes the demo organisation.

The demo package stands above the doors and registers here what removes it; without it there is no such page.
"""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Protocol

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from accounts.models import Unit, User
from vendors.models import Server, Vendor
from web.forms.signin import PasswordAgain
from web.page_parts.access import MemberRequest, administrator
from web.page_parts.asking import asks, status_of
from web.page_parts.steps import done


class Remover(Protocol):
    """A step that removes the demo organisation."""

    def __call__(self, *, by: User, now: datetime) -> object:
        """Remove everything that belongs to it."""


class Prospect(Protocol):
    """What a removal would keep, and what stands in its way."""

    @property
    def units(self) -> list[Unit]:
        """Return the demo units that stay because real servers are in them."""

    @property
    def servers(self) -> list[Server]:
        """Return the real servers that rest on demo vendors."""

    @property
    def vendors(self) -> list[Vendor]:
        """Return the real vendors that rest on demo vendors."""


_offers: list[tuple[Remover, Callable[[], Prospect]]] = []


def offer(remover: Remover, *, prospect: Callable[[], Prospect]) -> None:
    """Have the page remove the demo organisation with this step, after showing its prospect."""
    _offers[:] = [(remover, prospect)]


def is_offered() -> bool:
    """Return whether there is a demo organisation, and something to remove it with."""
    return bool(_offers) and Unit.objects.filter(is_demo=True).exists()


@asks
@administrator
def remove(request: MemberRequest) -> HttpResponse:
    """Say what will go, and remove it once the administrator has confirmed with the password."""
    if not is_offered():
        raise Http404
    remover, prospect = _offers[0]
    form = PasswordAgain(request.POST or None, request=request)
    if form.is_valid():
        step: Callable[[], object] = partial(remover, by=request.user, now=timezone.now())
        if done(request, step, message="The demo organisation is removed.", form=form):
            return redirect("web:home")
    found = prospect()
    shown = {
        "form": form,
        "prospect": found,
        "units": Unit.objects.filter(is_demo=True).exclude(pk__in=[kept.pk for kept in found.units]),
        "servers": Server.objects.filter(is_demo=True).count(),
        "vendors": Vendor.objects.filter(is_demo=True).count(),
        "section": "people",
        "tab": "demo",
        "demo_offered": True,
    }
    return render(request, "administration/demo.html", shown, status=status_of(form))
