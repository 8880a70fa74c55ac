"""Many statuses at once, all of them or none: what somebody types into the table of one section."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.principals import Principal
from catalogue.models import Control
from controls import statuses
from controls.models import ControlStatus
from controls.models.status import place_of
from landscape.models import SharedService
from riskregister.refusals import Refused
from riskregister.unit_of_work import unit_of_work
from vendors.models import Deployment, Server

About = Server | Deployment | SharedService | None


@dataclass(frozen=True, slots=True)
class Entry:
    """What is stated of one control; `seen` is the version of the status that the person saw, empty where none was."""

    control: Control
    facts: Mapping[str, Any]
    seen: str = ""


class RowsRefused(Refused):
    """Some of the rows cannot be taken, so none was; `rows` says why, by the key of the control."""

    def __init__(self, rows: Mapping[int, Refused]) -> None:
        """Keep them."""
        self.rows = rows
        super().__init__("Nothing was saved. Put right what is marked.")


def on_record(about: About, controls: Sequence[Control]) -> dict[int, ControlStatus]:
    """Return what is stated of these controls for a place itself, by the keys of the controls that are meant."""
    meant = [one.same_as_id or one.pk for one in controls]
    rows = ControlStatus.objects.filter(control__in=meant, **place_of(about))
    return {
        row.control_id: row
        for row in rows.select_related("control__framework", "service", "server", "deployment", "owner")
    }


def state_all(about: About, entries: Sequence[Entry], *, by: Principal, now: datetime) -> int:
    """State all of these for a server, a deployment, a service or the organisation (None), and return how many.

    Raises RowsRefused with every row that contradicts itself, NotPermitted, or Conflict for a row that somebody else
    changed meanwhile; then nothing is stated.
    """
    known = on_record(about, [one.control for one in entries])
    refused: dict[int, Refused] = {}
    for one in entries:
        try:
            statuses.check(about, control=one.control, facts=one.facts, now=now)
        except Refused as refusal:
            refused[one.control.pk] = refusal
    if refused:
        raise RowsRefused(refused)
    with unit_of_work():
        for one in entries:
            row = known.get(one.control.same_as_id or one.control.pk)
            if row is None:
                _state(about, one, by=by, now=now)
            else:
                statuses.restate.over(one.seen)(row, **one.facts, by=by, now=now)
    return len(entries)


def _state(about: About, entry: Entry, *, by: Principal, now: datetime) -> None:
    how: dict[str, Any] = {"control": entry.control, **entry.facts, "by": by, "now": now}
    if about is None:
        statuses.state_for_organisation(**how)
    elif isinstance(about, Deployment):
        statuses.state_for_deployment(about, **how)
    elif isinstance(about, SharedService):
        statuses.state_for_service(about, **how)
    else:
        statuses.state_for_server(about, **how)
