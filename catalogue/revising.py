"""When another revision of a framework becomes current: overlays follow, and rooms above are told."""

from datetime import datetime

from django.db.models import OuterRef, Subquery

from accounts.principals import Principal
from catalogue import following
from catalogue.models import Control, Framework


def take_place(before: Framework | None, *, by: Principal, now: datetime) -> None:
    """Let everything follow that hangs on the revision `before`, if another one is current by now."""
    if before is None:
        return
    current = Framework.objects.current().filter(key=before.key).first()
    if current is None or current.pk == before.pk:
        return
    _follow_overlays(current)
    following.tell_superseded(before, current, by=by, now=now)


def _follow_overlays(current: Framework) -> None:
    """Let the controls of overlays name those of the new revision; of one that is gone, the former one.

    One that was gone and is back is named again.
    """
    ref = Control.objects.filter(pk=OuterRef(OuterRef("same_as"))).values("ref")
    counterpart = Control.objects.filter(framework=current, ref=Subquery(ref)).values("pk")[:1]
    known = Control.objects.filter(framework=current).values("ref")
    named = Control.objects.filter(same_as__framework__key=current.key, same_as__ref__in=known)
    named.exclude(same_as__framework=current).update(same_as=Subquery(counterpart))
