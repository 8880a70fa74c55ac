"""What people and programs are answered when something failed that nobody foresaw, outside the endpoints of the API."""

import sys

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import loader
from django.views import defaults

from riskregister import problems, unreachable
from riskregister.unreachable import Outage


def broken(request: HttpRequest) -> HttpResponse:
    """Answer 503 while the database or the disk cannot be used, else 500; called while the failure is handled."""
    found = unreachable.outage(sys.exc_info()[1])
    if found is None:
        return defaults.server_error(request)
    response = _unavailable(request, found)
    for name, value in (unreachable.RETRY_AFTER | {"Cache-Control": "no-store"}).items():
        response[name] = value
    return response


def _unavailable(request: HttpRequest, found: Outage) -> HttpResponse:
    if problems.are_read_at(request.path):
        body = problems.document(503, found.code, found.words, instance=request.path)
        return JsonResponse(body, status=503, content_type=problems.MEDIA_TYPE)
    # Without the request: who it is of would be read from the database.
    return HttpResponse(loader.get_template("503.html").render({"message": found.words}), status=503)
