"""Whether approvals are obeyed: what was tried with which client, and who loaded what nothing allows."""

from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import Unit, User
from containment import enforcement
from containment.lists import ENFORCEMENT_TESTS
from containment.models import Asker, EnforcementTest
from web.forms.fields.days import DATE
from web.page_parts import asking, history, listing
from web.page_parts.access import MemberRequest, member, member_who_may, visible
from web.page_parts.asking import Page, asks

_MOST_SHOWN = 20


class EnforcementTestForm(forms.Form):
    """What was tried, with which client, and what came of it."""

    unit = forms.ModelChoiceField(queryset=Unit.objects.none(), empty_label=None)
    client = forms.CharField(max_length=120, help_text="Such as “Claude Code”.")
    version = forms.CharField(max_length=60)
    control = forms.ChoiceField(label="What it is to obey", choices=EnforcementTest.Control.choices)
    tried_on = forms.DateField(label="Tried on", widget=DATE)
    how = forms.CharField(
        label="What was tried",
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="What you did and what you saw, so that somebody else can do it again.",
    )
    result = forms.ChoiceField(choices=EnforcementTest.Result.choices)

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        """Offer the units in which the person may write."""
        super().__init__(*args, **kwargs)
        field: Any = self.fields["unit"]
        field.queryset = enforcement.record.units(by)


@require_safe
@member
def index(request: MemberRequest) -> HttpResponseBase:
    """Show the tests that the person may see, and who loaded the canary; `?format=csv` downloads exactly this view."""
    askers = Asker.objects.seen_by(request.user)
    page = {
        "may_write": enforcement.record.may_somewhere(request.user),
        "canary": settings.CANARY,
        "loaders": askers.filter(kind=Asker.Kind.CANARY)[:_MOST_SHOWN],
        "silent": askers.filter(silent_since__isnull=False)[:_MOST_SHOWN],
        "section": "policy-list",
    }
    return listing.shown(request, ENFORCEMENT_TESTS, template="policies/tests.html", page=page)


@require_safe
@member
def detail(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show one test."""
    row = visible(EnforcementTest.objects.select_related("unit", "tried_by"), request.user, pk=pk)
    return render(
        request, "policies/test.html", {"test": row, "section": "policy-list", **history.shown(request.user, row)}
    )


@asks
@member_who_may(enforcement.record)
def record(request: MemberRequest) -> HttpResponse:
    """Put on record that a client was tried."""
    return asking.ask(
        request,
        asking.filled(request, EnforcementTestForm, by=request.user),
        Page(
            "Record a test",
            "It stays as you record it. When it does not hold, managers and approvers of the unit are told.",
            "Record it",
            reverse("web:enforcement-test-list"),
            "Does it hold?",
            "policy-list",
        ),
        step=lambda data: enforcement.record(**data, by=request.user, now=timezone.now()),
        message="The test is on record.",
    )
