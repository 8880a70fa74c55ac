"""What is missing for the governance tier that deployments run at: one finding a server and section of MI-20.

Fifty findings for a server would be read by nobody. The finding lists what was missing when it opened, and for which
deployments; the gap of each deployment shows what is today. What is not known counts as missing and is worded so. A
deployment below the tier proposed is a finding of its own, until a tier acceptance covers it. One without a governance
tier runs at none: it is shown as "not set", and listed.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from catalogue.models import Control
from controls.in_place import reading
from controls.in_place.effective import PARTLY, PLANNED, Effective
from controls.in_place.reading import Statuses
from controls.tiers import below, measuring, tables
from controls.tiers.measuring import Measured
from findings.models import Finding
from findings.observed import gaps
from findings.observed.gaps import Gap
from scoring.scales import Severity
from vendors.models import Deployment, Server

PREFIX = "controls:tier:"
_FILLED = "Nothing of it is missing any more for the governance tiers that deployments of the server run at."
_OPENED = "When this was found, these were not in place; the gap to the tier shows what is missing today:"
_WORDS = {
    "not_known": "not known",
    "missing": "missing",
    "planned": "planned",
    "partly": "partly in place",
    "in_place": "stated to be in place, and found missing",
}


def look(server: Server, *, now: datetime) -> list[Finding]:
    """Open, keep or close the findings of what is missing for the tiers of a server's deployments."""
    rows = _running().filter(server=server)
    found = _wanted(rows, today=timezone.localdate(now)).get(server.pk, [])
    return gaps.hand_in(server, found, prefix=PREFIX, filled=_FILLED, now=now)


def server_changed(server: Server, *, reason: str, now: datetime) -> None:
    """Look again at a server whose deployments changed, where there is anything to look at. Part of a step."""
    known = Finding.objects.filter(server=server, stable_key__startswith=PREFIX, is_observed=True)
    if _running().filter(server=server).exists() or known.exists():
        look(server, now=now)


def due(*, now: datetime) -> "QuerySet[Server]":
    """Return the servers whose findings are not those that are called for; a few statements, whatever their number."""
    wanted = _wanted_keys(_running(), today=timezone.localdate(now))
    differing = gaps.differing_servers(wanted, prefix=PREFIX)
    return Server.objects.filter(pk__in=differing).order_by("number")


def words_of(holds: Effective) -> str:
    """Return what holds of a control that does not count, in words: "not known", "missing at SV-3 Tool gateway"."""
    where = f" at {holds.inherited_from}" if holds.inherited_from else ""
    return f"{_WORDS[holds.status]}{where}"


def _running() -> "QuerySet[Deployment]":
    rows = Deployment.objects.filter(ended_on=None, governance_tier__isnull=False)
    return rows.exclude(server__status__in=Server.OUT_OF_USE)


def _wanted(deployments: "QuerySet[Deployment]", *, today: date) -> dict[UUID, list[Gap]]:
    """Return the gaps of each server of these deployments, of which there are some."""
    ruler = measuring.yardstick()
    rows = measuring.measure(deployments, today=today, ruler=ruler)
    if not rows:
        return {}
    refs = {pk: Deployment.ref_of(number) for pk, number in deployments.values_list("pk", "number")}
    controls, statuses = ruler.controls(), reading.load(deployments, today=today)
    accepted = below.acceptances(rows, today=today)
    found: dict[UUID, list[Gap]] = defaultdict(list)
    of_server: dict[UUID, list[Measured]] = defaultdict(list)
    for row in rows:
        of_server[row.server].append(row)
        if row.is_below and row.deployment not in accepted:
            found[row.server].append(_lower(row, refs[row.deployment]))
    for server, of_it in of_server.items():
        found[server] += _sections(of_it, refs, controls, statuses)
    return {server: rows for server, rows in found.items() if rows}


def _wanted_keys(deployments: "QuerySet[Deployment]", *, today: date) -> dict[UUID, set[str]]:
    """Return the keys of the same gaps, without the words that thousands of servers would need."""
    ruler = measuring.yardstick()
    rows = measuring.measure(deployments, today=today, ruler=ruler)
    if not rows:
        return {}
    keys = {
        key: _key_missing(tables.section_of(ref))
        for ref, key in ruler.keys.items()
        if tables.section_of(ref) in ruler.table.sections
    }
    accepted = below.acceptances(rows, today=today)
    refs = {pk: Deployment.ref_of(number) for pk, number in deployments.values_list("pk", "number")}
    found: dict[UUID, set[str]] = defaultdict(set)
    for row in rows:
        found[row.server].update(keys[control] for control in row.at.missing & keys.keys())
        if row.is_below and row.deployment not in accepted:
            found[row.server].add(_key_below(refs[row.deployment]))
    return found


def _key_missing(section: str) -> str:
    return f"{PREFIX}missing:{section}"


def _key_below(ref: str) -> str:
    return f"{PREFIX}below:{ref}"


def _lower(row: Measured, ref: str) -> Gap:
    return Gap(
        key=_key_below(ref),
        severity=Severity.HIGH if row.proposal.tier == 3 else Severity.MEDIUM,
        title=f"{ref} runs at governance tier {row.tier}, and tier {row.proposal.tier} is proposed",
        description=f"{row.proposal.words} Nobody has accepted the lower tier, or the acceptance has ended.",
        recommendation="Go up to the tier that is proposed, or ask for an acceptance of the lower one with its reason.",
    )


def _sections(
    rows: Iterable[Measured], refs: Mapping[UUID, str], controls: Mapping[str, Control], statuses: Statuses
) -> Iterator[Gap]:
    """Yield the gap of each section of which anything is missing for any of a server's deployments."""
    missing: dict[str, dict[str, list[tuple[str, str]]]] = defaultdict(lambda: defaultdict(list))
    begun: dict[str, bool] = defaultdict(lambda: True)
    for row in rows:
        for ref, control in controls.items():
            if control.pk in row.at.missing:
                holds = statuses.effective(row.server, control.pk, deployment=row.deployment)
                where = f"{refs[row.deployment]}, tier {row.aim}"
                section = tables.section_of(ref)
                missing[section][ref].append((words_of(holds), where))
                begun[section] &= holds.status in (PARTLY, PLANNED)
    for section in tables.load().sections:
        if section in missing:
            yield _gap(section, missing[section], controls, is_begun=begun[section])


def _gap(
    section: str, missing: Mapping[str, list[tuple[str, str]]], controls: Mapping[str, Control], *, is_begun: bool
) -> Gap:
    table = tables.load()
    lines = [f"- {ref} {controls[ref].title}: {_places(missing[ref])}" for ref in table.effort if ref in missing]
    return Gap(
        key=_key_missing(section),
        severity=Severity.LOW if is_begun else Severity.MEDIUM,
        title=f"{table.sections[section]}: controls of its governance tier are not in place",
        description="\n".join([_OPENED, *lines]),
        recommendation="State what is in place and on what evidence, and plan the rest by the gap to the tier.",
    )


def _places(pairs: Iterable[tuple[str, str]]) -> str:
    """Return e.g. "not known (D-3, tier 2; D-4, tier 1)"."""
    rows = list(pairs)
    count = Counter(word for word, _where in rows)
    return ", ".join(f"{word} ({'; '.join(where for one, where in rows if one == word)})" for word in count)
