"""Whether others can publish a package than at the approval: seen from one look to the next, until a new approval.

A registry says who can publish today, and not who could before. So the register remembers what it saw.
"""

from collections.abc import Iterator
from datetime import datetime

from collectors.sources import packages
from collectors.sources.fetching import key
from decisions.models import Approval
from monitoring.models import Observation, Run
from monitoring.observed import Look, Seen
from scoring.scales import Severity

CHANGED = "owners_changed"
_BEFORE = " before, "


def changed(run: Run, look: Look) -> Iterator[Seen]:
    """Yield which packages others can publish than when the server was approved. Part of applying the run."""
    granted = Approval.objects.filter(server=run.server_id, status=Approval.Status.GRANTED)
    approval = granted.exclude(decision=Approval.Decision.REJECT).first()
    if approval is None:
        return
    rows = Observation.objects.filter(server=run.server_id, collector=run.collector, is_assessed=True)
    # Of another mirror before, what was seen last.
    known = {row.key: row for row in rows.order_by("last_seen_at")}
    for one in look.seen:
        kind, _, about = one.key.partition(":")
        if kind == packages.OWNERS and one.is_assessed:
            value = _since(known, one, about, approved_at=approval.decided_at)
            if value:
                yield Seen(key(CHANGED, about), f"Others can publish {about} than before", value, Severity.MEDIUM)


def _since(known: dict[str, Observation], one: Seen, about: str, *, approved_at: datetime) -> str:
    """Return who could publish at the approval and who can now, in words; empty where they are the same or not known.

    Who was first seen after the approval counts as those of the approval.
    """
    last_change, before = known.get(key(CHANGED, about)), known.get(one.key)
    if last_change is not None and last_change.value_since > approved_at:
        was = last_change.value.partition(_BEFORE)[0]
    elif before is not None and before.value_since <= max(approved_at, before.first_seen_at):
        was = before.value
    else:
        return ""
    return "" if was == one.value else f"{was}{_BEFORE}{one.value} now"
