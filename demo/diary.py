"""The moved clock: what people do on which day, and what the register does by itself in between."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from typing import Any, TypeVar

from auditlog.models import LogEntry
from django.db.models.signals import pre_save
from django.utils import timezone

from accounts.models import User
from alerts import inbox, relay
from assurance import following
from audit import context, diffs
from decisions.approvals import approval_ends, conditions
from decisions.ratings import ratings
from decisions.reviews import review_schedule
from escalations import climbing, ladders
from findings import acceptance
from jobs import dated

T = TypeVar("T")
NIGHT = time(3)
MORNING = time(9)
# One step after the other, so that the trail has an order; slow enough that a working day does not end at ten.
PAUSE = timedelta(seconds=90)
# People of the example read their inbox once a week, the last time this many days ago, so that something is new.
READING = 7


class Diary:
    """Entries by day, and the clock that goes through them up to `until`, the present."""

    def __init__(self, *, until: datetime) -> None:
        """Begin with an empty diary."""
        self.until = self.now = until
        self.readers: list[User] = []
        self._entries: dict[int, list[Callable[[], object]]] = {}

    @property
    def today(self) -> date:
        """Return the day of the clock, in the organisation's zone."""
        return timezone.localdate(self.now)

    def open(self, days_ago: int) -> None:
        """Set the clock to the morning of the day on which everything begins."""
        self._set(days_ago, MORNING)

    def on(self, days_ago: int, act: Callable[[], object]) -> None:
        """Note that something is done on a day; what was noted first is done first. The present day stays free."""
        if days_ago < 1:
            raise ValueError("The story ends yesterday: what is done today is done by whoever tries the register.")
        self._entries.setdefault(days_ago, []).append(act)

    def do(self, person: User, step: Callable[..., T], *args: Any, **how: Any) -> T:
        """Have a person take a step at the clock's moment, and return what the step returns."""
        self.now += PAUSE
        with context.acting(context.actor_of(person)):
            return step(*args, by=person, now=self.now, **how)

    def live(self, *, progress: Callable[[date], object]) -> None:
        """Go through all days: the sweeps of the night, then what is noted; `progress` hears of each new month."""
        for days_ago in range(max(self._entries, default=0), 0, -1):
            self._set(days_ago, NIGHT)
            if self.now.day == 1:
                progress(self.today)
            self._sweep()
            self._work(days_ago)
            self._tell(days_ago)
        self.now = self.until
        self._sweep()
        relay.relay_without_mail(now=self.now)

    def _set(self, days_ago: int, at: time) -> None:
        day = timezone.localdate(self.until) - timedelta(days=days_ago)
        self.now = timezone.make_aware(datetime.combine(day, at))

    def _sweep(self) -> None:
        """Do what the jobs of a day do, in their own words."""
        approval_ends.tell(now=self.now)
        review_schedule.drop_out_of_use(now=self.now)
        review_schedule.open_due(now=self.now)
        review_schedule.remind(now=self.now)
        acceptance.record_expired(now=self.now)
        conditions.record_missed(now=self.now)
        ratings.refresh_due(now=self.now)
        following.sweep(now=self.now)
        for one in dated.every():
            dated.tell(one, now=self.now)
        for ladder in ladders.every():
            climbing.climb(ladder, now=self.now)

    def _work(self, days_ago: int) -> None:
        self._set(days_ago, MORNING)
        day = self.today
        for act in self._entries.get(days_ago, []):
            act()
        if self.today != day:
            raise ValueError(f"More is noted for {day} than fits into a day.")

    def _tell(self, days_ago: int) -> None:
        relay.relay_without_mail(now=self.now)
        if days_ago % READING == 0:
            for person in self.readers:
                inbox.mark_all_read(by=person, now=self.now)


@contextmanager
def field_history_at(diary: Diary) -> Iterator[None]:
    """Have the field-level entries of the block carry the diary's moment, as the events do."""

    def date_entry(sender: type[LogEntry], instance: LogEntry, **kwargs: Any) -> None:
        instance.timestamp = diary.now
        diffs.sign(instance)

    pre_save.connect(date_entry, sender=LogEntry, dispatch_uid="demo-diary")
    try:
        yield
    finally:
        pre_save.disconnect(sender=LogEntry, dispatch_uid="demo-diary")
