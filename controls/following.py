"""What follows for statuses when a revision of a framework takes the place of another one: nothing stated is lost."""

from django.db.models import OuterRef, Subquery

from catalogue.models import Control, Framework
from controls.models import ControlStatus, SourcedStatuses


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


def _rename_sourced(before: Framework, now: Framework) -> None:
    new = dict(now.controls.values_list("ref", "pk"))
    keys = {pk: new.get(ref) for pk, ref in before.controls.values_list("pk", "ref")}
    changed = []
    for row in SourcedStatuses.objects.iterator():
        said = {status: [keys.get(key, key) for key in found] for status, found in row.said.items()}
        row.said = {status: [key for key in found if key is not None] for status, found in said.items()}
        changed.append(row)
    SourcedStatuses.objects.bulk_update(changed, ["said"], batch_size=500)
