"""Who may open a page: signed in, most pages with a role; and rows that start from what this person may see."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from django.contrib.auth.decorators import login_required
from django.db import models
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404

from accounts import access, signing
from accounts.models import Unit, User
from accounts.steps import Step
from web.page_parts import repeats

P = ParamSpec("P")
M = TypeVar("M", bound=models.Model)


class MemberRequest(HttpRequest):
    """A request of somebody who has signed in."""

    user: User


View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def anybody(view: Callable[Concatenate[MemberRequest, P], HttpResponseBase]) -> View[P]:
    """Let whoever is signed in open the page, also without a role; others are asked to sign in."""
    return _guarded(view, lambda _user: None)


def member(view: Callable[Concatenate[MemberRequest, P], HttpResponseBase]) -> View[P]:
    """Let signed-in people with a role open the page; others are asked to sign in, or told that they have no role."""
    return _guarded(view, lambda user: access.require(user, access.Capability.READ))


def _guarded(
    view: Callable[Concatenate[MemberRequest, P], HttpResponseBase], require: Callable[[User], None]
) -> View[P]:
    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        # The person themselves, on whom steps can be taken, instead of a promise of them.
        request.user = cast(User, request.user).person
        signing.begin(request.user)
        require(request.user)
        response = repeats.taken_once(request, lambda: view(cast(MemberRequest, request), *args, **kwargs))
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    return cast("View[P]", login_required(guarded))


def member_who_may(*steps: Step[Any, Any]) -> Callable[[Callable[..., HttpResponseBase]], View[Any]]:
    """Let only people who may take one of the steps somewhere open the page; the step asks again, of its row."""
    needed = tuple(dict.fromkeys(one for step in steps for one in step.rule.needed(None)))

    def require(user: User) -> None:
        if not any(step.may_somewhere(user) for step in steps):
            access.require_any(user, *needed, unit_id=None)

    return _member_whom(require)


def _member_whom(require: Callable[[User], None]) -> Callable[[Callable[..., HttpResponseBase]], View[Any]]:
    def decorate(view: Callable[..., HttpResponseBase]) -> View[Any]:
        @wraps(view)
        def guarded(request: MemberRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            require(request.user)
            return view(request, *args, **kwargs)

        return member(guarded)

    return decorate


# The administration is theirs to read, too.
administrator = _member_whom(lambda user: access.require(user, access.Capability.ADMINISTER))


def units_of(request: MemberRequest) -> tuple[list[Unit], Unit | None]:
    """Return the units that the person sees, and the one of them that the address names, if any."""
    units = list(access.visible_units(request.user))
    return units, next((unit for unit in units if str(unit.pk) == request.GET.get("unit")), None)


def unit_asked(request: MemberRequest) -> tuple[list[Unit], Unit | None]:
    """Return the same for a page of figures, which would show those of all units as if they were of the one.

    Raises Http404 for a unit that the person does not see.
    """
    units, unit = units_of(request)
    if names_unseen_unit(request, unit):
        raise Http404
    return units, unit


def names_unseen_unit(request: MemberRequest, unit: Unit | None) -> bool:
    """Return whether the address names a unit and `units_of` found none: those of all are not those of the one."""
    return unit is None and bool(request.GET.get("unit"))


def visible(rows: models.QuerySet[M], user: User, **lookup: Any) -> M:
    """Return the one row that matches and that the person may see; a stranger's row is not found (404)."""
    seen = cast("models.QuerySet[M]", rows.visible_to(user))  # type: ignore[attr-defined]
    return get_object_or_404(seen, **lookup)
