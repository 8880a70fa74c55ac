"""What follows for statuses when a revision of a framework takes the place of another one, or their evidence moves."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from accounts import steps
from accounts.principals import Principal
from audit import trail
from catalogue.models import Control, Framework
from controls.models import ControlStatus, SourcedStatuses
from controls.models.status import STANDING
from evidence.models import Evidence
from riskregister import nouns


def superseded(before: Framework, current: Framework, by: Principal, now: datetime) -> None:
    """Let statuses speak of the controls of the current revision, by their references; the trail says so of each.

    Those of a control that it has no more stay with the former one, and are shown as orphaned; those of one that was
    gone and is back count again, unless something was stated there since.
    """
    controls = {one.ref: one for one in current.controls.select_related("framework")}
    rows = ControlStatus.objects.filter(control__in=_former(current, controls))
    of_former = nouns.hold_all(rows.select_related("control__framework", "server"))
    taken = {_place(row) for row in ControlStatus.objects.filter(control__framework=current).select_related("control")}
    moved = []
    # What counted until now goes before what was orphaned; of that the latest.
    for row in sorted(of_former, key=lambda row: _standing(row, before), reverse=True):
        if _place(row) not in taken:
            taken.add(_place(row))
            row.control = controls[row.control.ref]
            moved.append(row)
    ControlStatus.objects.bulk_update(moved, ["control"], batch_size=500)
    told = [(row, {"control": row.control.ref, "revision": current.revision}) for row in moved]
    trail.record_all("control_status.carried_over", told, by=by, at=now)
    _rename_sourced(current)


def evidence_moved(evidence: Evidence, by: Principal, now: datetime) -> None:
    """Let what is stated on this evidence count no longer than the evidence itself does now. Part of moving it.

    Nothing comes to count longer by itself: what was true until a day is to be looked at again.
    """
    until = evidence.valid_until
    if until is None:
        return
    longer = Q(valid_until=None) | Q(valid_until__gt=until)
    for row in nouns.hold_all(ControlStatus.objects.filter(longer, evidence=evidence, state__in=STANDING)):
        row.valid_until = until
        row.save(update_fields=["valid_until"])
        what = {"control": row.control.ref, "evidence": evidence.ref, "valid_until": until.isoformat()}
        steps.record("control_status.shortened", row, by=by, now=now, **what)


def _standing(row: ControlStatus, before: Framework) -> tuple[Any, ...]:
    return row.control.framework_id == before.pk, row.stated_at, row.number


def _place(row: ControlStatus) -> tuple[Any, ...]:
    return row.control.ref, row.place, row.service_id, row.server_id, row.deployment_id


def _former(current: Framework, refs: Collection[str]) -> "QuerySet[Control]":
    """Return the controls that earlier revisions of the framework had under these references."""
    return Control.objects.filter(framework__key=current.key, ref__in=refs).exclude(framework=current).order_by()


def _rename_sourced(current: Framework) -> None:
    """Let what sources say speak of the controls of the new revision too; of one that it has no more, of the former."""
    new = dict(current.controls.values_list("ref", "pk"))
    keys = {pk: new[ref] for pk, ref in _former(current, new).values_list("pk", "ref")}
    changed = []
    # Held: an assessment that becomes final meanwhile writes its own behind this.
    for row in nouns.hold_all(SourcedStatuses.objects.all()):
        row.by_status = {status: [keys.get(key, key) for key in found] for status, found in row.by_status.items()}
        changed.append(row)
    SourcedStatuses.objects.bulk_update(changed, ["by_status"], batch_size=500)
