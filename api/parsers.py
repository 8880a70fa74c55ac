"""Bodies in: JSON that can be read in one way only, and uploads, both measured before they are read."""

from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from django.http import HttpRequest
from rest_framework import parsers
from rest_framework.exceptions import APIException

from api.errors import MalformedBody
from vendors import strict_json

JSON_LIMIT = 1024 * 1024
IMPORT_LIMIT = 4 * 1024 * 1024
# The form fields beside an uploaded file.
_FIELDS_LIMIT = 1024 * 1024


class BodyTooLarge(APIException):
    """The body is larger than the endpoint takes (413)."""

    status_code = 413
    default_code = "body_too_large"


class JSONParser(parsers.BaseParser):
    """Reads one JSON document; refuses keys that are there twice, NaN, NUL and halves of surrogate pairs."""

    media_type = "application/json"
    limit = JSON_LIMIT

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """Return the document. Raises BodyTooLarge before reading, MalformedBody with the place of the mistake."""
        refuse_larger_than(self.limit, _request(parser_context))
        try:
            return strict_json.read(stream.read(), limit=self.limit)
        except strict_json.DocumentInvalid as error:
            raise MalformedBody([(problem.path, _worded(problem.message)) for problem in error.problems]) from error


class ImportParser(JSONParser):
    """Reads the larger documents of an import."""

    limit = IMPORT_LIMIT


class UploadParser(parsers.MultiPartParser):
    """Reads a form with a file."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """Return fields and files. Raises BodyTooLarge before reading."""
        refuse_larger_than(settings.UPLOAD_MAX_BYTES + _FIELDS_LIMIT, _request(parser_context))
        return super().parse(stream, media_type, parser_context)


def refuse_larger_than(limit: int, request: HttpRequest) -> None:
    """Raise BodyTooLarge when the announced length of the body is over the limit."""
    announced = str(request.META.get("CONTENT_LENGTH") or "0")
    if announced.isdigit() and int(announced) > limit:
        raise BodyTooLarge(f"The body is larger than {limit // 1024} KiB. Send less at once.")


def _request(parser_context: Mapping[str, Any] | None) -> HttpRequest:
    request: HttpRequest = (parser_context or {})["request"]._request
    return request


def _worded(message: str) -> str:
    # The reader was written for imported files; here the document is the body of a request.
    return message.replace("The file", "The body", 1)
