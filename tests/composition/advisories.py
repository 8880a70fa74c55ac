"""Advisories of the tests, put on record without a feed."""

from datetime import datetime
from typing import Any

from composition.models import Advisory, AffectedPackage, Identifier, Vulnerability
from feeds.models import Feed
from scoring.scales import Severity
from tests.cast import NOON

Ranges = list[dict[str, Any]]


def until(fixed: str, introduced: str = "0") -> Ranges:
    """Return the ranges of what is mended in a version."""
    return [{"type": "SEMVER", "events": [{"introduced": introduced}, {"fixed": fixed}]}]


EVERY: Ranges = [{"type": "SEMVER", "events": [{"introduced": "0"}]}]


def publish(
    name: str, package: str = "qs", *, ranges: Ranges | None = None, key: str = "", ecosystem: str = "npm",
    severity: int | None = Severity.HIGH, versions: list[str] | None = None, at: datetime = NOON,
    feed: Feed | None = None,
) -> Advisory:  # fmt: skip
    """Return an advisory about one package, of the vulnerability of this key: its own unless said."""
    vulnerability, _made = Vulnerability.objects.get_or_create(
        key=key or name,
        defaults={
            "summary": "Prototype pollution", "severity": severity, "created_at": at,
            "is_malicious": name.startswith("MAL-"),
        },
    )  # fmt: skip
    for one in {name, vulnerability.key}:
        Identifier.objects.get_or_create(name=one, defaults={"vulnerability": vulnerability})
    made = Advisory.objects.create(
        name=name, source=name.partition("-")[0], vulnerability=vulnerability, is_malicious=name.startswith("MAL-"),
        severity=severity, modified_at=at, taken_at=at, digest="0" * 64, record="{}", feed=feed,
    )  # fmt: skip
    affect(made, package, ranges=until("6.11.1") if ranges is None else ranges, ecosystem=ecosystem, versions=versions)
    return made


def affect(
    advisory: Advisory, package: str, *, ranges: Ranges, ecosystem: str = "npm", versions: list[str] | None = None
) -> None:
    """Let an advisory say this of one package and nothing else, as if it came so from its source."""
    AffectedPackage.objects.filter(advisory=advisory).delete()
    AffectedPackage.objects.create(
        advisory=advisory, ecosystem=ecosystem, name=package, ranges=ranges, versions=versions or []
    )
    Advisory.objects.filter(pk=advisory.pk).update(needs_matching=True)
