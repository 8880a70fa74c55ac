"""Run a worker's sweep at another moment on an installation's data: `python -m tests.journeys.sweep_at 2027-02-01`.

Everything is the product's own: the recurring jobs of that moment are promised, done, and their events relayed.
"""

import sys
from datetime import UTC, datetime

import django
import time_machine

ROUNDS = 20


def main(day: str) -> None:
    """Plan and do what is due at noon of the day, until nothing is left."""
    from django.utils import timezone  # noqa: PLC0415 - before it the settings must be ready.

    from jobs import queue, runner  # noqa: PLC0415

    noon = datetime.fromisoformat(day).replace(hour=12, tzinfo=UTC)
    with time_machine.travel(noon, tick=True):
        queue.plan(now=timezone.now())
        for _round in range(ROUNDS):
            queue.do_chores(now=timezone.now())
            if not runner.run_due(now=timezone.now()):
                return
    raise SystemExit(f"Jobs are still due after {ROUNDS} sweeps.")


if __name__ == "__main__":
    django.setup()
    main(sys.argv[1])
