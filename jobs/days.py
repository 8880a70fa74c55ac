"""What an event says that tells of a day, and how: no database, for the rooms' `events.py`."""

from collections.abc import Mapping
from dataclasses import dataclass

from audit.events import Pace


@dataclass(frozen=True, slots=True)
class DayData:
    """The day, which notice of it it is (days before, "0" on the day, or "passed"), and how many days are left."""

    day: str
    step: str
    days: int


@dataclass(frozen=True, slots=True)
class UntilData:
    """Its last day."""

    until: str


def ends(data: DayData) -> Mapping[str, str]:
    """Return in how many days it ends, in words."""
    if data.days == 0:
        return {"ends": "ends today"}
    return {"ends": f"ends in {data.days} day{'s' if data.days > 1 else ''}"}


def near(data: DayData) -> Pace:
    """Return that the notice of the last day is told soon, and those before it with the day."""
    return Pace.SOON if data.days == 0 else Pace.DAILY
