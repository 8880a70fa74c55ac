"""People with their roles, and business units."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import access, people
from accounts.lists import PEOPLE, UNITS
from accounts.models import Membership, Role, Unit, User
from accounts.principals import Principal
from accounts.sign_in import passwords
from accounts.units import units
from api.fields import Body, Choice, Known, Text
from api.steps import in_body, takes
from api.v1.endpoint_parts import refs
from api.v1.endpoint_parts.field_history import WithFieldHistory
from api.v1.endpoint_parts.refs import Out
from api.views import Noun, step
from work.in_hand import handover


class PersonRow(Out):
    """A person as colleagues see them."""

    class Meta:
        model = User
        fields = ("id", "name", "is_active")


class MembershipOut(Out):
    """A role in a unit (null: in the whole organisation), for a period if one is given."""

    unit = refs.UnitRef()

    class Meta:
        model = Membership
        fields = ("id", "unit", "role", "valid_from", "valid_until")


class PersonOut(PersonRow):
    """A person as they themselves and administrators see them."""

    memberships = MembershipOut(many=True)

    class Meta:
        model = User
        fields = (*PersonRow.Meta.fields, "email", "created_at", "memberships")


class PersonBody(Body):
    """Name and address."""

    email = Text(max_length=254)
    name = Text()


class RoleBody(Body):
    """A role in a unit (null: in the whole organisation); an auditor's may be for a period."""

    role = Choice(choices=Role.choices)
    unit = Known(Unit, allow_null=True)
    valid_from = serializers.DateField(required=False, allow_null=True)
    valid_until = serializers.DateField(required=False, allow_null=True)


class Leaving(Body):
    """Who takes over what the person has in hand; without it the owners of the servers, else analysts in turn."""

    hand_over_to = Known(User, required=False, allow_null=True)


class MembershipChosen(Leaving):
    """Which of the person's memberships, and who takes over what they cannot do without it."""

    membership = serializers.UUIDField()


class People(ListModelMixin, RetrieveModelMixin, WithFieldHistory, Noun[User]):
    """The people of the register."""

    serializer_class, row_class = PersonOut, PersonRow
    body_class = edit_class = PersonBody
    of, orders = PEOPLE, ("id",)

    def get_queryset(self) -> "QuerySet[User]":
        """Return the colleagues in a list; to look at, everybody to administrators, to others themselves."""
        if self.action == "list":
            return access.visible_people(self.person)
        seen = User.objects.prefetch_related("memberships__unit")
        everybody = access.of(self.person).can(access.Capability.ADMINISTER)
        return seen if everybody else seen.filter(pk=self.person.pk)

    @takes(people.invite)
    def create(self, request: Request) -> Response:
        """Invite a person; they get a link by mail with which they set a password."""
        data, now = self.body(PersonBody), timezone.now()
        return self.made(people.invite(by=self.by, now=now, **data))

    @takes(people.edit, people.rename)
    def partial_update(self, request: Request, pk: Any) -> Response:
        """Change name or address; of yourself the name, unless you administer the register."""
        person, now = self.get_object(), timezone.now()
        changes, version = self.changes()
        data = {"email": person.email, "name": person.name} | changes
        if person == self.person and data["email"] == person.email:
            people.rename.over(version)(person, name=data["name"], by=self.by, now=now)
        else:
            people.edit.over(version)(person, by=self.by, now=now, **data)
        return Response(self.shown(pk))

    @step("send-link", takes=passwords.send_link)
    def send_link(self, person: User, *, by: Principal, now: datetime) -> None:
        """Mail the person a link with which they set a password; at most one in five minutes."""
        passwords.send_link(person, by=by, now=now)

    @step("give-role", takes=people.give_role, body=RoleBody)
    def give_role(
        self, person: User, *, by: Principal, now: datetime, role: str, unit: Unit | None, **period: Any
    ) -> None:
        """Give the person a role."""
        people.give_role(person, role=role, unit=unit, by=by, now=now, **period)

    @step("take-role", takes=handover.take_role, given=in_body, body=MembershipChosen)
    def take_role(
        self, person: User, *, by: Principal, now: datetime, membership: Any, hand_over_to: User | None = None
    ) -> None:
        """Take a role from the person; what they cannot do without it is handed over. One administrator stays."""
        held = get_object_or_404(person.memberships.select_related("user"), pk=membership)
        handover.take_role(held, hand_over_to=hand_over_to, by=by, now=now)

    @step("deactivate", takes=handover.deactivate, body=Leaving)
    def deactivate(self, person: User, *, by: Principal, now: datetime, hand_over_to: User | None = None) -> None:
        """Bar the person from signing in; their sessions and tokens end, what they have in hand is handed over."""
        handover.deactivate(person, hand_over_to=hand_over_to, by=by, now=now)

    @step("activate", takes=people.activate)
    def activate(self, person: User, *, by: Principal, now: datetime) -> None:
        """Let the person sign in again."""
        people.activate(person, by=by, now=now)

    @step("end-sessions", takes=people.end_sessions)
    def end_sessions(self, person: User, *, by: Principal, now: datetime) -> None:
        """Sign the person out everywhere."""
        people.end_sessions(person, by=by, now=now)


class UnitOut(Out):
    """A business unit."""

    class Meta:
        model = Unit
        fields = ("id", "name", "code", "is_demo")


class UnitEdit(Body):
    """Its name; the code stays."""

    name = Text()


class UnitBody(UnitEdit):
    """A new unit."""

    code = Text(max_length=20)


class Units(ListModelMixin, RetrieveModelMixin, WithFieldHistory, Noun[Unit]):
    """Business units: servers, assessments and findings belong to one."""

    serializer_class = UnitOut
    body_class, edit_class = UnitBody, UnitEdit
    of, orders = UNITS, ("name",)

    def get_queryset(self) -> "QuerySet[Unit]":
        """Return the units in which the caller has a role."""
        return access.visible_units(self.person)

    @takes(units.open_unit)
    def create(self, request: Request) -> Response:
        """Open a unit."""
        return self.made(units.open_unit(by=self.by, now=timezone.now(), **self.body(UnitBody)))

    @takes(units.rename_unit)
    def partial_update(self, request: Request, pk: Any) -> Response:
        """Give a unit another name."""
        unit = self.get_object()
        changes, version = self.changes()
        units.rename_unit.over(version)(unit, name=changes.get("name", unit.name), by=self.by, now=timezone.now())
        return Response(self.shown(pk))
