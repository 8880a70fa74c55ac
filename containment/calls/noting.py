"""What is kept of who asks and of what was denied: counted by the day, so that no caller can fill the register."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import F
from django.utils import timezone

from accounts.models import ApiToken
from containment.calls import silence
from containment.calls.deciding import Answer
from containment.models import Asker, Denial
from riskregister import unseen

# Whoever asks chooses the names: beyond so many on a day, in a unit, they are counted together.
DISTINCT_A_DAY = 500
OTHERS = "(others)"
NOT_SAID = "(not said)"
# One that asks all day is noted once a minute.
_GRAIN = timedelta(minutes=1)
# Where there are many, those that have not asked for so long make room.
_FORGOTTEN = timedelta(days=30)


def denied(answer: Answer, *, now: datetime) -> None:
    """Count a call that was denied, or would have been; nothing for one that is approved."""
    if not answer.reason:
        return
    asked, server = answer.asked, answer.server
    key: dict[str, Any] = {
        "on": timezone.localdate(now),
        "method": _short(asked.method, 60) or NOT_SAID,
        "tool": _short(asked.tool),
        "reason": answer.reason,
        "was_blocked": answer.is_enforced,
        # A registered server is itself, however it was asked for; two units may have one of the same name.
        **({"server": server} if server else _of_no_server(answer)),
    }
    if _counted_on(key, answer, now=now):
        return
    # Each unit has room of its own, and made-up names of servers take none from those that are registered.
    room: dict[str, Any] = {"unit_id": answer.unit_id, "server__isnull": server is None}
    if Denial.objects.filter(on=key["on"], **room).count() >= DISTINCT_A_DAY:
        key |= {"method": OTHERS, "tool": OTHERS} | ({} if server else {"named": OTHERS})
    found = {"unit_id": answer.unit_id, "named": _short(server.name)} if server else {}
    made = Denial(**key, **found, agent=_short(asked.agent), times=0, first_at=now, last_at=now)
    # Of two at once the second finds the row of the first, and both count it.
    Denial.objects.bulk_create([made], ignore_conflicts=True)
    _counted_on(key, answer, now=now)


def _of_no_server(answer: Answer) -> dict[str, Any]:
    """Return by what a server that nobody registered is counted: its name, within the unit that asked."""
    return {"server": None, "unit_id": answer.unit_id, "named": _short(answer.asked.server)}


def asks(kind: str, *, client: str, token: ApiToken | None, now: datetime, unit_id: UUID | None = None) -> Asker | None:
    """Note that a client asks, at most once a minute; return it if nobody has seen it before."""
    known = {"kind": kind, "token": token, "client": _short(client)}
    if _noted(known, now=now):
        return None
    rows = Asker.objects.filter(kind=kind)
    if rows.count() >= DISTINCT_A_DAY:
        rows.filter(last_at__lt=now - _FORGOTTEN).delete()
        if rows.count() >= DISTINCT_A_DAY:
            known["client"] = OTHERS
            if _noted(known, now=now):
                return None
    made = Asker(**known, unit_id=unit_id, first_at=now, last_at=now)
    Asker.objects.bulk_create([made], ignore_conflicts=True)
    # Of two at once one has made it.
    return Asker.objects.filter(pk=made.pk).first()


def _noted(known: dict[str, Any], *, now: datetime) -> bool:
    """Return whether there is a row of whoever asks, which then tells this moment, to the minute."""
    rows = Asker.objects.filter(**known)
    row = rows.first()
    if row is None:
        return False
    if row.silent_since is not None:
        silence.ended(row, now=now)
    elif (pause := now - row.last_at) >= _GRAIN:
        rows.update(last_at=now, longest_pause=max(pause, row.longest_pause))
    return True


def _counted_on(key: dict[str, Any], answer: Answer, *, now: datetime) -> bool:
    agent = {"agent": _short(answer.asked.agent)} if answer.asked.agent else {}
    return bool(Denial.objects.filter(**key).update(times=F("times") + 1, last_at=now, **agent))


def _short(text: str, length: int = 200) -> str:
    return unseen.in_one_line(text, length)
