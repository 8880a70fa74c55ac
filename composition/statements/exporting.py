"""What the register says of the vulnerabilities that hit a server, for those who use it: as a VEX document."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings

from composition.documents.made import Made
from composition.models import Hit, Identifier, Match, PackageVersion, Suppression
from composition.packages import ecosystems, purls
from composition.vex import writing
from composition.vex.stated import Document, Justification, Package, Stated, Status
from findings.models import Finding
from riskregister.ids import uuid7
from riskregister.refusals import Refused
from vendors.models import Release, Server

_TOOL = "MCP vendor risk register"
_WAITS = (Finding.Status.PROPOSED,)
_NO_ACTION = "Nothing is known yet that mends it."
_BY_HAND = "Somebody judged that it does not apply."


class NothingToSay(Refused):
    """Nothing hits the server, or it is not known whether anything does: that is no document of nothing."""


def written(server: Server, *, form: str, author: str, now: datetime) -> tuple[str, dict[str, Any]]:
    """Return the name of the file and the document that says what is decided of what hits a server.

    Raises NothingToSay.
    """
    suffix, write = writing.FORMS[form]
    product = product_of(server)
    document = of_server(server, product=product, author=author, now=now)
    made = Made(at=now, tool=_TOOL, tool_version=settings.VERSION, number=uuid7())
    return f"{server.ref}.{suffix}", write(document, product=product, made=made)


def of_server(server: Server, *, product: str, author: str, now: datetime) -> Document:
    """Return what is decided of each vulnerability that hits a server now. Raises NothingToSay."""
    rows = Hit.objects.filter(server=server, observation__is_seen=True)
    hits = list(rows.select_related("vulnerability", "observation__finding").order_by("vulnerability__key", "name"))
    if not hits:
        raise NothingToSay("Nothing is known to hit this server: there is nothing to say of it.")
    accepted = {
        one.hit_id: one for one in Suppression.objects.accepted().filter(hit__in=hits).select_related("statement")
    }
    names = _names(hits)
    known = _purls(hits)
    return Document(
        form="",
        name=f"urn:uuid:{uuid7()}",
        author=author,
        version="1",
        issued_at=now,
        statements=tuple(
            _stated(hit, accepted.get(hit.pk), names[hit.vulnerability_id], known, product) for hit in hits
        ),
    )


def product_of(server: Server) -> str:
    """Return the package URL of what a server is distributed as, a general one where it has none of a known type."""
    release = Release.objects.relied_on(server)
    for package in release.packages.all() if release else ():
        language = ecosystems.BY_TYPE.get(package.registry_type)
        if language:
            try:
                return purls.build(language.name, package.identifier, package.version)
            except purls.PurlInvalid:
                continue
    return _general(server.name, release.version if release else "")


def _stated(
    hit: Hit, suppression: Suppression | None, names: tuple[str, ...], known: Mapping[tuple[str, str, str], str],
    product: str,
) -> Stated:  # fmt: skip
    finding = hit.observation.finding
    packages = tuple(
        Package(ecosystem=hit.ecosystem, name=hit.name, version=version, purl=purl, within=product)
        for version in hit.versions
        for purl in (known[hit.ecosystem, hit.name, version],)
    )
    return Stated(
        place="", names=names, packages=packages, stated_at=hit.observation.first_seen_at,
        **_decided(hit, finding, suppression),
    )  # fmt: skip


def _decided(hit: Hit, finding: Finding | None, suppression: Suppression | None) -> dict[str, Any]:
    """Return the status, and what goes with it: why not, what to do, or what is known."""
    if suppression is not None:
        statement = suppression.statement
        why = Justification(statement.justification) if statement.justification else None
        impact = " ".join(filter(None, (statement.impact, suppression.reason)))
        return {"status": Status.NOT_AFFECTED, "justification": why, "impact": impact}
    if finding is not None and finding.status == Finding.Status.DISMISSED:
        return {"status": Status.NOT_AFFECTED, "impact": finding.close_reason or _BY_HAND}
    if finding is None or finding.status in _WAITS or hit.outcome != Match.Outcome.AFFECTED:
        return {"status": Status.UNDER_INVESTIGATION, "notes": hit.get_outcome_display()}
    return {"status": Status.AFFECTED, "action": finding.recommendation or _NO_ACTION}


def _names(hits: list[Hit]) -> dict[UUID, tuple[str, ...]]:
    """Return the names of the vulnerabilities, the one that each goes by first."""
    found: dict[UUID, list[str]] = {hit.vulnerability_id: [hit.vulnerability.key] for hit in hits}
    rows = Identifier.objects.filter(vulnerability__in=found).order_by("name")
    for name, key in rows.values_list("name", "vulnerability"):
        found[key].append(name)
    return {key: tuple(dict.fromkeys(some)) for key, some in found.items()}


def _purls(hits: list[Hit]) -> Mapping[tuple[str, str, str], str]:
    versions = {version for hit in hits for version in hit.versions}
    rows = PackageVersion.objects.filter(name__in={hit.name for hit in hits}, version__in=versions)
    kept = {(row.ecosystem, row.name, row.version): row.purl for row in rows}
    return {key: kept.get(key) or _built(*key) for hit in hits for key in _keys(hit)}


def _keys(hit: Hit) -> Iterator[tuple[str, str, str]]:
    return ((hit.ecosystem, hit.name, version) for version in hit.versions)


def _built(ecosystem: str, name: str, version: str) -> str:
    try:
        return purls.build(ecosystem, name, version)
    except (purls.PurlInvalid, ecosystems.EcosystemUnknown):
        return _general(name, version)


def _general(name: str, version: str) -> str:
    read = purls.read("pkg:generic/x")
    return purls.write(read._replace(name=name.replace("/", "-"), version=version or None))
