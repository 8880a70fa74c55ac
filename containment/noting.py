"""What is kept of who asks and of what was denied: counted by the day, so that no caller can fill the register."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import F
from django.utils import timezone

from accounts.models import ApiToken
from containment.deciding import Answer
from containment.models import Asker, Denial
from riskregister import unseen

# Whoever asks chooses the names: beyond so many on a day, they are counted together.
DISTINCT_A_DAY = 500
OTHERS = "(others)"
# One that asks all day is noted once a minute.
_GRAIN = timedelta(minutes=1)


def denied(answer: Answer, *, now: datetime) -> None:
    """Count a call that was denied, or would have been; nothing for one that is approved."""
    if not answer.reason:
        return
    asked, server = answer.asked, answer.server
    # What is called like a registered server is called by its own name, however it was asked for.
    key: dict[str, Any] = {
        "on": timezone.localdate(now),
        "named": _short(server.name if server else asked.server),
        "method": _short(asked.method, 60),
        "tool": _short(asked.tool),
        "reason": answer.reason,
        "was_blocked": answer.is_enforced,
    }
    if _counted_on(key, answer, now=now):
        return
    if Denial.objects.filter(on=key["on"]).count() >= DISTINCT_A_DAY:
        key |= {"named": key["named"] if server else OTHERS, "method": OTHERS, "tool": OTHERS}
    made = Denial(
        **key,
        unit_id=server.unit_id if server else None,
        server=server,
        agent=_short(asked.agent),
        times=0,
        first_at=now,
        last_at=now,
    )
    # Of two at once the second finds the row of the first, and both count it.
    Denial.objects.bulk_create([made], ignore_conflicts=True)
    _counted_on(key, answer, now=now)


def asks(kind: str, *, client: str, token: ApiToken | None, now: datetime) -> None:
    """Note that a client asks, at most once a minute."""
    known = {"kind": kind, "token": token, "client": _short(client)}
    rows = Asker.objects.filter(**known) if token else Asker.objects.filter(**known, token__isnull=True)
    if rows.filter(last_at__gt=now - _GRAIN).exists() or rows.update(last_at=now):
        return
    if Asker.objects.filter(kind=kind).count() >= DISTINCT_A_DAY:
        known["client"] = OTHERS
    Asker.objects.bulk_create([Asker(**known, first_at=now, last_at=now)], ignore_conflicts=True)


def _counted_on(key: dict[str, Any], answer: Answer, *, now: datetime) -> bool:
    agent = {"agent": _short(answer.asked.agent)} if answer.asked.agent else {}
    return bool(Denial.objects.filter(**key).update(times=F("times") + 1, last_at=now, **agent))


def _short(text: str, length: int = 200) -> str:
    return " ".join(unseen.visible(text).split())[:length]
