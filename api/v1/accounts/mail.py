"""How soon a mail tells the caller of what."""

from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from alerts.recipients import choosing, kinds
from api.description.described import described
from api.fields import Body, Choice
from api.filters import refuse_parameters
from api.steps import takes
from api.views import Door


def _choice(kind: str, **how: Any) -> Choice:
    return Choice(choices=choosing.offered(kind), help_text=kinds.KINDS[kind].label, **how)


MailOut: Any = type(
    "MailOut",
    (serializers.Serializer,),
    {"__doc__": "How soon a mail tells you of each kind of things.", **{kind: _choice(kind) for kind in kinds.KINDS}},
)
MailBody: Any = type(
    "MailBody",
    (Body,),
    {
        "__doc__": "Another choice for some kinds; the others stay as they are.",
        **{kind: _choice(kind, required=False) for kind in kinds.KINDS},
    },
)


class MailView(Door):
    """The caller's mail."""

    @described(responses=MailOut)
    def get(self, request: Request) -> Response:
        """Return what you have chosen; critical things are mailed at once in any case."""
        refuse_parameters(request)
        return Response(MailOut(choosing.chosen_by(self.person)).data)

    @takes(choosing.choose)
    @described(request=MailBody, responses=MailOut)
    def patch(self, request: Request) -> Response:
        """Choose anew for the kinds that you name."""
        choices = self.body(MailBody, partial=True)
        choosing.choose(self.person, choices=choices, by=self.by, now=timezone.now())
        return Response(MailOut(choosing.chosen_by(self.person)).data)
