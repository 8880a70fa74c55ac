"""Whether an advisory hits a version of a package: affected, to be verified, not affected or unknown, and why. Pure.

What cannot be told is unknown, and unknown is never clean.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from composition.advisories.osv import Range
from composition.comparison import evaluation
from composition.comparison.evaluation import Span
from composition.packages import ecosystems
from composition.versions import comparing, pypi
from composition.versions.keys import EcosystemIncomparable, Key, VersionUnreadable

_EVALUATED = frozenset({"SEMVER", "ECOSYSTEM"})
_OF_COMMITS = "GIT"
_ONLY_COMMITS = "It names commits only, no versions."
_NO_VERSIONS = "It names no versions."
_NO_VERSION = "Which version it is, is not said."
_WHOLE_PACKAGE = "It names the package as a whole, and not this version: verify it."
_OUTSIDE = "It is in none of its ranges and versions."
_LONGEST_SHOWN = 60
_OTHER_RELEASE = "It is of another release of the distribution."
_WITHOUT_ORDER = "It is older than PEP 440, so that its place among the versions is not sure."


class Outcome(StrEnum):
    """What a comparison says."""

    AFFECTED = "affected"
    # A package that was published to do harm, named as a whole: a name may be used again, and used by others.
    VERIFY = "verify"
    UNKNOWN = "unknown"
    NOT_AFFECTED = "not_affected"


@dataclass(frozen=True, slots=True)
class Verdict:
    """An outcome, why, and the lowest version above that is free of it, empty where none is known."""

    outcome: Outcome
    why: str
    fixed_in: str = ""


class Entry:
    """What an advisory says of one package, ready to be compared with its versions.

    Ranges are read when a version is first compared: most of a database never is.
    """

    __slots__ = ("_is_read", "_read_by", "doubt", "is_malicious", "ranges", "release", "spans", "versions")

    def __init__(self, ecosystem: str, *, ranges: Iterable[Range], versions: Iterable[str], is_malicious: bool) -> None:
        """Keep what is said of the package, in an ecosystem as OSV names it, with or without a release."""
        base, self.release = ecosystems.split(ecosystem)
        self.ranges = tuple(ranges)
        self.versions = tuple(versions)
        self.is_malicious = is_malicious
        self.spans: tuple[Span, ...] = ()
        # Why a version that nothing holds may be affected all the same.
        self.doubt = ""
        self._read_by = base
        self._is_read = False

    @property
    def names_whole_package(self) -> bool:
        """Return whether it speaks of every version that there is or will be."""
        return any(one.kind in _EVALUATED and evaluation.is_whole(one) for one in self.ranges)

    def reader(self) -> Callable[[str], Key]:
        """Return what makes keys of its versions. Raises EcosystemIncomparable."""
        is_comparable = comparing.is_comparable(self._read_by)
        as_semver = not is_comparable and any(one.kind == "SEMVER" for one in self.ranges)
        return comparing.reader("npm" if as_semver else self._read_by)

    def is_legacy(self, key: Key) -> bool:
        """Return whether a key is of a version that PEP 440 does not know."""
        return self._read_by == "PyPI" and pypi.is_legacy(key)

    def read(self, read: Callable[[str], Key]) -> "Entry":
        """Return the entry with its ranges read."""
        if not self._is_read:
            spans, doubts = [], [] if self.ranges or self.versions else [_NO_VERSIONS]
            for version_range in self.ranges:
                if version_range.kind in _EVALUATED:
                    try:
                        spans.append(evaluation.span(version_range, read))
                    except VersionUnreadable as error:
                        doubts.append(f"One of its ranges cannot be read: {error}")
                elif version_range.kind != _OF_COMMITS:
                    kind = version_range.kind[:40]
                    doubts.append(f"One of its ranges is of a kind that is not known here: {kind!a}.")
                elif not self.versions and not any(one.kind in _EVALUATED for one in self.ranges):
                    doubts.append(_ONLY_COMMITS)
            self.spans, self.doubt, self._is_read = tuple(spans), doubts[0] if doubts else "", True
        return self


def judge(entry: Entry, version: str) -> Verdict:
    """Return what an entry says of a version of its package; empty: which version it is, is not known.

    The release of a distribution is not looked at: `judge_of_release` does.
    """
    try:
        read = entry.reader()
        key = read(version) if version else None
        entry.read(read)
        why_not = _NO_VERSION
    except (EcosystemIncomparable, VersionUnreadable) as error:
        key, why_not = None, str(error)
    if version and version in entry.versions:
        return Verdict(Outcome.AFFECTED, f"It names version {_shown(version)}.", _fix(entry, key))
    if key is None:
        return _without_key(entry, why_not)
    return _with_key(entry, key, version)


def judge_of_release(entry: Entry, version: str, *, release: str) -> Verdict:
    """Return what an entry says of a version in a release of a distribution; empty: which release is not known."""
    if entry.release and release and not _is_of(entry.release, release):
        return Verdict(Outcome.NOT_AFFECTED, _OTHER_RELEASE)
    verdict = judge(entry, version)
    if entry.release and not release and verdict.outcome is not Outcome.NOT_AFFECTED:
        return Verdict(
            Outcome.UNKNOWN, f"It is of release {entry.release[:60]}; which one the package is of, is not said."
        )
    return verdict


def lowest_free(entries: Iterable[Entry], version: str) -> str:
    """Return the lowest version above one that all of several entries leave free; empty where none is known."""
    known = list(entries)
    try:
        readers = [entry.reader() for entry in known]
        keys = [read(version) for read in readers]
    except (EcosystemIncomparable, VersionUnreadable):
        return ""
    fixes = {
        bound.version: bound.key
        for entry, read in zip(known, readers, strict=True)
        for one in entry.read(read).spans
        for bound in one.fixes()
        if bound.key > max(keys, default=())
    }
    for fix in sorted(fixes, key=lambda fix: fixes[fix]):
        if not any(_holds(entry, fixes[fix], fix) for entry in known):
            return fix
    return ""


def _with_key(entry: Entry, key: Key, version: str) -> Verdict:
    holding = [one for one in entry.spans if one.holds(key)]
    if holding and entry.is_malicious and all(_is_whole(one) for one in holding):
        return Verdict(Outcome.VERIFY, _WHOLE_PACKAGE, _fix(entry, key))
    if holding:
        return Verdict(
            Outcome.AFFECTED, f"{_shown(version)} is in its range: {holding[0].words(key)}.", _fix(entry, key)
        )
    if not entry.spans and _is_listed(entry, key):
        return Verdict(Outcome.AFFECTED, f"It names a version that is the same as {_shown(version)}.")
    if entry.doubt:
        return Verdict(Outcome.UNKNOWN, entry.doubt)
    if entry.is_legacy(key):
        return Verdict(Outcome.UNKNOWN, _WITHOUT_ORDER)
    return Verdict(Outcome.NOT_AFFECTED, _OUTSIDE)


def _without_key(entry: Entry, why: str) -> Verdict:
    if entry.is_malicious and entry.names_whole_package:
        return Verdict(Outcome.VERIFY, _WHOLE_PACKAGE)
    return Verdict(Outcome.UNKNOWN, why)


def _is_whole(span: Span) -> bool:
    return span.is_unlimited and all(bound.kind == "introduced" for bound in span.bounds) and not span.bounds[0].key


def _is_listed(entry: Entry, key: Key) -> bool:
    """Return whether a version is listed in another spelling: 1.0 for 1.0.0."""
    read = entry.reader()
    for version in entry.versions:
        try:
            if read(version) == key:
                return True
        except VersionUnreadable:
            continue
    return False


def _fix(entry: Entry, key: Key | None) -> str:
    """Return the lowest version above that is said to be mended, and is free."""
    if key is None:
        return ""
    fixes = sorted(bound for one in entry.spans for bound in one.fixes() if bound.key > key)
    return next((bound.version for bound in fixes if not _holds(entry, bound.key, bound.version)), "")


def _holds(entry: Entry, key: Key, version: str) -> bool:
    return version in entry.versions or any(one.holds(key) for one in entry.spans)


def _is_of(named: str, release: str) -> bool:
    """Return whether what an advisory names is of a release: "enterprise_linux:8::baseos" is of its beginning."""
    return named == release or named.startswith(f"{release}:")


def _shown(version: str) -> str:
    return version if len(version) <= _LONGEST_SHOWN else f"{version[:_LONGEST_SHOWN]}…"
