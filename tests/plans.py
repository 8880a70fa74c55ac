"""What PostgreSQL does for the statements of a block, as auto_explain tells it of each that has run."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import isqrt
from typing import Any

from django.db import connection
from psycopg.errors import Diagnostic

PAGE = 51
# Either an index of the order is walked until a page is full, or the index of the filter is read and sorted. Of a
# filter that fits one row in n the first reads PAGE x n rows and the second ROWS / n: the cheaper of them never more
# than the root of PAGE x ROWS. The planner chooses by estimates, and a walk meets its rows by chance.
SLACK = 5
# A table of so many rows is read whole in less than a millisecond.
SOON_READ = 2_500
# The counts of rows without the times, which would cost most of it; it goes to whoever asked, and into no log.
_TELL = """
LOAD 'auto_explain';
SET auto_explain.log_format = json;
SET auto_explain.log_analyze = on;
SET auto_explain.log_timing = off;
SET auto_explain.log_level = notice;
SET auto_explain.log_min_duration = 0;
"""
_TELL_NO_MORE = "SET auto_explain.log_min_duration = -1"


@dataclass(frozen=True, slots=True)
class Plan:
    """A statement, and the steps in which it was answered."""

    sql: str
    top: dict[str, Any]

    def steps(self) -> Iterator[dict[str, Any]]:
        """Yield all steps."""
        waiting = [self.top]
        while waiting:
            step = waiting.pop()
            yield step
            waiting += step.get("Plans", ())


@contextmanager
def explained() -> Iterator[list[Plan]]:
    """Collect the plans of whatever the block reads; each statement runs once and tells its own."""
    plans: list[Plan] = []

    def note(notice: Diagnostic) -> None:
        told = json.loads((notice.message_primary or "").partition("plan:")[2])
        plans.append(Plan(told["Query Text"], told["Plan"]))

    with connection.cursor() as cursor:
        cursor.execute(_TELL)
    connection.connection.add_notice_handler(note)
    try:
        yield plans
    finally:
        connection.connection.remove_notice_handler(note)
        with connection.cursor() as cursor:
            cursor.execute(_TELL_NO_MORE)


def too_much(plan: Plan, rows: dict[str, int]) -> list[str]:
    """Return what a plan reads or sorts that is more than a page of a list is worth; `rows` are those of the tables.

    What is done for each row of a page, such as counting its findings, is judged by what it reads for one.
    """
    most = {table: max(SLACK * isqrt(PAGE * count), SOON_READ) for table, count in rows.items()}
    largest = max(most.values())
    found = []
    for step in plan.steps():
        kind = step["Node Type"]
        if "Relation Name" in step:
            read = int(step["Actual Rows"] + step.get("Rows Removed by Filter", 0))
            if read > most.get(step["Relation Name"], largest):
                found.append(f"{kind} reads {read} rows of {step['Relation Name']}")
        elif kind == "Sort":
            read = int(step["Plans"][0]["Actual Rows"])
            if read > largest:
                found.append(f"Sort of {read} rows by {', '.join(step['Sort Key'])}"[:120])
    return found
