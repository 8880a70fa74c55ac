"""A collector that runs apart: it takes looks from the work list, looks, and brings what it saw, by three statements.

Its database role may do no more than these (`monitoring.collector_rights`); whether what it brings fits, the register
asks when it takes it in (`collectors.receiving`). Networks and credentials are those of this process.
"""

import json
import logging
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import IntegrityError, connection

from collectors import plans
from inspection import targets
from monitoring import collector_rights, written_looks
from monitoring.models import Brought, Claim, Collector
from monitoring.observed import Look
from riskregister.canonical import digest
from riskregister.ids import uuid7

log = logging.getLogger("collectors")
# Another process may be faster with each of these.
_AT_ONCE = 20
_OPEN = f"SELECT run_id, collector, asks, attempt FROM {collector_rights.VIEW}"  # noqa: S608 - of declared names
_OLDEST = "WHERE collector = ANY(%s) ORDER BY asked_at, run_id LIMIT %s"
_CLAIM = f"INSERT INTO {Claim._meta.db_table} (id, task_id, attempt) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING"  # noqa: S608
_BRING = f"INSERT INTO {Brought._meta.db_table} (claim_id, text, digest) VALUES (%s, %s, %s)"  # noqa: S608


class Errand(NamedTuple):
    """A look that is ours to do: our claim, the run, which look, and what it asks."""

    claim: UUID
    run: UUID
    collector: str
    asks: Mapping[str, Any]


def collectors() -> list[str]:
    """Return the looks that can be taken apart."""
    return [Collector.INSPECTION.value, *(one.value for one in plans.collectors())]


def work(of: Collection[str], *, clock: Callable[[], datetime], is_over: Callable[[], bool]) -> int:
    """Do what is open of these looks, one after the other, and return how many; ends early when it is over."""
    done = 0
    while not is_over() and (errand := take(of)):
        bring(errand, look(errand, now=clock()))
        done += 1
    return done


def take(of: Collection[str]) -> Errand | None:
    """Return the oldest open look of these that nobody claims before us, None where there is none."""
    for run, collector, asks, attempt in _rows(f"{_OPEN} {_OLDEST}", [list(of), _AT_ONCE]):
        claim = uuid7()
        if _added(_CLAIM, [claim, run, attempt]):
            return Errand(claim, run, collector, json.loads(asks))
    return None


def look(errand: Errand, *, now: datetime) -> Look:
    """Return what is seen. It waits for others, within the bounds of the look."""
    if errand.collector == Collector.INSPECTION:
        return targets.look_for(errand.asks)
    return plans.look(Collector(errand.collector), errand.asks, now)


def bring(errand: Errand, seen: Look) -> None:
    """Hand over what was seen; where the run ended meanwhile nobody wants it any more."""
    text = written_looks.written(seen)
    if _added(_BRING, [errand.claim, text, digest(text)]):
        log.info("%s of run %s: %s", errand.collector, errand.run, seen.outcome)
    else:
        log.warning("%s of run %s came too late", errand.collector, errand.run)


def _rows(sql: str, parameters: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())


def _added(sql: str, parameters: list[Any]) -> bool:
    """Return whether the row was added: not where somebody has, or where what it belongs to is gone."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            return bool(cursor.rowcount)
    except IntegrityError:
        return False
