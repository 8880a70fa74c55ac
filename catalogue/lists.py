"""How question sets and controls are listed."""

from typing import Any

from django.db.models import QuerySet

from catalogue.models import Control, QuestionSet
from riskregister.filters import Exact, FilterSet, One
from riskregister.lists import List


class ControlFilters(FilterSet):
    """Which controls."""

    framework = Exact(field_name="framework__key", label="Framework", help_text="key of the framework")
    status = One(field_name="status", label="Status", choices=Control._meta.get_field("status").flatchoices)
    ref = Exact(field_name="ref", lookup_expr="reads", label="Reference")


def _controls(user: Any) -> "QuerySet[Control]":
    return Control.objects.visible_to(user).select_related("framework")


CONTROLS = List(word="controls", rows=_controls, filters=ControlFilters, sorts={"id": "id"}, default="id")
QUESTION_SETS = List(word="question sets", rows=QuestionSet.objects.visible_to, sorts={"id": "id"}, default="-id")
