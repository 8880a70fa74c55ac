"""All contracts on one estate: a noun that a room introduces is tried by its card and its declarations alone."""

from tests.contracts import columns, filtering, ordering, pages, searching, stepping, visible


class EveryNoun(
    columns.ColumnContract,
    ordering.OrderContract,
    filtering.FilterContract,
    searching.SearchContract,
    pages.CsvContract,
    visible.VisibilityContract,
    stepping.HistoryContract,
    stepping.AlertsContract,
):
    """What is true of every noun."""
