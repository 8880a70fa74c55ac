"""Question sets and the controls that their questions refer to."""

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin

from api.v1.endpoint_parts.refs import Out
from api.views import Noun
from catalogue import frameworks
from catalogue.lists import CONTROLS, QUESTION_SETS
from catalogue.models import Control, Framework, Option, Question, QuestionSet


class FrameworkOut(Out):
    """A catalogue of controls at one revision."""

    class Meta:
        model = Framework
        fields = ("id", "key", "revision", "title", "publisher", "status", "origin", "overlays", "note")


class ControlOut(Out):
    """A control; a withdrawn one names what replaced it, one that is the `same_as` another shares its statuses."""

    framework = FrameworkOut()
    version = serializers.SerializerMethodField(help_text="opaque; a change of one of your own controls sends it back")

    class Meta:
        model = Control
        fields = (
            "id", "framework", "ref", "title", "section", "requirement", "status", "note", "superseded_by", "same_as",
            "version",
        )  # fmt: skip

    def get_version(self, row: Control) -> str:
        """Return the version of its words."""
        return frameworks.change_control.version(row)


class ControlRef(Out):
    """A control that a question refers to."""

    framework = serializers.CharField(source="framework.key")
    revision = serializers.CharField(source="framework.revision")

    class Meta:
        model = Control
        fields = ("id", "framework", "revision", "ref", "title")


class OptionOut(Out):
    """An answer that can be chosen; `quarters` is its value in quarters, 0 to 4."""

    class Meta:
        model = Option
        fields = ("key", "text", "quarters", "is_undated", "raises_when")


class QuestionOut(Out):
    """A question with its options."""

    options = OptionOut(many=True)
    controls = ControlRef(many=True)

    class Meta:
        model = Question
        fields = (
            "key", "dimension", "position", "subject", "text", "guidance", "good_answer", "evidence_expected", "weight",
            "is_critical", "applies_when", "depth", "event", "fresh_days", "finding_title", "finding_severity",
            "finding_description", "finding_remediation", "seeds", "options", "controls",
        )  # fmt: skip


class QuestionSetRow(Out):
    """A published question set in a list."""

    class Meta:
        model = QuestionSet
        fields = ("id", "key", "version", "title", "each_deployment", "digest", "published_at")


class QuestionSetOut(QuestionSetRow):
    """A published question set with its questions; it never changes."""

    questions = QuestionOut(many=True)

    class Meta:
        model = QuestionSet
        fields = (*QuestionSetRow.Meta.fields, "questions")


class QuestionSets(ListModelMixin, RetrieveModelMixin, Noun[QuestionSet]):
    """What is asked of servers, in published versions."""

    serializer_class, row_class = QuestionSetOut, QuestionSetRow
    of, orders = QUESTION_SETS, ("-id",)

    def get_queryset(self) -> "QuerySet[QuestionSet]":
        """Return all sets to whoever has a role."""
        seen = QuestionSet.objects.visible_to(self.person)
        if self.action == "list":
            return seen
        return seen.prefetch_related("questions__options", "questions__controls__framework")


class Controls(ListModelMixin, RetrieveModelMixin, Noun[Control]):
    """Controls of the frameworks that questions refer to."""

    serializer_class = ControlOut
    lookup_value_converter = "int"
    of, orders = CONTROLS, ("id",)

    def get_queryset(self) -> "QuerySet[Control]":
        """Return all controls to whoever has a role."""
        return Control.objects.visible_to(self.person).select_related("framework")
