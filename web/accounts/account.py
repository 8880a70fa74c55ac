"""A person's own account: name, theme, password, sessions and API tokens."""

from datetime import timedelta
from functools import partial

from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from accounts import access, people, tokens
from accounts.sign_in import passwords
from web.accounts.signin import next_page
from web.forms.account import NameForm, ThemeForm, TokenForm
from web.forms.signin import ChangePasswordForm
from web.page_parts.access import MemberRequest, anybody, member
from web.page_parts.asking import Nothing, Page, ask, asks, filled, status_of
from web.page_parts.steps import attempt, done


@require_safe
@member
def account(request: MemberRequest) -> HttpResponse:
    """Show the account."""
    return _page(request)


@require_POST
@member
def rename(request: MemberRequest) -> HttpResponse:
    """Change the name."""
    form = NameForm(request.POST, row=request.user)
    if form.is_valid():
        user, name = request.user, form.cleaned_data["name"]
        step = partial(form.take, user, name=name, by=user, now=timezone.now())
        if done(request, step, message="Your name is changed.", form=form):
            return redirect("web:account")
    return _page(request, name_form=form)


@require_POST
@anybody
def theme(request: MemberRequest) -> HttpResponse:
    """Change the look of the pages and go back to where the person was."""
    form = ThemeForm(request.POST)
    if form.is_valid():
        request.user.theme = form.cleaned_data["theme"]
        request.user.save(update_fields=["theme"])
    return redirect(next_page(request))


@require_POST
@sensitive_post_parameters("current_password", "password", "again")
@member
def change_password(request: MemberRequest) -> HttpResponse:
    """Change the password; this session goes on, all others end."""
    form = ChangePasswordForm(request.POST, request=request, person=request.user)
    if form.is_valid():
        user, password = request.user, form.cleaned_data["password"]
        step = partial(passwords.set_password, user, password=password, by=user, now=timezone.now())
        if done(request, step, message="Your password is changed. Other sessions have ended.", form=form):
            update_session_auth_hash(request, user)
            return redirect("web:account")
    return _page(request, password_form=form)


@asks
@member
def end_sessions(request: MemberRequest) -> HttpResponse:
    """End all sessions but this one."""

    def end(_: object) -> None:
        people.end_sessions(request.user, by=request.user, now=timezone.now())
        update_session_auth_hash(request, request.user)

    words = "You are signed out of every other browser at once; what is typed there and not saved is lost."
    back = reverse("web:account")
    return ask(
        request,
        filled(request, Nothing),
        Page("End your other sessions", words, "End other sessions", back, "Your account", "account", danger=True),
        step=end,
        message="You are signed out everywhere else.",
    )


@require_POST
@sensitive_post_parameters("current_password")
@never_cache
@member
def make_token(request: MemberRequest) -> HttpResponse:
    """Make a token and show its key, this once."""
    form = TokenForm(request.POST, request=request)
    if form.is_valid():
        given = form.cleaned_data
        step = partial(
            tokens.issue,
            request.user,
            name=given["name"],
            scopes=given["scopes"],
            lifetime=timedelta(days=given["days"]),
            by=request.user,
            now=timezone.now(),
        )
        if made := attempt(request, step, form=form):
            return render(request, "accounts/token_made.html", {"token": made[0], "key": made[1]}, status=201)
    return _page(request, token_form=form)


@asks
@member
def revoke_token(request: MemberRequest, pk: str) -> HttpResponse:
    """Say what revoking does, and make a token useless: one's own, or as administrator anybody's."""
    may_all = access.of(request.user).can(access.Capability.ADMINISTER)
    token = get_object_or_404(access.visible_tokens(request.user), pk=pk)
    from_list = may_all and "tokens" in (request.GET.get("from"), request.POST.get("from"))
    words = "Programs that use it are refused at once. It cannot be made to work again; make a new token instead."
    back, up, section = ("tokens", "API tokens", "people") if from_list else ("account", "Your account", "account")
    return ask(
        request,
        filled(request, Nothing),
        Page(f"Revoke {token.name}", words, "Revoke", reverse(f"web:{back}"), up, section, danger=True),
        step=lambda _: tokens.revoke(token, by=request.user, now=timezone.now()),
        message=f"Revoked: {token.name}.",
    )


def _page(
    request: MemberRequest,
    *,
    name_form: NameForm | None = None,
    password_form: ChangePasswordForm | None = None,
    token_form: TokenForm | None = None,
) -> HttpResponse:
    user = request.user
    refused = name_form or password_form or token_form
    shown = {
        "refused": refused,
        "name_form": name_form or NameForm(row=user),
        "password_form": password_form or ChangePasswordForm(request=request, person=user),
        "token_form": token_form or TokenForm(request=request),
        "tokens": user.tokens.with_state(now=timezone.now()),
        "memberships": user.memberships.select_related("unit").in_force(on=timezone.localdate()),
    }
    return render(request, "accounts/account.html", shown, status=status_of(refused) if refused else 200)
