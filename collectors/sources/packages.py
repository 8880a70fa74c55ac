"""What a package registry says of a package at a version, as things that are seen. Knows neither database nor network.

What a registry does not say is not assessed, and never passed: mirrors leave out attestations, owners and dates.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from collectors.sources import fetching
from collectors.sources.fetching import key
from inspection.bounds import NothingSeen
from monitoring.observed import Look, Seen
from riskregister import canonical, unseen
from scoring.scales import Severity
from vendors.naming import integrity
from vendors.naming.integrity import Digest

EXISTS, DIGEST, NAME, OFFERED = "exists", "digest", "name", "offered"
ATTESTED, PUBLISHED, CADENCE, OWNERS = "attested", "published", "cadence", "owners"
_LATELY = timedelta(days=92)
_YEAR = timedelta(days=365)
_WORDS_SHOWN = 200
_OWNERS_SHOWN = 180


@dataclass(frozen=True, slots=True)
class Asked:
    """A package of a release: in which registry, under which name and version, its pins, and of which server it is."""

    registry: str
    identifier: str
    version: str
    sha256: str
    integrity: str
    server: str

    @property
    def ref(self) -> str:
        """Return e.g. "npm @scope/name 1.2.3"."""
        return f"{self.registry} {self.identifier} {self.version}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a registry says of it; None where it does not say.

    `digests` are those of its files; `names` the servers that it says it belongs to;
    `withdrawn` why it is deprecated or yanked, empty for neither; `releases` when versions of it were published.
    """

    digests: frozenset[Digest]
    attested: bool | None
    names: frozenset[str] | None
    withdrawn: str
    published: datetime | None
    releases: tuple[datetime, ...] | None
    owners: frozenset[str] | None


def look(
    asked: Iterable[Asked],
    find: Callable[[Asked], Found | None],
    *,
    base: str,
    came: list[dict[str, Any]],
    now: datetime,
) -> Look:
    """Return what the registry at `base` says of packages by `find`, which may raise NothingSeen; `came` is kept."""
    where = urlsplit(base).hostname or base
    try:
        found = [(one, find(one)) for one in asked]
    except NothingSeen as nothing:
        return fetching.not_assessed(nothing)
    seen = [row for one, answer in found for row in seen_of(one, answer, where=where, now=now)]
    return fetching.complete(tuple({row.key: row for row in seen}.values()), came)


def seen_of(asked: Asked, found: Found | None, *, where: str, now: datetime) -> Iterator[Seen]:
    """Yield what is seen of a package in the registry at the host `where`; found None: it does not know it."""
    if found is None:
        words = f"{where} has {asked.ref}"
        yield Seen(
            key(EXISTS, asked.ref), words, "no", severity=Severity.HIGH, fact="package_offered", holds=False
        )  # fmt: skip
        return
    yield Seen(key(EXISTS, asked.ref), f"{where} has {asked.ref}", "yes")
    yield _digest(asked, found)
    yield _name(asked, found)
    yield _offered(asked, found, where)
    yield _attested(asked, found, where)
    yield _published(asked, found, where)
    yield _cadence(asked, found, where, now=now)
    yield _owners(asked, found, where)


def pins(asked: Asked) -> frozenset[Digest]:
    """Return the digests that the release names of a package."""
    return integrity.readable(f"{asked.integrity} {asked.sha256}")


def moment(text: Any) -> datetime | None:
    """Return a moment with its zone as a registry writes it, None for anything else."""
    try:
        found = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    return found if found.tzinfo else None


def moments(texts: Iterable[Any]) -> tuple[datetime, ...]:
    """Return those that are moments, in order."""
    return tuple(sorted(one for text in texts if (one := moment(text))))


def mapping(value: Any) -> dict[str, Any]:
    """Return an object of JSON, an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def rows(value: Any) -> list[dict[str, Any]]:
    """Return the objects of a list of JSON, none for anything else."""
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def _digest(asked: Asked, found: Found) -> Seen:
    pinned, at = pins(asked), key(DIGEST, asked.ref)
    served = ", ".join(str(one) for one in sorted(found.digests))
    if not pinned:
        return Seen(at, f"The release pins no digest of {asked.ref}; served is", served)
    common = _algorithms(pinned) & _algorithms(found.digests)
    if not common:
        why = f"the release pins {_named(pinned)}, and the registry says {_named(found.digests)}"
        return Seen(at, f"Artefact of {asked.ref} against the pin", f"Not assessed: {why}", is_assessed=False)
    ours, theirs = ({one for one in digests if one.algorithm in common} for digests in (pinned, found.digests))
    # Of a version of several files some are pinned, and of several that a pin allows one is served.
    if ours <= theirs or theirs <= ours:
        value = ", ".join(str(one) for one in sorted(ours))
        return Seen(at, f"{asked.ref} is the artefact that is pinned", value, fact="artefact_as_pinned", holds=True)
    words = f"{asked.ref} is another artefact than is pinned"
    return Seen(at, words, served, severity=Severity.CRITICAL, fact="artefact_as_pinned", holds=False)


def _name(asked: Asked, found: Found) -> Seen:
    at = key(NAME, asked.ref)
    if found.names is None:
        return Seen(at, f"Server that {asked.ref} names", "Not assessed: the registry does not say", is_assessed=False)
    is_it = asked.server in found.names
    named = asked.server if is_it else _cut(", ".join(sorted(found.names))) or "none"
    is_other = bool(found.names) and not is_it
    return Seen(
        at, f"Server that {asked.ref} names", named, severity=Severity.MEDIUM if is_other else None,
        fact="name_points_back", holds=is_it,
    )  # fmt: skip


def _offered(asked: Asked, found: Found, where: str) -> Seen:
    is_good = not found.withdrawn
    value = "neither deprecated nor withdrawn" if is_good else _cut(found.withdrawn)
    return Seen(
        key(OFFERED, asked.ref), f"{where} says of {asked.ref}", value,
        severity=None if is_good else Severity.MEDIUM, fact="package_offered", holds=is_good,
    )  # fmt: skip


def _attested(asked: Asked, found: Found, where: str) -> Seen:
    at, words = key(ATTESTED, asked.ref), f"Build attestation of {asked.ref}"
    if found.attested is None:
        return Seen(at, words, f"Not assessed: {where} does not say", is_assessed=False)
    return Seen(at, words, "present, not verified" if found.attested else f"{where} shows none")


def _published(asked: Asked, found: Found, where: str) -> Seen:
    at, words = key(PUBLISHED, asked.ref), f"{asked.ref} was published on"
    if found.published is None:
        return Seen(at, words, f"Not assessed: {where} does not say", is_assessed=False)
    return Seen(at, words, found.published.date().isoformat())


def _cadence(asked: Asked, found: Found, where: str, *, now: datetime) -> Seen:
    at, words = key(CADENCE, asked.identifier), f"New versions of {asked.identifier}"
    if not found.releases:
        return Seen(at, words, f"Not assessed: {where} does not say", is_assessed=False)
    newest = found.releases[-1]
    days = len({one.date() for one in found.releases if one > now - _YEAR})
    value = f"on {days} days of the last 365, the last on {newest.date().isoformat()}"
    return Seen(at, words, value, fact="released_lately", holds=newest > now - _LATELY)


def _owners(asked: Asked, found: Found, where: str) -> Seen:
    at, words = key(OWNERS, asked.identifier), f"Who can publish {asked.identifier}"
    if not found.owners:
        return Seen(at, words, f"Not assessed: {where} does not say", is_assessed=False)
    named = ", ".join(sorted(_cut(one) for one in found.owners))
    # What is cut tells by its digest when somebody further down is another.
    rest = f"… {len(found.owners)} in all, SHA-256 {canonical.digest(named)[:12]}" if len(named) > _OWNERS_SHOWN else ""
    return Seen(at, words, named[:_OWNERS_SHOWN] + rest)


def _algorithms(digests: Iterable[Digest]) -> set[str]:
    return {one.algorithm for one in digests}


def _named(digests: Iterable[Digest]) -> str:
    return " and ".join(sorted(_algorithms(digests))) or "none"


def _cut(text: str) -> str:
    return unseen.in_one_line(text, _WORDS_SHOWN)
