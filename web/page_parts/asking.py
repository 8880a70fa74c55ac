"""Pages that ask before a step: what will happen, a form, one button; refused input comes back as it was typed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from django import forms
from django.contrib import messages
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts import signing
from accounts.steps import Step
from web.forms.editing import EditForm
from web.forms.signin import PasswordField
from web.page_parts import steps

F = TypeVar("F", bound=forms.Form)
# A step, and what it is taken on.
Signs = tuple[Step[Any, Any], Model]
REFUSED, CONFLICT = 422, 409
# Of a page that shows a form and takes it.
asks = require_http_methods(["GET", "HEAD", "POST"])


class Nothing(forms.Form):
    """A step that needs no further word."""


@dataclass(frozen=True, slots=True)
class Page:
    """What the page says; `up_label` names where `back_url` leads, `section` the part of the navigation it is in.

    `label` is the button; empty where the step cannot be taken.
    """

    heading: str
    consequence: str
    label: str
    back_url: str
    up_label: str
    section: str
    danger: bool = False


def filled(request: HttpRequest, form: type[F], *, signs: Signs | None = None, **how: Any) -> F:
    """Return the form, filled with what was posted, or empty on other requests.

    `signs` is the step that it takes, and on what: where that is signed, the form asks for the password.
    """
    made = form(request.POST, request.FILES, **how) if request.method == "POST" else form(**how)
    return signed(request, made, signs) if signs else made


def signed(request: HttpRequest, form: F, signs: Signs) -> F:
    """Return the form, which asks for the password where the step is signed."""
    step, row = signs
    if step.is_signed(row, request.user):
        form.fields[signing.FIELD] = PasswordField(request)
    return form


def values_of(form: forms.Form) -> dict[str, Any]:
    """Return what a valid form says, without the password that signs it."""
    return {name: value for name, value in form.cleaned_data.items() if name != signing.FIELD}


def ask(
    request: HttpRequest, form: forms.Form, page: Page, *, step: Callable[[Mapping[str, Any]], object], message: str
) -> HttpResponse:
    """Show the page; take the step when its form was posted and is right, say so, and lead back."""
    posted = request.method == "POST" and form.is_valid()
    if posted and steps.done(request, lambda: step(values_of(form)), message=message, form=form):
        return redirect(page.back_url)
    return show(request, form, page)


def begin(
    request: HttpRequest,
    form: forms.Form,
    page: Page,
    *,
    step: Callable[[Mapping[str, Any]], Model],
    message: str,
    route: str,
) -> HttpResponse:
    """Show the page; take the step when its form was posted and is right, and lead by `route` to what it made.

    What comes next is said there: a list does not tell whoever has just registered something.
    """
    if request.method == "POST" and form.is_valid():
        made = steps.attempt(request, lambda: step(values_of(form)), form=form)
        if made is not None:
            messages.success(request, message)
            return redirect(route, pk=made.pk)
    return show(request, form, page)


def show(request: HttpRequest, form: forms.Form, page: Page) -> HttpResponse:
    """Show the page that asks, for a step that leads on to somewhere else."""
    return render(request, "step.html", {"page": page, "form": form, "section": page.section}, status=status_of(form))


def refuse(request: HttpRequest, page: Page) -> HttpResponse:
    """Show why a step cannot be taken by anybody, which `consequence` says, and no button."""
    status = REFUSED if request.method == "POST" else 200
    return render(request, "step.html", {"page": page, "section": page.section}, status=status)


def status_of(form: forms.Form) -> int:
    """Return the status of a page with this form: 422 when it was refused, 409 when somebody else was first."""
    if isinstance(form, EditForm) and form.meanwhile:
        return CONFLICT
    return REFUSED if form.errors else 200
