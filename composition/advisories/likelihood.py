"""The kind of feed that says how likely a CVE is exploited: FIRST's EPSS, a table of all CVEs each day.

Two models are two scales: a score is of the model that is named at the top of its file. Within one model a score that
moved by less than a thousandth stays as it is, since most of the 356,000 do so every day.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from math import isfinite
from typing import NamedTuple

from django.conf import settings

from composition import signals
from composition.models import EpssScore
from feeds import containers
from feeds.containers import Broken, excerpt
from feeds.kinds import Bad, Kind, Offer, Outcome, Record, Source
from feeds.models import Feed

MOVES_FROM = 0.001
_HEADER = "cve,epss,percentile"
_CVE = re.compile(r"CVE-\d{4}-\d{4,12}", re.ASCII)
_LONGEST_LINE = 1000
_ABOUT = re.compile(r"#model_version:([!-+\--~]{1,40}),score_date:(\d{4}-\d\d-\d\d)")


class Score(NamedTuple):
    """How likely it is, by which model, on which day."""

    score: float
    percentile: float
    model: str
    day: date


class Likelihood(Kind):
    """Scores by CVE. What a file does not name keeps its score, with its day."""

    word, words = "epss", "Likelihood of exploitation (EPSS)"

    def offers(self) -> Sequence[Offer]:
        """Return the address of each day's scores."""
        return [Offer("EPSS", settings.EPSS_URL)] if settings.EPSS_URL else []

    def read(self, source: Source) -> Iterator[Record | Bad]:
        """Yield the scores. Raises Broken for a table without a model, a day that has come or its columns."""
        rows = containers.lines(source, longest=_LONGEST_LINE)
        model, day = _about(rows)
        # Its scores would stand until that day, whatever the tables in between say.
        if source.is_ahead(day):
            raise Broken(f"The table is of {day.isoformat()}, which has not come yet.")
        for number, line in rows:
            if isinstance(line, Bad):
                yield line
            elif line.strip():
                yield _read(line, number, model, day)

    def held(self, feed: Feed) -> int:
        """Return how many scores there are: of all feeds of this kind."""
        return EpssScore.objects.count()

    def compare(self, feed: Feed, records: Sequence[Record]) -> list[Outcome]:
        """Return what each comes to: a score of an earlier day than what is known changes nothing."""
        rows = EpssScore.objects.in_bulk([one.key for one in records])
        return [_outcome(rows.get(one.key), one) for one in records]

    def store(self, feed: Feed, records: Sequence[tuple[Record, Outcome]], *, now: datetime) -> None:
        """Store scores that are new or moved."""
        rows = [EpssScore(cve=record.key, **_columns(record.value)) for record, _outcome in records]
        EpssScore.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["cve"],
            update_fields=["score", "percentile", "model_version", "scored_on"],
        )  # fmt: skip
        signals.scored({row.cve: row.score for row in rows}, now=now)


def _about(rows: "Iterator[tuple[int, bytes | Bad]]") -> tuple[str, date]:
    """Return the model and the day that the file names above its columns."""
    first, second = (_text(next(rows, (0, b""))[1]) for _ in range(2))
    found = _ABOUT.match(first)
    if not found:
        raise Broken("The table names no model and no day in its first line (#model_version:…,score_date:…).")
    if second.lower() != _HEADER:
        raise Broken(f"The columns of the table are not {_HEADER}.")
    try:
        return found[1], date.fromisoformat(found[2])
    except ValueError as error:
        raise Broken("The day in its first line is none.") from error


def _text(line: bytes | Bad) -> str:
    return "" if isinstance(line, Bad) else line.decode("utf-8-sig", "replace").strip()


def _read(line: bytes, number: int, model: str, day: date) -> Record | Bad:
    parts = line.decode("ascii", "replace").strip().split(",")
    cve = parts[0] if _CVE.fullmatch(parts[0]) else ""
    numbers = [_share(one) for one in parts[1:]]
    if not cve or len(numbers) != 2 or numbers[0] is None or numbers[1] is None:
        why = "It is no CVE with a score and a percentile between 0 and 1."
        return Bad(f"line {number}", why, excerpt(line), key=cve)
    return Record(cve, Score(numbers[0], numbers[1], model, day), mark=day.isoformat())


def _share(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if isfinite(number) and 0 <= number <= 1 else None


def _outcome(known: EpssScore | None, record: Record) -> Outcome:
    if known is None:
        return Outcome.NEW
    current: Score = record.value
    if record.is_again or current.day < known.scored_on:
        return Outcome.UNCHANGED
    moved = abs(current.score - known.score) >= MOVES_FROM or current.model != known.model_version
    return Outcome.CHANGED if moved else Outcome.UNCHANGED


def _columns(current: Score) -> dict[str, object]:
    return {
        "score": current.score, "percentile": current.percentile, "model_version": current.model,
        "scored_on": current.day,
    }  # fmt: skip
