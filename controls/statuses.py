"""Steps of control statuses: stated for a place, stated anew, taken back to "not known"."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from accounts import access
from accounts.access import Capability
from accounts.principals import Principal, person_of
from accounts.steps import Done, Unchanged, step
from accounts.units import other_units
from catalogue.models import Control
from controls.models import ControlStatus, Place, Word
from controls.models.status import STANDING, TO_DO, place_of
from evidence.models import Evidence
from landscape import shared_services
from landscape.models import SharedService
from riskregister import versions
from riskregister.refusals import Conflict, Refused
from riskregister.text import clean_text
from vendors import fields
from vendors.models import Deployment, Server

LONGEST_EFFORT = 2000
About = Server | Deployment | SharedService | None
FACTS = (
    "state", "reason", "note", "evidence", "owner", "as_of", "valid_until", "effort_days", "due_on",
)  # fmt: skip


class StatusInvalid(Refused):
    """What is stated of the control contradicts itself."""


class ServiceEnded(Conflict):
    """What nobody uses any more gives nothing to anybody."""


class ControlGone(Refused):
    """Nothing is stated of a control that is in no current revision, or that was withdrawn."""


def refuse_for_all(by: Principal) -> access.NotPermitted | None:
    """Return the refusal for who states for some units only what holds for the whole organisation; else None."""
    return other_units.refuse_of_all(by, Capability.WRITE)


def of_other_units(status: ControlStatus, by: Principal) -> access.NotPermitted | None:
    """Return the refusal for who does not write in every unit for which it holds; for others None."""
    if status.place == Place.ORGANISATION:
        return refuse_for_all(by)
    return shared_services.of_other_units(status.service, by) if status.service else None


def _twice(_row: Any) -> Conflict:
    return Conflict("A status of this control is recorded here already. Change that one.", field="control")


@step("control_status.stated", needs=Capability.WRITE, makes=ControlStatus, taken=_twice)
def state_for_server(
    server: Server,
    *,
    control: Control,
    state: str,
    by: Principal,
    now: datetime,
    **facts: Any,
) -> Done[ControlStatus]:
    """Return what is stated of a control for a server, and so for its deployments; `facts` are others of FACTS.

    Raises StatusInvalid for what contradicts itself, ControlGone, Conflict where something is stated already.
    """
    return _stated(server, control=control, facts={"state": state, **facts}, by=by, now=now)


@step("control_status.stated", needs=Capability.WRITE, makes=ControlStatus, taken=_twice)
def state_for_deployment(
    deployment: Deployment,
    *,
    control: Control,
    state: str,
    by: Principal,
    now: datetime,
    **facts: Any,
) -> Done[ControlStatus]:
    """Return the same for one deployment of a server; for it, this stands above what is stated for the server."""
    return _stated(deployment, control=control, facts={"state": state, **facts}, by=by, now=now)


@step(
    "control_status.stated",
    needs=Capability.WRITE,
    makes=ControlStatus,
    barred=(shared_services.of_other_units,),
    taken=_twice,
)
def state_for_service(
    service: SharedService,
    *,
    control: Control,
    state: str,
    by: Principal,
    now: datetime,
    **facts: Any,
) -> Done[ControlStatus]:
    """Return what a shared service gives: it holds for each deployment behind it that says nothing else.

    Raises what `state_for_server` does, and ServiceEnded.
    """
    if service.status != SharedService.Status.STANDING:
        raise ServiceEnded(f"{service.ref} has ended. Choose one in use.")
    return _stated(service, control=control, facts={"state": state, **facts}, by=by, now=now)


@step("control_status.stated", needs=Capability.WRITE, makes=ControlStatus, taken=_twice)
def state_for_organisation(
    *, control: Control, state: str, by: Principal, now: datetime, **facts: Any
) -> Done[ControlStatus]:
    """Return the same for the whole organisation: it holds for every server that says nothing else.

    Raises what `state_for_server` does, and HoldsElsewhere for who works in some units only.
    """
    if refusal := refuse_for_all(by):
        raise refusal
    return _stated(None, control=control, facts={"state": state, **facts}, by=by, now=now)


@step("control_status.restated", needs=Capability.WRITE, barred=(of_other_units,), edits=versions.facts(*FACTS))
def restate(control_status: ControlStatus, *, state: str, by: Principal, now: datetime, **facts: Any) -> Any:
    """Return the status with what is stated now; what is not given is empty. Records nothing when nothing differs.

    Raises StatusInvalid for what contradicts itself.
    """
    control, about = control_status.control, control_status.about
    cleaned = _cleaned({"state": state, **facts}, about=about, now=now)
    if not fields.differing(control_status, cleaned):
        return Unchanged(control_status)
    fields.put_on(control_status, cleaned | {"stated_by": person_of(by), "stated_at": now})
    return Done(control_status, control=control.ref, state=state)


@step("control_status.withdrawn", needs=Capability.WRITE, barred=(of_other_units,), reason="reason")
def withdraw(control_status: ControlStatus, *, reason: str, by: Principal, now: datetime) -> Done[ControlStatus]:
    """Return the status, taken back: nothing is known of the control here any more, but what is stated more generally.

    Raises StatusInvalid where it was taken back before.
    """
    if control_status.state == Word.NOT_KNOWN:
        raise StatusInvalid("It was taken back already.")
    empty = dict.fromkeys(("evidence", "valid_until", "effort_days", "due_on"))
    withdrawn = {"state": Word.NOT_KNOWN, "reason": "", "stated_by": person_of(by), "stated_at": now}
    fields.put_on(control_status, empty | withdrawn)
    return Done(control_status, control=control_status.control.ref, state=str(Word.NOT_KNOWN))


def check(about: About, *, control: Control, facts: Mapping[str, Any], now: datetime) -> None:
    """Raise what would be raised were this stated, before anything is written."""
    _refuse_gone(control.same_as or control)
    _cleaned(facts, about=about, now=now)


def _stated(
    about: About, *, control: Control, facts: Mapping[str, Any], by: Principal, now: datetime
) -> Done[ControlStatus]:
    control = control.same_as or control
    _refuse_gone(control)
    cleaned = _cleaned(facts, about=about, now=now)
    row = ControlStatus(control=control, stated_by=person_of(by), stated_at=now, **place_of(about), **cleaned)
    fields.save_once(row, otherwise=_twice(row))
    return Done(row, control=control.ref, state=row.state)


def _refuse_gone(control: Control) -> None:
    if control.status == Control.WITHDRAWN:
        instead = f" Use {control.superseded_by}." if control.superseded_by else ""
        raise ControlGone(f"{control.ref} was withdrawn.{instead}", field="control")
    if not control.framework.is_current:
        raise ControlGone(f"{control.framework} does not count any more. Choose its current revision.", field="control")


def _cleaned(facts: Mapping[str, Any], *, about: About, now: datetime) -> dict[str, Any]:
    """Return all FACTS as they are stored. Raises Refused for one that is none, StatusInvalid for a contradiction."""
    today = timezone.localdate(now)
    cleaned = fields.clean({**_EMPTY, "as_of": today, **facts}, _CLEANERS)
    cleaned["as_of"] = cleaned["as_of"] or today
    unit_id = place_of(about)["unit_id"]
    if unit_id:
        fields.refuse_outsider(cleaned["owner"], unit_id=unit_id, field="owner")
    _refuse_evidence_of_others(cleaned["evidence"], unit_id)
    _refuse_contradiction(cleaned, today=today)
    return _with_the_end_of_evidence(cleaned)


def _refuse_evidence_of_others(evidence: Evidence | None, unit_id: Any) -> None:
    if evidence is not None and evidence.unit_id not in (None, unit_id):
        raise Refused("This evidence belongs to another unit. Add it here, or to the organisation.", field="evidence")


def _refuse_contradiction(facts: Mapping[str, Any], *, today: date) -> None:
    """Raise StatusInvalid for the first of these that is so."""
    word, until = facts["state"], facts["valid_until"]
    wrong = (
        (word == Word.NOT_KNOWN, "state", "Nothing to state: a control without a status is not known."),
        (word == Word.NOT_APPLICABLE and not facts["reason"], "reason", "Say why it does not apply."),
        (word == Word.PLANNED and facts["due_on"] is None, "due_on", "Say by when it is to be in place."),
        (word != Word.PLANNED and facts["due_on"] is not None, "due_on", "Only what is planned has a due day."),
        (word not in TO_DO and facts["effort_days"] is not None, "effort_days", "Nothing is left to do here."),
        (word not in STANDING and until is not None, "valid_until", "Only what is in place can run out."),
        (facts["as_of"] > today, "as_of", "Give the day on which it was so, today at the latest."),
        (until is not None and until < facts["as_of"], "valid_until", "It cannot run out before the day it was so."),
    )
    for is_so, field, sentence in wrong:
        if is_so:
            raise StatusInvalid(sentence, field=field)


def _with_the_end_of_evidence(facts: dict[str, Any]) -> dict[str, Any]:
    """Return the facts with a last day that is not after that of the evidence they rest on."""
    evidence: Evidence | None = facts["evidence"]
    if evidence is None or evidence.valid_until is None or facts["state"] not in STANDING:
        return facts
    if evidence.valid_until < facts["as_of"]:
        raise StatusInvalid(f"{evidence.ref} had run out by that day. Choose other evidence.", field="evidence")
    ends = [day for day in (facts["valid_until"], evidence.valid_until) if day is not None]
    return facts | {"valid_until": min(ends)}


def _evidence(value: Any, field: str) -> Evidence | None:
    if value is not None and not isinstance(value, Evidence):
        raise Refused("Choose evidence of the register.", field=field)
    return value


def _text(value: Any, field: str) -> str:
    return clean_text(value or "", field=field)


_EMPTY: Mapping[str, Any] = {
    "reason": "", "note": "", "evidence": None, "owner": None, "valid_until": None, "effort_days": None, "due_on": None,
}  # fmt: skip
_CLEANERS: Mapping[str, fields.Cleaner] = {
    "state": fields.one_of(Word),
    "reason": _text,
    "note": _text,
    "evidence": _evidence,
    "owner": fields.person,
    "as_of": fields.day,
    "valid_until": fields.day,
    "effort_days": fields.whole(0, LONGEST_EFFORT, of="days of work"),
    "due_on": fields.day,
}
