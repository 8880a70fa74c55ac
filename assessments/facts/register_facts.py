"""What the register itself knows of what is assessed: the facts of `comparisons.FACTS`, each with its words."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from assessments.facts import server_facts
from riskregister.plurals import counted
from scoring import deadlines
from vendors.models import Deployment, Fact, Release, Server
from vendors.naming import addresses

_NAMED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A fact: whether it is so, and in words what the register knows of it.

    `about` is the number of the deployment that it is about, empty for the server and its release; `day` is that of a
    fact that has one; `run` is the look that saw it, empty for what is on record otherwise.
    """

    fact: str
    holds: bool
    says: str
    about: str = ""
    day: date | None = None
    run: str = ""


# What a room above knows of a release at a moment.
Source = Callable[[Release, datetime], Iterable[Known]]

_sources: list[Source] = []


def know(source: Source) -> None:
    """Let `source` be asked for what a room above knows, such as what it saw itself."""
    if source not in _sources:
        _sources.append(source)


def gather(server: Server, release: Release, deployments: Sequence[Deployment], *, now: datetime) -> list[Known]:
    """Return what is known of a server at a release and of its deployments, without what nobody knows."""
    used: Sequence[Deployment | Server] = deployments or [server]
    of_each = [known for row in used for known in _of_use(row, server)]
    of_others = [known for source in _sources for known in source(release, now)]
    return [*_of_release(release), *_of_source(server, release), *of_each, *of_others]


def _of_release(release: Release) -> Iterator[Known]:
    yield from _addresses(release)
    yield from _tools(release)
    packages = list(release.packages.all())
    loose = [f"{package}: {package.why_not_pinned}" for package in packages if package.why_not_pinned]
    if packages:
        fixed = f"{counted(len(packages), 'package')} at a fixed version."
        yield Known(fact="packages_pinned", holds=not loose, says=" ".join(loose[:_NAMED]) or fixed)


def _addresses(release: Release) -> Iterator[Known]:
    urls = [remote.url for remote in release.remotes.all()]
    # What a package listens on inside a machine or a network of one's own says nothing of what stands in front of it.
    own = [package.transport_url for package in release.packages.all() if package.transport_url]
    urls += [url for url in own if not (addresses.read(url).is_private or addresses.read(url).is_template)]
    plain = [url for url in urls if not addresses.read(url).is_encrypted]
    if plain:
        yield Known(fact="addresses_encrypted", holds=False, says=f"Not encrypted: {_some(plain)}")
    elif urls:
        yield Known(fact="addresses_encrypted", holds=True, says=f"Encrypted: {_some(urls)}")


def _tools(release: Release) -> Iterator[Known]:
    if not release.manifest_digest:
        yield Known(fact="tools_captured", holds=False, says=f"The tools of {release} were never captured.")
        return
    tools = list(release.tools.all())
    on = f" on {_day(release.captured_at)}" if release.captured_at else ""
    yield Known(fact="tools_captured", holds=True, says=f"{counted(len(tools), 'tool')} of {release} captured{on}.")
    hidden = [tool.name for tool in tools if tool.unseen]
    hidden += [one.key for one in release.offerings.all() if one.unseen]
    hidden += ["the release itself"] if release.unseen else []
    words = f"Hidden characters in the texts of {_some(hidden)}" if hidden else "No hidden characters in their texts."
    yield Known(fact="texts_visible", holds=not hidden, says=words)
    silent = [tool.name for tool in tools if tool.read_only is None and tool.destructive is None]
    if tools:
        words = f"{len(tools) - len(silent)} of {counted(len(tools), 'tool')} say whether they only read or destroy."
        yield Known(fact="tools_annotated", holds=not silent, says=words)
        yield Known(fact="annotations_declared", holds=len(silent) < len(tools), says=words)


def _of_source(server: Server, release: Release) -> Iterator[Known]:
    if server.is_open_source is not None:
        sentence = "Its source is public." if server.is_open_source else "Its source is not public."
        yield Known(fact="source_public", holds=server.is_open_source, says=sentence)
    if server_facts.secrets_named(release):
        yield Known(fact="credential_required", holds=True, says=f"{release} names a credential that it needs.")
    if release.registry_status:
        word = release.get_registry_status_display().lower()
        yield Known(
            fact="registry_offers", holds=not release.is_advised_against, says=f"Its registry calls {release} {word}."
        )
    published = release.registry_published_at
    if published is not None:
        on = timezone.localdate(published)
        yield Known(fact="published", holds=True, says=f"{release} was published on {deadlines.written(on)}.", day=on)


def _of_use(used: Server | Deployment, server: Server) -> Iterator[Known]:
    """Yield what is known of a deployment, or of the server where it has none."""
    about = used.ref if isinstance(used, Deployment) else ""
    named = about or "the server"
    yield _owner(used, server, about)
    exposed = (
        ("person_asked", used.autonomy, {Fact.LOW, Fact.MODERATE}, "a person approves before it acts",
         "no person approves before it acts"),
        ("egress_listed", used.egress, {Fact.LOW, Fact.MODERATE}, "it reaches listed hosts only, or none",
         "it reaches any host"),
        ("credentials_own", used.credentials, {Fact.LOW, Fact.MODERATE, Fact.HIGH},
         "its credentials are its own, or it has none", "its credentials are somebody else's or administrative"),
    )  # fmt: skip
    for fact, level, good, is_so, is_not in exposed:
        if level:
            sentence = f"Exposure of {named}: {is_so if level in good else is_not}."
            yield Known(fact=fact, holds=level in good, says=sentence, about=about)


def _owner(used: Server | Deployment, server: Server, about: str) -> Known:
    owner, named = used.owner or server.owner, about or "the server"
    if owner is None:
        return Known(fact="owner_named", holds=False, says=f"Nobody owns {named}.", about=about)
    has_left = not owner.is_active or server.left_by_id == owner.pk
    sentence = f"{owner} owns {named}{', and has left' if has_left else ''}."
    return Known(fact="owner_named", holds=not has_left, says=sentence, about=about)


def _some(names: Iterable[str]) -> str:
    """Return the first of them as a list in words, with how many more there are."""
    every = list(names)
    more = [f"and {len(every) - _NAMED} more"] if len(every) > _NAMED else []
    return f"{', '.join([*every[:_NAMED], *more])}."


def _day(moment: datetime) -> str:
    return deadlines.written(timezone.localdate(moment))
