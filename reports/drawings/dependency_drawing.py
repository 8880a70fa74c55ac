"""Draws a map of dependencies: columns of boxes from left to right, with lines from each to what it leads to."""

from collections.abc import Callable, Mapping, Sequence

from reports.drawings.charts import Chart
from reports.drawings.drawing import SCREEN, Drawing, Palette
from riskregister import looks, marks
from work.supply_chain import dependencies
from work.supply_chain.dependencies import COLUMNS, Map, Node

_WIDE, _GAP, _BETWEEN, _TOP = 204, 10, 52, 26
# A box of its name and one line below; each further line takes so much more.
_TALL, _LINE = 46, 15
# What fits into a box, in letters of the two sizes.
_NAME, _SUB = 23, 33
_Places = Mapping[tuple[str, str], tuple[float, float]]


def drawing(drawn: Map, *, title: str, url: Callable[[Node], str], palette: Palette = SCREEN) -> Chart:
    """Return the map of dependencies with its rows as a table; `url` says where a box leads ("": nowhere)."""
    heads = (*COLUMNS.values(), "Known")
    return of_columns(
        drawn, COLUMNS, title=title, url=url, table=(heads, tuple(dependencies.rows(drawn))), palette=palette
    )


def of_columns(
    drawn: Map,
    words_of: Mapping[str, str],
    *,
    title: str,
    url: Callable[[Node], str],
    table: tuple[tuple[str, ...], tuple[tuple[str, ...], ...]],
    palette: Palette = SCREEN,
) -> Chart:
    """Return a map in these columns, from left to right, with the headings and rows of the same as a table."""
    columns = [drawn.of(column) for column in words_of]
    tall = _TALL + _LINE * (max([1, *(len(_below(node)) for node in drawn.nodes.values())]) - 1)
    height = _TOP + max(len(column) for column in columns) * (tall + _GAP)
    d = Drawing(len(words_of) * _WIDE + (len(words_of) - 1) * _BETWEEN + 2, height, palette)
    places = _places(columns, height=height, tall=tall)
    for at, word in enumerate(words_of.values()):
        d.text(at * (_WIDE + _BETWEEN) + 1, 14, word, fill="soft", size=11, bold=True)
    for one, to in drawn.edges:
        _line(d, places[one], places[to], tall=tall)
    for key, node in drawn.nodes.items():
        _box(d, node, places[key], url(node), words_of[node.column], tall=tall)
    words = "; ".join(f"{word}: {len(column)}" for word, column in zip(words_of.values(), columns, strict=True))
    return Chart(d.svg(marks.marked(title), f"{words}. The table below has the same."), title, *table)


def _places(columns: Sequence[Sequence[Node]], *, height: float, tall: float) -> _Places:
    """Return the upper left corner of each box; a short column stands in the middle of the height."""
    found = {}
    for at, column in enumerate(columns):
        top = _TOP + (height - _TOP - len(column) * (tall + _GAP)) / 2
        for place, node in enumerate(column):
            found[node.kind, node.key] = (at * (_WIDE + _BETWEEN) + 1, top + place * (tall + _GAP))
    return found


def _line(d: Drawing, one: tuple[float, float], to: tuple[float, float], *, tall: float) -> None:
    x, y = one[0] + _WIDE, one[1] + tall / 2
    end, down = to[0], to[1] + tall / 2
    bend = end - _BETWEEN / 2
    d.line([(x, y), (bend, y), (bend, down), (end, down)], "control")


def _box(d: Drawing, node: Node, place: tuple[float, float], url: str, column: str, *, tall: float) -> None:
    x, y = place
    look = looks.look(node.looks, node.state) if node.looks else None
    if url:
        label = ", ".join(part for part in (node.name, dependencies.known_of(node)) if part)
        d.begin_link(url, f"{column} {label}")
    d.rect(x, y, _WIDE, tall, "surface", rx=4, stroke=look.tone if look else "control", edge=1.5 if look else 1)
    d.text(x + 10, y + 19, _cut(node.name, _NAME), bold=True)
    for at, text in enumerate(_below(node)):
        d.text(x + 10, y + 36 + at * _LINE, _cut(text, _SUB), size=10, fill=f"{look.tone}-fg" if look else "soft")
    if url:
        d.end_link()


def _below(node: Node) -> list[str]:
    """Return the lines below the name: how it was judged and what else is said of it, together where that fits."""
    judged = looks.look(node.looks, node.state).word if node.looks else ""
    parts = [part for part in (judged, node.sub) if part]
    together = " · ".join(parts)
    return [together] if len(marks.marked(together)) <= _SUB else parts


def _cut(words: str, most: int) -> str:
    # Characters that deceive are marked, as in a table.
    text = marks.marked(words)
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"
