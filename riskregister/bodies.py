"""What a request may bring along: a body of known length, within limits, measured before anything reads it."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from riskregister import limits, problems

# A browser shows no answer while the server still refuses to read: so much is read and thrown away before it is given.
_READ_AWAY = 128 * limits.MIB
_CHUNK = 256 * 1024


class BodyLimits:
    """Refuses bodies that are too large (413) or compressed (415), and those of unknown length (411).

    Django takes a body of unknown length for empty, and a compressed one for what its type says.
    Django limits form fields only while it parses them, and uploaded files not at all: they would fill the disk.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Keep the next handler."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request, or refuse its body."""
        if request.headers.get("Transfer-Encoding"):
            return _refusal(request, 411, "length_required", "Send the length of the body in Content-Length.")
        limit = _limit(request)
        if announced(request) > limit:
            _read_away(request)
            message = f"At most {limit // limits.MIB} MB can be sent at once. Nothing was changed."
            return _refusal(request, 413, "body_too_large", message)
        if request.headers.get("Content-Encoding", "identity").strip().lower() not in {"", "identity"}:
            message = "Send the body as it is, without Content-Encoding. Nothing was changed."
            return _refusal(request, 415, "unsupported_media_type", message)
        return self.get_response(request)


def _limit(request: HttpRequest) -> int:
    if (request.content_type or "").startswith("multipart/"):
        return int(settings.UPLOAD_MAX_BYTES) + limits.FIELDS
    return int(settings.DATA_UPLOAD_MAX_MEMORY_SIZE)


def announced(request: HttpRequest) -> int:
    """Return the length of the body in bytes, as the request announces it."""
    length = str(request.META.get("CONTENT_LENGTH") or "0")
    return int(length) if length.isdecimal() else 0


def _read_away(request: HttpRequest) -> None:
    """Read the body up to a limit and forget it, in memory of one piece."""
    left = _READ_AWAY
    while left > 0 and (piece := request.read(min(_CHUNK, left))):
        left -= len(piece)


def _refusal(request: HttpRequest, status: int, code: str, message: str) -> HttpResponse:
    if not problems.are_read_at(request.path):
        return render(request, "413.html", {"status": status, "message": message}, status=status)
    body = problems.document(status, code, message, instance=request.path)
    return JsonResponse(body, status=status, content_type=problems.MEDIA_TYPE)
