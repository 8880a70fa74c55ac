"""A release's documents as they are kept, to be downloaded: the SHA-256 of each is the digest shown beside it."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_safe

from vendors import digests
from vendors.models import Release
from web.access import MemberRequest, member, visible

_SANDBOX = "sandbox; default-src 'none'"


@require_safe
@member
def server_json(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Return a release's server.json as it is kept: its SHA-256 is the digest beside it."""
    release = visible(Release.objects.all(), request.user, pk=pk)
    return _download(release.server_json, "server.json")


@require_safe
@member
def manifest(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Return the text that a release's manifest digest is of."""
    release = visible(Release.objects.all(), request.user, pk=pk)
    return _download(digests.manifest_text(release) if release.manifest_digest else "", "manifest.json")


def _download(text: str, name: str) -> HttpResponse:
    if not text:
        raise Http404
    response = HttpResponse(text.encode(), content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Content-Security-Policy"] = _SANDBOX
    response["X-Content-Type-Options"] = "nosniff"
    return response
