"""Charts: well-formed, accessible, free of style attributes, with the exact numbers in drawing and table."""

import re
import xml.etree.ElementTree as ET
from fractions import Fraction

import pytest
from django.template import Context, Template

from reports.drawings import charts, matrices
from reports.drawings.charts import AgeGroup, Chart, DimensionBar, Series
from reports.drawings.drawing import PAPER, PRINT, SCREEN, Palette
from scoring import methodology
from scoring.scales import Band, Residual, Severity
from tests.tables import for_each

SVG = "{http://www.w3.org/2000/svg}"
METHOD = methodology.load()
BARS = (
    DimensionBar("Code provenance", 20, 80, Band.ADEQUATE),
    DimensionBar("Permission scope", 25, Fraction(875, 13), Band.WEAK),
    DimensionBar("Data handling", 20, 20, Band.UNACCEPTABLE, high=75),
    DimensionBar("Security posture", 20, None),
    DimensionBar("Operational resilience", 15, 90, Band.STRONG),
)
COUNTS = {(1, Residual.CRITICAL): 2, (2, Residual.MEDIUM): 3, (4, Residual.NOT_ASSESSED): 1}
AGES = (
    AgeGroup("0–30 days", {Severity.CRITICAL: 1, Severity.HIGH: 4, Severity.LOW: 20}),
    AgeGroup("Over 90", {Severity.MEDIUM: 7}),
)
MONTHS = ("Sep", "Oct", "Nov")
LINES = (Series("open", (3, None, 12), "high"), Series("closed", (0, 5, 11), "positive"))


def every_chart(palette: Palette) -> dict[str, Chart]:
    return {
        "bars": charts.dimension_bars(BARS, bands=METHOD.bands, palette=palette),
        "portfolio": matrices.residual_matrix(COUNTS, palette=palette),
        "rating": matrices.rating_matrix(METHOD.residual, here=(2, Band.ADEQUATE), palette=palette),
        "ages": charts.severity_by_age(AGES, palette=palette),
        "trend": charts.trend(MONTHS, LINES, title="Findings", palette=palette),
        "no ages": charts.severity_by_age((), palette=palette),
        "no months": charts.trend((), (), title="Findings", palette=palette),
    }


ALL = [(palette, name) for palette in (SCREEN, PRINT) for name in every_chart(SCREEN)]


def words(chart: Chart) -> list[str]:
    return [element.text or "" for element in ET.fromstring(chart.svg).iter(f"{SVG}text")]


@for_each(("palette", "name"), ALL, ids=lambda row: f"{row[1]} on {row[0].name}")
def test_a_chart_is_well_formed_named_and_without_style(palette: Palette, name: str) -> None:
    chart = every_chart(palette)[name]
    root = ET.fromstring(chart.svg)
    assert root.get("role") == "img"
    title, desc = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None
    assert title.text == chart.title
    assert root.get("aria-labelledby") == title.get("id")
    assert desc is not None
    assert desc.text
    assert root.get("aria-describedby") == desc.get("id")
    assert not [e for e in root.iter() if "style" in e.attrib]
    assert all(len(row) == len(chart.columns) for row in chart.rows)


@for_each("name", list(every_chart(SCREEN)))
def test_paper_is_coloured_by_attributes_and_screen_by_classes(name: str) -> None:
    screen, paper = ET.fromstring(every_chart(SCREEN)[name].svg), ET.fromstring(every_chart(PRINT)[name].svg)
    shapes = ("rect", "text", "path", "circle")
    for element in paper.iter():
        if element.tag.removeprefix(SVG) in shapes:
            used = {element.get("fill"), element.get("stroke")} - {None, "none"}
            assert used
            assert used <= set(PAPER.values())
    for element in screen.iter():
        if element.tag.removeprefix(SVG) in shapes:
            assert re.fullmatch(r"(fill|stroke)-[\w-]+( stroke-[\w-]+)?", element.get("class", ""))
            assert element.get("fill") in (None, "none")


def test_bars_are_as_long_as_their_scores() -> None:
    root = ET.fromstring(charts.dimension_bars(BARS, bands=METHOD.bands, palette=PRINT).svg)
    widths = [float(r.get("width", 0)) for r in root.iter(f"{SVG}rect") if r.get("fill") != PAPER["track"]]
    assert widths == [304.0, 255.77, 285.0, 76.0, 342.0]  # of 380: 80, 67.31, the bound 75 under 20, 90


def test_bars_print_exact_scores_bands_weights_and_floors() -> None:
    chart = charts.dimension_bars(BARS, bands=METHOD.bands)
    assert "67.31 Weak · weight 25 %" in words(chart)
    assert "20.00 to 75.00 · weight 20 %" in words(chart)
    assert "Not rateable · weight 20 %" in words(chart)
    assert words(chart)[-5:] == ["0", "40", "70", "85", "100"]
    assert chart.rows[1] == ("Permission scope", "25 %", "67.31", "Weak")


def test_the_portfolio_adds_up() -> None:
    chart = matrices.residual_matrix(COUNTS)
    assert chart.columns == ("Inherent tier", "Low", "Medium", "High", "Critical", "Not assessed")
    assert chart.rows[0] == ("Tier 1 Critical", "0", "0", "0", "2", "0")
    assert words(chart)[-7:] == ["All", "0", "3", "0", "2", "1", "6"]


def test_a_portfolio_with_links_is_a_group_of_named_links() -> None:
    chart = matrices.residual_matrix(COUNTS, links={(1, Residual.CRITICAL): "/servers/?tier=1&residual=critical"})
    root = ET.fromstring(chart.svg)
    links = list(root.iter(f"{SVG}a"))
    assert root.get("role") == "group"
    assert [(a.get("href"), a.get("aria-label")) for a in links] == [
        ("/servers/?tier=1&residual=critical", "Tier 1, Critical: 2 servers")
    ]


def test_the_rating_marks_one_cell_of_the_methodology() -> None:
    chart = matrices.rating_matrix(METHOD.residual, here=(2, Band.ADEQUATE), palette=PRINT)
    marked = [r for r in ET.fromstring(chart.svg).iter(f"{SVG}rect") if r.get("stroke") == PAPER["ink"]]
    assert len(marked) == 1
    assert chart.rows[1] == ("Tier 2 High", "Low", "Medium", "High", "Critical")
    assert "This server: tier 2, Adequate, so Medium." in chart.svg


@for_each("here", [None, (2, Band.NOT_ASSESSED)])
def test_a_server_that_is_not_assessed_is_not_marked(here: tuple[int, Band] | None) -> None:
    chart = matrices.rating_matrix(METHOD.residual, here=here, palette=PRINT)
    assert PAPER["ink"] not in [r.get("stroke") for r in ET.fromstring(chart.svg).iter(f"{SVG}rect")]
    assert "This server is not assessed." in chart.svg


def test_stacks_share_one_scale_and_name_their_sums() -> None:
    chart = charts.severity_by_age(AGES, palette=PRINT)
    low = [r for r in ET.fromstring(chart.svg).iter(f"{SVG}rect") if r.get("fill") == PAPER["low"]][1]
    assert float(low.get("width", 0)) == pytest.approx(20 / 25 * 322 - 1, abs=0.01)
    assert chart.rows == (("0–30 days", "1", "4", "0", "20", "25"), ("Over 90", "0", "0", "7", "0", "7"))
    assert "25" in words(chart)
    assert "7" in words(chart)


def test_a_trend_names_its_last_values_and_keeps_gaps_out() -> None:
    chart = charts.trend(MONTHS, LINES, title="Findings")
    assert "12 open" in words(chart)
    assert "11 closed" in words(chart)
    assert chart.rows == (("Sep", "3", "0"), ("Oct", "–", "5"), ("Nov", "12", "11"))


def test_labels_of_close_lines_do_not_overlap() -> None:
    root = ET.fromstring(charts.trend(MONTHS, LINES, title="Findings").svg)
    places = [float(t.get("y", 0)) for t in root.iter(f"{SVG}text") if t.get("font-weight")]
    assert abs(places[0] - places[1]) >= 14


def test_names_are_escaped() -> None:
    chart = charts.dimension_bars([DimensionBar('<script>"&', 20, 80, Band.ADEQUATE)], bands=METHOD.bands, title="<i>&")
    assert "<script>" not in chart.svg
    assert '<script>"&' in words(chart)
    assert ET.fromstring(chart.svg).find(f"{SVG}title").text == "<i>&"  # type: ignore[union-attr]


def test_a_template_shows_the_drawing_and_escapes_the_rest() -> None:
    chart = charts.dimension_bars(BARS, bands=METHOD.bands, title="<b> 80.00")
    html = Template("{{ chart.svg }}{{ chart.title }}").render(Context({"chart": chart}))
    assert html.startswith("<svg ")
    assert html.endswith("&lt;b&gt; 80.00")


def test_the_same_values_draw_the_same_bytes() -> None:
    assert every_chart(PRINT)["bars"].svg == every_chart(PRINT)["bars"].svg


@for_each(("largest", "ceiling"), [(0, 4), (4, 4), (5, 8), (13, 20), (47, 60), (101, 120), (4100, 6000)])
def test_the_axis_of_a_trend_ends_at_a_round_number(largest: int, ceiling: int) -> None:
    chart = charts.trend(MONTHS, [Series("open", (0, 0, largest))], title="Findings")
    assert words(chart)[:5] == [str(ceiling * part // 4) for part in range(5)]
