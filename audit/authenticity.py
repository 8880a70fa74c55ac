"""Shows that the register itself wrote something: a code under a key that is not in its database."""

import base64
import hmac
from functools import cache

from django.conf import settings


def code_of(text: str) -> str:
    """Return the HMAC-SHA256 of a text as 64 hexadecimal digits."""
    return _code(_key(settings.SEAL_KEYS[0]), text)


def is_ours(text: str, code: str) -> bool:
    """Return whether the register wrote the text, under its key or a former one."""
    return any(hmac.compare_digest(_code(_key(one), text), code) for one in settings.SEAL_KEYS)


def _code(key: bytes, text: str) -> str:
    return hmac.digest(key, text.encode(), "sha256").hex()


@cache
def _key(seal_key: str) -> bytes:
    """Return the key of codes: another one than the seal's own, from which it is derived."""
    return hmac.digest(base64.b64decode(seal_key), b"mcp-risk-register/events", "sha256")
