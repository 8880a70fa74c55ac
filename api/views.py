"""What the endpoints have in common: they start from what the caller may see, take one step, and show the result."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar, cast

from django.db.models import Model
from django.http import Http404
from django.utils import timezone
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.schemas.inspectors import DefaultSchema
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from accounts import principals
from accounts.access import Capability
from accounts.models import ApiToken, User
from accounts.principals import Principal
from accounts.steps import Step
from api import offers, repeats, versions
from api import steps as api_steps
from api.description.described import described
from api.fields import Body, Nothing
from api.filters import refuse_parameters
from riskregister.lists import List

M = TypeVar("M", bound=Model)
Out = type[serializers.BaseSerializer[Any]]
F = TypeVar("F", bound=Callable[..., Any])


class _OfTheView(DefaultSchema):
    """Describes a view, and loads the generator for it: not yet when a router looks through the class."""

    def __get__(self, view: Any, owner: Any) -> Any:
        """Return what describes the view; of a class itself."""
        return self if view is None else super().__get__(view, owner)


class Door(APIView):
    """What every endpoint has; who may come in, and how bodies and answers are written, REST_FRAMEWORK says."""

    http_method_names: Any = ("get", "post", "patch", "head")
    schema: Any = _OfTheView()
    reads: Capability = Capability.READ
    # False where an answer holds a secret: a request that is sent again does not get it again.
    keeps_answers = True
    # False where the answer is what holds at this moment, so that there is nothing to be done once.
    takes_keys = True

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Ask who calls and what they may; a request that names a key is then taken once."""
        super().initial(request, *args, **kwargs)
        method = str(request.method)
        handler = getattr(self, method.lower(), None)
        takes = self.takes_keys and method in repeats.METHODS and not api_steps.is_question(self, method)
        if takes and handler and repeats.HEADER in request.headers:
            setattr(self, method.lower(), repeats.once(handler, keeps_answer=self.keeps_answers))

    @property
    def person(self) -> User:
        """Return who calls, or whose token does."""
        return cast(User, self.request.user)

    @property
    def by(self) -> Principal:
        """Return who acts: the token, for its owner, or the person whose session it is."""
        token = self.request.auth
        return principals.of_token(token) if isinstance(token, ApiToken) else self.person

    def body(self, body: type[Body] | None, *, partial: bool = False) -> dict[str, Any]:
        """Return what the body says. Raises ValidationError."""
        read = (body or Nothing)(data=self.request.data, partial=partial, context={"request": self.request})
        read.is_valid(raise_exception=True)
        return dict(read.validated_data)


class Noun(Door, GenericViewSet[M]):
    """The endpoints of a noun: `get_queryset` says which rows the caller may see, all else begins there.

    It may say more of a row for one object than for a list, whose `action` is "list". `of` declares the list, with its
    filters and orders; `orders` are those of them that an index serves, the first is the one to begin with.
    """

    lookup_value_converter = "uuid"
    of: List
    orders: Sequence[str] = ()
    # The row of a list where it is shorter than the whole object.
    row_class: Out | None = None
    body_class: type[Body] | None = None
    edit_class: type[Body] | None = None

    def filter_queryset(self, queryset: Any) -> Any:
        """Return the rows that the filters leave; those before them are kept for the page, which shows some of them."""
        self.before_filters = queryset
        return super().filter_queryset(queryset)

    def get_serializer_class(self) -> Any:
        """Return how the action's rows are written: an object with the steps that it offers, a row without."""
        if self.action == "list":
            return self.row_class or self.serializer_class
        written = cast(Any, self.serializer_class)
        if versions.edits(type(self)):
            written = versions.with_version(written)
        return offers.with_steps(written) if offers.below(type(self)) else written

    def changes(self) -> tuple[dict[str, Any], str]:
        """Return what a PATCH changes, and the version of the object that it is made on. Raises ValidationError."""
        body = versions.taking_version(cast("type[Body]", self.edit_class))
        return versions.split(self.body(body, partial=True))

    def shown(self, key: Any) -> dict[str, Any]:
        """Return an object as it is now. Raises Http404 when the caller may not see it."""
        row = self.get_queryset().filter(pk=key).first()
        if row is None:
            raise Http404
        return self._as_it_is(row)

    def made(self, row: Model, *, whole: M | None = None) -> Response:
        """Return the answer to a creation: the object, and where it is; `whole` is as it would be read anew."""
        where = self.request.build_absolute_uri(self.reverse_action("detail", args=[row.pk]))
        shown = self.shown(row.pk) if whole is None else self._as_it_is(whole)
        return Response(shown, status=201, headers={"Location": where})

    def _as_it_is(self, row: M) -> dict[str, Any]:
        return cast("dict[str, Any]", self.get_serializer(row).data)


def step(
    name: str,
    *,
    takes: Step[Any, Any] | None = None,
    given: Callable[[Any], Model] | None = None,
    body: type[Body] | None = None,
    shows: Out | None = None,
    status: int = 200,
    **how: Any,
) -> Callable[[F], F]:
    """Make a method the endpoint `POST …/{id}/name/`, which takes a step.

    The method gets the row, or what `given` returns of it, `by`, `now` and what the body says; of a step that writes
    facts anew also the `version` that was read, None where the body names none. The answer is the object
    as it is then, or with `shows` what the method returns, written by that serializer.
    """

    edits = takes is not None and takes.rule.edits is not None
    sent = versions.taking_version(body) if edits and body else body

    def decorate(method: F) -> F:
        def handler(self: Any, request: Request, pk: Any) -> Response:
            row = self.get_object()
            by = self.by if takes else self.person
            values = ({"version": None} if edits else {}) | self.body(sent)
            result = method(self, given(row) if given else row, by=by, now=timezone.now(), **values)
            if shows is None:
                return Response(self.shown(pk))
            return Response(shows(result, context=self.get_serializer_context()).data, status=status)

        handler.__name__, handler.__doc__ = method.__name__, method.__doc__
        responses: dict[str, Any] = {"responses": {status: shows}} if shows else {}
        if takes:
            api_steps.takes(takes, given=given)(handler)
        made = action(detail=True, methods=["post"], url_path=name, url_name=name, **how)(handler)
        return cast(F, described(request=sent or Nothing, **responses)(made))

    return decorate


def together(name: str) -> Callable[[F], F]:
    """Make a method the endpoint `POST …/name/`, which takes a step on several objects that the body names."""

    def decorate(method: F) -> F:
        made = action(
            detail=False, methods=["post"], url_path=name, url_name=name,
            pagination_class=None, filter_backends=(),
        )(method)  # fmt: skip
        return cast(F, made)

    return decorate


def part(name: str, *, shows: Any, many: bool = False) -> Callable[[F], F]:
    """Make a method the endpoint `GET …/{id}/name/`; it gets the row and `now`, and returns what `shows` writes."""

    def decorate(method: F) -> F:
        def handler(self: Any, request: Request, pk: Any) -> Response:
            refuse_parameters(request)
            result = method(self, self.get_object(), now=timezone.now())
            return Response(shows(result, many=many, context=self.get_serializer_context()).data)

        handler.__name__, handler.__doc__ = method.__name__, method.__doc__
        made = action(
            detail=True, methods=["get"], url_path=name, url_name=name, pagination_class=None, filter_backends=(),
        )(handler)  # fmt: skip
        return cast(F, described(responses=shows(many=many))(made))

    return decorate


class NotHere(Door):
    """What answers below /api/v1/ where no endpoint is."""

    permission_classes = (AllowAny,)
    authentication_classes = ()
    throttle_classes = ()
    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse whatever the method is."""
        raise Http404
