"""Steps of business processes: registered, changed, ended."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from accounts.access import Capability
from accounts.models import Unit
from accounts.principals import Principal
from accounts.steps import Done, Unchanged, step
from landscape import naming
from landscape.models import BusinessProcess
from riskregister import versions
from riskregister.refusals import Conflict
from vendors import fields
from vendors.fields import Cleaner

WRITE = Capability.WRITE
# A year: whatever can wait longer needs no recovery.
LONGEST_HOURS = 8760
FIELDS: dict[str, Cleaner] = {
    "name": fields.name(160),
    "owner": fields.person,
    "recovery_hours": fields.whole(0, LONGEST_HOURS, of="whole hours"),
    "is_critical": fields.truth,
    "when_it_stops": fields.text,
}


def _taken(process: BusinessProcess) -> Conflict:
    return Conflict(f"{process.unit} has a process of this name already. Change that one.", field="name")


def _in_use(process: BusinessProcess) -> Exception:
    return Conflict(f"{process} has ended and stays as it was. Register it anew.")


@step("process.written", needs=WRITE, makes=BusinessProcess)
def write(*, unit: Unit, name: str, by: Principal, now: datetime, **facts: Any) -> BusinessProcess:
    """Return a new business process of a unit; `facts` are FIELDS, what is left out is not known.

    Raises Refused for a bad value, Conflict for a name that another process of the unit has.
    """
    made = BusinessProcess(unit=unit, created_at=now, **fields.clean({"name": name} | facts, FIELDS))
    naming.refuse_stranger(made)
    fields.save_once(made, otherwise=_taken(made))
    return made


@step(
    "process.rewritten",
    needs=WRITE,
    frm=(BusinessProcess.Status.STANDING,),
    otherwise=_in_use,
    taken=_taken,
    edits=versions.facts(*FIELDS),
)
def rewrite(
    process: BusinessProcess, *, changes: Mapping[str, Any], by: Principal, now: datetime
) -> Done[BusinessProcess]:
    """Return the process with other FIELDS; records nothing when none differs. Raises as `write`."""
    changed = naming.changed(process, changes, FIELDS)
    return Done(process, fields=sorted(changed)) if changed else Unchanged(process)


@step("process.ended", needs=WRITE, to=BusinessProcess.Status.ENDED, reason="reason")
def end(process: BusinessProcess, *, reason: str, by: Principal, now: datetime) -> BusinessProcess:
    """Return the process, which the unit does no more: nothing stops it, and it stays on record."""
    return process
