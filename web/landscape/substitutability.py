"""The page that says how easily a server or a vendor could be replaced."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from landscape import replacing
from landscape.models import Substitutability
from vendors.models import Server, Vendor
from web.forms.editing import EditForm
from web.page_parts import asking
from web.page_parts.access import MemberRequest, member_who_may, visible
from web.page_parts.asking import Page, asks

WORDS = (
    "How easily it could be replaced, by what you know of alternatives. It stands under Supply chain, What hangs on"
    " whom, beside the servers that would be lost."
)


class SubstitutabilityForm(EditForm):
    """How easily something could be replaced, and which alternatives were looked at."""

    step = replacing.rejudge

    level = forms.ChoiceField(label="Can it be replaced?", choices=Substitutability.Level.choices)
    reason = forms.CharField(label="Why", widget=forms.Textarea(attrs={"rows": 3}))
    alternatives = forms.CharField(
        required=False,
        label="Alternatives that were looked at",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="One a line, with what came of it. Empty: none on record.",
    )


@asks
@member_who_may(replacing.judge)
def of_server(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Say how easily a server could be replaced."""
    row = visible(Server.objects.select_related("unit"), request.user, pk=pk)
    page = Page(f"Replacing {row.title}", WORDS, "Save", reverse("web:server-detail", args=[pk]), row.title,
                "server-list")  # fmt: skip
    return _asked(request, row, page)


@asks
@member_who_may(replacing.judge)
def of_vendor(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Say how easily a vendor could be replaced."""
    row = visible(Vendor.objects.all(), request.user, pk=pk)
    page = Page(f"Replacing {row.name}", WORDS, "Save", reverse("web:vendor-detail", args=[pk]), row.name,
                "vendor-list")  # fmt: skip
    return _asked(request, row, page)


def _asked(request: MemberRequest, subject: Server | Vendor, page: Page) -> HttpResponse:
    replacing.judge.require(subject, request.user)
    known = Substitutability.objects.filter(
        **({"server": subject} if isinstance(subject, Server) else {"vendor": subject})
    ).first()
    form = asking.filled(request, SubstitutabilityForm, row=known)

    def take(data: Any) -> object:
        if known is None:
            return replacing.judge(subject, **data, by=request.user, now=timezone.now())
        return form.take(known, changes=data, by=request.user, now=timezone.now())

    return asking.ask(request, form, page, step=take, message="Saved.")
