"""Puts together what a document lists, whatever its form: names made canonical, references once, the rest remarked."""

from collections import defaultdict
from collections.abc import Iterable, Sequence, Set
from dataclasses import replace
from typing import NamedTuple

from composition.documents import licences
from composition.documents.opening import MAX_COMPONENTS, refuse
from composition.listing import Listed, Listing
from composition.packages import purls
from composition.packages.purls import PurlInvalid
from vendors.naming.integrity import SIZES, Digest

_MOST_EXAMPLES = 5
_LONGEST_EXAMPLE = 100


# What each component needs, None being the subject, in the order of the document.
Graph = dict[str | None, dict[str, None]]


class Described(NamedTuple):
    """A component in the words of its document; `path` says where it stands, `ref` is empty where it has none."""

    path: str
    ref: str
    name: str
    version: str = ""
    purl: str = ""
    declared: Sequence[str] = ()
    concluded: Sequence[str] = ()
    checksums: Sequence[tuple[str, str]] = ()
    kind: str = "library"
    is_development: bool = False


class Assembly:
    """What was read of a document so far."""

    def __init__(self, form: str) -> None:
        """Begin an inventory of a form, as it is called in words."""
        self.form = form
        self.itself: Listed | None = None
        self._components: dict[str, Listed] = {}
        self._paths: dict[str, str] = {}
        self.has_all_roots: bool | None = None
        self._needed: Graph = defaultdict(dict)
        self._parts: list[tuple[str | None, str]] = []
        self._remarks: dict[str, list[str]] = defaultdict(list)

    @property
    def refs(self) -> Set[str]:
        """Return the references of the components so far."""
        return self._components.keys()

    def describe(self, subject: Described) -> None:
        """Keep what the document is the inventory of."""
        self.itself = self._listed(subject)
        self._paths[self.itself.ref] = subject.path

    def add(self, described: Described) -> Listed:
        """Return a component, kept now. Raises InventoryInvalid for a reference of another one."""
        if len(self._components) >= MAX_COMPONENTS:
            refuse(described.path, f"At most {MAX_COMPONENTS:,} components are read. Split the document.")
        one = self._listed(described)
        known = self.itself if self.itself and self.itself.ref == one.ref else self._components.get(one.ref)
        if known is None:
            self._components[one.ref] = one
            self._paths[one.ref] = described.path
        elif known == one or (known is self.itself and _is_same_package(known, one)):
            self.remark("Listed twice", described.path)
        else:
            reason = f"Its reference {one.ref[:_LONGEST_EXAMPLE]!a} is that of {self._paths[one.ref]} already"
            refuse(described.path, f"{reason}, which is another component. Give each its own.")
        return one

    def need(self, ref: str | None, needed: str, *, path: str) -> None:
        """Keep that a component needs another one; None is the subject. A reference that nothing has is remarked."""
        if self._are_listed(ref, needed, path=path):
            self._needed[self._or_subject(ref)][needed] = None

    def contain(self, ref: str | None, part: str, *, path: str) -> None:
        """Keep that a component is part of another one, which is a way to it where no other component needs it."""
        if self._are_listed(ref, part, path=path):
            self._parts.append((self._or_subject(ref), part))

    def mark_development(self, refs: Iterable[str]) -> None:
        """Keep that components only serve to develop the subject."""
        for ref in refs:
            self._components[ref] = replace(self._components[ref], is_development=True)

    def remark(self, what: str, where: str = "") -> None:
        """Keep something that a reader should know, to be told with its first places."""
        self._remarks[what].append(where)

    def listing(self, *, subject: str = "") -> Listing:
        """Return what was read; `subject` is what it is of where it is not described as a component."""
        graph = self._graph()
        roots = tuple(graph.pop(None, ()))
        has_all_roots = self.has_all_roots
        if roots and not self._needed.get(None):
            has_all_roots = False
            self.remark(
                "What the subject needs itself is not said, so that ways begin at its parts that no other needs"
            )
        return Listing(
            form=self.form,
            subject=f"{self.itself.name} {self.itself.version}".rstrip() if self.itself else subject,
            components=tuple(self._components.values()),
            roots=roots,
            has_all_roots=has_all_roots,
            requires={ref: tuple(needed) for ref, needed in graph.items() if ref is not None},
            remarks=tuple(_told(what, places) for what, places in self._remarks.items()),
            itself=self.itself,
        )

    def _graph(self) -> Graph:
        """Return what needs what, with a way to each part of something that no component is said to need."""
        graph: Graph = defaultdict(dict, {ref: dict(needed) for ref, needed in self._needed.items()})
        parts = [(whole, part) for whole, part in self._parts if whole is not None or not self._needed.get(None)]
        needed = {one for ref, some in self._needed.items() if ref is not None for one in some}
        for whole, part in parts:
            if part not in needed:
                graph[whole][part] = None
        reached: set[str | None] = set()
        _reach(graph, None, reached)
        for whole, part in parts:
            # Two that need each other, and are needed by none besides.
            if whole in reached and part not in reached:
                graph[whole][part] = None
                _reach(graph, part, reached)
        return graph

    def _are_listed(self, ref: str | None, needed: str, *, path: str) -> bool:
        unknown = [one for one in (ref, needed) if one is not None and one not in self._paths]
        if unknown:
            self.remark("Dependencies name what is not listed as a component", unknown[0])
        elif self._or_subject(needed) is None:
            self.remark("What depends on the subject itself is left out", path)
        return not unknown and self._or_subject(needed) is not None

    def _or_subject(self, ref: str | None) -> str | None:
        return None if self.itself and ref == self.itself.ref else ref

    def _listed(self, described: Described) -> Listed:
        ecosystem, name, version, purl = self._identified(described)
        return Listed(
            ref=described.ref or described.path,
            name=name,
            version=version,
            purl=purl,
            ecosystem=ecosystem,
            licences=licences.all_terms(described.declared),
            concluded_licences=licences.all_terms(described.concluded),
            digests=self._digests(described),
            is_development=described.is_development,
            kind=described.kind,
        )

    def _identified(self, described: Described) -> tuple[str, str, str, str]:
        """Return the ecosystem, name, version and canonical package URL of a component."""
        plain = ("", described.name, described.version, "")
        if not described.purl:
            return plain
        try:
            purl = purls.read(described.purl)
            if not purl.version and described.version:
                purl = purls.read(purls.write(purl._replace(version=described.version)))
        except PurlInvalid as error:
            self.remark("No package URL, and so not compared with advisories", f"{described.path} ({error})")
            return plain
        found = purls.ecosystem_of(purl)
        if described.version and _plain(described.version) not in {_plain(purl.version or ""), _plain(found.version)}:
            self.remark("Another version than in the package URL, which is taken", described.path)
        # With a path in it it names a part of the package, which has a name of its own.
        if not purl.subpath and not _plain(described.name).endswith(_plain(purl.name)):
            self.remark("Another name than in the package URL, which is taken", described.path)
        return found.ecosystem, found.name, found.version, purls.write(purl)

    def _digests(self, described: Described) -> frozenset[Digest]:
        found = set()
        for algorithm, value in described.checksums:
            size = SIZES.get(algorithm.lower().replace("-", ""))
            if size is None:
                self.remark("Checksums are kept of SHA-256, SHA-384 and SHA-512 alone, not of", algorithm)
            elif len(value) != 2 * size:
                self.remark("Checksums of another length than their algorithm makes are not kept", described.path)
            else:
                found.add(Digest(algorithm.lower().replace("-", ""), value.lower()))
        return frozenset(found)


def _reach(graph: Graph, start: str | None, reached: set[str | None]) -> None:
    waiting = [start]
    while waiting:
        here = waiting.pop()
        if here not in reached:
            reached.add(here)
            waiting.extend(graph.get(here, ()))


def _is_same_package(known: Listed, one: Listed) -> bool:
    return (known.purl, known.name, known.version) == (one.purl, one.name, one.version)


def _plain(text: str) -> str:
    """Return a name or a version without what tools write in two ways."""
    return text.lower().replace("_", "-").replace(".", "-").removeprefix("v")


def _told(what: str, places: Sequence[str]) -> str:
    places = list(dict.fromkeys(filter(None, places)))
    if not places:
        return f"{what}."
    shown = ", ".join(place[:_LONGEST_EXAMPLE] for place in places[:_MOST_EXAMPLES])
    more = len(places) - _MOST_EXAMPLES
    return f"{what}: {shown}" + (f" and {more:,} more." if more > 0 else ".")
