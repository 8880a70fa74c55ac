"""Which of several forms an answer takes: always JSON."""

from collections.abc import Iterable
from typing import Any

from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request


class JSONOnly(BaseContentNegotiation):
    """Answers in JSON whatever Accept says: there is nothing else to choose from."""

    def select_parser(self, request: Request, parsers: Iterable[Any]) -> Any:
        """Return the parser of the body's media type, or None (415)."""
        named = (request.content_type or "").split(";")[0].strip().lower()
        return next((parser for parser in parsers if parser.media_type == named), None)

    def select_renderer(self, request: Request, renderers: Iterable[Any], format_suffix: Any = None) -> Any:
        """Return the only renderer."""
        only = next(iter(renderers))
        return only, only.media_type


class ByAccept(JSONOnly):
    """Answers in the form that Accept names first of those that there are, in the first one where it names none."""

    def select_renderer(self, request: Request, renderers: Iterable[Any], format_suffix: Any = None) -> Any:
        """Return the renderer."""
        forms = list(renderers)
        named = [part.split(";")[0].strip().lower() for part in request.headers.get("Accept", "").split(",")]
        found = next((form for name in named for form in forms if form.media_type == name), forms[0])
        return found, found.media_type
