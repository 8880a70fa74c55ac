"""A look-up of a vendor's security.txt (RFC 9116): where weaknesses are reported, and until when that is said."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from collectors.sources import fetching, packages
from collectors.sources.fetching import Fetch, key
from inspection.bounds import Bounds, NothingSeen, Redirected
from monitoring.observed import Look, Seen
from riskregister import limits, unseen
from scoring.scales import Severity

# RFC 9116 lets a reader stop at 32 KiB.
BOUNDS = Bounds(overall=30.0, request=10.0, size=limits.MIB // 32)
CHANNEL, EXPIRES = "channel", "expires"
_PLACES = ("/.well-known/security.txt", "/security.txt")
_FIELD = re.compile(r"([A-Za-z][A-Za-z-]*):[ \t]*(.*)")
_SIGNED = "-----BEGIN PGP SIGNED MESSAGE-----"
_SIGNATURE = "-----BEGIN PGP SIGNATURE-----"
_SHOWN = 300


@dataclass(frozen=True, slots=True)
class Policy:
    """What a security.txt says: ways to report a weakness, and until when it holds (None: it does not say so)."""

    contacts: tuple[str, ...]
    expires: datetime | None


def look(origin: str, *, fetch: Fetch, now: datetime) -> Look:
    """Return what the domain at `origin` says. Never raises for what it does."""
    domain = urlsplit(origin).netloc
    try:
        found = _text(origin, fetch)
    except NothingSeen as nothing:
        return fetching.not_assessed(nothing)
    if found is None:
        seen = (Seen(key(CHANNEL, domain), f"security.txt of {domain}", "none"),)
        return fetching.complete(seen, fetch.came)
    return fetching.complete(tuple(_seen(domain, read(found), now=now)), fetch.came)


def _text(origin: str, fetch: Fetch) -> str | None:
    """Return what the domain says, None for nothing; a domain that leads to its own `www.` is followed there, once."""
    try:
        return _at(origin, fetch)
    except Redirected as led:
        www = www_of(origin, led.location)
        if not www:
            raise
        return _at(www, fetch)


def _at(origin: str, fetch: Fetch) -> str | None:
    return next(filter(None, (fetch.text(f"{origin}{place}", accept="text/plain") for place in _PLACES)), None)


def www_of(origin: str, location: str) -> str:
    """Return the origin of the same site with `www.` where a location leads there over TLS, empty for any other."""
    own = urlsplit(origin)
    www = f"https://www.{own.netloc}"
    return www if own.scheme == "https" and (location == www or location.startswith(f"{www}/")) else ""


def read(text: str) -> Policy:
    """Return what a security.txt says; lines that are no fields are passed over, as the RFC asks."""
    fields = [match.groups() for line in _signed(text.splitlines()) if (match := _FIELD.fullmatch(line.rstrip()))]
    pairs = [(name.lower(), value.strip()) for name, value in fields]
    ends = [
        packages.moment(value.replace("z", "Z").replace("Z", "+00:00")) for name, value in pairs if name == "expires"
    ]
    contacts = tuple(value for name, value in pairs if name == "contact" and _is_way(value))
    # With two of them nobody knows which one holds.
    return Policy(contacts, ends[0] if len(ends) == 1 else None)


def _signed(lines: list[str]) -> Iterable[str]:
    """Return the lines that a signature covers, where there is one."""
    if not lines or lines[0].strip() != _SIGNED:
        return lines
    body = lines[1 : lines.index(_SIGNATURE)] if _SIGNATURE in lines else lines[1:]
    return [line.removeprefix("- ") for line in body]


def _is_way(value: str) -> bool:
    return value.lower().startswith(("mailto:", "https://", "tel:"))


def _seen(domain: str, policy: Policy, *, now: datetime) -> Iterable[Seen]:
    is_in_force = policy.expires is not None and policy.expires > now
    named = unseen.in_one_line(", ".join(policy.contacts), _SHOWN)
    yield Seen(
        key(CHANNEL, domain), f"security.txt of {domain} names as contact", named or "none",
        fact="private_channel", holds=bool(policy.contacts) and is_in_force,
    )  # fmt: skip
    ends = policy.expires.date().isoformat() if policy.expires else "no day, or several"
    yield Seen(
        key(EXPIRES, domain), f"security.txt of {domain} {'holds until' if is_in_force else 'does not hold any more'}",
        ends, severity=None if is_in_force else Severity.LOW,
    )  # fmt: skip
