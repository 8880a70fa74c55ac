"""All contracts on one estate: a noun that a room introduces is tried by its card and its declarations alone."""

from tests.contracts import filtering, ordering, pages, stepping, visible


class EveryNoun(
    ordering.OrderContract,
    filtering.FilterContract,
    pages.CsvContract,
    visible.VisibilityContract,
    stepping.HistoryContract,
    stepping.AlertsContract,
):
    """What is true of every noun."""
