"""Secrets that the register must read again to use them: encrypted under a key that is not in the database.

The key follows from SECRET_KEY. What former keys encrypted is read while they stand in SECRET_KEY_FALLBACKS.
"""

import base64
from collections.abc import Iterator

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

_PURPOSE = b"riskregister kept secrets 1"


class Unreadable(Exception):
    """What was kept cannot be read: it was encrypted under another key, or changed."""


def keep(text: str) -> str:
    """Return a text as it may be kept; the same text looks different each time."""
    return _cipher().encrypt(text.encode()).decode()


def read(kept: str) -> str:
    """Return a text that was kept. Raises Unreadable."""
    try:
        return _cipher().decrypt(kept.encode()).decode()
    except (InvalidToken, UnicodeError) as error:
        raise Unreadable(
            "What was kept here is encrypted under a key that this installation no longer has. Write it anew, or put "
            "the former key into SECRET_KEY_FALLBACKS."
        ) from error


def _cipher() -> MultiFernet:
    return MultiFernet(list(_ciphers()))


def _ciphers() -> Iterator[Fernet]:
    for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=_PURPOSE).derive(key.encode())
        yield Fernet(base64.urlsafe_b64encode(derived))
