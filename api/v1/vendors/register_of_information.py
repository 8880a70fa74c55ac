"""The register of information of DORA: its fourteen templates, and what is missing before they can be handed in."""

from typing import Any

from django.http import Http404
from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.description.described import described
from api.filters import refuse_parameters
from api.views import Door
from contracts.register_of_information import filling, gathering, rows, templates


class TemplateOut(serializers.Serializer[Any]):
    """A template: a row has a text for each of the `columns`, empty where the register does not know it.

    One that `holds` nothing says why.
    """

    code = serializers.CharField()
    title = serializers.CharField()
    holds = serializers.CharField(allow_blank=True)
    columns = serializers.ListField(child=serializers.CharField())
    rows = serializers.ListField(child=serializers.ListField(child=serializers.CharField(allow_blank=True)))


class MissingCellOut(serializers.Serializer[Any]):
    """A cell that must be filled: in which column of which template, of what, and what to do."""

    template = serializers.CharField()
    column = serializers.CharField()
    title = serializers.CharField()
    about = serializers.CharField()
    todo = serializers.CharField(allow_blank=True)


class RegisterOfInformationOut(serializers.Serializer[Any]):
    """What can be handed in today, of the contracts in force of the units that the caller sees."""

    templates = TemplateOut(many=True)
    missing = MissingCellOut(many=True)


class RegisterOfInformationView(Door):
    """The register of information that a unit hands in."""

    @described(operation_id="units_register_of_information_retrieve", responses=RegisterOfInformationOut)
    def get(self, request: Request, pk: Any) -> Response:
        """Return the fourteen templates as a unit hands them in, and what is missing first."""
        refuse_parameters(request)
        unit = gathering.maintainer_for(self.person, asked=str(pk))
        if unit is None:
            raise Http404
        found = rows.rows(gathering.gather(self.person, maintainer=unit, today=timezone.localdate()))
        every = templates.load()
        answer = {
            "templates": [_template(one, found.get(one.code, ())) for one in every],
            "missing": [_missing(one) for one in filling.missing(every, found)],
        }
        return Response(RegisterOfInformationOut(answer).data)


def _template(one: templates.Template, found: Any) -> dict[str, Any]:
    columns = [column.code for column in one.columns]
    lines = [[row.values.get(code, "") for code in columns] for row in found]
    return {"code": one.code, "title": one.title, "holds": one.holds, "columns": columns, "rows": lines}


def _missing(one: filling.Missing) -> dict[str, str]:
    return {
        "template": one.template.code,
        "column": one.column.code,
        "title": one.column.title,
        "about": one.about,
        "todo": one.column.todo,
    }
