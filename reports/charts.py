"""The charts of pages and reports: plain values in, SVG and the same numbers as a table out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reports.drawing import PRINT, SCREEN, Drawing, Number, Palette, Svg, half_up

__all__ = [
    "PRINT",
    "SCREEN",
    "AgeGroup",
    "Chart",
    "DimensionBar",
    "Series",
    "dimension_bars",
    "dimension_strip",
    "rating_matrix",
    "residual_matrix",
    "severity_by_age",
    "sparkline",
    "trend",
]

TIERS = {1: "Critical", 2: "High", 3: "Medium", 4: "Low"}
BANDS = {"strong": "Strong", "adequate": "Adequate", "weak": "Weak", "unacceptable": "Unacceptable"}
BAND_TONE = {"strong": "positive", "adequate": "info", "weak": "medium", "unacceptable": "critical"}
BAND_STARTS = {"weak": 40, "adequate": 70, "strong": 85}
RESIDUALS = {"low": "Low", "medium": "Medium", "high": "High", "critical": "Critical", "not_assessed": "Not assessed"}
RESIDUAL_TONE = {
    "low": "positive",
    "medium": "medium",
    "high": "high",
    "critical": "critical",
    "not_assessed": "neutral",
}
SEVERITIES = {"critical": "Critical", "high": "High", "medium": "Medium", "low": "Low"}
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
    band: str = ""
    high: Number | None = None


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
    counts: Mapping[str, int]


def dimension_bars(
    bars: Sequence[DimensionBar], *, palette: Palette = SCREEN, title: str = "Assurance by dimension"
) -> Chart:
    """Return the dimensions as bars on one scale with the thresholds of the bands; higher is better."""
    row, width, top = 40, 380, 4
    d = Drawing(width, top + row * len(bars) + 18, palette)
    for i, bar in enumerate(bars):
        _dimension_row(d, bar, y=top + i * row)
    for mark in (0, *BAND_STARTS.values(), 100):
        anchor = {0: "start", 100: "end"}.get(mark, "middle")
        d.text(width * mark / 100, d.height - 3, str(mark), size=10, fill="faint", anchor=anchor)
    rows = tuple((b.name, f"{b.weight} %", _shown(b), BANDS.get(b.band, "–")) for b in bars)
    said = "; ".join(f"{b.name} {_shown(b)}" for b in bars)
    text = f"{said}. Bands: Strong from 85, Adequate from 70, Weak from 40, Unacceptable below."
    return Chart(d.svg(title, text), title, ("Dimension", "Weight", "Score", "Band"), rows)


def _dimension_row(d: Drawing, bar: DimensionBar, *, y: float) -> None:
    d.text(0, y + 13, bar.name, bold=True)
    words = f"{_shown(bar)} {BANDS.get(bar.band, '')}".rstrip()
    d.text(d.width, y + 13, f"{words} · weight {bar.weight} %", anchor="end", fill="soft", size=11)
    d.rect(0, y + 20, d.width, 10, "track", rx=2)
    tone = BAND_TONE.get(bar.band, "neutral")
    if bar.high is not None and bar.score is not None:
        d.rect(0, y + 20, d.width * float(bar.high) / 100, 10, f"{tone}-tint", rx=2, stroke=tone)
    if bar.score is not None and bar.score > 0:
        d.rect(0, y + 20, d.width * float(bar.score) / 100, 10, tone, rx=2)
    for mark in BAND_STARTS.values():
        d.line([(d.width * mark / 100, y + 18), (d.width * mark / 100, y + 32)], "control")


def _shown(bar: DimensionBar) -> str:
    if bar.score is None:
        return "Not rateable"
    low = half_up(bar.score)
    return low if bar.high is None or bar.high == bar.score else f"{low} to {half_up(bar.high)}"


def dimension_strip(bars: Sequence[DimensionBar], *, palette: Palette = SCREEN) -> Chart:
    """Return the dimensions as five small columns for a row of a table."""
    title = "Dimensions: " + ", ".join(f"{b.name} {_shown(b)}" for b in bars)
    d = Drawing(9 * len(bars) - 2, 20, palette)
    for i, bar in enumerate(bars):
        d.rect(i * 9, 0, 7, 20, "track", rx=1)
        if bar.score is not None:
            tall = max(2.0, 20 * float(bar.score) / 100)
            d.rect(i * 9, 20 - tall, 7, tall, BAND_TONE.get(bar.band, "neutral"), rx=1)
    rows = tuple((b.name, _shown(b)) for b in bars)
    return Chart(d.svg(title, "Taller is better."), title, ("Dimension", "Score"), rows)


def residual_matrix(
    counts: Mapping[tuple[int, str], int],
    *,
    links: Mapping[tuple[int, str], str] | None = None,
    palette: Palette = SCREEN,
    title: str = "Servers by inherent tier and residual risk",
) -> Chart:
    """Return how many servers of each inherent tier (1 to 4) have each residual risk, keyed (tier, residual).

    A cell with an address in `links` leads to its list.
    """
    left, cell, tall, top = 92, 62, 40, 26
    d = Drawing(left + cell * 5 + 38, top + tall * 5, palette)
    for j, name in enumerate(RESIDUALS.values()):
        d.text(left + cell * (j + 0.5), 16, name, size=10, fill="soft", anchor="middle")
    for i, tier in enumerate(TIERS):
        y = top + tall * i
        _tier_label(d, tier, y)
        for j, residual in enumerate(RESIDUALS):
            key = (tier, residual)
            box = (left + cell * j, y, cell, tall)
            _count_cell(
                d, box, counts.get(key, 0), residual, f"Tier {tier}, {RESIDUALS[residual]}", (links or {}).get(key)
            )
        d.text(d.width, y + 25, str(_row_sum(counts, tier)), fill="soft", anchor="end")
    d.text(0, top + tall * 4 + 24, "All", fill="soft")
    for j, residual in enumerate(RESIDUALS):
        d.text(
            left + cell * (j + 0.5),
            top + tall * 4 + 24,
            str(_column_sum(counts, residual)),
            fill="soft",
            anchor="middle",
        )
    d.text(d.width, top + tall * 4 + 24, str(sum(counts.values())), bold=True, anchor="end")
    rows = tuple((f"Tier {t} {TIERS[t]}", *(str(counts.get((t, r), 0)) for r in RESIDUALS)) for t in TIERS)
    said = "; ".join(
        f"tier {t}: " + ", ".join(f"{RESIDUALS[r]} {counts.get((t, r), 0)}" for r in RESIDUALS) for t in TIERS
    )
    return Chart(d.svg(title, said), title, ("Inherent tier", *RESIDUALS.values()), rows)


def _tier_label(d: Drawing, tier: int, y: float) -> None:
    d.text(0, y + 18, f"Tier {tier}", bold=True)
    d.text(0, y + 32, TIERS[tier], size=10, fill="soft")


def _count_cell(
    d: Drawing, box: tuple[float, float, float, float], count: int, residual: str, label: str, link: str | None
) -> None:
    x, y, w, h = box
    tone = RESIDUAL_TONE[residual]
    if link:
        d.begin_link(link, f"{label}: {count} server{'' if count == 1 else 's'}")
    d.rect(
        x + 1.5, y + 1.5, w - 3, h - 3, f"{tone}-tint" if count else "surface", rx=3, stroke=tone if count else "line"
    )
    d.text(
        x + w / 2,
        y + h / 2 + 5,
        str(count),
        size=14,
        anchor="middle",
        bold=bool(count),
        fill=f"{tone}-fg" if count else "faint",
    )
    if link:
        d.end_link()


def _row_sum(counts: Mapping[tuple[int, str], int], tier: int) -> int:
    return sum(n for (t, _), n in counts.items() if t == tier)


def _column_sum(counts: Mapping[tuple[int, str], int], residual: str) -> int:
    return sum(n for (_, r), n in counts.items() if r == residual)


def rating_matrix(
    lookup: Mapping[tuple[int, str], str],
    *,
    here: tuple[int, str] | None = None,
    palette: Palette = SCREEN,
    title: str = "Residual risk from inherent tier and assurance band",
) -> Chart:
    """Return the methodology's look-up (tier, band) → residual, with one server's cell marked.

    `here` is that server's tier and band; None, or a band outside the four, marks nothing (not assessed).
    """
    left, cell, tall, top = 92, 86, 34, 26
    d = Drawing(left + cell * 4, top + tall * 4 + 2, palette)
    for j, name in enumerate(BANDS.values()):
        d.text(left + cell * (j + 0.5), 16, name, size=11, fill="soft", anchor="middle")
    for i, tier in enumerate(TIERS):
        y = top + tall * i
        d.text(0, y + 22, f"Tier {tier} {TIERS[tier]}", size=11, fill="ink", bold=here is not None and here[0] == tier)
        for j, band in enumerate(BANDS):
            _rating_cell(d, (left + cell * j, y, cell, tall), lookup[tier, band], marked=here == (tier, band))
    rows = tuple((f"Tier {t} {TIERS[t]}", *(RESIDUALS[lookup[t, b]] for b in BANDS)) for t in TIERS)
    said = "Not assessed." if here not in lookup else f"Tier {here[0]}, {BANDS[here[1]]}: {RESIDUALS[lookup[here]]}."
    return Chart(d.svg(title, said), title, ("Inherent tier", *BANDS.values()), rows)


def _rating_cell(d: Drawing, box: tuple[float, float, float, float], residual: str, *, marked: bool) -> None:
    x, y, w, h = box
    tone = RESIDUAL_TONE[residual]
    d.rect(
        x + 1.5,
        y + 1.5,
        w - 3,
        h - 3,
        tone if marked else f"{tone}-tint",
        rx=3,
        stroke="ink" if marked else "none",
        edge=2,
    )
    fill = "on-solid" if marked else f"{tone}-fg"
    d.text(x + w / 2, y + h / 2 + 4, RESIDUALS[residual], anchor="middle", bold=marked, fill=fill)


def severity_by_age(
    groups: Sequence[AgeGroup], *, palette: Palette = SCREEN, title: str = "Open findings by age and severity"
) -> Chart:
    """Return open findings as one bar an age group, stacked by severity."""
    left, right, tall, top, width = 84, 34, 34, 28, 440
    d = Drawing(width, top + tall * len(groups), palette)
    for j, (key, name) in enumerate(SEVERITIES.items()):
        d.rect(left + j * 84, 4, 10, 10, key, rx=2)
        d.text(left + j * 84 + 15, 13, name, size=11, fill="soft")
    largest = max((sum(g.counts.get(s, 0) for s in SEVERITIES) for g in groups), default=0)
    scale = (width - left - right) / largest if largest else 0
    for i, group in enumerate(groups):
        _age_row(d, group, y=top + tall * i, left=left, scale=scale)
    rows = tuple((g.label, *(str(g.counts.get(s, 0)) for s in SEVERITIES)) for g in groups)
    said = "; ".join(
        f"{g.label}: " + ", ".join(f"{n} {g.counts.get(s, 0)}" for s, n in SEVERITIES.items()) for g in groups
    )
    return Chart(d.svg(title, said), title, ("Age", *SEVERITIES.values()), rows)


def _age_row(d: Drawing, group: AgeGroup, *, y: float, left: float, scale: float) -> None:
    d.text(0, y + 19, group.label, fill="soft")
    x = left
    for key in SEVERITIES:
        count = group.counts.get(key, 0)
        wide = count * scale
        if count:
            d.rect(x, y + 4, max(wide - 1, 1), 22, key, rx=2)
        if wide >= 9 + 7 * len(str(count)) and count:
            d.text(x + wide / 2, y + 19, str(count), size=11, anchor="middle", bold=True, fill="on-solid")
        x += wide
    d.text(x + 6, y + 19, str(sum(group.counts.get(s, 0) for s in SEVERITIES)), bold=True)


def trend(
    labels: Sequence[str],
    series: Sequence[Series],
    *,
    title: str,
    palette: Palette = SCREEN,
    top_value: int | None = None,
) -> Chart:
    """Return up to three lines over the same moments, from zero up to `top_value` (default: a round number above all)."""
    left, right, top, base, width = 30, 92, 10, 160, 480
    d = Drawing(width, base + 24, palette)
    ceiling = top_value or _round_up(max((float(v) for s in series for v in s.values if v is not None), default=1))
    step = (width - left - right) / max(len(labels) - 1, 1)
    for part in range(5):
        y = base - (base - top) * part / 4
        d.line([(left, y), (width - right, y)], "line")
        d.text(left - 6, y + 4, half_up(ceiling * part / 4, digits=0), size=10, fill="faint", anchor="end")
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
    said = "; ".join(f"{s.name}: from {_value(s.values[0])} to {_value(s.values[-1])}" for s in series if s.values)
    return Chart(d.svg(title, said), title, ("Month", *(s.name for s in series)), rows)


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


def sparkline(values: Sequence[Number], *, title: str, palette: Palette = SCREEN, tone: str = "info") -> Chart:
    """Return a small line without axes, from its lowest to its highest value, with the last one marked."""
    d = Drawing(96, 24, palette)
    low, high = (float(min(values)), float(max(values))) if values else (0.0, 0.0)
    spread = high - low or 1.0
    step = 88 / max(len(values) - 1, 1)
    points = [(4 + step * i, 20 - 16 * (float(v) - low) / spread) for i, v in enumerate(values)]
    if points:
        d.line(points, tone, width=1.5)
        d.dot(*points[-1], 2.5, tone)
    said = f"From {_value(values[0])} to {_value(values[-1])}." if values else "No values yet."
    return Chart(d.svg(title, said), title, ("Value",), tuple((_value(v),) for v in values))


def _value(value: Number | None) -> str:
    if value is None:
        return "–"
    return str(int(value)) if value == int(value) else half_up(value)


def _round_up(value: float) -> int:
    unit = 4
    while unit < value:
        unit = unit * 5 // 2 if str(unit)[0] == "4" else unit * 2
    return unit


def _few(count: int) -> list[int]:
    every = max(1, -(-count // 6))
    return [i for i in range(count) if (count - 1 - i) % every == 0]
