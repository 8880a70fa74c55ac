"""Signed notes and checkpoints as C2SP writes them (signed-note, tlog-checkpoint), with Ed25519.

Any tool for Go's `note` format reads them: `golang.org/x/mod/sumdb/note`, tessera, sigsum's witnesses.
"""

import base64
import binascii
import hashlib
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

_ED25519 = b"\x01"
_DASH = "\u2014"


class NotANote(ValueError):
    """The text is no signed note, or no checkpoint."""


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key with the name that it signs under."""

    name: str
    key: Ed25519PrivateKey

    @classmethod
    def of(cls, name: str, seed: str) -> "Signer":
        """Return the signer of a key that is given as 32 bytes in base64."""
        return cls(name, Ed25519PrivateKey.from_private_bytes(base64.b64decode(seed)))

    @property
    def verifier(self) -> "Verifier":
        """Return what checks its signatures."""
        return Verifier(self.name, self.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))

    def sign(self, text: str) -> str:
        """Return the note of a text, which must end with a newline."""
        signature = base64.b64encode(self.verifier.id + self.key.sign(text.encode())).decode()
        return f"{text}\n{_DASH} {self.name} {signature}\n"


@dataclass(frozen=True, slots=True)
class Verifier:
    """A public key with the name that it signs under."""

    name: str
    public: bytes

    @property
    def id(self) -> bytes:
        """Return the four bytes by which a signature names its key."""
        return hashlib.sha256(self.name.encode() + b"\n" + _ED25519 + self.public).digest()[:4]

    def __str__(self) -> str:
        """Return the key as tools take it: name+id+key."""
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(_ED25519 + self.public).decode()}"

    def has_signed(self, note: str) -> bool:
        """Return whether one of the signatures of a note is by this key. Raises NotANote."""
        text, signatures = parts(note)
        return any(
            name == self.name and signature[:4] == self.id and self._is_by(signature[4:], text)
            for name, signature in signatures
        )

    def _is_by(self, signature: bytes, text: str) -> bool:
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text.encode())
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a log says of itself at a moment: its name, how many leaves it has, their root; `more` are further lines."""

    origin: str
    size: int
    root: bytes
    more: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """Return the text that is signed."""
        lines = (self.origin, str(self.size), base64.b64encode(self.root).decode(), *self.more)
        return "".join(f"{line}\n" for line in lines)


def parts(note: str) -> tuple[str, list[tuple[str, bytes]]]:
    """Return the text of a note, and its signatures with their names. Raises NotANote."""
    text, found, signatures = note.rpartition("\n\n")
    if not found or not signatures.endswith("\n"):
        raise NotANote("It has no signatures behind an empty line.")
    return f"{text}\n", [_signature(line) for line in signatures.splitlines()]


def checkpoint(note: str) -> Checkpoint:
    """Return what a signed checkpoint says; who signed it is not asked. Raises NotANote."""
    origin, size, root, *more = parts(note)[0].splitlines() + [""] * 3
    try:
        count, hashed = int(size), base64.b64decode(root, validate=True)
    except ValueError as error:
        raise NotANote("A checkpoint has a name, a count and a root of 32 bytes in base64.") from error
    if len(hashed) != 32 or str(count) != size or count < 0 or not origin:
        raise NotANote("A checkpoint has a name, a count and a root of 32 bytes in base64.")
    return Checkpoint(origin, count, hashed, tuple(line for line in more if line))


def _signature(line: str) -> tuple[str, bytes]:
    dash, _space, rest = line.partition(" ")
    name, _space, signature = rest.partition(" ")
    try:
        decoded = base64.b64decode(signature, validate=True)
    except binascii.Error as error:
        raise NotANote("A signature is not in base64.") from error
    if dash != _DASH or not name or len(decoded) < 5:
        raise NotANote("A signature has a dash, a name, and its bytes in base64.")
    return name, decoded
