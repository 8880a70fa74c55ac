"""The steps that an object offers to whoever looks at it: the field `steps`."""

from functools import cache
from typing import Any

from django.db.models import Model
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.offers import Offer
from accounts.principals import Principal
from accounts.steps import Step
from api.steps import in_body
from riskregister.refusals import Refused


def below(view: type[Any]) -> dict[str, Any]:
    """Return the endpoints below an object's address that take a step, by the last part of their address."""
    return {one.url_path: one for one in view.get_extra_actions() if one.detail and getattr(one, "takes", ())}


def offers(view: type[Any], row: Model, by: Principal) -> list[dict[str, Any]]:
    """Return the steps below the object's address, and whether this caller may take them now."""
    made = ((name, _offer(endpoint, row, by)) for name, endpoint in below(view).items())
    return [{"name": name, "may": offer.may, "why_not": offer.why_not} for name, offer in made]


def _offer(endpoint: Any, row: Model, by: Principal) -> Offer:
    step: Step[Any, Any] = endpoint.takes[0]
    if endpoint.given is in_body:
        return step.offer_of(row, by)
    if endpoint.given:
        try:
            return step.offer(endpoint.given(row), by)
        except Refused as refusal:
            return Offer(step.name, is_possible=False, why_not=refusal.message)
    return step.offer(row, by)


class StepOut(serializers.Serializer[Any]):
    """A step that can be taken at `POST …/{id}/{name}/`."""

    name = serializers.CharField()
    may = serializers.BooleanField(help_text="Whether you may take it now, with these credentials")
    why_not = serializers.CharField(help_text="Empty where you may; what the body says can be refused all the same")


@extend_schema_field(StepOut(many=True))
class _Steps(serializers.Field[Model, Any, Any, Any]):
    """The steps of an object."""

    def to_representation(self, value: Model) -> list[dict[str, Any]]:
        """Return what the view offers."""
        view = self.context["view"]
        return offers(type(view), value, view.by)


@cache
def with_steps(written: Any) -> Any:
    """Return the serializer of an object, with the field `steps`."""
    meta = type("Meta", (written.Meta,), {"fields": (*written.Meta.fields, "steps")})
    members = {"steps": _Steps(source="*"), "Meta": meta, "__doc__": written.__doc__, "__module__": written.__module__}
    return type(written.__name__.removesuffix("Out"), (written,), members)
