"""A person's own times: quiet hours, and who is told in their stead while they are away."""

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from accounts import access
from accounts.models import User
from alerts.models import Deputy, QuietHours
from alerts.recipients import personal
from web.forms.fields.days import DATE
from web.page_parts.access import MemberRequest, member
from web.page_parts.asking import asks, filled, status_of
from web.page_parts.steps import done

_TIME = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")


class QuietForm(forms.Form):
    """From when to when mail waits."""

    begins = forms.TimeField(label="From", required=False, widget=_TIME)
    ends = forms.TimeField(label="To", required=False, widget=_TIME)
    weekends = forms.BooleanField(label="All of Saturday and Sunday too", required=False)


class DeputyForm(forms.Form):
    """Who is told beside the person, and between which days."""

    deputy = forms.ModelChoiceField(queryset=User.objects.none(), required=False, empty_label="Nobody")
    first_on = forms.DateField(label="First day", required=False, widget=DATE)
    last_on = forms.DateField(label="Last day", required=False, widget=DATE)

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        """Offer the colleagues."""
        super().__init__(*args, **kwargs)
        field: Any = self.fields["deputy"]
        field.queryset = access.people_beside(person).exclude(pk=person.pk).order_by("name")


@asks
@member
def quiet_hours(request: MemberRequest) -> HttpResponse:
    """Show a person's quiet hours, and take others."""
    user = request.user
    known = QuietHours.objects.filter(person=user).values("begins", "ends", "weekends").first()
    form = filled(request, QuietForm, initial=known)
    if request.method == "POST" and form.is_valid():
        cleaned = form.cleaned_data
        words = "Kept. Critical things still come at once."
        if done(request, lambda: _set_quiet(user, cleaned), message=words, form=form):
            return redirect("web:account-quiet-hours")
    return render(request, "accounts/quiet_hours.html", {"form": form, "section": "account"}, status=status_of(form))


@asks
@member
def deputy(request: MemberRequest) -> HttpResponse:
    """Show who stands in for a person, and take somebody else."""
    user = request.user
    known = Deputy.objects.filter(person=user).values("deputy", "first_on", "last_on").first()
    form = filled(request, DeputyForm, person=user, initial=known)
    if request.method == "POST" and form.is_valid():
        cleaned = form.cleaned_data
        if done(request, lambda: _name_deputy(user, cleaned), message="Kept.", form=form):
            return redirect("web:account-deputy")
    return render(request, "accounts/deputy.html", {"form": form, "section": "account"}, status=status_of(form))


def _set_quiet(user: User, cleaned: dict[str, Any]) -> None:
    personal.set_quiet_hours(user, **cleaned, by=user, now=timezone.now())


def _name_deputy(user: User, cleaned: dict[str, Any]) -> None:
    personal.name_deputy(user, **cleaned, by=user, now=timezone.now())
