"""Who is told besides: Payments has a rule for what is critical, and looks at one that it has not started yet."""

from functools import partial
from typing import Any

from alerts.rules import writing
from demo.diary import Diary
from demo.organisation import Organisation

SAID: dict[str, Any] = {"tiers": (), "vendor": None, "people": (), "channels": ()}


def tell(diary: Diary, organisation: Organisation) -> None:
    """Note in the diary when the rules are written, and the first of them started."""
    diary.on(1, partial(_write, diary, organisation))


def _write(diary: Diary, organisation: Organisation) -> None:
    marcus, unit = organisation.person("marcus"), organisation.unit("payments")
    first = {"about": ["finding.opened"], "least_severity": "critical", "places": ["approvers", "managers"]}
    second = {"about": ["reviews"], "least_severity": "", "places": ["owner", "managers"]}
    worst = diary.do(
        marcus, writing.write, unit=unit, name="Critical findings to the approvers",
        said=SAID | first | {"pace": "soon"},
    )  # fmt: skip
    diary.do(marcus, writing.start, worst)
    diary.do(marcus, writing.write, unit=unit, name="Reviews, once a day", said=SAID | second | {"pace": "daily"})
