"""The name and the key under which the register signs its checkpoints; the key is never in the database."""

import base64
from functools import cache

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings

from seal.formats import notes
from seal.formats.notes import Signer, Verifier


def origin() -> str:
    """Return the name of this register's trail, e.g. "register.example.org/trail"."""
    return f"{settings.MESSAGE_ID_DOMAIN}/trail"


def signer() -> Signer:
    """Return what signs now."""
    return Signer.of(origin(), settings.SEAL_KEYS[0])


def is_signed_by_us(note: str) -> bool:
    """Return whether a checkpoint was signed by the key of the seal or a former one, under the name that it says."""
    name = notes.checkpoint(note).origin
    return any(Verifier(name, _public(seed)).has_signed(note) for seed in settings.SEAL_KEYS)


@cache
def _public(seed: str) -> bytes:
    key = Ed25519PrivateKey.from_private_bytes(base64.b64decode(seed))
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
