"""What a collector would do for a server now: at which address it looks, and what for, as plain data.

So the look needs no database, and another process can do it: it takes from there the networks and the credentials that
are its own.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.conf import settings

from collectors.sources import authentication, npm, pypi, registry, scorecard, security_txt, tls
from collectors.sources.fetching import Fetch
from collectors.sources.packages import Asked
from collectors.sources.tls import Prober
from collectors.subjects import Subject
from inspection.bounds import Bounds
from monitoring.models import Collector
from monitoring.observed import Look
from riskregister.refusals import Refused
from vendors.models import Release

_ADDRESS_LIMIT = 500


class NothingToLookAt(Refused):
    """The server has nothing that the collector looks at, or the installation does not look there."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Where a collector looks, for which release it was asked, and what it asks, as JSON has it.

    A look at the vendor or at the repository is for no release.
    """

    address: str
    release: Release | None
    asks: Mapping[str, Any]


def plan(subject: Subject, collector: Collector) -> Plan:
    """Return what the collector would do. Raises NothingToLookAt, which says what to do instead."""
    return _PLANS[collector](subject)


def look(collector: Collector, asks: Mapping[str, Any], now: datetime) -> Look:
    """Return what is seen. Called without a transaction, and needs no database: it waits for others."""
    return _LOOKS[collector](asks, now)


def why_not(subject: Subject, collector: Collector) -> NothingToLookAt | None:
    """Return why the collector would do nothing, or None."""
    try:
        plan(subject, collector)
    except NothingToLookAt as refusal:
        return refusal
    return None


def collectors() -> list[Collector]:
    """Return the collectors of this room, in the order in which pages show them."""
    return list(_PLANS)


def is_on(collector: Collector) -> bool:
    """Return whether the installation looks there at all."""
    bases = {
        Collector.NPM: settings.NPM_URL,
        Collector.PYPI: settings.PYPI_URL,
        Collector.REGISTRY: settings.MCP_REGISTRY_URL,
        Collector.SCORECARD: settings.SCORECARD_URL,
    }
    return bool(bases.get(collector, "on"))


def _npm(subject: Subject) -> Plan:
    return _of_packages(subject, "npm", base=settings.NPM_URL, setting="RISKREGISTER_NPM_URL")


def _pypi(subject: Subject) -> Plan:
    return _of_packages(subject, "pypi", base=settings.PYPI_URL, setting="RISKREGISTER_PYPI_URL")


def _tls(subject: Subject) -> Plan:
    urls = _addresses(subject)
    if not any(url.startswith("https:") for url in urls):
        raise NothingToLookAt("None of its addresses is encrypted.")
    return Plan(_joined(urls), subject.releases[0], {"urls": urls})


def _authentication(subject: Subject) -> Plan:
    urls = _addresses(subject)
    return Plan(_joined(urls), subject.releases[0], {"urls": urls})


def _security_txt(subject: Subject) -> Plan:
    if not subject.domain:
        raise NothingToLookAt("No website of its publisher is recorded. Record it with the vendor.")
    origin = f"https://{subject.domain}"
    return Plan(origin, None, {"origin": origin})


def _registry(subject: Subject) -> Plan:
    base = settings.MCP_REGISTRY_URL
    if not base:
        raise NothingToLookAt(
            "This installation looks in no MCP registry. RISKREGISTER_MCP_REGISTRY_URL names where it would."
        )
    listed = [one for one in subject.releases if one.registry_status]
    if not listed:
        raise NothingToLookAt("No release of it came with a word of the registry.")
    versions = list(dict.fromkeys(one.version for one in listed))
    return Plan(base, listed[0], {"base": base, "name": subject.server.name, "versions": versions})


def _scorecard(subject: Subject) -> Plan:
    base, repository = settings.SCORECARD_URL, subject.repository
    if not base:
        raise NothingToLookAt(
            "This installation looks up no Scorecards. RISKREGISTER_SCORECARD_URL names where it would."
        )
    if not repository:
        raise NothingToLookAt("No repository of it is recorded. Record it with the server.")
    return Plan(base, None, {"base": base, "repository": repository})


def _of_packages(subject: Subject, kind: str, *, base: str, setting: str) -> Plan:
    if not base:
        raise NothingToLookAt(f"This installation looks up no packages there. {setting} names where it would.")
    asked = [asdict(one) for one in subject.packages if one.registry == kind]
    if not asked:
        raise NothingToLookAt("None of its packages comes from there at a fixed version.")
    return Plan(base, subject.releases[0], {"base": base, "packages": asked})


def _addresses(subject: Subject) -> list[str]:
    if not subject.addresses:
        raise NothingToLookAt("No release of it names a complete address.")
    return subject.addresses


def _joined(urls: list[str]) -> str:
    return ", ".join(urls)[:_ADDRESS_LIMIT]


_PLANS: dict[Collector, Callable[[Subject], Plan]] = {
    Collector.NPM: _npm,
    Collector.PYPI: _pypi,
    Collector.TLS: _tls,
    Collector.AUTHENTICATION: _authentication,
    Collector.SECURITY_TXT: _security_txt,
    Collector.REGISTRY: _registry,
    Collector.SCORECARD: _scorecard,
}


def _look_at_npm(asks: Mapping[str, Any], now: datetime) -> Look:
    return npm.look(_packages(asks), base=asks["base"], fetch=_with_credentials(), now=now)


def _look_at_pypi(asks: Mapping[str, Any], now: datetime) -> Look:
    return pypi.look(_packages(asks), base=asks["base"], fetch=_with_credentials(), now=now)


def _look_at_tls(asks: Mapping[str, Any], now: datetime) -> Look:
    return tls.look(asks["urls"], prober=Prober(allowed=settings.OUTBOUND_ALLOW), now=now)


def _try_authentication(asks: Mapping[str, Any], _now: datetime) -> Look:
    return authentication.look(asks["urls"], fetch=_without_credentials(authentication.BOUNDS))


def _read_security_txt(asks: Mapping[str, Any], now: datetime) -> Look:
    return security_txt.look(asks["origin"], fetch=_without_credentials(security_txt.BOUNDS), now=now)


def _look_in_registry(asks: Mapping[str, Any], _now: datetime) -> Look:
    return registry.look(asks["name"], asks["versions"], base=asks["base"], fetch=_with_credentials())


def _look_up_scorecard(asks: Mapping[str, Any], now: datetime) -> Look:
    return scorecard.look(asks["repository"], base=asks["base"], fetch=_with_credentials(), now=now)


def _packages(asks: Mapping[str, Any]) -> Sequence[Asked]:
    return [Asked(**one) for one in asks["packages"]]


def _with_credentials() -> Fetch:
    return Fetch(allowed=settings.OUTBOUND_ALLOW, sources=settings.INSPECT_CREDENTIALS)


def _without_credentials(bounds: Bounds) -> Fetch:
    return Fetch(allowed=settings.OUTBOUND_ALLOW, bounds=bounds)


_LOOKS: dict[Collector, Callable[[Mapping[str, Any], datetime], Look]] = {
    Collector.NPM: _look_at_npm,
    Collector.PYPI: _look_at_pypi,
    Collector.TLS: _look_at_tls,
    Collector.AUTHENTICATION: _try_authentication,
    Collector.SECURITY_TXT: _read_security_txt,
    Collector.REGISTRY: _look_in_registry,
    Collector.SCORECARD: _look_up_scorecard,
}
