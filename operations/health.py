"""Whether the register can do its work: database, broker, and how long promised work has been waiting."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection

from audit import triggers
from audit.models import Outbox
from jobs.models import Job
from operations import data_folder

log = logging.getLogger("jobs")
# Work begins within a second (embedded) to five seconds; waiting longer than this means that no worker runs.
WORK_WAITS_AT_MOST = timedelta(minutes=5)
_BROKER_PATIENCE = 1.0


@dataclass(frozen=True, slots=True)
class Readiness:
    """What works now; ages in whole seconds, None when nothing waits or when it could not be asked.

    `broker` is None on an installation without one. `missing_guards` are triggers that are
    not in place as they were declared: gone, switched off, or with another text. `data_folder` is "full" or "read-only"
    when nothing can be written to it.
    """

    database: bool
    broker: bool | None
    oldest_unsent_seconds: int | None = None
    oldest_queued_seconds: int | None = None
    dead_jobs: int | None = None
    missing_guards: tuple[str, ...] = ()
    data_folder: str = ""

    @property
    def can_serve(self) -> bool:
        """Return whether pages can be served: without the broker they can, the changes' jobs run later."""
        return self.database

    @property
    def is_well(self) -> bool:
        """Return whether everything works and nothing waits for too long."""
        ages = [self.oldest_unsent_seconds or 0, self.oldest_queued_seconds or 0]
        sound = self.database and self.broker is not False and not self.missing_guards and not self.data_folder
        return sound and max(ages) <= WORK_WAITS_AT_MOST.total_seconds()


def readiness(*, now: datetime) -> Readiness:
    """Return what works at this moment; it never raises for a database or broker that does not answer."""
    broker = _broker_answers()
    try:
        return Readiness(
            database=True,
            broker=broker,
            oldest_unsent_seconds=_age(_oldest_unsent(), now),
            oldest_queued_seconds=_age(_oldest_queued(now), now),
            dead_jobs=Job.objects.filter(status=Job.Status.DEAD).count(),
            missing_guards=tuple(triggers.amiss(connection)),
            data_folder=data_folder.trouble(settings.DATA_DIR),
        )
    except (DatabaseError, InterfaceError) as error:
        log.warning("the database does not answer: %s", error)
        connection.close()
        return Readiness(database=False, broker=broker)


def _broker_answers() -> bool | None:
    if not settings.REDIS_URL:
        return None
    # 11 MB that an installation without a broker need not carry.
    import redis  # noqa: PLC0415

    patience = {"socket_timeout": _BROKER_PATIENCE, "socket_connect_timeout": _BROKER_PATIENCE}
    try:
        with redis.Redis.from_url(settings.REDIS_URL, **patience) as client:
            return bool(client.ping())
    except redis.RedisError as error:
        log.warning("the broker does not answer: %s", error)
        return False


def _oldest_unsent() -> datetime | None:
    waiting = Outbox.objects.filter(relayed_at__isnull=True).order_by("event_id")
    return waiting.values_list("event__at", flat=True).first()


def _oldest_queued(now: datetime) -> datetime | None:
    waiting = Job.objects.filter(status=Job.Status.QUEUED, run_after__lte=now).order_by("run_after")
    return waiting.values_list("run_after", flat=True).first()


def _age(moment: datetime | None, now: datetime) -> int | None:
    return max(0, int((now - moment).total_seconds())) if moment else None
