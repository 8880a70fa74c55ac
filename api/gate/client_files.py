"""Policy files of agents' clients, made of what is approved now: for the tool that hands them out to machines."""

from typing import Any

from django.http import Http404
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import access
from api.gate.asking import Gate
from containment.clients import clients
from containment.models import Asker
from vendors.models import Server


class ClientFile(Gate):
    """GET /clients/{name}.json."""

    kind = Asker.Kind.POLICY_FILE
    http_method_names = ("get", "head")

    def get(self, request: Request, name: str) -> Response:
        """Return the file for the units that the caller sees, or the one that `unit` names by its code."""
        file = clients.BY_NAME.get(name)
        if file is None:
            raise Http404
        rows = Server.objects.visible_to(self.person)
        unit = request.query_params.get("unit", "")
        if unit:
            if "\0" in unit or not access.visible_units(self.person).filter(code=unit).exists():
                raise Http404
            rows = rows.filter(unit__code=unit)
        made: dict[str, Any] = file.make(clients.record(rows, now=timezone.now(), unit=unit))
        return Response(made, headers={"Content-Disposition": f'attachment; filename="{file.where}"'})
