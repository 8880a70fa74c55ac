"""How a file is handed out: to be saved, never to be shown, by whoever asks."""

from base64 import b64encode

from django.core.files import File
from django.core.files.base import ContentFile
from django.http import FileResponse, Http404


def text(said: str, *, name: str, sha256: str) -> FileResponse:
    """Return a kept JSON text as a download. Raises Http404 for an empty one."""
    if not said:
        raise Http404
    body = said.encode()
    return attachment(ContentFile(body), name=name, media_type="application/json", size=len(body), sha256=sha256)


def attachment(file: "File[bytes]", *, name: str, media_type: str, size: int, sha256: str) -> FileResponse:
    """Return the file as a download, with its SHA-256 in Content-Digest (RFC 9530), and as hexadecimal in ETag."""
    response = FileResponse(file, as_attachment=True, filename=name, content_type=media_type)
    response["Content-Length"] = str(size)
    response["Content-Digest"] = f"sha-256=:{b64encode(bytes.fromhex(sha256)).decode()}:"
    response["ETag"] = f'"sha256:{sha256}"'
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response
