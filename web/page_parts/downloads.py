"""How a page hands out a file: to be saved, never to be shown."""

from django.core.files import File
from django.core.files.base import ContentFile
from django.http import FileResponse, Http404, HttpResponseBase

from evidence import store
from evidence.models import Blob
from web.page_parts import missing_files
from web.page_parts.access import MemberRequest

JSON = "application/json"
# Of what was kept as it came, whatever it is.
UNKNOWN = "application/octet-stream"


def text(content: str, *, name: str, media_type: str = JSON) -> HttpResponseBase:
    """Return a kept text as a download. Raises Http404 for an empty one."""
    if not content:
        raise Http404
    return _attachment(ContentFile(content.encode()), name=name, media_type=media_type)


def blob(
    request: MemberRequest, kept: Blob | None, *, name: str, media_type: str, noun: str, up_url: str, section: str
) -> HttpResponseBase:
    """Return a kept file as a download, or the page that says why `noun` cannot be handed out. Raises Http404."""
    if kept is None:
        raise Http404
    try:
        content = store.open_blob(kept)
    except (store.FileLost, store.StoreUnreachable) as refusal:
        return missing_files.page(request, refusal, noun=noun, up_url=up_url, section=section)
    return _attachment(content, name=name, media_type=media_type)


def made(content: bytes, *, name: str, media_type: str) -> HttpResponseBase:
    """Return a file that was made just now as a download."""
    return _attachment(ContentFile(content), name=name, media_type=media_type)


def _attachment(content: "File[bytes]", *, name: str, media_type: str) -> FileResponse:
    response = FileResponse(content, as_attachment=True, filename=name, content_type=media_type)
    # What a stranger wrote must not act in the register's name, whatever a browser makes of it.
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    return response
