"""What is missing at a server's deployments for their governance tiers."""

from dataclasses import dataclass
from datetime import date

from controls.tiers import below, detail, measuring, tables
from controls.tiers.detail import Line
from vendors.models import Deployment, Server


@dataclass(frozen=True, slots=True)
class MissingControl:
    """A control that the tier asks for and that does not count, how it stands, and days of work."""

    ref: str
    title: str
    stands: str
    effort: int
    owner: str
    due_on: str


@dataclass(frozen=True, slots=True)
class TierEntry:
    """A current deployment: the governance tier that it runs at (empty: none is set), the one proposed and why.

    `in_place` says how much of what tiers 1, 2 and 3 ask for is in place; `missing` is what is not, of the tier that
    it is `held_against`: its own, or while none is set the proposed one. `accepted` is the acceptance of a lower tier.
    """

    ref: str
    name: str
    tier: str
    revision: str
    proposed: int
    reason: str
    accepted: str
    held_against: int
    in_place: tuple[str, ...]
    missing: tuple[MissingControl, ...]


def of(server: Server, *, today: date) -> tuple[TierEntry, ...]:
    """Return the gap of each current deployment of a server, by number."""
    rows = list(Deployment.objects.filter(server=server, ended_on=None).select_related("server").order_by("number"))
    gaps = measuring.by_deployment(rows, today=today)
    accepted = below.acceptances(gaps.values(), today=today)
    return tuple(
        _entry(row, gaps[row.pk], accepted[row.pk].ref if row.pk in accepted else "", today=today) for row in rows
    )


def _entry(row: Deployment, gap: measuring.Measured, accepted: str, *, today: date) -> TierEntry:
    sections = detail.sections(row, tier=gap.aim, today=today)
    return TierEntry(
        ref=row.ref,
        name=row.name,
        tier=str(gap.tier or ""),
        revision=tables.load().revisions[gap.revision].title,
        proposed=gap.proposal.tier,
        reason=gap.proposal.words,
        accepted=accepted,
        held_against=gap.aim,
        in_place=tuple(f"{one.met} of {one.needed}" for one in gap.shortfalls),
        missing=tuple(_missing(line) for section in sections for line in section.missing),
    )


def _missing(line: Line) -> MissingControl:
    due_on = line.due_on.isoformat() if line.due_on else ""
    return MissingControl(line.control.ref, line.control.title, line.words, line.effort, line.owner, due_on)
