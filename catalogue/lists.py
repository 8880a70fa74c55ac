"""How question sets and controls are listed."""

from typing import Any

from django.db.models import QuerySet

from catalogue.models import Control, Framework, QuestionSet
from riskregister.filters import Exact, FilterSet, One
from riskregister.lists import List


class FrameworkFilters(FilterSet):
    """Which frameworks."""

    key = Exact(field_name="key", label="Key", help_text="key of the framework")
    status = One(field_name="status", label="Status", choices=Framework._meta.get_field("status").flatchoices)
    origin = One(field_name="origin", label="Origin", choices=Framework.Origin.choices)


class ControlFilters(FilterSet):
    """Which controls."""

    framework = Exact(field_name="framework__key", label="Framework", help_text="key of the framework")
    status = One(field_name="status", label="Status", choices=Control._meta.get_field("status").flatchoices)
    section = Exact(field_name="section", label="Section", help_text="heading under which it stands")
    ref = Exact(field_name="ref", lookup_expr="reads", label="Reference")


def _controls(user: Any) -> "QuerySet[Control]":
    return Control.objects.visible_to(user).select_related("framework")


FRAMEWORKS = List(
    word="frameworks", rows=Framework.objects.visible_to, filters=FrameworkFilters, sorts={"id": "id"}, default="id"
)
CONTROLS = List(word="controls", rows=_controls, filters=ControlFilters, sorts={"id": "id"}, default="id")
QUESTION_SETS = List(word="question sets", rows=QuestionSet.objects.visible_to, sorts={"id": "id"}, default="-id")
