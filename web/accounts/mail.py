"""What a person chooses about their mail: how soon of which kind of things."""

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from accounts.models import User
from alerts.recipients import choosing, kinds
from web.page_parts.access import MemberRequest, member
from web.page_parts.asking import asks, filled, status_of
from web.page_parts.steps import done


class MailForm(forms.Form):
    """A choice for every kind."""

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        """Offer every kind as it can be mailed, and start from what was chosen."""
        super().__init__(*args, **kwargs)
        known = choosing.chosen_by(person)
        for kind in kinds.KINDS.values():
            self.fields[kind.word] = forms.ChoiceField(
                label=kind.label, choices=choosing.offered(kind.word), initial=known[kind.word], help_text=kind.help
            )


@asks
@member
def choose(request: MemberRequest) -> HttpResponse:
    """Show what a person has chosen, and take another choice."""
    form = filled(request, MailForm, person=request.user)
    if request.method == "POST" and form.is_valid():
        user = request.user
        taken = done(
            request,
            lambda: choosing.choose(user, choices=form.cleaned_data, by=user, now=timezone.now()),
            message="Kept. Critical things still come at once.",
            form=form,
        )
        if taken:
            return redirect("web:account-mail")
    return render(request, "accounts/mail.html", {"form": form, "section": "account"}, status=status_of(form))
