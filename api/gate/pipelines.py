"""What pipelines run before they deploy a server: the script that asks the register, and snippets that run it."""

import hashlib
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request

from api.gate.asking import MayRead
from api.v1.endpoint_parts import downloads
from api.views import Door
from containment.pipelines import snippets
from vendors.models import Server


class _File(Door):
    permission_classes: Any = (IsAuthenticated, MayRead)
    schema: Any = None
    http_method_names = ("get", "head")

    def handed_out(self, body: bytes, *, name: str, media_type: str) -> FileResponse:
        """Return a file to be saved."""
        sha256 = hashlib.sha256(body).hexdigest()
        return downloads.attachment(ContentFile(body), name=name, media_type=media_type, size=len(body), sha256=sha256)


class Script(_File):
    """GET /pipelines/ask_register.py."""

    def get(self, request: Request) -> FileResponse:
        """Return the script."""
        return self.handed_out(snippets.script(), name="ask_register.py", media_type="text/x-python")


class Snippet(_File):
    """GET /pipelines/servers/{id}/{host}.yml."""

    def get(self, request: Request, pk: Any, host: str) -> FileResponse:
        """Return a snippet for a server that the caller sees."""
        rows = Server.objects.visible_to(self.person).select_related("pinned_release")
        server = get_object_or_404(rows, pk=pk)
        snippet = snippets.BY_NAME.get(host)
        if snippet is None:
            raise Http404
        text = snippets.text(snippet, server, origin=settings.ORIGIN)
        return self.handed_out(text.encode(), name=snippet.where.rpartition("/")[2], media_type="application/yaml")
