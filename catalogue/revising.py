"""When another revision of a framework becomes current: overlays follow, and rooms above are told."""

from django.db.models import OuterRef, Subquery

from catalogue import following
from catalogue.models import Control, Framework


def take_place(before: Framework | None) -> None:
    """Let everything follow that hangs on the revision `before`, if another one is current by now."""
    if before is None:
        return
    now = Framework.objects.current().filter(key=before.key).first()
    if now is None or now.pk == before.pk:
        return
    _follow_overlays(now)
    following.tell_superseded(before, now)


def _follow_overlays(now: Framework) -> None:
    """Let the controls of overlays name those of the new revision; of one that is gone, the former one.

    One that was gone and is back is named again.
    """
    ref = Control.objects.filter(pk=OuterRef(OuterRef("same_as"))).values("ref")
    counterpart = Control.objects.filter(framework=now, ref=Subquery(ref)).values("pk")[:1]
    known = Control.objects.filter(framework=now).values("ref")
    named = Control.objects.filter(same_as__framework__key=now.key, same_as__ref__in=known)
    named.exclude(same_as__framework=now).update(same_as=Subquery(counterpart))
