"""Lock files as inventories: what one fixes, as the components of a release. Pure."""

from collections.abc import Iterable, Iterator, Mapping

from composition.documents import licences
from composition.listing import Listed, Listing
from composition.packages import ecosystems, purls
from composition.packages.ecosystems import EcosystemUnknown
from composition.packages.purls import PurlInvalid
from vendors.lockfiles import locked, reading
from vendors.lockfiles.locked import Contents, Locked, LockFileInvalid
from vendors.lockfiles.reading import NAMES, is_lock_file

__all__ = ["NAMES", "LockFileInvalid", "is_lock_file", "read"]

_SHOWN = 5
_LONGEST_SHOWN = 100
# What Yarn writes for a project that has no version.
_NO_VERSION = "0.0.0-use.local"
_WITHOUT_ROOTS = "The file does not say what the project needs itself."
_DEVELOPERS_TOO = "The file does not tell what only developers need from what the product needs."
_FROM_THE_TOP = f"{_WITHOUT_ROOTS} The ways to components begin at those that no other needs."


def read(name: str, raw: str | bytes) -> Listing:
    """Return what a lock file lists, by what its name says that it is.

    A package that stands in it at several places is one component for each version. The project itself is what the
    inventory is of, not a component of it; other packages from folders beside the file are components that it needs.
    Raises LockFileInvalid, with the line or the path.
    """
    contents = reading.read(name, raw).contents
    project = contents.project
    shown = [one for one in contents.packages if one is not project]
    refs = {one.ref: _ref(one) for one in shown}
    needs = contents.needs
    roots = dict.fromkeys(refs[one] for one in (*needs.roots, *needs.development_roots) if one in refs)
    return Listing(
        form=contents.form,
        subject=f"{project.name} {_version(project)}".strip() if project else "",
        components=tuple(_components(shown, refs)),
        roots=tuple(roots),
        has_all_roots=needs.has_all_roots,
        requires=_requires(needs.requires, refs),
        remarks=tuple(_remarks(contents, shown)),
        itself=_component(_ref(project), [project]) if project else None,
    )


def _components(packages: Iterable[Locked], refs: Mapping[str, str]) -> Iterator[Listed]:
    together: dict[str, list[Locked]] = {}
    for one in packages:
        together.setdefault(refs[one.ref], []).append(one)
    for ref, same in together.items():
        yield _component(ref, same)


def _component(ref: str, same: list[Locked]) -> Listed:
    """Return the component that a package is, from each place where it stands."""
    first = same[0]
    ecosystem = ecosystems.BY_TYPE[first.kind].name
    try:
        purl = purls.build(ecosystem, first.name, _version(first))
        version = purls.ecosystem_of(purl).version
    except (EcosystemUnknown, PurlInvalid) as error:
        locked.refuse(str(error), first.ref[:_LONGEST_SHOWN])
    return Listed(
        ref=ref,
        name=first.name,
        version=version,
        purl=purl,
        ecosystem=ecosystem,
        licences=licences.all_terms(licence for one in same for licence in one.licences),
        digests=frozenset(digest for one in same for file in one.files for digest in file),
        is_development=all(one.is_development for one in same),
    )


def _ref(one: Locked) -> str:
    version = _version(one)
    return f"{one.name}@{version}" if version else one.name


def _version(one: Locked) -> str:
    """Return the version of a package, empty where an address or a folder stands in its place."""
    return "" if ":" in one.version or one.version == _NO_VERSION else one.version


def _requires(requirements: Mapping[str, tuple[str, ...]], refs: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {}
    for ref, needs in requirements.items():
        if ref in refs:
            found.setdefault(refs[ref], {}).update(dict.fromkeys(refs[one] for one in needs if one in refs))
    return {ref: tuple(needs) for ref, needs in found.items() if needs}


def _remarks(contents: Contents, shown: list[Locked]) -> Iterator[str]:
    yield from contents.remarks
    if shown and not contents.needs.has_all_roots:
        yield _FROM_THE_TOP if contents.needs.roots else _WITHOUT_ROOTS
    if shown and not contents.tells_development:
        yield _DEVELOPERS_TOO
    if own := [one.name for one in shown if one.is_own]:
        yield f"From folders beside the file, not from a registry: {_some(own)}."
    if from_git := [one.name for one in shown if one.lacks == locked.FROM_GIT]:
        yield f"From git, not from a registry: {_some(from_git)}."
    if without := [one.name for one in shown if not _version(one)]:
        yield f"Without a version, so that what is known of them stays open: {_some(without)}."


def _some(names: Iterable[str]) -> str:
    found = [one[:_LONGEST_SHOWN] for one in dict.fromkeys(names)]
    more = len(found) - _SHOWN
    return ", ".join(found[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
