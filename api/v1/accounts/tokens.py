"""API tokens: made in a browser session, shown once, revoked anywhere."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import authenticate
from django.db.models import QuerySet
from django.utils import timezone
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import access, tokens
from accounts.lists import STATES, TOKENS
from accounts.models import ApiToken
from accounts.principals import Principal
from api.auth import InBrowserOnly
from api.description.described import described
from api.fields import Body, Choice, Text, Whole
from api.steps import takes
from api.v1.endpoint_parts import refs
from api.v1.endpoint_parts.field_history import WithFieldHistory
from api.v1.endpoint_parts.refs import Out
from api.views import Noun, step


class TokenOut(Out):
    """A token, without its secret."""

    user = refs.PersonRef()
    scopes: Any = serializers.ListField(child=Choice(choices=access.Capability.choices))
    state = Choice(choices=STATES, help_text="how it stands now, by the clock")

    class Meta:
        model = ApiToken
        fields = (
            "id", "user", "name", "prefix", "scopes", "state", "created_at", "expires_at", "revoked_at", "last_used_at",
        )  # fmt: skip


class TokenMade(TokenOut):
    """A new token with its key, which is shown this once."""

    key = serializers.CharField()

    class Meta:
        model = ApiToken
        fields = (*TokenOut.Meta.fields, "key")


class TokenBody(Body):
    """What it is for, what it may be used for, for how many days, and your password: the token outlives the session."""

    name = Text(max_length=80)
    scopes: Any = serializers.ListField(
        child=Choice(choices=access.Capability.choices), max_length=len(access.Capability)
    )
    days = Whole(required=False, default=90, min_value=1, max_value=tokens.LONGEST_DAYS)
    password = Text(max_length=1000, help_text="your own; wrong ones count towards the lock-out as at sign-in")

    def validate_password(self, value: str) -> str:
        """Refuse another password than the caller's."""
        request = self.context["request"]
        if authenticate(request._request, username=request.user.email, password=value) != request.user:
            raise serializers.ValidationError("This is not your password.")
        return value


class Tokens(ListModelMixin, RetrieveModelMixin, WithFieldHistory, Noun[ApiToken]):
    """Your API tokens; administrators see everybody's."""

    serializer_class, body_class = TokenOut, TokenBody
    of, orders = TOKENS, ("-id",)
    keeps_answers = False

    def get_queryset(self) -> "QuerySet[ApiToken]":
        """Return the caller's tokens, to administrators all."""
        return access.visible_tokens(self.person).with_state(now=timezone.now())

    def get_permissions(self) -> Any:
        """Return the usual permissions; a token makes no tokens."""
        return [*super().get_permissions(), *([InBrowserOnly()] if self.action == "create" else [])]

    @takes(tokens.issue)
    @described(responses={201: TokenMade})
    def create(self, request: Request) -> Response:
        """Make a token of your own, signed in with a browser; its key cannot be had again."""
        data = self.body(TokenBody)
        del data["password"]
        lifetime = timedelta(days=data.pop("days"))
        token, key = tokens.issue(self.person, lifetime=lifetime, by=self.by, now=timezone.now(), **data)
        made = self.get_queryset().get(pk=token.pk)
        return Response(TokenOut(made).data | {"key": key}, status=201)

    @step("revoke", takes=tokens.revoke)
    def revoke(self, token: ApiToken, *, by: Principal, now: datetime) -> None:
        """Make a token useless at once."""
        tokens.revoke(token, by=by, now=now)
