"""What a step has done waits no more from that step on; what the clock alone ends is left to the sweep."""

from datetime import datetime

from django.db.models import Model

from escalations import climbing
from escalations.models import Escalation
from riskregister.unit_of_work import at_end


def recorded(obj: Model, concerns: Model | None, at: datetime) -> None:
    """Look, once at the end of the step, at what waits of the rows that its events are about.

    What happens to an escalation itself changes nothing of what waits.
    """
    if not isinstance(obj, Escalation):
        at_end("escalations", ([one for one in (obj, concerns) if one], at), _look_again, after_others=True)


def _look_again(events: list[tuple[list[Model], datetime]]) -> None:
    climbing.end_done([row for rows, _at in events for row in rows], now=max(at for _rows, at in events))
