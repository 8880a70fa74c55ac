"""Bodies in: JSON that can be read in one way only, measured before it is read."""

import re
from collections.abc import Mapping
from typing import IO, Any

from django.http import HttpRequest
from rest_framework import parsers
from rest_framework.exceptions import APIException

from api.errors import MalformedBody
from discovery.fleet.reading import ENTRIES_LIMIT
from riskregister import bodies, limits
from vendors import strict_json

_CHARSET = re.compile(r"""charset\s*=\s*["']?([^\s;"']+)""", re.IGNORECASE)
_OTHER_ENCODINGS = (b"\xff\xfe", b"\xfe\xff", b"{\0", b"\0{", b"[\0", b"\0[", b"\0\0")


class BodyTooLarge(APIException):
    """The body is larger than the endpoint takes (413)."""

    status_code = 413
    default_code = "body_too_large"


class NotUtf8(APIException):
    """The body is in another encoding (415)."""

    status_code = 415
    default_code = "unsupported_media_type"


class JSONParser(parsers.BaseParser):
    """Reads one JSON document; refuses keys that are there twice, NaN, NUL and halves of surrogate pairs."""

    media_type = "application/json"
    limit = limits.JSON
    longest = limits.TEXT_AS_WRITTEN
    entries = limits.ENTRIES

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """Return the document. Raises BodyTooLarge before reading, MalformedBody with the place of the mistake."""
        refuse_larger_than(self.limit, _request(parser_context))
        body = stream.read()
        refuse_other_than_utf8(media_type or "", body)
        try:
            return strict_json.read(body, limit=self.limit, longest=self.longest, entries=self.entries)
        except strict_json.DocumentInvalid as error:
            raise MalformedBody([(problem.path, _worded(problem.message)) for problem in error.problems]) from error


class ImportParser(JSONParser):
    """Reads the larger documents of an import."""

    limit = limits.BODY


class LockFileParser(ImportParser):
    """Reads bodies that hold whole lock files."""

    longest = limits.BODY


class ReportParser(ImportParser):
    """Reads what is found on a machine: many servers, or the whole of a file as one text."""

    longest = limits.BODY
    entries = ENTRIES_LIMIT


def refuse_other_than_utf8(media_type: str, body: bytes) -> None:
    """Raise NotUtf8 for a body that is said to be in another encoding, or that begins as UTF-16 and UTF-32 do."""
    charset = _CHARSET.search(media_type)
    if (charset and charset[1].lower() not in ("utf-8", "utf8")) or body.startswith(_OTHER_ENCODINGS):
        raise NotUtf8("Send JSON in UTF-8.")


def refuse_larger_than(limit: int, request: HttpRequest) -> None:
    """Raise BodyTooLarge when the announced length of the body is over the limit."""
    if bodies.announced(request) > limit:
        raise BodyTooLarge(f"The body is larger than {limit // 1024} KiB. Send less at once.")


def _request(parser_context: Mapping[str, Any] | None) -> HttpRequest:
    request: HttpRequest = (parser_context or {})["request"]._request
    return request


def _worded(message: str) -> str:
    # The reader was written for imported files; here the document is the body of a request.
    return message.replace("The file", "The body", 1)
