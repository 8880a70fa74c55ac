"""The curve of how requests grow with the register, as a picture for docs/performance.md."""

from collections.abc import Mapping, Sequence
from math import log10

from riskregister.env import BASE_DIR

PICTURE = BASE_DIR / "docs" / "images" / "growth.svg"
WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 760, 420, 60, 24, 190, 46
# The lists whose names stand beside their lines: those that take longest at the last size.
NAMED = 30
MARKS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000)


def draw(sizes: Sequence[int], lines: Mapping[str, Sequence[float]]) -> None:
    """Write the picture: one line a list, both axes logarithmic; those that take longest have their names."""
    highest = max(value for times in lines.values() for value in times)
    top = next((mark for mark in MARKS if mark >= highest), MARKS[-1])

    def x(place: int) -> float:
        return LEFT + place * (WIDTH - LEFT - RIGHT) / (len(sizes) - 1)

    def y(value: float) -> float:
        return HEIGHT - BOTTOM - log10(max(value, 1)) / log10(top) * (HEIGHT - TOP - BOTTOM)

    parts = [_frame(sizes, x, y, top)]

    def line(times: Sequence[float], color: str, width: float) -> str:
        points = " ".join(f"{x(place):.1f},{y(value):.1f}" for place, value in enumerate(times))
        return f'<polyline points="{points}" fill="none" stroke="{color}" stroke-width="{width}"/>'

    slowest = sorted(lines, key=lambda name: -lines[name][-1])
    parts += [line(lines[name], "#c3c8ce", 0.8) for name in slowest[NAMED:]]
    ends = _spread([(y(lines[name][-1]), name, lines[name]) for name in slowest[:NAMED]])
    for i, (label, name, times) in enumerate(ends):
        hue = i * 360 // max(len(ends), 1)
        parts.append(line(times, f"hsl({hue} 55% 42%)", 1.6))
        parts.append(f'<text x="{x(len(sizes) - 1) + 8:.0f}" y="{label:.1f}" fill="hsl({hue} 55% 32%)">{name}</text>')
    PICTURE.parent.mkdir(exist_ok=True)
    PICTURE.write_text("\n".join([*parts, "</svg>", ""]))


def _frame(sizes: Sequence[int], x: object, y: object, top: int) -> str:
    marks = [mark for mark in MARKS if mark <= top]
    across = [
        f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(mark):.1f}" y2="{y(mark):.1f}" stroke="#d5d8dc"/>'  # type: ignore[operator]
        f'<text x="{LEFT - 8}" y="{y(mark) + 3:.1f}" text-anchor="end">{mark} ms</text>'  # type: ignore[operator]
        for mark in marks
    ]
    below = [
        f'<text x="{x(i):.0f}" y="{HEIGHT - BOTTOM + 20}" text-anchor="middle">{size:,}</text>'  # type: ignore[operator]
        for i, size in enumerate(sizes)
    ]
    title = "Median of each list over its filters and orders, by the findings in the register"
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" font-family="sans-serif" '
        f'font-size="9"><title>{title}</title><rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        *across, *below,
        f'<text x="{LEFT}" y="{HEIGHT - 8}">{title}</text>',
    ])  # fmt: skip


def _spread(ends: Sequence[tuple[float, str, Sequence[float]]]) -> list[tuple[float, str, Sequence[float]]]:
    """Return the labels from top to bottom, moved apart so that each can be read."""
    placed: list[tuple[float, str, Sequence[float]]] = []
    for at, name, times in sorted(ends):
        free = max(at, placed[-1][0] + 9) if placed else at
        placed.append((free, name, times))
    return placed
