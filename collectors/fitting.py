"""Whether what a collector brought is about what it was asked, and says of it only what such a look can say.

A collector that somebody took over may lie about what it was sent to look at. It can say nothing of anything else.
"""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from collectors import judging
from collectors.sources import authentication as auth
from collectors.sources import packages, registry, scorecard, security_txt, tls
from collectors.sources.fetching import key
from collectors.sources.packages import Asked
from monitoring.models import Collector, Run
from monitoring.observed import Look, Seen
from monitoring.written_looks import Unfit
from riskregister import canonical, limits
from vendors import strict_json
from vendors.offered import manifest

_OF_PACKAGES: Mapping[str, frozenset[str]] = {
    packages.EXISTS: frozenset({"package_offered"}),
    packages.DIGEST: frozenset({"artefact_as_pinned"}),
    packages.NAME: frozenset({"name_points_back"}),
    packages.OFFERED: frozenset({"package_offered"}),
    packages.ATTESTED: frozenset(),
    packages.PUBLISHED: frozenset(),
    packages.CADENCE: frozenset({"released_lately"}),
    packages.OWNERS: frozenset(),
}
# What the keys of each look begin with, and on which facts such a thing can bear.
KINDS: Mapping[str, Mapping[str, frozenset[str]]] = {
    Collector.NPM: _OF_PACKAGES,
    Collector.PYPI: _OF_PACKAGES,
    Collector.TLS: {
        tls.VERSIONS: frozenset({"tls_old", "tls_weak_ciphers", "tls_13_only", "tls_12_strong", "tls_12_only"}),
        tls.CERTIFICATE: frozenset({"certificate_valid"}),
        tls.CLIENT: frozenset(),
    },
    Collector.AUTHENTICATION: {
        auth.ANONYMOUS: frozenset({"anonymous_refused"}),
        auth.MADE_UP: frozenset(),
        auth.METADATA: frozenset({"metadata_published"}),
        auth.PKCE: frozenset(),
        auth.SCOPES: frozenset(),
    },
    Collector.SECURITY_TXT: {
        security_txt.CHANNEL: frozenset({"private_channel"}),
        security_txt.EXPIRES: frozenset(),
    },
    Collector.REGISTRY: {registry.STATUS: frozenset({"registry_offers"})},
    Collector.SCORECARD: {scorecard.SCORE: frozenset(), scorecard.COMMIT: frozenset()},
}
_CHECK = re.compile(r"check_[A-Za-z][A-Za-z0-9-]{0,40}")
_OF_SERVERS = frozenset({"access", "transport", "started", "made_up", "strays", "protocol", "server", "credentials"})


def require(look: Look, *, collector: str, asks: Mapping[str, Any]) -> None:
    """Raise Unfit for a look that is not what the task asked for, with the first thing that is not."""
    if look.is_complete != bool(look.raw):
        raise Unfit("It rests on nothing, or on answers that came to nothing.")
    if look.raw_digest != (_digest(look, collector) if look.is_complete else ""):
        raise Unfit("Its digest is not that of the answers.")
    about = _about(asks)
    for one in look.seen:
        _require(one, collector, about)


def _digest(look: Look, collector: str) -> str:
    """Return the digest of the answers, which a server's tools must be."""
    if collector != Collector.INSPECTION:
        return canonical.digest(look.raw)
    try:
        manifest.parse(look.raw)
        return canonical.digest(canonical.jcs(strict_json.read(look.raw, limit=limits.TOOLS * 2)))
    except (strict_json.DocumentInvalid, ValueError) as error:
        raise Unfit(f"The answers cannot be taken: {error}") from error


def _require(one: Seen, collector: str, about: set[str]) -> None:
    if collector == Collector.INSPECTION:
        if one.key not in _OF_SERVERS or one.fact or one.severity is not None:
            raise Unfit(f"A look at a server says nothing of the kind of {one.key[:40]!r}.")
        return
    kind = one.key.partition(":")[0]
    facts = KINDS[collector].get(kind)
    if facts is None and collector == Collector.SCORECARD and _CHECK.fullmatch(kind):
        facts = scorecard.FACTS
    if facts is None or one.key not in {key(kind, name) for name in about}:
        raise Unfit(f"It says something of {one.key[:40]!r}, which it was not asked.")
    if one.fact and one.fact not in facts:
        raise Unfit(f"What it says of {one.key[:40]!r} bears on no such fact.")
    if one.severity is not None and kind not in judging.JUDGEMENTS:
        raise Unfit(f"What it says of {one.key[:40]!r} is no fault.")


def _about(asks: Mapping[str, Any]) -> set[str]:
    """Return what the things that a task asks about are called in keys."""
    asked = [Asked(**one) for one in asks.get("packages", ())]
    named = [asks["repository"]] if "repository" in asks else []
    domain = [urlsplit(asks["origin"]).netloc] if "origin" in asks else []
    lists = [*asks.get("urls", ()), *asks.get("versions", ())]
    return {*named, *domain, *lists, *(one.ref for one in asked), *(one.identifier for one in asked)}


def unfit(why: Unfit) -> Look:
    """Return the look that is put on record instead: nothing is known, and why."""
    return Look(
        outcome=Run.Status.FAILED, code="unfit", why=f"What the collector brought was not taken in. {why}"[:500]
    )
