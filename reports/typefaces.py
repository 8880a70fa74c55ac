"""The packaged fonts: those that a document needs beside its own, and characters that none of them has."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from fontTools.ttLib import TTFont

from riskregister import unseen

FONTS = Path(__file__).parent / "fonts"
SCHEME = "packaged:"
# Declared in report.css; all text is set in them as far as they go. What only the second has is set in it everywhere.
OWN = ("SourceSans3-Regular.ttf", "SourceCodePro-Regular.ttf")
# How report.css names them where its own fonts do not go; a document names those that it needs in their place. To name
# all cost a tenth of the time: Pango looks through the list for each line of text.
PLACE = '"other scripts"'
# By preference. The file of a family is its name without spaces.
OTHERS = (
    "Noto Sans", "Noto Sans CJK", "Noto Sans Arabic", "Noto Sans Hebrew", "Noto Sans Devanagari", "Noto Sans Thai",
    "Noto Sans Bengali", "Noto Sans Tamil", "Noto Sans Telugu", "Noto Sans Gujarati", "Noto Sans Gurmukhi",
    "Noto Sans Kannada", "Noto Sans Malayalam", "Noto Sans Oriya", "Noto Sans Sinhala", "Noto Sans Khmer",
    "Noto Sans Lao", "Noto Sans Myanmar", "Noto Sans Ethiopic", "Noto Sans Armenian", "Noto Sans Georgian",
    "Noto Sans Symbols", "Noto Emoji",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Setting:
    """A document's text as it can be set, and the style sheet with the fonts that it needs beside its own."""

    text: str
    css: str


def setting(text: str) -> Setting:
    """Return how a document is set; each character that no font has is named, so that none prints as an empty box."""
    # Of those that nobody sees the ones that matter are named before; the rest shape their neighbours.
    missing = {one for one in set(text) - _characters(OWN) - set("\n\t") if not unseen.is_unseen(one)}
    families = []
    for family in OTHERS:
        if not missing:
            break
        if found := missing & _characters((file_of(family),)):
            families.append(family)
            missing -= found
    shown = text.translate({ord(one): f"[{unseen.code(one)}]" for one in missing})
    named = ", ".join(f'"{family}"' for family in families)
    return Setting(shown.replace(PLACE, named or PLACE), "".join(map(_face, families)))


def file_of(family: str) -> str:
    """Return the name of a family's file."""
    ending = "otf" if family.endswith("CJK") else "ttf"
    return f"{family.replace(' ', '')}-Regular.{ending}"


def packaged(url: str) -> bytes:
    """Return the bytes of a packaged font. Raises ValueError for any other address."""
    known = {f"{SCHEME}{font.name}": font for font in FONTS.glob("*.[ot]tf")}
    if url not in known:
        raise ValueError("A report reads nothing but its own fonts.")
    return known[url].read_bytes()


class Embedded(TTFont):  # type: ignore[misc] # fontTools ships no types.
    """A font to be embedded, without the tables that shape text: a PDF has glyphs, which are shaped already.

    Where HarfBuzz cannot subset, fontTools does, and reads these tables before it drops them: that took 0.5 of the
    1.5 s of processor time of an empty report.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        """Read a font as fontTools does, and leave those tables unread."""
        super().__init__(*args, **options)
        for table in ("BASE", "GDEF", "GPOS", "GSUB"):
            if table in self:
                del self[table]


@cache
def _characters(files: Iterable[str]) -> frozenset[str]:
    return frozenset(chr(point) for name in files for point in _points(name))


def _points(name: str) -> Iterable[int]:
    font = TTFont(FONTS / name, lazy=True)
    # What a glyph is called is not asked here, and to make up names took as long as all else of this module.
    font.setGlyphOrder([""] * font["maxp"].numGlyphs)
    return font.getBestCmap()  # type: ignore[no-any-return] # fontTools ships no types.


def _face(family: str) -> str:
    # One weight serves both, so that a heading does not fall back to a font of the machine.
    source = f'font-family: "{family}"; src: url("{SCHEME}{file_of(family)}")'
    return "".join(f"@font-face {{ {source}; font-weight: {weight}; }}\n" for weight in (400, 600))
