"""Taking in what another scanner says of a server: kept whole, with who and when, each result a claim of that scanner.

Nothing of it is a look of the register: it assesses nothing, raises no finding by itself, stands in no approval's way.
"""

import io
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta

from accounts.access import Capability
from accounts.principals import Principal
from accounts.steps import Done, step
from evidence import store
from inspection import drift
from inspection.scanners import reading
from inspection.scanners.claims import Claim, Report, refuse
from monitoring import applying
from monitoring.models import Collector, Run
from monitoring.observed import Seen
from riskregister import canonical, nouns, unseen
from vendors.models import Release, Server
from vendors.naming import repositories

_MESSAGE_LIMIT = 400
_DAY = timedelta(days=1)


@step("run.imported", needs=Capability.WRITE, makes=Run)
def import_results(server: Server, text: str | bytes, *, by: Principal, now: datetime) -> Done[Run]:
    """Return the record of what other scanners claim of the server, with the document as it came.

    What a scanner claimed before and does not claim any more is noted as not seen. Raises ResultsInvalid with the path
    of each problem, also for the results of another repository than the server's.
    """
    report = reading.read(text)
    nouns.hold(server)
    _check(report, server, now=now)
    raw = store.put(io.BytesIO(text.encode() if isinstance(text, str) else text), name="results.json", now=now)
    # Neither format says which release was scanned: beside it is kept whose tools the register knew then.
    release = drift.newest(server)
    run = Run(
        collector=Collector.SCANNER, server=server, release=release, version=report.by[:120],
        raw=raw, raw_digest=raw.sha256, asked_by=by.person, as_of=report.as_of,
    )  # fmt: skip
    looked_for = [_prefix(name) for name, _version in report.scanners]
    applying.note(run, list(_seen(report, offered_by(release))), of=looked_for, now=now)
    return Done(run, format=report.format, scanner=report.by, results=len(report.claims), sha256=raw.sha256)


def offered_by(release: Release | None) -> frozenset[str]:
    """Return the names of all that a release offers, and of its repository; empty where nothing is on record."""
    if release is None:
        return frozenset()
    offerings = (name for row in release.offerings.all() for name in (row.key, row.name))
    repository = repositories.name_of(release.server.repository_url)
    return frozenset((*release.tools.values_list("name", flat=True), *offerings, repository))


def _check(report: Report, server: Server, *, now: datetime) -> None:
    """Raise ResultsInvalid for what is about another server, or of a day to come."""
    own = repositories.name_of(server.repository_url)
    if report.about and own and report.about != own:
        why = f"It is about {unseen.visible(report.about)[:_MESSAGE_LIMIT]}, and {server.ref} comes from {own}."
        raise refuse("repo.name", f"{why} Import the result of that one, or correct the server's repository.")
    if report.as_of and report.as_of > now + _DAY:
        raise refuse("date", "It is of a day to come. Import the result as the scanner wrote it.")


def _seen(report: Report, offered: frozenset[str]) -> Iterator[Seen]:
    """Yield each claim once: what a rule says of one thing several times is one."""
    together: dict[tuple[str, str, str], list[Claim]] = defaultdict(list)
    for claim in report.claims:
        together[claim.scanner, claim.rule, claim.place].append(claim)
    for (scanner, rule, place), claims in together.items():
        key = _prefix(scanner) + canonical.digest(canonical.canonical([rule, place]))[:32]
        severities = [claim.severity for claim in claims if claim.severity is not None]
        words = unseen.visible(f"{scanner} claims: {rule}")
        value, is_assessed = _value(place, claims, is_known=place in offered), any(one.is_assessed for one in claims)
        yield Seen(key, words, value, min(severities, default=None), is_assessed=is_assessed)


def _value(place: str, claims: list[Claim], *, is_known: bool) -> str:
    about = place if is_known else f"{place} (nothing that the register knows by this name)"
    more = f" (and {len(claims) - 1} more)" if len(claims) > 1 else ""
    return f"{unseen.visible(about)[:90]}: {unseen.visible(claims[0].message)[: _MESSAGE_LIMIT - 20]}{more}"


def _prefix(scanner: str) -> str:
    return f"scanner.{canonical.digest(scanner)[:12]}:"
