"""The result as a table: for the terminal and for docs/performance.md."""

from collections.abc import Sequence
from dataclasses import dataclass

from tests.bench.measuring import Case, Times

HEAD = ("Request", "p50 ms", "p95 ms", "min–max ms", "p50 of rounds", "SQL", "Goal", "Met")


def met(value: float, goal: float) -> str:
    """Return in a word whether a goal is met."""
    return "yes" if value <= goal else "NO"


@dataclass(frozen=True, slots=True)
class Line:
    """One case with the times of its rounds and its statements."""

    case: Case
    rounds: Sequence[Times]
    statements: int

    @property
    def all(self) -> Times:
        """Return all rounds as one."""
        return Times(tuple(value for one in self.rounds for value in one.values))

    @property
    def is_met(self) -> bool:
        """Return whether every goal of the case is met over all rounds."""
        case, found = self.case, self.all
        goals = [(case.median, found.median), (case.p95, found.p95), (case.statements, self.statements)]
        return all(goal is None or value <= goal for goal, value in goals)

    @property
    def cells(self) -> tuple[str, ...]:
        """Return the cells as text."""
        found, goal = self.all, _goal(self.case)
        spread = "–".join(f"{value:.1f}" for value in (min(_p50(self.rounds)), max(_p50(self.rounds))))
        extremes = f"{min(found.values):.1f}–{max(found.values):.1f}"
        met = ("yes" if self.is_met else "NO") if goal else ""
        return (
            self.case.name, f"{found.median:.1f}", f"{found.p95:.1f}", extremes, spread, str(self.statements), goal, met
        )  # fmt: skip


def _p50(rounds: Sequence[Times]) -> list[float]:
    return [one.median for one in rounds]


def _goal(case: Case) -> str:
    parts = [f"{case.median:g}" if case.median else "", f"/ {case.p95:g}" if case.p95 else ""]
    parts.append(f", {case.statements} SQL" if case.statements else "")
    return " ".join(part for part in parts if part).replace(" ,", ",")


def markdown(rows: Sequence[Sequence[str]]) -> str:
    """Return rows, the first of them the head, as a Markdown table with aligned columns."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    padded = ([cell.ljust(width) for cell, width in zip(row, widths, strict=True)] for row in rows)
    lines = [f"| {' | '.join(row)} |" for row in padded]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)
