"""What the assessed release offers and where it is reached: its addresses, its tools, and what checks of them found."""

from dataclasses import dataclass

from inspection import checking
from inspection.checks import table
from inspection.checks.declared import Result
from reports.builders.entries import moment
from vendors.models import Release, Tool

# Vendors write pages about one tool. The whole is in the register, under the digest that is printed beside this much.
EXCERPT = 400
# So many hits of a check are printed; the register has all.
HITS = 3


@dataclass(frozen=True, slots=True)
class AddressEntry:
    """Where the server is reached over a network, and by which transport."""

    transport: str
    url: str


@dataclass(frozen=True, slots=True)
class ToolEntry:
    """A tool as the server describes it; `hints` are claims of its vendor in words; nobody checked them."""

    name: str
    title: str
    says: str
    is_cut: bool
    hints: tuple[str, ...]
    digest: str


@dataclass(frozen=True, slots=True)
class CheckEntry:
    """What came of a check on the day of the report: its first hits, how many there are, or why it says nothing."""

    title: str
    owasp: str
    gates: bool
    outcome: str
    hits: tuple[str, ...]
    more: int
    why: str


@dataclass(frozen=True, slots=True)
class Offered:
    """What a release offers; without a capture `captured_at` is empty and there are no tools.

    `checks` are by version `checks_version` of their set.
    """

    addresses: tuple[AddressEntry, ...]
    captured_at: str
    capture_command: str
    tools: tuple[ToolEntry, ...]
    checks: tuple[CheckEntry, ...]
    checks_version: str


def of(release: Release) -> Offered:
    """Return what the release offers, tools by name."""
    packages = release.packages.exclude(transport_url="").order_by("identifier")
    return Offered(
        addresses=(
            *(AddressEntry(row.get_transport_display(), row.url) for row in release.remotes.order_by("url")),
            *(AddressEntry(row.transport, row.transport_url) for row in packages),
        ),
        captured_at=moment(release.captured_at),
        capture_command=release.capture_command,
        tools=tuple(_tool(row) for row in release.tools.order_by("name")),
        checks=tuple(_check(one) for one in checking.results(release)),
        checks_version=table.VERSION,
    )


def _check(one: Result) -> CheckEntry:
    return CheckEntry(
        title=one.check.title,
        owasp=one.check.owasp,
        gates=one.check.gates,
        outcome=one.outcome.value,
        hits=tuple(str(hit)[:EXCERPT] for hit in one.hits[:HITS]),
        more=max(len(one.hits) - HITS, 0),
        why=one.why,
    )


def _tool(row: Tool) -> ToolEntry:
    return ToolEntry(
        name=row.name,
        title=row.shown_title if row.shown_title != row.name else "",
        says=row.description[:EXCERPT],
        is_cut=len(row.description) > EXCERPT,
        hints=tuple(_hints(row)),
        digest=row.digest,
    )


_HINTS = (
    ("read_only", "reads only", "does not only read"),
    ("destructive", "may destroy", "destroys nothing"),
    ("idempotent", "may be repeated", "counts each time"),
    ("open_world", "reaches outside", "stays inside"),
)


def _hints(row: Tool) -> list[str]:
    """Return what the vendor declares of a tool; what is not declared is not guessed."""
    hints = ((getattr(row, field), yes, no) for field, yes, no in _HINTS)
    return [yes if value else no for value, yes, no in hints if value is not None]
