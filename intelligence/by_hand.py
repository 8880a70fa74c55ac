"""Files of indicators that somebody brings by hand: each is what a feed of its own has now."""

from datetime import datetime

from accounts.principals import Principal
from feeds import managing
from feeds.models import Feed
from riskregister.refusals import Refused


def of_files(name: str, kind: str, *, by: Principal, now: datetime) -> Feed:
    """Return the feed of this name, or a new one to which files of a form are brought. Raises Refused for no form."""
    known = Feed.objects.filter(name=name).first()
    if known is not None:
        return known
    if not kind:
        raise Refused("Its ending does not tell its form. Say which it is.", field="kind")
    return managing.add(
        kind=kind, name=name, where=Feed.Where.UPLOAD, place="", every=0, silent_after=0, by=by, now=now
    )
