"""The two matrices: what a portfolio comes to, and how one server's residual risk is looked up."""

from collections.abc import Mapping

from reports.drawings.charts import Chart
from reports.drawings.drawing import SCREEN, Drawing, Palette
from riskregister import looks, plurals
from scoring.scales import Band, Residual
from vendors.tiers import TIERS

BANDS = (Band.STRONG, Band.ADEQUATE, Band.WEAK, Band.UNACCEPTABLE)
RESIDUALS = (Residual.LOW, Residual.MEDIUM, Residual.HIGH, Residual.CRITICAL, Residual.NOT_ASSESSED)

Cell = tuple[int, Residual]
Box = tuple[float, float, float, float]


def residual_matrix(
    counts: Mapping[Cell, int],
    *,
    links: Mapping[Cell, str] | None = None,
    palette: Palette = SCREEN,
    title: str = "Servers by inherent tier and residual risk",
) -> Chart:
    """Return how many servers of each inherent tier (1 to 4) have each residual risk, keyed (tier, residual).

    A cell with an address in `links` leads to its list.
    """
    left, cell, tall, top = 92, 62, 40, 26
    d = Drawing(left + cell * 5 + 38, top + tall * 5, palette)
    for j, residual in enumerate(RESIDUALS):
        d.text(left + cell * (j + 0.5), 16, residual.label, size=10, fill="soft", anchor="middle")
    for i, tier in enumerate(TIERS):
        y = top + tall * i
        d.text(0, y + 18, f"Tier {tier}", bold=True)
        d.text(0, y + 32, TIERS[tier], size=10, fill="soft")
        for j, residual in enumerate(RESIDUALS):
            key = (tier, residual)
            _count_cell(d, (left + cell * j, y, cell, tall), key, counts.get(key, 0), (links or {}).get(key, ""))
        d.text(d.width, y + 25, str(sum(n for (t, _), n in counts.items() if t == tier)), fill="soft", anchor="end")
    _sums(d, counts, left=left, cell=cell, y=top + tall * 4 + 24)
    rows = tuple((_tier(t), *(str(counts.get((t, r), 0)) for r in RESIDUALS)) for t in TIERS)
    words = "; ".join(
        f"{_tier(t)}: " + ", ".join(f"{r.label} {counts.get((t, r), 0)}" for r in RESIDUALS) for t in TIERS
    )
    return Chart(d.svg(title, words), title, ("Inherent tier", *(r.label for r in RESIDUALS)), rows)


def _tier(tier: int) -> str:
    return f"Tier {tier} {TIERS[tier]}"


def _sums(d: Drawing, counts: Mapping[Cell, int], *, left: float, cell: float, y: float) -> None:
    d.text(0, y, "All", fill="soft")
    for j, residual in enumerate(RESIDUALS):
        count = sum(n for (_, r), n in counts.items() if r == residual)
        d.text(left + cell * (j + 0.5), y, str(count), fill="soft", anchor="middle")
    d.text(d.width, y, str(sum(counts.values())), bold=True, anchor="end")


def _count_cell(d: Drawing, box: Box, key: Cell, count: int, link: str) -> None:
    x, y, w, h = box
    tier, residual = key
    tone = looks.look("residual", residual).tone
    inside, edge, words = (f"{tone}-tint", tone, f"{tone}-fg") if count else ("surface", "line", "faint")
    if link:
        d.begin_link(link, f"Tier {tier}, {residual.label}: {plurals.counted(count, 'server')}")
    d.rect(x + 1.5, y + 1.5, w - 3, h - 3, inside, rx=3, stroke=edge)
    d.text(x + w / 2, y + h / 2 + 5, str(count), size=14, anchor="middle", bold=bool(count), fill=words)
    if link:
        d.end_link()


def rating_matrix(
    lookup: Mapping[tuple[int, Band], Residual],
    *,
    here: tuple[int, Band] | None = None,
    palette: Palette = SCREEN,
    title: str = "Residual risk from inherent tier and assurance band",
) -> Chart:
    """Return the methodology's look-up (tier, band) to residual risk, with one server's cell marked.

    `here` is that server's tier and band; None, or the band *not assessed*, marks nothing.
    """
    left, cell, tall, top = 92, 86, 34, 26
    d = Drawing(left + cell * 4, top + tall * 4 + 2, palette)
    for j, band in enumerate(BANDS):
        d.text(left + cell * (j + 0.5), 16, band.label, size=11, fill="soft", anchor="middle")
    for i, tier in enumerate(TIERS):
        y = top + tall * i
        d.text(0, y + 22, _tier(tier), size=11, bold=here is not None and here[0] == tier)
        for j, band in enumerate(BANDS):
            _rating_cell(d, (left + cell * j, y, cell, tall), lookup[tier, band], marked=here == (tier, band))
    rows = tuple((_tier(t), *(lookup[t, b].label for b in BANDS)) for t in TIERS)
    words = "This server is not assessed."
    if here is not None and here[1] in BANDS:
        words = f"This server: tier {here[0]}, {here[1].label}, so {lookup[here].label}."
    return Chart(d.svg(title, words), title, ("Inherent tier", *(b.label for b in BANDS)), rows)


def _rating_cell(d: Drawing, box: Box, residual: Residual, *, marked: bool) -> None:
    x, y, w, h = box
    tone = looks.look("residual", residual).tone
    inside, edge, words = (tone, "ink", "on-solid") if marked else (f"{tone}-tint", "none", f"{tone}-fg")
    d.rect(x + 1.5, y + 1.5, w - 3, h - 3, inside, rx=3, stroke=edge, edge=2)
    d.text(x + w / 2, y + h / 2 + 4, residual.label, anchor="middle", bold=marked, fill=words)
