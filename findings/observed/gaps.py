"""What a rule demands and is not there: a certificate in date, a clause of a contract, a control of a tier.

Whoever knows the rule works out all gaps of a server or vendor at once and hands them in; what is not among them any
more is gone, and closes. The same gap is the same finding over the years.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from audit.context import SYSTEM
from findings.models import Finding
from findings.observed import observing
from findings.observed.observations import Look, Observation, Subject
from riskregister.unit_of_work import unit_of_work
from scoring.scales import Severity
from vendors.models import Vendor

SOURCE = Finding.Source.GOVERNANCE


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Something that is missing, under a lasting key that begins as all gaps of its rule do: "contract:CO-3:audit"."""

    key: str
    severity: Severity
    title: str
    description: str
    recommendation: str
    dimension: str = ""
    due_by: date | None = None


@unit_of_work()
def hand_in(subject: Subject, gaps: Sequence[Gap], *, prefix: str, filled: str, now: datetime) -> list[Finding]:
    """Open, join or reopen the findings of all gaps of a subject, close those of gaps that are filled, and return the
    findings of what is missing, in the order of `gaps`.

    `prefix` begins the keys of all gaps that were looked for. `filled` is the reason of closing, a sentence. May be
    called with the same any number of times: the second time nothing is written but when it was seen.
    """
    look = Look(source=SOURCE, by=SYSTEM, seen_at=now, now=now)
    seen = observing.observe_all(look, [_observation(subject, gap) for gap in gaps])
    missing = [one.finding for one in seen]
    known = _known_keys(subject, prefix)
    gone = observing.no_longer_observed(look, subjects=[subject], keys=known, still=missing)
    observing.close_gone(look, gone, reason=filled)
    return missing


def differing_servers(wanted: Mapping[UUID, Set[str]], *, prefix: str) -> list[UUID]:
    """Return the servers that have other gaps of a rule on record than those whose keys are wanted. One statement."""
    known: dict[UUID, set[str]] = defaultdict(set)
    observed = Finding.objects.filter(source=SOURCE, stable_key__startswith=prefix, is_observed=True)
    for server, key in observed.filter(server__isnull=False).values_list("server_id", "stable_key"):
        known[server].add(key)
    nothing: Set[str] = frozenset()
    return [server for server in {*wanted, *known} if wanted.get(server, nothing) != known.get(server, nothing)]


def _known_keys(subject: Subject, prefix: str) -> list[str]:
    about = {"vendor": subject} if isinstance(subject, Vendor) else {"server": subject}
    rows = Finding.objects.filter(source=SOURCE, stable_key__startswith=prefix, is_observed=True, **about)
    return list(rows.values_list("stable_key", flat=True))


def _observation(subject: Subject, gap: Gap) -> Observation:
    return Observation(
        subject=subject,
        key=gap.key,
        severity=gap.severity,
        title=gap.title,
        description=gap.description,
        recommendation=gap.recommendation,
        dimension=gap.dimension,
        due_by=gap.due_by,
    )
