"""Reads the variables that configure an installation; to read one that is not declared is an error."""

import base64
import ipaddress
import os
from pathlib import Path
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from riskregister.variables import VARIABLES

# What Django itself asks of a key; and how those begin that manuals print.
_KEY_LENGTH = 50
_WELL_KNOWN = ("django-insecure-", "changeme", "change-me", "change_me", "replace-me", "insecure", "your-secret-key")

BASE_DIR = Path(__file__).resolve().parent.parent


class Misconfigured(Exception):
    """A variable has a value that the register cannot work with; the message says what to set."""


def text(name: str) -> str:
    """Return the value of a declared variable, or its default."""
    return os.environ.get(name, "").strip() or VARIABLES[name].default


def words(name: str) -> list[str]:
    """Return a comma separated variable as a list without empty parts."""
    return [part.strip() for part in text(name).split(",") if part.strip()]


def choice(name: str, offered: tuple[str, ...]) -> str:
    """Return the value of a variable that is one of a few words; raise Misconfigured on anything else."""
    value = text(name).lower()
    if value not in offered:
        raise Misconfigured(f"{name} is {value!r}. Set one of {', '.join(offered)}.")
    return value


def choices(name: str, offered: tuple[str, ...]) -> frozenset[str]:
    """Return the words of a comma separated variable, each one of a few; raise Misconfigured on anything else."""
    found = frozenset(word.lower() for word in words(name))
    if unknown := sorted(found - set(offered)):
        raise Misconfigured(f"{name} has {', '.join(unknown)}. Choose of {', '.join(offered)}.")
    return found


def flag(name: str) -> bool:
    """Return a true/false variable; raise Misconfigured on anything else."""
    value = text(name).lower()
    if value in {"true", "1", "yes", "on"}:
        return True
    if value in {"false", "0", "no", "off"}:
        return False
    raise Misconfigured(f"{name} is {value!r}. Set it to true or false.")


def number(name: str, *, at_least: int = 0) -> int:
    """Return a whole-number variable; raise Misconfigured on anything else, and on less than `at_least`."""
    value = text(name)
    if not (value.isascii() and value.isdigit()) or int(value) < at_least:
        raise Misconfigured(f"{name} is {value!r}. Set it to a whole number, at least {at_least}.")
    return int(value)


def level(name: str) -> str:
    """Return a log level; raise Misconfigured on anything else."""
    value = text(name).upper()
    if value not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
        raise Misconfigured(f"{name} is {value!r}. Set it to DEBUG, INFO, WARNING or ERROR.")
    return value


def zone(name: str) -> str:
    """Return the name of a time zone that this machine knows; raise Misconfigured on anything else."""
    value = text(name)
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Misconfigured(f"{name} is {value!r}. Set it to a name such as UTC or Europe/Berlin.") from error
    return value


def origin(name: str) -> str:
    """Return an address without a path, such as https://register.example.org; raise Misconfigured on anything else."""
    value = text(name).rstrip("/")
    parts = split(name, value)
    plain = f"{parts.scheme}://{parts.netloc}" == value and not parts.username
    if parts.scheme not in {"http", "https"} or not parts.hostname or not plain:
        raise Misconfigured(f"{name} is no address without a path, such as https://register.example.org.")
    return value


def secret(name: str) -> str:
    """Return a key that signs, or nothing; raise Misconfigured, without quoting it, for one that can be guessed.

    On a developer's machine (DEBUG) any key will do.
    """
    value = text(name)
    known = value.lower().startswith(_WELL_KNOWN)
    if value and (known or len(value) < _KEY_LENGTH) and not flag("DEBUG"):
        what = "begins like one from a manual" if known else f"has {len(value)} characters"
        raise Misconfigured(
            f"{name} {what}. Set it to {_KEY_LENGTH} or more random characters, such as "
            "python -c 'import secrets; print(secrets.token_urlsafe(50))' prints, or leave it empty."
        )
    return value


def seal_keys(name: str) -> list[str]:
    """Return keys of the seal, comma separated; raise Misconfigured, without quoting it, for one that is none."""
    values = words(name)
    for value in values:
        try:
            size = len(base64.b64decode(value, validate=True))
        except ValueError:
            size = 0
        if size != 32:
            raise Misconfigured(
                f"{name} is no key of 32 bytes in base64. Set it to what python -c 'import base64, secrets; "
                "print(base64.b64encode(secrets.token_bytes(32)).decode())' prints, or leave it empty."
            )
    return values


def address(name: str, *, schemes: tuple[str, ...]) -> str:
    """Return an address of one of the schemes, or nothing; raise Misconfigured on anything else."""
    value = text(name)
    parts = split(name, value)
    if value and (parts.scheme not in schemes or not parts.hostname):
        raise Misconfigured(f"{name} must start with {' or '.join(f'{one}://' for one in schemes)} and name a host.")
    return value


def networks(name: str) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    """Return networks, comma separated; raise Misconfigured on anything else."""
    try:
        return [ipaddress.ip_network(word) for word in words(name)]
    except ValueError as error:
        raise Misconfigured(f"{name} names no network: {error}. Write them as in 10.1.2.0/24.") from error


def credentials(name: str) -> dict[str, str]:
    """Return where the credential of each origin is (`env:NAME` or `file:/path`); raise Misconfigured, quoting none."""
    found: dict[str, str] = {}
    for entry in words(name):
        place, _, source = entry.partition("=")
        parts, (kind, _, where) = split(name, place), source.partition(":")
        plain = f"{parts.scheme}://{parts.netloc}" == place and parts.scheme in {"http", "https"} and not parts.username
        if not plain or not parts.hostname or kind not in {"env", "file"} or not where:
            raise Misconfigured(
                f"{name} must name an origin and where its credential is: https://host=env:NAME or "
                "https://host=file:/path. The credential itself does not belong here."
            )
        found[place.lower()] = source
    return found


def redis(name: str) -> str:
    """Return a Redis address, or nothing; raise Misconfigured on anything else."""
    value = text(name)
    if value and split(name, value).scheme not in {"redis", "rediss"}:
        raise Misconfigured(f"{name} must start with redis:// or rediss://. Leave it empty for the embedded queue.")
    return value


def data_dir() -> Path:
    """Return the absolute data folder."""
    path = Path(text("RISKREGISTER_DATA_DIR")).expanduser()
    return path if path.is_absolute() else BASE_DIR / path


def split(name: str, url: str) -> SplitResult:
    """Return the parts of an address; raise Misconfigured when its port is no port.

    The error of the library is left out: it quotes a password whose slash was not written as %2F.
    """
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - asking is what checks it
    except ValueError:
        raise Misconfigured(f"{name} is not an address. In a password write / as %2F, @ as %40 and : as %3A.") from None
    return parts
