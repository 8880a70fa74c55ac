"""What a collector would do for a server now: at which address it looks, and how. The look itself needs no database."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from collectors import authentication, npm, pypi, registry, scorecard, security_txt, tls
from collectors.fetching import Fetch
from collectors.subjects import Subject
from collectors.tls import Prober
from monitoring.models import Collector
from monitoring.observed import Look
from riskregister.refusals import Refused
from vendors.models import Release

_ADDRESS_LIMIT = 500


class NothingToLookAt(Refused):
    """The server has nothing that the collector looks at, or the installation does not look there."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Where a collector looks, for which release it was asked, and what looks at a moment.

    A look at the vendor or at the repository is for no release.
    """

    address: str
    release: Release | None
    look: Callable[[datetime], Look]


def plan(subject: Subject, collector: Collector) -> Plan:
    """Return what the collector would do. Raises NothingToLookAt, which says what to do instead."""
    return _PLANS[collector](subject)


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
    return _of_packages(subject, "npm", npm.look, base=settings.NPM_URL, setting="RISKREGISTER_NPM_URL")


def _pypi(subject: Subject) -> Plan:
    return _of_packages(subject, "pypi", pypi.look, base=settings.PYPI_URL, setting="RISKREGISTER_PYPI_URL")


def _tls(subject: Subject) -> Plan:
    urls = _addresses(subject)
    if not any(url.startswith("https:") for url in urls):
        raise NothingToLookAt("None of its addresses is encrypted.")
    return Plan(
        _joined(urls),
        subject.releases[0],
        lambda now: tls.look(urls, prober=Prober(allowed=settings.OUTBOUND_ALLOW), now=now),
    )


def _authentication(subject: Subject) -> Plan:
    urls = _addresses(subject)
    bounds = authentication.BOUNDS
    return Plan(
        _joined(urls),
        subject.releases[0],
        lambda _now: authentication.look(urls, fetch=Fetch(allowed=settings.OUTBOUND_ALLOW, bounds=bounds)),
    )


def _security_txt(subject: Subject) -> Plan:
    if not subject.domain:
        raise NothingToLookAt("No website of its publisher is recorded. Record it with the vendor.")
    bounds = security_txt.BOUNDS
    origin = f"https://{subject.domain}"
    return Plan(
        origin,
        None,
        lambda now: security_txt.look(origin, fetch=Fetch(allowed=settings.OUTBOUND_ALLOW, bounds=bounds), now=now),
    )


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
    return Plan(
        base,
        listed[0],
        lambda _now: registry.look(subject.server.name, versions, base=base, fetch=_with_credentials()),
    )


def _scorecard(subject: Subject) -> Plan:
    base, repository = settings.SCORECARD_URL, subject.repository
    if not base:
        raise NothingToLookAt(
            "This installation looks up no Scorecards. RISKREGISTER_SCORECARD_URL names where it would."
        )
    if not repository:
        raise NothingToLookAt("No repository of it is recorded. Record it with the server.")
    return Plan(
        base, None, lambda now: scorecard.look(repository, base=base, fetch=_with_credentials(), now=now)
    )  # fmt: skip


def _of_packages(subject: Subject, kind: str, look: Callable[..., Look], *, base: str, setting: str) -> Plan:
    if not base:
        raise NothingToLookAt(f"This installation looks up no packages there. {setting} names where it would.")
    asked = [one for one in subject.packages if one.registry == kind]
    if not asked:
        raise NothingToLookAt("None of its packages comes from there at a fixed version.")
    return Plan(base, subject.releases[0], lambda now: look(asked, base=base, fetch=_with_credentials(), now=now))


def _addresses(subject: Subject) -> list[str]:
    if not subject.addresses:
        raise NothingToLookAt("No release of it names a complete address.")
    return subject.addresses


def _joined(urls: list[str]) -> str:
    return ", ".join(urls)[:_ADDRESS_LIMIT]


def _with_credentials() -> Fetch:
    return Fetch(allowed=settings.OUTBOUND_ALLOW, sources=settings.INSPECT_CREDENTIALS)


_PLANS: dict[Collector, Callable[[Subject], Plan]] = {
    Collector.NPM: _npm,
    Collector.PYPI: _pypi,
    Collector.TLS: _tls,
    Collector.AUTHENTICATION: _authentication,
    Collector.SECURITY_TXT: _security_txt,
    Collector.REGISTRY: _registry,
    Collector.SCORECARD: _scorecard,
}
