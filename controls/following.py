"""What follows for statuses when a revision of a framework takes the place of another one, or their evidence moves."""

from datetime import datetime

from django.db.models import OuterRef, Q, Subquery

from accounts import steps
from accounts.principals import Principal
from catalogue.models import Control, Framework
from controls.models import ControlStatus, SourcedStatuses
from controls.models.status import STANDING
from evidence.models import Evidence
from riskregister import nouns


def superseded(before: Framework, now: Framework) -> None:
    """Let statuses speak of the controls of the new revision, by their references.

    Those of a control that the new revision has no more stay with the former one, and are shown as orphaned.
    """
    ref = Control.objects.filter(pk=OuterRef(OuterRef("control"))).values("ref")
    counterpart = Control.objects.filter(framework=now, ref=Subquery(ref)).values("pk")[:1]
    of_former = ControlStatus.objects.filter(control__framework=before)
    kept = of_former.filter(control__ref__in=Control.objects.filter(framework=now).values("ref"))
    kept.update(control=Subquery(counterpart))
    _rename_sourced(before, now)


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


def _rename_sourced(before: Framework, now: Framework) -> None:
    new = dict(now.controls.values_list("ref", "pk"))
    keys = {pk: new.get(ref) for pk, ref in before.controls.values_list("pk", "ref")}
    changed = []
    # Held: an assessment that becomes final meanwhile writes its own behind this.
    for row in nouns.hold_all(SourcedStatuses.objects.all()):
        said = {status: [keys.get(key, key) for key in found] for status, found in row.said.items()}
        row.said = {status: [key for key in found if key is not None] for status, found in said.items()}
        changed.append(row)
    SourcedStatuses.objects.bulk_update(changed, ["said"], batch_size=500)
