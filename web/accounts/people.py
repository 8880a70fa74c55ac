"""Administration of people: who they are, their roles, their way in."""

from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts import people
from accounts.lists import PEOPLE
from accounts.models import Membership, User
from accounts.sign_in import links, passwords
from riskregister.nouns import Noun
from web.accounts import demo
from web.forms.people import LeavingForm, PersonForm, RoleForm
from web.page_parts import history, listing, lists
from web.page_parts.access import MemberRequest, administrator
from web.page_parts.asking import Nothing, Page, ask, asks, filled, show, signed, status_of, values_of
from web.page_parts.steps import attempt, done
from work.in_hand import handover

WORK_SHOWN = 100


@require_safe
@administrator
def people_list(request: MemberRequest) -> HttpResponseBase:
    """Show everybody, with their roles; `?format=csv` downloads exactly this view."""
    page = {"section": "people", "tab": "people", "demo_offered": demo.is_offered()}
    return listing.shown(request, PEOPLE, template="administration/people.html", page=page)


@asks
@administrator
def invite(request: MemberRequest) -> HttpResponse:
    """Invite a person, by a mail with a one-time link."""
    form = PersonForm(request.POST or None)
    if form.is_valid():
        step = partial(people.invite, **form.cleaned_data, by=request.user, now=timezone.now())
        if invited := attempt(request, step, form=form):
            messages.success(request, f"Invited. {links.where(invited)} Now give them a role.")
            return redirect("web:person", invited.pk)
    shown = {"form": form, "section": "people"}
    return render(request, "administration/invite.html", shown, status=status_of(form))


@require_safe
@administrator
def person(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show a person."""
    return _page(request, get_object_or_404(User, pk=pk))


@require_POST
@administrator
def edit(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Change name and address."""
    found = get_object_or_404(User, pk=pk)
    form = _person_form(request, found, request.POST)
    if form.is_valid():
        step = partial(form.take, found, **values_of(form), by=request.user, now=timezone.now())
        if done(request, step, message="Saved.", form=form):
            return redirect("web:person", pk)
    return _page(request, get_object_or_404(User, pk=pk), person_form=form)


@asks
@administrator
def make_link(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Make a one-time link to set a password, to be copied; it is shown this once."""
    found = get_object_or_404(User, pk=pk, is_active=True)
    form = filled(request, Nothing, signs=(passwords.record_link, found))
    step = partial(passwords.record_link, found, by=request.user, now=timezone.now())
    message = "Here is the link. Hand it over by a way that only they read."
    if request.method == "POST" and form.is_valid() and done(request, step, message=message, form=form):
        return _page(request, found, link=links.set_password_link(found))
    words = (
        f"You are shown a link, this once. For 72 hours whoever has it can set the password of {found.name} and act in "
        f"that name. It goes on record, and {found.name} is told that you hold it."
    )
    return show(request, form, _asking(found, f"Make a link for {found.name}", words, "Make the link"))


@asks
@administrator
def mail_link(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Mail the person a one-time link to set a password."""
    found = get_object_or_404(User, pk=pk, is_active=True)
    words = f"A one-time link to set the password goes to {found.email}. A mail cannot be called back."
    return ask(
        request,
        filled(request, Nothing, signs=(passwords.send_link, found)),
        _asking(found, f"Mail a link to {found.name}", words, "Mail the link"),
        step=lambda _: passwords.send_link(found, by=request.user, now=timezone.now()),
        message=links.where(found),
    )


@require_POST
@administrator
def give_role(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Give a role."""
    found = get_object_or_404(User, pk=pk)
    form = _role_form(request, found, request.POST)
    if form.is_valid():
        step = partial(people.give_role, found, **values_of(form), by=request.user, now=timezone.now())
        if done(request, step, message="The role is given.", form=form):
            return redirect("web:person", pk)
    return _page(request, found, role_form=form)


@asks
@administrator
def take_role(request: MemberRequest, pk: UUID, membership: UUID) -> HttpResponse:
    """Take a role, and hand over what the person cannot do without it."""
    held = get_object_or_404(Membership.objects.select_related("user", "unit"), pk=membership, user=pk)
    work = handover.left_by(held)
    form = filled(request, LeavingForm, signs=(handover.take_role, held), offered=handover.who_can_take(work))
    if request.method == "POST" and form.is_valid():
        step = partial(handover.take_role, held, **values_of(form), by=request.user, now=timezone.now())
        if done(request, step, message=f"No longer {held}.", form=form):
            return redirect("web:person", pk)
    shown = {"membership": held, "person": held.user, "form": form, "section": "people"}
    return render(request, "administration/take_role.html", shown | _work(work), status=status_of(form))


@asks
@administrator
def deactivate(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Bar a person from signing in, and hand over what they have in hand."""
    found = get_object_or_404(User, pk=pk)
    work = handover.of(found)
    form = filled(request, LeavingForm, signs=(handover.deactivate, found), offered=handover.who_can_take(work))
    if request.method == "POST" and form.is_valid():
        step = partial(handover.deactivate, found, **values_of(form), by=request.user, now=timezone.now())
        ended = "They can no longer sign in. Their sessions and tokens have ended"
        message = f"{ended}. Their work goes to others." if any(_work(work).values()) else f"{ended}."
        if done(request, step, message=message, form=form):
            return redirect("web:person", pk)
    shown = {"person": found, "form": form, "section": "people"}
    return render(request, "administration/deactivate.html", shown | _work(work), status=status_of(form))


@asks
@administrator
def activate(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Let a person sign in again."""
    found = get_object_or_404(User, pk=pk)
    words = f"{found.name} can sign in again with the password of before, in the roles that are still theirs."
    return ask(
        request,
        filled(request, Nothing, signs=(people.activate, found)),
        _asking(found, f"Let {found.name} sign in again", words, "Activate"),
        step=lambda _: people.activate(found, by=request.user, now=timezone.now()),
        message="They can sign in again.",
    )


@asks
@administrator
def end_sessions(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Sign a person out everywhere."""
    found = get_object_or_404(User, pk=pk)
    words = (
        f"{found.name} is signed out of every browser at once; what is typed there and not saved is lost. "
        "The password and API tokens go on working."
    )
    return ask(
        request,
        filled(request, Nothing),
        _asking(found, f"End the sessions of {found.name}", words, "End sessions", danger=True),
        step=lambda _: people.end_sessions(found, by=request.user, now=timezone.now()),
        message=f"{found.name} is signed out everywhere.",
    )


def _work(work: handover.OpenWork) -> dict[str, list[tuple[Noun, lists.First[Any]]]]:
    """Return the first rows of everything that somebody has in hand and owns, by noun."""
    return {
        name: [(one.noun, found) for one in held if (found := lists.first(one.rows, WORK_SHOWN)).rows]
        for name, held in (("in_hand", work.in_hand), ("owned", work.owned))
    }


def _asking(found: User, heading: str, consequence: str, label: str, *, danger: bool = False) -> Page:
    return Page(heading, consequence, label, reverse("web:person", args=[found.pk]), found.name, "people", danger)


# Two forms of the page ask for the password, so that each has ids of its own.
def _person_form(request: MemberRequest, found: User, data: Any = None) -> PersonForm:
    form = PersonForm(data, auto_id="person_%s", row=found)
    return signed(request, form, (people.edit, found))


def _role_form(request: MemberRequest, found: User, data: Any = None) -> RoleForm:
    return signed(request, RoleForm(data, auto_id="role_%s"), (people.give_role, found))


def _page(
    request: MemberRequest,
    found: User,
    *,
    person_form: PersonForm | None = None,
    role_form: RoleForm | None = None,
    link: str = "",
) -> HttpResponse:
    refused = person_form or role_form
    today = timezone.localdate()
    memberships: QuerySet[Membership] = found.memberships.select_related("unit").annotate(
        holds=Exists(Membership.objects.in_force(on=today).filter(pk=OuterRef("pk")))
    )
    shown: dict[str, Any] = {
        "person": found,
        "refused": refused,
        "person_form": person_form or _person_form(request, found),
        "role_form": role_form or _role_form(request, found),
        "memberships": memberships,
        "link": link,
        "mail_to_files": links.mail_goes_to_files(),
        **history.shown(request.user, found),
        "section": "people",
    }
    return render(request, "administration/person.html", shown, status=status_of(refused) if refused else 200)
