"""The charts of pages and reports: plain values in, SVG and the same numbers as a table out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from reports.drawings.drawing import PRINT, SCREEN, Drawing, Number, Palette, Svg
from riskregister import looks
from scoring import assurance
from scoring.scales import Band, Severity

__all__ = [
    "PRINT",
    "SCREEN",
    "AgeGroup",
    "Chart",
    "DimensionBar",
    "Series",
    "dimension_bars",
    "severity_by_age",
    "trend",
]

DASHES = ("", "6 3", "2 3")


@dataclass(frozen=True)
class Chart:
    """A drawing and its twin: the same numbers as the rows of a table."""

    svg: Svg
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class DimensionBar:
    """One dimension's score (0 to 100, None: not rateable); `high` is the upper bound while questions are open."""

    name: str
    weight: int
    score: Number | None
    band: Band = Band.NOT_ASSESSED
    high: Number | None = None

    @property
    def is_open(self) -> bool:
        """Return whether open questions still decide the score, so that it has bounds and no band."""
        return self.score is not None and self.high is not None and self.high != self.score


@dataclass(frozen=True)
class Series:
    """One line of a trend; a None leaves a gap."""

    name: str
    values: tuple[Number | None, ...]
    tone: str = "info"


@dataclass(frozen=True)
class AgeGroup:
    """Open findings of one age, counted by severity."""

    label: str
    counts: Mapping[Severity, int]


def dimension_bars(
    bars: Sequence[DimensionBar],
    *,
    bands: Sequence[tuple[Band, Number]],
    palette: Palette = SCREEN,
    title: str = "Assurance by dimension",
) -> Chart:
    """Return the dimensions as bars on one scale; higher is better. `bands`: the methodology's."""
    row, width, top = 40, 380, 4
    d = Drawing(width, top + row * len(bars) + 18, palette)
    floors = sorted({float(floor) for _, floor in bands} - {0.0})
    for i, bar in enumerate(bars):
        _dimension_row(d, bar, y=top + i * row, floors=floors)
    for mark in (0.0, *floors, 100.0):
        anchor = {0.0: "start", 100.0: "end"}.get(mark, "middle")
        d.text(width * mark / 100, d.height - 3, f"{mark:g}", size=10, fill="faint", anchor=anchor)
    rows = tuple((b.name, f"{b.weight} %", _shown(b), _band(b)) for b in bars)
    words = "; ".join(f"{b.name} {_shown(b)}" for b in bars)
    key = ", ".join(f"{band.label} from {float(floor):g}" for band, floor in bands)
    return Chart(d.svg(title, f"{words}. {key}."), title, ("Dimension", "Weight", "Score", "Band"), rows)


def _dimension_row(d: Drawing, bar: DimensionBar, *, y: float, floors: Sequence[float]) -> None:
    d.text(0, y + 13, bar.name, bold=True)
    words = " ".join(word for word in (_shown(bar), _band(bar)) if word)
    d.text(d.width, y + 13, f"{words} · weight {bar.weight} %", anchor="end", fill="soft", size=11)
    d.rect(0, y + 20, d.width, 10, "track", rx=2)
    tone = "info" if bar.is_open else looks.look("band", bar.band).tone
    if bar.high is not None and bar.is_open:
        d.rect(0, y + 20, d.width * float(bar.high) / 100, 10, f"{tone}-tint", rx=2, stroke=tone)
    if bar.score:
        d.rect(0, y + 20, d.width * float(bar.score) / 100, 10, tone, rx=2)
    for floor in floors:
        d.line([(d.width * floor / 100, y + 18), (d.width * floor / 100, y + 32)], "control")


def _band(bar: DimensionBar) -> str:
    return "" if bar.score is None or bar.is_open else bar.band.label


def _shown(bar: DimensionBar) -> str:
    if bar.score is None:
        return "Not rateable"
    low = _score(bar.score)
    return f"{low} to {_score(bar.high)}" if bar.high is not None and bar.is_open else low


def _score(value: Number) -> str:
    return assurance.shown(Fraction(value))


def severity_by_age(
    groups: Sequence[AgeGroup], *, palette: Palette = SCREEN, title: str = "Open findings by age and severity"
) -> Chart:
    """Return open findings as one bar an age group, stacked by severity."""
    left, right, tall, top, width = 84, 34, 34, 28, 440
    d = Drawing(width, top + tall * len(groups), palette)
    for j, severity in enumerate(Severity):
        d.rect(left + j * 84, 4, 10, 10, severity.word, rx=2)
        d.text(left + j * 84 + 15, 13, severity.label, size=11, fill="soft")
    largest = max((_total(group) for group in groups), default=0)
    scale = (width - left - right) / largest if largest else 0
    for i, group in enumerate(groups):
        _age_row(d, group, y=top + tall * i, left=left, scale=scale)
    rows = tuple((g.label, *(str(g.counts.get(s, 0)) for s in Severity), str(_total(g))) for g in groups)
    words = "; ".join(f"{g.label}: " + ", ".join(f"{s.label} {g.counts.get(s, 0)}" for s in Severity) for g in groups)
    return Chart(d.svg(title, words), title, ("Age", *(s.label for s in Severity), "All"), rows)


def _total(group: AgeGroup) -> int:
    return sum(group.counts.get(severity, 0) for severity in Severity)


def _age_row(d: Drawing, group: AgeGroup, *, y: float, left: float, scale: float) -> None:
    d.text(0, y + 19, group.label, fill="soft")
    x = left
    for severity in Severity:
        count = group.counts.get(severity, 0)
        wide = count * scale
        if count:
            d.rect(x, y + 4, max(wide - 1, 1), 22, severity.word, rx=2)
        if count and wide >= 9 + 7 * len(str(count)):
            d.text(x + wide / 2, y + 19, str(count), size=11, anchor="middle", bold=True, fill="on-solid")
        x += wide
    d.text(x + 6, y + 19, str(_total(group)), bold=True)


def trend(
    labels: Sequence[str],
    series: Sequence[Series],
    *,
    title: str,
    palette: Palette = SCREEN,
    top_value: int | None = None,
    moments: str = "Month",
) -> Chart:
    """Return up to three lines over the same moments, from zero up to `top_value` (else a round number).

    `moments` is what the table calls them.
    """
    left, right, top, base, width = 30, 92, 10, 160, 480
    d = Drawing(width, base + 24, palette)
    ceiling = top_value or _round_up(max((float(v) for s in series for v in s.values if v is not None), default=1))
    step = (width - left - right) / max(len(labels) - 1, 1)
    for part in range(5):
        y = base - (base - top) * part / 4
        d.line([(left, y), (width - right, y)], "line")
        d.text(left - 6, y + 4, _value(ceiling * part / 4), size=10, fill="faint", anchor="end")
    for i in _few(len(labels)):
        d.text(left + step * i, base + 17, labels[i], size=10, fill="faint", anchor="middle")
    ends: list[float] = []
    for number, line in enumerate(series):
        points = [
            (left + step * i, base - (base - top) * float(v) / ceiling)
            for i, v in enumerate(line.values)
            if v is not None
        ]
        _trend_line(d, line, points, dash=DASHES[number % 3], ends=ends)
    rows = tuple((label, *(_value(s.values[i]) for s in series)) for i, label in enumerate(labels))
    words = "; ".join(f"{s.name}: from {_value(s.values[0])} to {_value(s.values[-1])}" for s in series if s.values)
    return Chart(d.svg(title, words), title, (moments, *(s.name for s in series)), rows)


def _trend_line(d: Drawing, line: Series, points: list[tuple[float, float]], *, dash: str, ends: list[float]) -> None:
    if not points:
        return
    d.line(points, line.tone, width=2, dash=dash)
    x, y = points[-1]
    d.dot(x, y, 3.5, line.tone)
    while any(abs(y - other) < 14 for other in ends):
        y -= 14
    ends.append(y)
    d.text(x + 8, y + 4, f"{_value(line.values[-1])} {line.name}", size=11, bold=True, fill=f"{line.tone}-fg")


def _value(value: Number | None) -> str:
    if value is None:
        return "–"
    return str(int(value)) if value == int(value) else assurance.shown(Fraction(value), places=1)


def _round_up(value: float) -> int:
    """Return the first of 4, 8, 12, 20, 40, 60, 80, 100, 120 … (quarters are whole) that is not below the value."""
    steps = {1, 2, 3, 5} | {part * 10**power // 2 for power in range(1, 12) for part in (2, 3, 4, 5, 6, 8, 10, 15)}
    return 4 * next(step for step in sorted(steps) if 4 * step >= value)


def _few(count: int) -> list[int]:
    every = max(1, -(-count // 6))
    return [i for i in range(count) if (count - 1 - i) % every == 0]
