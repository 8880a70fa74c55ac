"""Work out again what the digests of releases and their tools are, from the texts that are kept beside them."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db import transaction

from riskregister import canonical
from vendors import manifest, offerings
from vendors.models import Offering, Release, Tool


@dataclass(frozen=True, slots=True)
class Recomputed:
    """A digest of a release that came out differently, and is stored as it came out."""

    release: Release
    field: str
    was: str
    now: str


def recompute() -> Iterator[Recomputed]:
    """Write texts and digests of all releases in today's form; yield each digest of a release that changed.

    Assessments, decisions, snapshots and events keep the digest that they were made on: the database lets nobody
    change it. Where a manifest's digest changed, the server's tools count as changed since its last decision.
    """
    for release in Release.objects.select_related("server").order_by("pk").iterator():
        with transaction.atomic():
            changed = [*_document(release), *_manifest(release)]
        yield from changed


def _document(release: Release) -> Iterator[Recomputed]:
    if release.server_json:
        release.server_json = canonical.jcs(json.loads(release.server_json))
        yield from _store(release, "server_json_digest", release.server_json, "server_json")


def _manifest(release: Release) -> Iterator[Recomputed]:
    if not release.manifest_digest:
        return
    tools = sorted(release.tools.all(), key=lambda tool: manifest.sort_key(tool.name))
    offered = list(release.offerings.all())
    for tool in tools:
        _write_anew(tool)
    for offering in offered:
        _write_anew(offering)
    yield from _store(release, "manifest_digest", _text(release, tools, offered))


def manifest_text(release: Release) -> str:
    """Return the text that the release's manifest digest is of, from the rows that are kept of it."""
    tools = sorted(release.tools.all(), key=lambda tool: manifest.sort_key(tool.name))
    return _text(release, tools, release.offerings.all())


def _text(release: Release, tools: Iterable[Tool], offered: Iterable[Offering]) -> str:
    return manifest.canonical_text(
        instructions=release.instructions,
        tools=[tool.canonical for tool in tools],
        offered=offerings.by_list(offered),
    )


def _write_anew(tool: Tool | Offering) -> None:
    text = canonical.jcs(json.loads(tool.canonical))
    was, tool.canonical, tool.digest = (tool.canonical, tool.digest), text, canonical.digest(text)
    if was != (tool.canonical, tool.digest):
        tool.save(update_fields=["canonical", "digest"])


def _store(release: Release, field: str, text: str, *with_it: str) -> Iterator[Recomputed]:
    was, now = getattr(release, field), canonical.digest(text)
    if was != now:
        setattr(release, field, now)
        release.save(update_fields=[field, *with_it])
        yield Recomputed(release, field, was, now)
