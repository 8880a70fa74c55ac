"""The headers in which a request of the Model Context Protocol says what it is (since 2026-07-28)."""

import base64
import binascii

_BEFORE, _AFTER = "=?base64?", "?="


def decoded(name: str) -> str:
    """Return what `Mcp-Name` says: as it is, or from Base64 between sentinels; what cannot be read stays as it is."""
    if not (name.startswith(_BEFORE) and name.endswith(_AFTER)):
        return name
    try:
        return base64.b64decode(name[len(_BEFORE) : -len(_AFTER)], validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return name
