"""Checking the whole trail: every entry against the tree, every column against what is sealed, every row that events
tell against its table, all as of one moment.
"""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta

from django.db import connection, transaction

from accounts import steps
from audit import triggers
from audit.context import SYSTEM
from riskregister.queries.one_moment import one_moment
from seal import claims, people, row_states, sealed_rows, stamping
from seal.claims import Claim
from seal.formats.merkle import Frontier
from seal.models import TrailCheck
from seal.problems import Problem
from seal.sealed_rows import Read

# Of a trail that was rewritten whole, the first are enough to see it.
KEPT = 200
Part = Callable[[], Iterator[Problem]]
_parts: list[Part] = []


@dataclass
class Found:
    """What a check came to: how much it compared, and what did not hold, of which the first problems are kept."""

    size: int = 0
    waiting: int = 0
    rows: int = 0
    problem_count: int = 0
    problems: list[Problem] = field(default_factory=list)

    def note(self, problem: Problem) -> None:
        """Count a problem, and keep it while there are few."""
        self.problem_count += 1
        if len(self.problems) < KEPT:
            self.problems.append(problem)


def also(part: Part) -> None:
    """Let a room above check what of its own is bound to events."""
    if part not in _parts:
        _parts.append(part)


def check() -> Found:
    """Return what a check of everything finds; whoever writes meanwhile is not held up and does no harm."""
    found = Found()
    with one_moment():
        for name in triggers.amiss(connection):
            found.note(Problem("guard", name, "This trigger is not in place as it was declared."))
        states = _check_tree(found)
        for problem in row_states.differences(states, compared=lambda count: setattr(found, "rows", count)):
            found.note(problem)
        for part in (stamping.problems, people.problems, *_parts):
            for problem in part():
                found.note(problem)
    return found


def record(*, now: datetime) -> TrailCheck:
    """Return the record of a check that is made now.

    Administrators are told of problems once, and again when there are more or fewer: one that stays is found each day.
    """
    begun = time.monotonic()
    found = check()
    previous = TrailCheck.objects.first()
    row = TrailCheck(
        began_at=now,
        ended_at=now + timedelta(seconds=time.monotonic() - begun),
        size=found.size,
        waiting=found.waiting,
        rows=found.rows,
        problem_count=found.problem_count,
        problems=json.dumps([asdict(problem) for problem in found.problems]),
    )
    with transaction.atomic():
        row.save(force_insert=True)
        if not row.holds and (previous is None or previous.problem_count != row.problem_count):
            steps.record("trail.broken", row, by=SYSTEM, now=row.ended_at, problems=row.problem_count)
    return row


def _check_tree(found: Found) -> row_states.RowStates:
    """Check every sealed entry, the roots that were signed, and what waits; return what the events tell of rows."""
    grown, states = Frontier(), row_states.RowStates()
    signed = claims.every(found.note)
    newest = max(signed, default=0)
    for entry in sealed_rows.every():
        if entry.position != grown.size:
            found.note(Problem("leaf", str(grown.size), "Leaves are missing from here."))
            grown.pass_by(entry.position)
        _take(entry, states, found)
        grown.append(entry.leaf)
        _compare(signed.pop(grown.size, []), grown, found)
    if grown.size > newest:
        found.note(Problem("checkpoint", str(grown.size), f"Only the first {newest} entries are signed."))
    for claim in (claim for _size, left in sorted(signed.items()) for claim in left):
        found.note(Problem("checkpoint", claim.where, f"It seals {claim.size} entries, and {grown.size} are there."))
    found.size = grown.size
    for entry in sealed_rows.waiting():
        found.waiting += 1
        _take(entry, states, found)
    return states


def _take(entry: Read, states: row_states.RowStates, found: Found) -> None:
    for problem in entry.problems:
        found.note(problem)
    states.take(entry)


def _compare(checkpoint_claims: list[Claim], grown: Frontier, found: Found) -> None:
    root = grown.root() if checkpoint_claims else b""
    if checkpoint_claims and not any(claim.is_kept for claim in checkpoint_claims):
        where = claims.in_database(grown.size)
        found.note(Problem("checkpoint", where, "It left the database, and is gone from it."))
    for claim in checkpoint_claims:
        if claim.root != root:
            found.note(Problem("checkpoint", claim.where, "The entries that it seals are not what they were."))
