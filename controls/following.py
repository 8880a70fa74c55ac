"""What follows for statuses when a revision of a framework takes the place of another one, or their evidence moves."""

from collections.abc import Collection
from datetime import datetime
from operator import attrgetter
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery

from accounts import steps
from accounts.principals import Principal
from catalogue.models import Control, Framework
from controls.models import ControlStatus, SourcedStatuses
from controls.models.status import STANDING
from evidence.models import Evidence
from riskregister import nouns


def superseded(before: Framework, now: Framework) -> None:
    """Let statuses speak of the controls of the new revision, by their references.

    Those of a control that the new revision has no more stay with the former one, and are shown as orphaned; those of
    one that was gone and is back count again, unless something was stated there since.
    """
    ref = Control.objects.filter(pk=OuterRef(OuterRef("control"))).values("ref")
    counterpart = Control.objects.filter(framework=now, ref=Subquery(ref)).values("pk")[:1]
    of_former = ControlStatus.objects.filter(control__framework=before)
    kept = of_former.filter(control__ref__in=Control.objects.filter(framework=now).values("ref"))
    kept.update(control=Subquery(counterpart))
    _take_orphans_back(now)
    _rename_sourced(now)


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


def _take_orphans_back(now: Framework) -> None:
    """Let orphaned statuses speak of the controls that this revision has again, in each place the latest."""
    new = dict(now.controls.values_list("ref", "pk"))
    taken = {_place(row) for row in ControlStatus.objects.filter(control__framework=now)}
    refs = dict(_former(now, new).values_list("pk", "ref"))
    back = []
    orphans = nouns.hold_all(ControlStatus.objects.filter(control__in=refs))
    for row in sorted(orphans, key=attrgetter("stated_at", "number"), reverse=True):
        row.control_id = new[refs[row.control_id]]
        if _place(row) not in taken:
            taken.add(_place(row))
            back.append(row)
    ControlStatus.objects.bulk_update(back, ["control"], batch_size=500)


def _place(row: ControlStatus) -> tuple[Any, ...]:
    return row.control_id, row.place, row.service_id, row.server_id, row.deployment_id


def _former(now: Framework, refs: Collection[str]) -> "QuerySet[Control]":
    """Return the controls that earlier revisions of the framework had under these references."""
    return Control.objects.filter(framework__key=now.key, ref__in=refs).exclude(framework=now).order_by()


def _rename_sourced(now: Framework) -> None:
    """Let what sources say speak of the controls of the new revision too; of one that it has no more, of the former."""
    new = dict(now.controls.values_list("ref", "pk"))
    keys = {pk: new[ref] for pk, ref in _former(now, new).values_list("pk", "ref")}
    changed = []
    # Held: an assessment that becomes final meanwhile writes its own behind this.
    for row in nouns.hold_all(SourcedStatuses.objects.all()):
        row.said = {status: [keys.get(key, key) for key in found] for status, found in row.said.items()}
        changed.append(row)
    SourcedStatuses.objects.bulk_update(changed, ["said"], batch_size=500)
