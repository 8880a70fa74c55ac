"""Frameworks: imported from OSCAL, the organisation's own controls, and how each framework is covered."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.principals import Principal
from api.description.described import described
from api.fields import Body, Choice, Known, Reason, Text, Whole
from api.parsers import JSONParser
from api.steps import in_body, takes
from api.v1.controls.questions import ControlOut, FrameworkOut
from api.views import Noun, part, step
from catalogue import frameworks
from catalogue.lists import FRAMEWORKS
from catalogue.models import Control, Framework
from catalogue.oscal import reading
from catalogue.oscal.documents import LIMIT_BYTES
from controls import coverage
from controls.coverage import Coverage, Row
from controls.models import Word
from riskregister.refusals import Refused


class FrameworkBody(Body):
    """An OSCAL catalogue or profile in JSON; `below` is the framework that a profile selects from."""

    file = serializers.FileField(max_length=200)
    key = Text(
        required=False,
        max_length=40,
        help_text="of one that was imported, or a new one; unless given, it follows from the title",
    )
    below = Known(Framework, required=False)


class OwnControl(Body):
    """What one of your own controls asks for."""

    title = Text(max_length=250)
    requirement = Text(required=False)
    section = Text(required=False, max_length=120)


class NewOwnControl(OwnControl):
    """The same, with the reference by which it is called."""

    ref = Text(max_length=40)


class OfControl(Body):
    """Which of the framework's controls."""

    control = Whole(help_text="the id of the control")

    def validate_control(self, key: int) -> Control:
        """Return the control. Raises ValidationError for the id of none."""
        found = Control.objects.select_related("framework", "same_as__framework").filter(pk=key).first()
        if found is None:
            raise serializers.ValidationError("There is no such control.", code="unknown_reference")
        return found


class ChangedOwnControl(OwnControl, OfControl):
    """What one of your own controls asks for."""


class WithdrawnControl(OfControl, Reason):
    """Which of your own controls counts no more, and why."""

    reason = Text()


class CoverageRowOut(serializers.Serializer[Row]):
    """A control with the questions that ask for it, and in how many servers it has which status.

    Of `not_known` nothing is known, and `contradicted` are stated to be in place and were found missing: neither counts
    as in place. `general` is what holds for the organisation, `stated` counts what is on record, `evidenced` of it
    rests on evidence.
    """

    control = ControlOut()
    questions = serializers.SerializerMethodField()
    general = Choice(choices=Word.choices, source="general.status")
    in_place = serializers.IntegerField(source="counts.in_place")
    partly = serializers.IntegerField(source="counts.partly")
    planned = serializers.IntegerField(source="counts.planned")
    missing = serializers.IntegerField(source="counts.missing")
    not_applicable = serializers.IntegerField(source="counts.not_applicable")
    not_known = serializers.IntegerField()
    contradicted = serializers.IntegerField()
    stated = serializers.IntegerField()
    evidenced = serializers.IntegerField()
    open_findings = serializers.IntegerField()

    def get_questions(self, row: Row) -> list[str]:
        """Return the keys of the questions of the current set."""
        return [question.key for question in row.questions]


class CoverageOut(serializers.Serializer[Coverage]):
    """How a framework is covered in `servers` servers: those that the caller sees and that are not out of use."""

    servers = serializers.IntegerField()
    active = serializers.IntegerField(help_text="controls in force")
    asked = serializers.IntegerField(help_text="of these, how many a question asks for")
    known = serializers.IntegerField(help_text="of these, of how many something is known")
    rows = CoverageRowOut(many=True)


class Frameworks(ListModelMixin, RetrieveModelMixin, Noun[Framework]):
    """Frameworks of controls, in revisions of which one is current."""

    serializer_class, body_class = FrameworkOut, FrameworkBody
    parser_classes = (MultiPartParser,)
    of, orders = FRAMEWORKS, ("id",)

    def get_queryset(self) -> "QuerySet[Framework]":
        """Return all frameworks to whoever has a role."""
        return Framework.objects.visible_to(self.person)

    @takes(frameworks.take)
    @described(request={"multipart/form-data": FrameworkBody})
    def create(self, request: Request) -> Response:
        """Import a revision from an OSCAL file, sent as multipart/form-data; nothing that it refers to is fetched."""
        data = self.body(FrameworkBody)
        if data["file"].size > LIMIT_BYTES:
            raise Refused(f"The file has more than {LIMIT_BYTES // 1024 // 1024} MB.", field="file")
        document = reading.read(data["file"].read())
        made = frameworks.take(
            document=document, key=data.get("key", ""), below=data.get("below"), by=self.by, now=timezone.now()
        )
        return self.made(made)

    @part("coverage", shows=CoverageOut)
    def coverage(self, framework: Framework, *, now: datetime) -> Any:
        """Return how it is covered: for each control the questions, statuses, evidence and open findings."""
        return coverage.of(framework, self.person, today=timezone.localdate(now))

    @step("add-control", takes=frameworks.add_control, body=NewOwnControl, parser_classes=(JSONParser,))
    def add_control(self, framework: Framework, *, by: Principal, now: datetime, **data: Any) -> None:
        """Add a control of your own; only the framework of your own controls takes it."""
        frameworks.add_control(framework, by=by, now=now, **data)

    @step(
        "change-control",
        takes=frameworks.change_control,
        given=in_body,
        body=ChangedOwnControl,
        parser_classes=(JSONParser,),
    )
    def change_control(
        self, framework: Framework, *, by: Principal, now: datetime, version: str | None, control: Control, **data: Any
    ) -> None:
        """Put one of your own controls in other words."""
        frameworks.change_control.over(version)(_of(framework, control), by=by, now=now, **data)

    @step(
        "withdraw-control",
        takes=frameworks.withdraw_control,
        given=in_body,
        body=WithdrawnControl,
        parser_classes=(JSONParser,),
    )
    def withdraw_control(
        self, framework: Framework, *, by: Principal, now: datetime, control: Control, reason: str
    ) -> None:
        """Let one of your own controls count no more; what was stated of it is kept."""
        frameworks.withdraw_control(_of(framework, control), reason=reason, by=by, now=now)


def _of(framework: Framework, control: Control) -> Control:
    """Return a control of the framework. Raises Refused for one of another."""
    if control.framework_id != framework.pk:
        raise Refused(f"This control is not one of {framework}.", field="control")
    return control
