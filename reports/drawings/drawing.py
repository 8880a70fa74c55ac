"""Writes accessible SVG, for the screen (coloured by class names) and for paper (coloured by attributes).

No style attribute occurs: the pages' Content-Security-Policy forbids it.
"""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from xml.sax.saxutils import escape, quoteattr

Number = Fraction | float

EMPTY = "Nothing to show yet."
PAPER_FONT = "Source Sans 3, DejaVu Sans, Liberation Sans, Helvetica, Arial, sans-serif"

# The light values of static/css/tokens.css; a test holds the two together.
PAPER = {
    "surface": "#ffffff",
    "ink": "#16211d",
    "soft": "#43514b",
    "faint": "#56645e",
    "line": "#dce2de",
    "control": "#7d8983",
    "track": "#e8ecea",
    "on-solid": "#ffffff",
    "critical": "#b0234b",
    "critical-tint": "#fbe5ea",
    "critical-fg": "#98113a",
    "high": "#b4530f",
    "high-tint": "#fcebdf",
    "high-fg": "#93390b",
    "medium": "#8a6600",
    "medium-tint": "#f8efd0",
    "medium-fg": "#715003",
    "low": "#37709f",
    "low-tint": "#e3eef7",
    "low-fg": "#28587f",
    "positive": "#22784a",
    "positive-tint": "#dff1e6",
    "positive-fg": "#195e3c",
    "info": "#11726c",
    "info-tint": "#dff0ee",
    "info-fg": "#0a5e59",
    "neutral": "#64716b",
    "neutral-tint": "#e8ecea",
    "neutral-fg": "#465450",
}


class Svg(str):
    """A finished drawing, which Django's templates take as safe markup."""

    def __html__(self) -> str:
        """Return the markup itself; every text in it was escaped when it was drawn."""
        return str(self)


@dataclass(frozen=True)
class Palette:
    """Turns the name of a colour into the attributes that give it to a shape."""

    name: str
    colours: Mapping[str, str] | None

    def paint(self, *, fill: str = "none", stroke: str = "none") -> str:
        """Return the attributes for a shape's inside and outline."""
        if self.colours is not None:
            edge = "" if stroke == "none" else f' stroke="{self.colours[stroke]}"'
            return f'fill="{self.colours.get(fill, "none")}"{edge}'
        classes = [f"{kind}-{name}" for kind, name in (("fill", fill), ("stroke", stroke)) if name != "none"]
        return f'class="{" ".join(classes)}"' + (' fill="none"' if fill == "none" else "")


SCREEN = Palette("screen", None)
PRINT = Palette("print", PAPER)


class Drawing:
    """A canvas of a fixed size in pixels; each method adds one shape."""

    def __init__(self, width: float, height: float, palette: Palette) -> None:
        """Start an empty canvas."""
        self.width, self.height, self.palette = width, height, palette
        self._parts: list[str] = []
        self._linked = False

    def rect(
        self, x: float, y: float, w: float, h: float, fill: str, *, rx: float = 0, stroke: str = "none", edge: float = 1
    ) -> None:
        """Add a rectangle; `edge` is the width of its outline."""
        outline = "" if stroke == "none" else f' stroke-width="{_n(edge)}"'
        corner = f' rx="{_n(rx)}"' if rx else ""
        paint = self.palette.paint(fill=fill, stroke=stroke)
        self._parts.append(f'<rect x="{_n(x)}" y="{_n(y)}" width="{_n(w)}" height="{_n(h)}"{corner} {paint}{outline}/>')

    def text(
        self,
        x: float,
        y: float,
        words: str,
        *,
        fill: str = "ink",
        size: int = 12,
        anchor: str = "start",
        bold: bool = False,
    ) -> None:
        """Add one line of text; `y` is its base line."""
        weight = ' font-weight="600"' if bold else ""
        side = "" if anchor == "start" else f' text-anchor="{anchor}"'
        paint = self.palette.paint(fill=fill)
        self._parts.append(
            f'<text x="{_n(x)}" y="{_n(y)}" font-size="{size}"{side}{weight} {paint}>{escape(words)}</text>'
        )

    def line(
        self, points: list[tuple[float, float]], stroke: str, *, width: float = 1, dash: str = "", opacity: float = 1
    ) -> None:
        """Add an open line through the points."""
        path = " ".join(f"{'L' if i else 'M'}{_n(x)} {_n(y)}" for i, (x, y) in enumerate(points))
        pattern = f' stroke-dasharray="{dash}"' if dash else ""
        shade = "" if opacity == 1 else f' stroke-opacity="{_n(opacity)}"'
        paint = self.palette.paint(stroke=stroke)
        self._parts.append(
            f'<path d="{path}" stroke-width="{_n(width)}"{pattern}{shade} stroke-linejoin="round" {paint}/>'
        )

    def dot(self, x: float, y: float, radius: float, fill: str) -> None:
        """Add a filled circle."""
        self._parts.append(f'<circle cx="{_n(x)}" cy="{_n(y)}" r="{_n(radius)}" {self.palette.paint(fill=fill)}/>')

    def begin_link(self, address: str, label: str) -> None:
        """Make what follows, up to `end_link`, a link with a spoken label."""
        self._linked = True
        self._parts.append(f"<a href={quoteattr(address)} aria-label={quoteattr(label)}>")

    def end_link(self) -> None:
        """End the link."""
        self._parts.append("</a>")

    def svg(self, title: str, description: str) -> Svg:
        """Return the drawing. It is one image to a screen reader, or a group where it holds links."""
        body = "".join(self._parts)
        key = f"c{zlib.crc32(f'{self.palette.name}{title}{body}'.encode()):08x}"
        font = "" if self.palette.colours is None else f' font-family="{PAPER_FONT}"'
        role = "group" if self._linked else "img"
        size = f'viewBox="0 0 {_n(self.width)} {_n(self.height)}" width="{_n(self.width)}" height="{_n(self.height)}"'
        words = escape(description or EMPTY)
        return Svg(
            f'<svg xmlns="http://www.w3.org/2000/svg" class="chart" role="{role}" {size}{font} '
            f'aria-labelledby="{key}t" aria-describedby="{key}d">'
            f'<title id="{key}t">{escape(title)}</title><desc id="{key}d">{words}</desc>{body}</svg>'
        )


def _n(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
