"""Signing in and out, and setting a password by a one-time link."""

from functools import partial
from typing import Any

from axes.models import AccessAttempt
from axes.signals import user_locked_out
from django.conf import settings
from django.contrib.auth import login, logout
from django.contrib.auth.signals import user_login_failed
from django.db import transaction
from django.db.models import Sum
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from accounts.models import User
from accounts.sign_in import links, passwords, resets
from audit import trail
from audit.context import Actor
from audit.middleware import client_address
from web.forms.signin import AddressForm, NewPasswordForm, SignInForm
from web.page_parts.asking import asks, status_of
from web.page_parts.steps import done

# Ten people of one office may be locked out before all of it waits; nobody tries one password on everybody.
FAILURES_OF_AN_ADDRESS = 50


@never_cache
@sensitive_post_parameters("password")
@asks
def sign_in(request: HttpRequest) -> HttpResponse:
    """Ask who it is; on success start a fresh session and go to where the person wanted to be."""
    wanted = next_page(request)
    if request.user.is_authenticated:
        return redirect(wanted)
    if request.method == "POST" and _tries_many_people(request):
        message = "Too many wrong passwords came from your network. Wait 15 minutes, then try again."
        return render(request, "429.html", {"message": message}, status=429)
    form = SignInForm(request.POST or None, request=request)
    if form.is_valid() and form.person:
        with transaction.atomic():
            login(request, form.person)
            trail.record("signin.succeeded", form.person, by=form.person, at=timezone.now())
        return redirect(wanted)
    shown = {"form": form, "next": wanted}
    return render(request, "accounts/sign_in.html", shown, status=status_of(form))


@never_cache
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session and have the browser forget what it kept of the register."""
    if isinstance(request.user, User):
        with transaction.atomic():
            trail.record("signin.signed_out", request.user, by=request.user, at=timezone.now())
    logout(request)
    response = redirect("web:sign-in")
    response["Clear-Site-Data"] = '"cache", "storage"'
    return response


@never_cache
@asks
def password_reset(request: HttpRequest) -> HttpResponse:
    """Send a link to whoever has the address; the answer is the same when nobody has it or too many were asked for."""
    form = AddressForm(request.POST or None)
    if form.is_valid():
        sender = client_address(request) or "unknown"
        resets.ask_for_link(form.cleaned_data["email"], now=timezone.now(), sender=sender)
        return render(
            request,
            "accounts/password_reset_sent.html",
            {"email": form.cleaned_data["email"], "to_files": links.mail_goes_to_files()},
        )
    return render(request, "accounts/password_reset.html", {"form": form}, status=status_of(form))


@never_cache
@sensitive_post_parameters("password", "again")
@asks
def set_password(request: HttpRequest, uid: str, token: str) -> HttpResponse:
    """Let whoever holds a one-time link set the password; looking at the page does not use the link up."""
    try:
        person = passwords.person_of_link(uid, token)
    except passwords.LinkInvalid as refusal:
        return render(request, "accounts/link_invalid.html", {"message": refusal.message}, status=410)
    form = NewPasswordForm(request.POST or None, person=person)
    if form.is_valid():
        password, now = form.cleaned_data["password"], timezone.now()
        step = partial(passwords.set_by_link, person, token=token, password=password, by=person, now=now)
        logout(request)
        if done(request, step, message="Your password is set. Sign in with it.", form=form):
            return redirect("web:sign-in")
    shown = {"form": form, "person": person}
    return render(request, "accounts/set_password.html", shown, status=status_of(form))


def locked_out(
    request: HttpRequest, original_response: HttpResponse | None = None, credentials: dict[str, Any] | None = None
) -> HttpResponse:
    """Answer whoever failed too often from one address."""
    return render(request, "429.html", status=429)


def _tries_many_people(request: HttpRequest) -> bool:
    """Return whether an address failed too often of late, whoever it said to be: each person alone locks out later."""
    begun = timezone.now() - settings.AXES_COOLOFF_TIME
    failed = AccessAttempt.objects.filter(ip_address=client_address(request), attempt_time__gt=begun)
    count: int = failed.aggregate(count=Sum("failures_since_start"))["count"] or 0
    return count >= FAILURES_OF_AN_ADDRESS


def next_page(request: HttpRequest) -> str:
    """Return the page of this register that was asked for before signing in, else the home page."""
    wanted = request.POST.get("next") or request.GET.get("next", "")
    ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if ours else "/"


@receiver(user_login_failed, dispatch_uid="web.accounts.signin.failed")
def _record_failure(sender: Any, credentials: dict[str, Any], request: HttpRequest | None = None, **kw: Any) -> None:
    email = str(credentials.get("username", ""))
    _record("person.signing_failed" if _signs(request, email) else "signin.failed", email, request)


@receiver(user_locked_out, dispatch_uid="web.accounts.signin.locked")
def _record_lock_out(sender: Any, request: HttpRequest, username: str | None = None, **kwargs: Any) -> None:
    _record("signin.locked", username or "", request)


@transaction.atomic
def _record(verb: str, email: str, request: HttpRequest | None) -> None:
    """Record what happened at the account of a known person; django-axes keeps the attempts at unknown addresses."""
    person = User.objects.filter(email__iexact=email).first() if "\0" not in email else None
    if person is None:
        return
    trail.record(verb, person, by=person if _signs(request, email) else _visitor(request), at=timezone.now())


def _signs(request: HttpRequest | None, email: str) -> bool:
    """Return whether it is whoever is signed in that gives the password, to sign what the request does."""
    user = getattr(request, "user", None)
    return isinstance(user, User) and user.email.lower() == email.lower()


def _visitor(request: HttpRequest | None) -> Actor:
    address = client_address(request) if request else None
    return Actor("visitor", "", f"Somebody at {address or 'an unknown address'}")
