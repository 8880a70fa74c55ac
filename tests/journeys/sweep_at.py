"""Run a worker's sweep at another moment on an installation's data: `python -m tests.journeys.sweep_at 2027-02-01`.

Everything is the product's own: the recurring work of that moment is done, and its events are relayed. It is no job in
the table: the installation's own worker would find it promised by a clock that ran ahead, and do it by its own clock.
"""

import sys
from datetime import UTC, datetime

import django
import time_machine

from tests.in_hand import InHand


def main(day: str) -> None:
    """Do what recurs at noon of the day, then relay it."""
    from django.utils import timezone  # noqa: PLC0415 - before it the settings must be ready.

    from audit import context  # noqa: PLC0415
    from jobs import queue  # noqa: PLC0415

    noon = datetime.fromisoformat(day).replace(hour=12, tzinfo=UTC)
    with time_machine.travel(noon, tick=True), context.acting(context.SYSTEM):
        for kind in queue.recurring():
            queue.handler_of(kind)(InHand())
        queue.do_chores(now=timezone.now())


if __name__ == "__main__":
    django.setup()
    main(sys.argv[1])
