"""How a file is handed out: to be saved, never to be shown, by whoever asks."""

from base64 import b64encode

from django.core.files import File
from django.core.files.base import ContentFile
from django.http import FileResponse, Http404

from evidence import store
from evidence.models import Blob


def text(content: str, *, name: str, sha256: str) -> FileResponse:
    """Return a kept JSON text as a download. Raises Http404 for an empty one."""
    if not content:
        raise Http404
    body = content.encode()
    return attachment(ContentFile(body), name=name, media_type="application/json", size=len(body), sha256=sha256)


def blob(kept: Blob | None, *, name: str, media_type: str) -> FileResponse:
    """Return a kept file as a download. Raises Http404 where there is none."""
    if kept is None:
        raise Http404
    return attachment(store.open_blob(kept), name=name, media_type=media_type, size=kept.size, sha256=kept.sha256)


def attachment(file: "File[bytes]", *, name: str, media_type: str, size: int, sha256: str) -> FileResponse:
    """Return the file as a download, with its SHA-256 in Content-Digest (RFC 9530), and as hexadecimal in ETag."""
    response = FileResponse(file, as_attachment=True, filename=name, content_type=media_type)
    response["Content-Length"] = str(size)
    response["Content-Digest"] = f"sha-256=:{b64encode(bytes.fromhex(sha256)).decode()}:"
    response["ETag"] = f'"sha256:{sha256}"'
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response
