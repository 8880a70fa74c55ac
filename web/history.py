"""Events as people read them: the rows of the history component, and the words of the trail."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db import models
from django.db.models import Q

from accounts import access
from accounts.models import User
from audit.models import Event
from web.templatetags.ui import address

SHOWN = 20
_WORDS = {
    "signin.succeeded": "Signed in",
    "signin.failed": "Sign-in failed",
    "signin.locked": "Sign-in locked for 15 minutes",
    "signin.signed_out": "Signed out",
    "finding.fix_claimed": "Fix claimed",
    "finding.fix_passed": "Fix verified",
    "finding.fix_failed": "Fix did not pass",
    "finding.observed_again": "Observed again",
    "finding.acceptance_requested": "Acceptance of the risk requested",
    "finding.accepted": "Risk accepted",
    "person.password_set": "Password set",
    "person.sessions_ended": "Sessions ended",
    "server.requested_again": "Server requested again",
    "server.review_started": "Review of the server started",
    "server.exposure_changed": "Exposure facts changed",
    "tools.captured": "Tools captured",
    "answer.not_applicable_confirmed": "Not applicable confirmed",
    "job.died": "Background job stopped",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a history."""

    sentence: str
    actor: str
    at: datetime
    reason: str
    note: str


def words(verb: str) -> str:
    """Return a verb of the trail as people read it, e.g. "Assessment submitted"."""
    return _WORDS.get(verb) or verb.replace(".", " ").replace("_", " ").capitalize()


def of(user: User, obj: models.Model) -> list[Line]:
    """Return what happened to an object, newest first, as rows of components/history.html."""
    return [_line(event, obj.pk) for event in about(user, obj.pk)[:SHOWN]]


def url(obj: models.Model) -> str:
    """Return the address of the whole history of an object, for the component's `all_url`."""
    return f"{address('web:trail')}?{urlencode({'object': str(obj.pk)})}"


def about(user: User, pk: Any) -> models.QuerySet[Event]:
    """Return the events that the person may read about an object, or that its page shows too."""
    return access.visible_events(user).filter(Q(object_id=pk) | Q(concerns_id=pk)).defer("body")


def _line(event: Event, pk: Any) -> Line:
    said = words(event.verb)
    sentence = said if event.object_id == pk else f"{said}: {event.object_label}"
    return Line(sentence, event.actor_label, event.at, event.reason, "")
