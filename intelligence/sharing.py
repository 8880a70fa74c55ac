"""What the register learnt, passed on as STIX 2.1: by decision of a person, marked, and never what is TLP:RED."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from accounts import principals
from accounts.access import Capability
from accounts.models import Unit
from accounts.principals import Principal
from accounts.steps import Done, step
from findings.models import Finding
from intelligence import bundles, matching
from intelligence.models import IndicatorHit, Share, WatchEntry
from intelligence.reading import indicators
from intelligence.reading.indicators import Tlp
from riskregister import canonical
from riskregister.refusals import Refused
from riskregister.text import clean_name

if TYPE_CHECKING:
    from django.db.models import QuerySet

MOST = 200


class NothingChosen(Refused):
    """Nothing is passed on."""


class NotForOthers(Refused):
    """What was chosen may not travel as far as that."""


def findings_for_others(rows: "QuerySet[Finding]") -> "QuerySet[Finding]":
    """Return those of the findings that came of indicators, none of which is TLP:RED."""
    return rows.filter(stable_key__startswith=matching.PREFIX).exclude(observations__hits__indicator__tlp=Tlp.RED)


@step("share.made", needs=Capability.DECIDE, makes=Share, reason="reason")
def share(
    *, unit: Unit, hits: Sequence[IndicatorHit] = (), entries: Sequence[WatchEntry] = (),
    findings: Sequence[Finding] = (), tlp: str, recipient: str, reason: str, by: Principal, now: datetime,
) -> Done[Share]:  # fmt: skip
    """Return what is passed on, as it is handed out. Nothing of units, owners and deployments is in it.

    Raises NothingChosen for nothing or too much, NotForOthers where a marking forbids it: what is TLP:RED never leaves,
    and what is marked leaves under a marking at least as strict. A source that says nothing counts as TLP:AMBER, a
    finding is bound by all indicators that it came of, and one that came of none does not leave.
    """
    chosen = len(hits) + len(entries) + len(findings)
    if not 0 < chosen <= MOST:
        raise NothingChosen(f"Choose what is passed on: 1 to {MOST} hits, entries and findings.")
    marking = _marking(tlp)
    _refuse_own(findings)
    _refuse_empty(hits)
    _refuse_beyond(marking, [*_markings(hits), *_entry_markings(entries), *_finding_markings(findings)])
    _refuse_other_units(unit, hits=hits, entries=entries, findings=findings)
    bundle = bundles.of(hits=hits, entries=entries, findings=findings, tlp=marking, now=now)
    made = Share(
        unit=unit, tlp=marking, recipient=clean_name(recipient, field="recipient"), reason=reason, bundle=bundle,
        digest=canonical.digest(bundle), hits=len(hits), entries=len(entries), findings=len(findings),
        decided_by=principals.person_of(by), decided_at=now,
    )  # fmt: skip
    made.save(force_insert=True)
    return Done(made, tlp=made.tlp, recipient=made.recipient, objects=chosen, sha256=made.digest)


def _marking(word: str) -> Tlp:
    found = indicators.tlp_of(word)
    if found is None:
        raise Refused(f"Write one of {', '.join(one for one in Tlp if one is not Tlp.RED)}.", field="tlp")
    if found is Tlp.RED:
        raise NotForOthers("What is TLP:RED is for those in the room, and leaves the register for nobody.", field="tlp")
    return found


def _markings(hits: Iterable[IndicatorHit]) -> list[tuple[str, str]]:
    return [(str(hit.indicator), hit.indicator.tlp) for hit in hits]


def _entry_markings(entries: Iterable[WatchEntry]) -> list[tuple[str, str]]:
    return [(str(entry), entry.tlp) for entry in entries]


def _finding_markings(findings: Sequence[Finding]) -> list[tuple[str, str]]:
    """Return those of the indicators of which findings came: a title tells what they name."""
    hits = IndicatorHit.objects.filter(observation__finding__in=findings)
    return [
        (str(hit.observation.finding), hit.indicator.tlp)
        for hit in hits.select_related("indicator", "observation__finding").order_by("pk")
    ]


def _refuse_own(findings: Iterable[Finding]) -> None:
    """Raise NotForOthers for a finding whose words people, or other rooms, wrote about what is the organisation's."""
    for finding in findings:
        if not finding.stable_key.startswith(matching.PREFIX):
            raise NotForOthers(
                f"{finding.ref} came of no indicator: its words can name what is yours. Note on the watch list what "
                "others should know, and pass that on."
            )


def _refuse_empty(hits: Iterable[IndicatorHit]) -> None:
    """Raise NotForOthers for a hit of an indicator from which its source has taken all that can be met."""
    for hit in hits:
        if not hit.indicator.terms.exists():
            raise NotForOthers(f"{hit.indicator} names nothing any more that others could look for. Leave it out.")


def _refuse_beyond(marking: Tlp, sources: Iterable[tuple[str, str]]) -> None:
    """Raise NotForOthers for a source that may not travel under the marking."""
    for name, word in sources:
        bound = indicators.tlp_of(word) or Tlp.AMBER
        if bound is Tlp.RED:
            raise NotForOthers(f"{name} is TLP:RED: it leaves the register for nobody. Leave it out.")
        if not indicators.is_within(bound, marking):
            marked = f"TLP:{bound.value.upper()}" if word else "unmarked, and so counts as TLP:AMBER"
            raise NotForOthers(f"{name} is {marked}. Mark what you pass on at least as strictly.", field="tlp")


def _refuse_other_units(unit: Unit, **chosen: Sequence[Any]) -> None:
    """Raise NotForOthers for what belongs to another unit: who decides in one does not decide for another."""
    for rows in chosen.values():
        for row in rows:
            of = row.server.unit_id if getattr(row, "server_id", None) else None
            if of is not None and of != unit.pk:
                raise NotForOthers(f"{row} belongs to another unit. Somebody who decides there passes it on.")
