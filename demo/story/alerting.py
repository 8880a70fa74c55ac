"""Who is told besides, in Payments: of what is critical, of what touches customers, and by a rule not started yet."""

from functools import partial
from typing import Any

from alerts.rules import writing
from demo.diary import Diary
from demo.organisation import Organisation

_OF_EVERYTHING: dict[str, Any] = {"tiers": (), "vendor": None, "people": (), "channels": ()}


def tell(diary: Diary, organisation: Organisation) -> None:
    """Note in the diary when the rules are written, and two of them started."""
    diary.on(1, partial(_write, diary, organisation))


def _write(diary: Diary, organisation: Organisation) -> None:
    marcus, unit = organisation.person("marcus"), organisation.unit("payments")
    first = {"about": ["finding.opened"], "least_severity": "critical", "places": ["approvers", "managers"]}
    second = {"about": ["reviews"], "least_severity": "", "places": ["owner", "managers"]}
    third = {
        "about": ["findings", "escalations"],
        "least_severity": "",
        "tag": "customer-data",
        "places": ["approvers"],
    }
    worst = diary.do(
        marcus, writing.write, unit=unit, name="Critical findings to the approvers",
        facts=_OF_EVERYTHING | first | {"pace": "soon"},
    )  # fmt: skip
    diary.do(marcus, writing.start, worst)
    diary.do(
        marcus, writing.write, unit=unit, name="Reviews, once a day", facts=_OF_EVERYTHING | second | {"pace": "daily"}
    )
    customers = diary.do(
        marcus,
        writing.write,
        unit=unit,
        name="What touches data of customers",
        facts=_OF_EVERYTHING | third | {"pace": "daily"},
    )
    diary.do(marcus, writing.start, customers)
