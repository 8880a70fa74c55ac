"""Asks, as the register, for a look that a collector apart is to take; or takes in what it brought, and says so.

Run by test_postgres_roles.py in a process of its own, with the application's role.
"""

import json
import sys
from pathlib import Path

import django

django.setup()

from django.utils import timezone  # noqa: E402 - models can be imported from here on

from audit.context import SYSTEM  # noqa: E402
from collectors import asking, receiving  # noqa: E402
from monitoring import verifying, work_list  # noqa: E402
from monitoring.models import Collector, Observation, Run, Task  # noqa: E402
from vendors.models import Server  # noqa: E402


def main(what: str, file: Path) -> None:
    """Ask, or take in."""
    if what == "ask":
        server = next(one for one in Server.objects.order_by("pk") if Collector.NPM in asking.possible(one))
        run = asking.ask(server, collector=Collector.NPM, by=SYSTEM, now=timezone.now())
        file.write_text(json.dumps({"run": str(run.pk)}))
        return
    for key in list(work_list.brought().values_list("pk", flat=True)):
        receiving.receive(key, now=timezone.now())
    run = Run.objects.get(collector=Collector.NPM)
    rows = Observation.objects.filter(run=run).order_by("key")
    taken = {
        "status": run.status, "why": run.why, "tasks": Task.objects.count(),
        "seen": {row.key: row.value for row in rows},
        "findings": sorted({row.finding.title for row in rows if row.finding}),
        "problems": [str(one) for one in verifying.problems()],
    }  # fmt: skip
    file.write_text(json.dumps(taken))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
