"""How the tools that a look saw differ from those that were approved, by kind, the worst first.

What is compared are the texts that digests cover: another order of tools or members, and white space between them, is
no difference. Each kind raises one finding a server, which a person judges first: the vendor may have announced it.
Who judges it judges what was seen then: when any difference is added, gone or another, that is a finding of its own.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db.models import QuerySet

from catalogue.models import Dimension
from inspection import schema_changes
from monitoring import raising
from monitoring.models import Collector, Observation, Run
from monitoring.observed import Seen
from monitoring.raising import Raised
from riskregister import canonical, unseen
from scoring.scales import Severity
from vendors.models import Offering, Release, Server, Tool
from vendors.offered import comparison
from vendors.offered.comparison import Change

PREFIX = "drift."
_HINTS = {field: field.replace("_", " ") for field in ("read_only", "destructive", "idempotent", "open_world")}
_WORDS = frozenset({"title", "description", "output_schema", "other_annotations", "name", "mime_type", "arguments"})
_NAME_SHOWN = 120


class Kind(StrEnum):
    """What a difference is."""

    POWER = "power"
    SCHEMA = "schema"
    ANNOTATION = "annotation"
    WORDING = "wording"

    @property
    def key(self) -> str:
        """Return what the lasting keys of its findings begin with."""
        return f"{PREFIX}{self.value}"


@dataclass(frozen=True, slots=True)
class Judgement:
    """How a kind of difference is told as a finding."""

    severity: Severity
    title: str
    recommendation: str


JUDGEMENTS = {
    Kind.POWER: Judgement(
        Severity.CRITICAL,
        "Tools were added that may destroy or reach out",
        "Ask the vendor what they are for. Keep agents from them until the release is approved with them.",
    ),
    Kind.SCHEMA: Judgement(
        Severity.HIGH,
        "The server takes or offers more than was approved",
        "Look at the new parameters and tools, and assess the release with them.",
    ),
    Kind.ANNOTATION: Judgement(
        Severity.MEDIUM,
        "The server claims something else of its tools' behaviour",
        "Clients ask people by these claims: compare them with what the tools do.",
    ),
    Kind.WORDING: Judgement(
        Severity.LOW,
        "The words that a model reads are others than were approved",
        "Read them side by side: an order to a model can hide in a description.",
    ),
}


@dataclass(frozen=True, slots=True)
class Item:
    """One difference: its kind, what it is about, a sentence, and the digest of what was seen, if it is there."""

    kind: Kind
    name: str
    words: str
    digest: str = ""

    @property
    def seen(self) -> Seen:
        """Return it as an observation, under a key that lasts while the name does."""
        key = f"{self.kind.key}:{canonical.digest(self.name)[:32]}"
        return Seen(key, self.words, severity=JUDGEMENTS[self.kind].severity)


def approved_of(server: Server) -> Release | None:
    """Return the release that people approved with its tools, None where there is none: nothing else moves the pin."""
    pinned = server.pinned_release if server.status in Server.ONCE_APPROVED else None
    return pinned if pinned is not None and pinned.manifest_digest else None


def newest(server: Server) -> Release | None:
    """Return the release whose tools are the newest that the register knows, if any.

    A look that saw them again, after others, makes them the newest.
    """
    return _newest(server.runs.of(Collector.INSPECTION).filter(ended_at__isnull=False), server.releases.captured())


def changed_since(server: Server) -> Release | None:
    """Return the newest tools that the register knows, when they are others than people approved; else None."""
    approved, seen = approved_of(server), newest(server)
    return seen if approved and seen and approved.manifest_digest != seen.manifest_digest else None


def known_before(run: Run) -> Release | None:
    """Return the release whose tools were the newest that the register knew when the run was asked for, if any."""
    looks = Run.objects.of(Collector.INSPECTION).filter(server=run.server_id, ended_at__lt=run.asked_at)
    return _newest(looks, Release.objects.filter(server=run.server_id, captured_at__lt=run.asked_at).captured())


def is_back(run: Run, captured: Release) -> bool:
    """Return whether the run saw tools that are on record since before, and the last complete look there saw others."""
    looks = Run.objects.filter(server=run.server_id, address=run.address, captured__isnull=False)
    before = looks.filter(ended_at__lt=run.asked_at).order_by("-ended_at").first()
    is_known = captured.captured_at is not None and captured.captured_at < run.asked_at
    return is_known and before is not None and before.captured_id != captured.pk


def _newest(looks: "QuerySet[Run]", captures: "QuerySet[Release]") -> Release | None:
    looked = looks.filter(captured__isnull=False).select_related("captured").order_by("-ended_at").first()
    captured = captures.first()
    if looked is None or captured is None or not captured.captured_at or not looked.ended_at:
        return captured
    return looked.captured if looked.ended_at >= captured.captured_at else captured


def raise_findings(
    run: Run, items: Sequence[Item], kept: Iterable[Observation], *, elsewhere: Collection[str], now: datetime
) -> None:
    """Let each kind of difference raise its finding, and note which kinds are not seen any more. Part of applying.

    What is still seen at another way in, one of the addresses `elsewhere`, is not gone.
    """
    known = {one.key: one for one in kept}
    of_kind = {kind: [item for item in items if item.kind is kind] for kind in JUDGEMENTS}
    raised = [
        Raised(
            key=_key(kind, of_kind[kind]), severity=judgement.severity, title=judgement.title,
            recommendation=judgement.recommendation, dimension=Dimension.PROVENANCE,
            observations=list({row.pk: row for row in rows}.values()),
        )
        for kind, judgement in JUDGEMENTS.items()
        if (rows := [known[item.seen.key] for item in of_kind[kind]])
    ]  # fmt: skip
    still = raising.keys_seen(run, elsewhere)
    keys = [key for key in raising.known_keys(run.server, PREFIX) if key not in still]
    raising.raise_findings(run, raised, keys=keys, now=now)


def _key(kind: Kind, items: Iterable[Item]) -> str:
    """Return the lasting key of the finding of just these differences."""
    each = canonical.canonical(sorted([item.name, item.words, item.digest] for item in items))
    return f"{kind.key}:{canonical.digest(each)[:32]}"


def between(approved: Release, seen: Release) -> list[Item]:
    """Return how the release that was seen differs from the approved one, the worst kinds first."""
    if approved.manifest_digest == seen.manifest_digest:
        return []
    found = [*_of_tools(comparison.compare(approved.tools.all(), seen.tools.all()))]
    found += _of_offerings(comparison.compare_offerings(approved.offerings.all(), seen.offerings.all()))
    if approved.instructions != seen.instructions:
        found.append(
            Item(
                Kind.WORDING,
                "(instructions)",
                "The server's instructions to the model are others",
                canonical.digest(seen.instructions),
            )
        )
    order = list(Kind)
    return sorted(found, key=lambda item: (order.index(item.kind), item.name))


def _of_tools(changes: Iterable[Change]) -> Iterator[Item]:
    for change in changes:
        if isinstance(change.after, Tool) and change.before is None:
            yield _added(change.name, change.after)
        elif change.after is None:
            yield Item(Kind.WORDING, change.name, f"{_shown(change.name)} is gone")
        else:
            yield from _changed(change)


def _added(name: str, tool: Tool) -> Item:
    may = [word for word, does in (("destroy", tool.may_destroy), ("reach out", tool.may_reach_out)) if does]
    if may:
        return Item(Kind.POWER, name, f"{_shown(name)} is new, and may {' and '.join(may)}", tool.digest)
    return Item(Kind.SCHEMA, name, f"{_shown(name)} is new", tool.digest)


def _changed(change: Change) -> Sequence[Item]:
    """Return what differs in a tool, at least that it does: a title "" where there was none shows in no field."""
    digest = change.after.digest if change.after else ""
    otherwise = Item(Kind.WORDING, change.name, f"{_shown(change.name)} is written otherwise", digest)
    return list(_in_fields(change, digest)) or [otherwise]


def _in_fields(change: Change, digest: str) -> Iterator[Item]:
    name, differing = _shown(change.name), {field: (was, now) for field, was, now in change.fields}
    words = []
    if "input_schema" in differing:
        if schema_changes.is_widened(*differing["input_schema"]):
            yield Item(Kind.SCHEMA, change.name, f"{name} takes more than before", digest)
        else:
            words.append("describes or narrows its parameters otherwise")
    if hints := [word for field, word in _HINTS.items() if field in differing]:
        yield Item(Kind.ANNOTATION, change.name, f"{name} claims something else: {', '.join(hints)}", digest)
    if fields := [field.replace("_", " ") for field in differing if field in _WORDS]:
        words.append(f"has other words: {', '.join(fields)}")
    if words:
        yield Item(Kind.WORDING, change.name, f"{name} {', and '.join(words)}", digest)


def _of_offerings(changes: Iterable[Change]) -> list[Item]:
    words = {"added": "is offered anew", "removed": "is gone", "changed": "has other words"}
    return [
        Item(
            Kind.WORDING, name, f"{_shown(name)} {words[change.kind]}", change.after.digest if change.after else ""
        )
        for name, change in _named(changes)
    ]  # fmt: skip


def _named(changes: Iterable[Change]) -> Iterator[tuple[str, Change]]:
    """Yield what changed beside the tools, with names that tell a prompt from a resource that is called the same."""
    for change in changes:
        row = change.after or change.before
        if isinstance(row, Offering):
            yield f"{row.get_kind_display()} {change.name}", change


def _shown(name: str) -> str:
    return unseen.visible(name)[:_NAME_SHOWN]
