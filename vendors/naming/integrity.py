"""Digests of packages, in the forms in which registries and lock files write them. Pure."""

import base64
import binascii
import contextlib
import re
from dataclasses import dataclass

SIZES = {"sha256": 32, "sha384": 48, "sha512": 64}
# They are taken for proof no longer: two files of one digest can be made.
BROKEN = frozenset({"md5", "sha1"})
# A hundred files by SHA-256, as a release of a compiled package may have them.
DIGESTS_LIMIT = 8000
FORMS = (
    "Write it as sha512-… in Base64, as npm does, as sha256:… in hexadecimal, as PyPI and images do, or as 64"
    " hexadecimal digits."
)

_SUBRESOURCE = re.compile(r"(?P<algorithm>[a-z0-9]+)-(?P<value>[A-Za-z0-9+/]+={0,2})(?:\?\S*)?\Z")
_NAMED = re.compile(r"(?P<algorithm>[a-z0-9]+)[:=](?P<value>[0-9a-fA-F]+)\Z")
_HEXADECIMAL = re.compile(r"[0-9a-fA-F]+\Z")
_LONGEST_SHOWN = 60


class WrongForm(ValueError):
    """What was given is no digest; the message says in which forms one is written."""


class BrokenAlgorithm(WrongForm):
    """It is a digest by an algorithm that proves nothing any more."""


@dataclass(frozen=True, slots=True, order=True)
class Digest:
    """A digest of one file; `value` is in lower-case hexadecimal."""

    algorithm: str
    value: str

    def __str__(self) -> str:
        """Return e.g. "sha256:9f86…"."""
        return f"{self.algorithm}:{self.value}"


def read(text: str) -> frozenset[Digest]:
    """Return the digests in a text, several apart by white space. Raises WrongForm, also for an empty text."""
    parts = text.split()
    if not parts:
        raise WrongForm(f"There is no digest. {FORMS}")
    return frozenset(_digest(part) for part in parts)


def readable(text: str) -> frozenset[Digest]:
    """Return the digests in a text, without what is none and what proves nothing any more."""
    found: set[Digest] = set()
    for part in text.split():
        with contextlib.suppress(WrongForm):
            found.add(_digest(part))
    return frozenset(found)


def strongest(digests: frozenset[Digest]) -> frozenset[Digest]:
    """Return those of the strongest algorithm, the only ones that npm looks at; each is of another allowed file."""
    best = max((one.algorithm for one in digests), key=SIZES.__getitem__, default="")
    return frozenset(one for one in digests if one.algorithm == best)


def _digest(part: str) -> Digest:
    if found := _SUBRESOURCE.match(part):
        return _checked(part, found["algorithm"], _of_base64(part, found["value"]))
    if found := _NAMED.match(part):
        return _checked(part, found["algorithm"], found["value"].lower())
    if _HEXADECIMAL.match(part):
        algorithm = next((name for name, size in SIZES.items() if len(part) == 2 * size), "")
        return _checked(part, algorithm, part.lower())
    raise _wrong(part)


def _checked(part: str, algorithm: str, value: str) -> Digest:
    if algorithm in BROKEN:
        raise BrokenAlgorithm(f"{algorithm} proves nothing any more. Give the SHA-256 or SHA-512 of the file.")
    if len(value) != 2 * SIZES.get(algorithm, -1):
        raise _wrong(part)
    return Digest(algorithm, value)


def _of_base64(part: str, value: str) -> str:
    try:
        return base64.b64decode(value, validate=True).hex()
    except binascii.Error as error:
        raise _wrong(part) from error


def _wrong(part: str) -> WrongForm:
    return WrongForm(f"{part[:_LONGEST_SHOWN]!a} is no digest. {FORMS}")
