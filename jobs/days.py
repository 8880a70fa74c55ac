"""What an event says that tells of a day, and how: no database, for the rooms' `events.py`."""

from collections.abc import Mapping
from dataclasses import dataclass

from audit.events import Pace
from riskregister.plurals import counted


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
    """Return in how many days it ends, in words, e.g. "ends in 30 days"."""
    return {"ends": f"ends {_far(data)}"}


def left(data: DayData) -> Mapping[str, str]:
    """Return how far off the day is, in words, e.g. "in 30 days"."""
    return {"left": _far(data)}


def _far(data: DayData) -> str:
    return f"in {counted(data.days, 'day')}" if data.days else "today"


def near(data: DayData) -> Pace:
    """Return that the notice of the last day is told soon, and those before it with the day."""
    return Pace.SOON if data.days == 0 else Pace.DAILY
