"""The palette holds its contrast: every pair of colours that is used together, in both themes."""

import re
from itertools import product

import pytest
from django.conf import settings

from reports.drawings import drawing
from tests.tables import for_each

STATIC = settings.BASE_DIR / "static"
TEMPLATES = settings.BASE_DIR / "templates"
TOKENS = (settings.BASE_DIR / "static/css/tokens.css").read_text()
THEMES = {"light": 0, "dark": 1}
TONES = ("critical", "high", "medium", "low", "positive", "info", "neutral")

# WCAG 2.2: 1.4.3 for words, 1.4.11 for the edges of controls and the shapes of charts.
WORDS, SHAPES = 4.5, 3.0
SURFACES = ("canvas", "sunken", "surface", "raised")
PAIRS = [
    *((word, back, WORDS) for word, back in product(("ink", "ink-soft", "ink-faint", "link"), SURFACES)),
    *((f"{tone}-fg", back, WORDS) for tone, back in product(TONES, ("canvas", "surface", "raised"))),
    *((f"{tone}-fg", f"{tone}-tint", WORDS) for tone in TONES),
    *(("on-solid", f"{tone}-solid", WORDS) for tone in TONES),
    *((f"{tone}-solid", "surface", SHAPES) for tone in TONES),
    ("on-accent", "accent", WORDS),
    ("on-accent", "accent-strong", WORDS),
    ("ink", "info-tint", WORDS),
    ("ink-soft", "info-tint", WORDS),
    ("info-solid", "neutral-tint", SHAPES),
    *(("line-control", back, SHAPES) for back in SURFACES),
    *(("focus", back, SHAPES) for back in SURFACES),
]


def colours(theme: str) -> dict[str, str]:
    pairs = re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\);", TOKENS)
    return {name: values[THEMES[theme]] for name, *values in pairs}


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_the_measure_is_that_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@for_each("theme", THEMES)
def test_every_pair_that_is_used_together_can_be_read(theme: str) -> None:
    known = colours(theme)
    found = {(a, b): (round(contrast(known[a], known[b]), 2), least) for a, b, least in PAIRS}
    assert {pair: ratio for pair, (ratio, least) in found.items() if ratio < least} == {}


def test_every_colour_has_a_light_and_a_dark_value() -> None:
    declared = re.findall(r"--([\w-]+):[^;]*#\w+", TOKENS)
    assert sorted(declared) == sorted(colours("light"))


def test_style_sheets_name_colours_only_through_the_palette() -> None:
    sheets = [p for p in (settings.BASE_DIR / "static/css").glob("*.css") if p.name not in ("tokens.css", "print.css")]
    assert len(sheets) == 4
    strays = {p.name: re.findall(r"(?<![\w-])#[0-9a-fA-F]{3,8}\b(?![^{]*\{)", p.read_text()) for p in sheets}
    assert strays == {p.name: [] for p in sheets}


def test_every_variable_of_the_style_sheets_is_declared() -> None:
    text = "".join(p.read_text() for p in (settings.BASE_DIR / "static/css").glob("*.css"))
    used, declared = set(re.findall(r"var\(--([\w-]+)", text)), set(re.findall(r"--([\w-]+):", text))
    assert used - declared == set()


def test_every_class_of_the_pages_has_a_rule_or_is_read_by_a_script() -> None:
    """A button under a class that no sheet knows is drawn as a line of words."""
    sheets = [*(STATIC / "css").glob("*.css"), STATIC / "vendor/bootstrap/bootstrap.min.css"]
    known = set(re.findall(r"\.([A-Za-z][\w-]*)", "".join(sheet.read_text() for sheet in sheets)))
    pages = {page: re.sub(r"{[{%].*?[%}]}", "…", page.read_text()) for page in TEMPLATES.rglob("*.html")}
    written = {
        (str(page.relative_to(TEMPLATES)), name.strip("…"))
        for page, text in pages.items()
        if "reports" not in page.relative_to(TEMPLATES).parts
        for names in re.findall(r'class="([^"]*)"', text)
        for name in names.split()
        # A part of these is put there by the page: `tone-{{ tone }}`.
        if re.fullmatch(r"…*[\w-]*\w…*", name)
    }
    assert len({name for _, name in written}) > 150
    assert sorted((page, name) for page, name in written if name not in known) == []


def test_paper_has_the_light_values_of_the_palette() -> None:
    known = colours("light")
    names = {"soft": "ink-soft", "faint": "ink-faint", "control": "line-control", "track": "neutral-tint"}
    names |= {tone: f"{tone}-solid" for tone in TONES}
    assert {name: known[names.get(name, name)] for name in drawing.PAPER} == drawing.PAPER


def test_the_screen_has_a_rule_for_every_colour_of_the_paper() -> None:
    rules = (settings.BASE_DIR / "static/css/charts.css").read_text()
    assert [
        name for name in drawing.PAPER if name != "line" and name != "control" and f".fill-{name} " not in rules
    ] == []
    assert [name for name in (*TONES, "ink", "line", "surface", "control") if f".stroke-{name} " not in rules] == []
