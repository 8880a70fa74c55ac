"""Taking in what another scanner says of a server: kept whole, with who and when, each result a claim of that scanner.

Nothing of it is a look of the register: it assesses nothing, raises no finding by itself, stands in no approval's way.
"""

import io
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

from accounts.access import Capability
from accounts.principals import Principal
from accounts.steps import Done, step
from evidence import store
from inspection import drift
from inspection.scanners import reading
from inspection.scanners.claims import Claim, Report
from monitoring import applying
from monitoring.models import Collector, Run
from monitoring.observed import Seen
from riskregister import canonical, nouns, unseen
from vendors.models import Release, Server

_SAID = 400


@step("run.imported", needs=Capability.WRITE, makes=Run)
def import_results(server: Server, text: str | bytes, *, by: Principal, now: datetime) -> Done[Run]:
    """Return the record of what other scanners claim of the server, with the document as it came.

    What a scanner claimed before and does not claim any more is noted as not seen. Raises ResultsInvalid with the path
    of each problem.
    """
    report = reading.read(text)
    nouns.hold(server)
    raw = store.put(io.BytesIO(text.encode() if isinstance(text, str) else text), name="results.json", now=now)
    # Neither format says which release was scanned: beside it is kept whose tools the register knew then.
    release = drift.newest(server)
    run = Run(
        collector=Collector.SCANNER, server=server, release=release, version=report.by[:120],
        raw=raw, raw_digest=raw.sha256, asked_by=by.person,
    )  # fmt: skip
    looked_for = [_prefix(name) for name, _version in report.scanners]
    applying.note(run, list(_seen(report, offered_by(release))), of=looked_for, now=now)
    return Done(run, format=report.format, scanner=report.by, results=len(report.claims), sha256=raw.sha256)


def offered_by(release: Release | None) -> frozenset[str]:
    """Return the names of all that a release offers; empty where nothing was captured."""
    if release is None:
        return frozenset()
    offerings = (name for row in release.offerings.all() for name in (row.key, row.name))
    return frozenset((*release.tools.values_list("name", flat=True), *offerings))


def _seen(report: Report, offered: frozenset[str]) -> Iterator[Seen]:
    """Yield each claim once: what a rule says of one thing several times is one."""
    together: dict[tuple[str, str, str], list[Claim]] = defaultdict(list)
    for claim in report.claims:
        together[claim.scanner, claim.rule, claim.place].append(claim)
    for (scanner, rule, place), claims in together.items():
        key = _prefix(scanner) + canonical.digest(canonical.canonical([rule, place]))[:32]
        severities = [claim.severity for claim in claims if claim.severity is not None]
        words = unseen.visible(f"{scanner} claims: {rule}")
        yield Seen(key, words, _value(place, claims, is_known=place in offered), min(severities, default=None))


def _value(place: str, claims: list[Claim], *, is_known: bool) -> str:
    about = place if is_known else f"{place} (nothing that the register knows by this name)"
    more = f" (and {len(claims) - 1} more)" if len(claims) > 1 else ""
    return f"{unseen.visible(about)[:90]}: {unseen.visible(claims[0].said)[: _SAID - 20]}{more}"


def _prefix(scanner: str) -> str:
    return f"scanner.{canonical.digest(scanner)[:12]}:"
