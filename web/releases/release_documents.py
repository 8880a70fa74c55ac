"""A release's documents as they are kept, to be downloaded: the SHA-256 of each is the digest shown beside it."""

from uuid import UUID

from django.http import HttpResponseBase
from django.views.decorators.http import require_safe

from vendors.models import Release
from vendors.offered import digests
from web.page_parts import downloads
from web.page_parts.access import MemberRequest, member, visible


@require_safe
@member
def server_json(request: MemberRequest, pk: UUID) -> HttpResponseBase:
    """Return a release's server.json as it is kept: its SHA-256 is the digest beside it."""
    release = visible(Release.objects.all(), request.user, pk=pk)
    return downloads.text(release.server_json, name="server.json")


@require_safe
@member
def manifest(request: MemberRequest, pk: UUID) -> HttpResponseBase:
    """Return the text that a release's manifest digest is of."""
    release = visible(Release.objects.all(), request.user, pk=pk)
    return downloads.text(digests.manifest_text(release) if release.manifest_digest else "", name="manifest.json")
