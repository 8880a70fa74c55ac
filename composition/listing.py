"""What a document lists as the parts of a piece of software: an SBOM or a lock file, read. Plain data, no Django."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from vendors.naming.integrity import Digest

# Of a long way down to a component so many steps at either end are shown.
_ENDS_SHOWN = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One component, as the document lists it.

    `ref` names it within the document, once. `purl` is canonical and holds the version, empty where none is known;
    `ecosystem` is as OSV names it (`npm`, `PyPI`, `Go`, `crates.io`, `Maven` …), empty for one that it does not know,
    and `name` is then as OSV has it too (`@scope/name`, `group:artifact`). `version` is empty where none is named: what
    it is matched with is unknown then, never clean. `digests` are of the files that may be installed. `licences` are
    those that its makers declare, all of which hold: SPDX identifiers, expressions or plain names;
    `concluded_licences` what somebody found who looked. `kind` is the word of CycloneDX for what it is.
    """

    ref: str
    name: str
    version: str = ""
    purl: str = ""
    ecosystem: str = ""
    licences: tuple[str, ...] = ()
    concluded_licences: tuple[str, ...] = ()
    digests: frozenset[Digest] = frozenset()
    is_development: bool = False
    kind: str = "library"


@dataclass(frozen=True, kw_only=True)
class Listing:
    """A document that was read whole.

    `form` is what it is in words ("CycloneDX 1.6, JSON", "package-lock.json, version 3"), `subject` what it is the
    inventory of, in its own words, and `itself` the same as a component, where it is described. `roots` are the refs of
    what the subject needs itself, `requires` what each component needs; both are empty where the document does not say.
    `has_all_roots`: yes, so that what is not among them is transitive, also where no way to it is known; no, so that
    others may be among them; empty, so that what they lead to is transitive, and of the rest nothing is said. `remarks`
    are what a reader should know: a component twice, one that it names and does not list.
    """

    form: str
    subject: str
    components: tuple[Listed, ...]
    roots: tuple[str, ...] = ()
    has_all_roots: bool | None = None
    requires: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    itself: Listed | None = None

    @cached_property
    def came_by(self) -> Mapping[str, str]:
        """Return for each component that the subject leads to the one that needs it, "" for what it needs itself.

        Of several ways it is a shortest one.
        """
        found = dict.fromkeys(self.roots, "")
        waiting = deque(found)
        while waiting:
            here = waiting.popleft()
            for ref in self.requires.get(here, ()):
                if ref not in found:
                    found[ref] = here
                    waiting.append(ref)
        return found

    @cached_property
    def _names(self) -> Mapping[str, str]:
        return {one.ref: f"{one.name} {one.version}".rstrip() for one in self.components}

    def name_of(self, ref: str) -> str:
        """Return the package of a component with its version, the ref itself where it lists no such component."""
        return self._names.get(ref, ref)

    def is_direct(self, ref: str) -> bool | None:
        """Return whether the subject needs a component itself, None where the document does not say."""
        by = self.came_by.get(ref)
        if by == "":
            return True
        if self.has_all_roots is None:
            return None if by is None else False
        return False if self.has_all_roots else None

    @cached_property
    def _begins(self) -> Mapping[str, tuple[str, ...]]:
        """Return the first refs of each path, so that of a long one nothing else is walked."""
        found: dict[str, tuple[str, ...]] = {"": ()}
        # Each comes after the one that needs it.
        for ref, by in self.came_by.items():
            begin = found[by]
            found[ref] = begin if len(begin) == _ENDS_SHOWN else (*begin, ref)
        return found

    def way_to(self, ref: str) -> tuple[str, ...]:
        """Return the refs from what the subject needs itself down to a component, itself left out.

        Of a longer way they are the first and the last ones: a chain of 100,000 would be walked 100,000 times.
        """
        last: list[str] = []
        here = self.came_by.get(ref, "")
        while here and len(last) < _ENDS_SHOWN:
            last.append(here)
            here = self.came_by[here]
        # What is left above them, at most as much as is kept of each beginning where that is all of it.
        return (*(self._begins[here] if here else ()), *reversed(last))
