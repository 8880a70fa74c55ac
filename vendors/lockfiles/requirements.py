"""`requirements.txt` and other files of pip."""

import re
from collections.abc import Iterable, Iterator

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name, parse_sdist_filename, parse_wheel_filename

from vendors.lockfiles import locked, needs
from vendors.lockfiles.locked import Contents, Locked, Needs

_NOT_FIXED = "It is not fixed to one version."
_COMMENT = re.compile(r"(^|\s)#.*")
_HASH = re.compile(r"\s--hash[= ]\s*(\S+)")
_OPTIONS = re.compile(r"\s--?[a-z].*\Z")
# As pip-compile and uv write for each requirement by what it came.
_VIA = re.compile(r"\s*#\s+via(?:\s+(?P<by>\S.*))?\Z")
_FURTHER = re.compile(r"\s*#\s{2,}(?P<by>\S.*)\Z")
_OF_THE_PROJECT = re.compile(r"-r\s|.*(\.in|\.txt|\.toml|setup\.py|setup\.cfg)\)?\Z")
_EDITABLE = re.compile(r"(-e|--editable)[\s=]\s*(?P<what>\S+)")
_EGG = re.compile(r"[#&]egg=(?P<name>[A-Za-z0-9._-]+)")
# Pip takes a path for one where it has a stroke; the others are addresses, also of git.
_ADDRESS = re.compile(
    r"[a-z+]+://|file:|\.{0,2}/|[A-Za-z]:\\|\.{1,2}\Z|[^\s@;<>=#]+\.(whl|tar\.gz|zip)(?=[\s?#]|\Z)", re.IGNORECASE
)
_DIGEST = re.compile(r"[#&](sha(?:256|384|512)=[0-9a-fA-F]+)")
_INCLUDES = re.compile(r"(-r|--requirement)[\s=]?\s*(?P<path>\S+)")
_SHOWN = 5


def read(text: str) -> Contents:
    """Return what the file says; files that it includes are not read. Raises LockFileInvalid."""
    lines = text.replace("\r\n", "\n").split("\n")
    requirements = [(number, bare) for number, line in _joined(lines) if (bare := _COMMENT.sub("", line).strip())]
    packages = tuple(one for number, line in requirements if (one := _of_line(line, number)))
    return Contents(
        form="requirements of pip",
        packages=packages,
        needs=_needs(lines, packages),
        remarks=tuple(_remarks(line for _number, line in requirements)),
    )


def _joined(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Yield each requirement on one line, with the number of its first one."""
    begun = 0
    held: list[str] = []
    for number, line in enumerate(lines, start=1):
        begun = begun if held else number
        # Behind a comment a stroke continues nothing.
        if line.endswith("\\") and not _COMMENT.search(line):
            held.append(line.removesuffix("\\"))
            continue
        yield begun, " ".join([*held, line])
        held = []
    if held:
        yield begun, " ".join(held)


def _of_line(line: str, number: int) -> Locked | None:
    """Return what a line fixes, None for an option of the whole and for a file that it includes."""
    if found := _EDITABLE.match(line):
        return _at(found["what"], number)
    if line.startswith("-"):
        return None
    return _at(line, number) if _ADDRESS.match(line) else _requirement(line, number)


def _at(line: str, number: int) -> Locked | None:
    """Return what is installed from an address or a folder, None where it says no name."""
    address = line.split()[0]
    name, version = _named(address)
    if not name:
        return None
    files, lacks = locked.of_several([*_HASH.findall(line), *_DIGEST.findall(address)])
    if not files and not address.startswith(("http:", "https:", "file:")):
        lacks = locked.FROM_GIT
    return Locked("pypi", canonicalize_name(name), version, files, lacks, ref=f"line {number}")


def _named(address: str) -> tuple[str, str]:
    """Return the name and the version that an address says, in its fragment or as those of a file; or empty texts."""
    if egg := _EGG.search(address):
        return egg["name"], ""
    file = re.split(r"[?#]", address)[0].rpartition("/")[2]
    try:
        if file.endswith(".whl"):
            return parse_wheel_filename(file)[0], str(parse_wheel_filename(file)[1])
        name, version = parse_sdist_filename(file)
    except ValueError:
        return "", ""
    return name, str(version)


def _requirement(line: str, number: int) -> Locked:
    hashes = _HASH.findall(line)
    try:
        one = Requirement(_OPTIONS.sub("", _HASH.sub("", line)).strip())
    except (InvalidRequirement, ValueError, RecursionError):
        locked.refuse(f"Line {number} is no requirement: {line[:60]!a}.")
    if one.url:
        hashes += [one.url.rpartition("#")[2]] if "#" in one.url else []
    files, lacks = locked.of_several(hashes)
    exact = [
        spec.version for spec in one.specifier if spec.operator in ("==", "===") and not spec.version.endswith("*")
    ]
    version = exact[0] if len(exact) == 1 else ""
    if not (files or version or one.url):
        lacks = _NOT_FIXED
    return Locked("pypi", canonicalize_name(one.name), version, files, lacks, ref=f"line {number}")


def _needs(lines: list[str], packages: tuple[Locked, ...]) -> Needs:
    """Return what the comments of the tool that wrote the file say of who needs what; without them nothing is said."""
    by_name: dict[str, list[str]] = {}
    for one in packages:
        by_name.setdefault(one.name, []).append(one.ref)
    collected = needs.Collected()
    roots: dict[str, None] = {}
    explained: set[str] = set()
    for ref, by in _came_by(lines, frozenset(one.ref for one in packages)):
        explained.add(ref)
        known = by_name.get(canonicalize_name(by.split()[0].partition("[")[0]), [])
        for who in known:
            collected.add(who, (ref,))
        # A name that the file does not fix is the project's own.
        if _OF_THE_PROJECT.match(by) or not known:
            roots[ref] = None
    # A tool writes it for most of them, a person here and there.
    if len(explained) * 2 < len(packages) or not explained:
        return Needs()
    # What nobody is said to need the project needs, and uv does not say of which group: then of others neither.
    unexplained = [one.ref for one in packages if one.ref not in explained]
    roots |= dict.fromkeys(unexplained)
    return Needs(requires=collected.requires, roots=tuple(roots), has_all_roots=not unexplained)


def _came_by(lines: list[str], refs: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Yield each requirement with who needs it, from `# via` comments on its line or below it."""
    ref, is_open = "", False
    for number, line in enumerate(lines, start=1):
        ref = f"line {number}" if f"line {number}" in refs else ref
        comment = line[line.find("#") :] if "# via" in line else line
        via = _VIA.match(comment)
        more = _FURTHER.match(line) if is_open and not via else None
        is_open = bool(via or more)
        names = via["by"] if via else more["by"] if more else None
        # A file of constraints needs nothing.
        for by in (names or "").split(", "):
            if ref and by.strip() and not by.startswith("-c"):
                yield ref, by.strip()


def _remarks(lines: Iterable[str]) -> Iterator[str]:
    included, nameless = [], []
    for line in lines:
        if found := _INCLUDES.match(line):
            included.append(found["path"][:100])
        elif address := _nameless(line):
            nameless.append(address[:100])
    if included:
        yield f"It includes files, which are not read with it: {_listed(included)}."
    if nameless:
        yield f"It installs from where it says neither name nor version: {_listed(nameless)}."


def _nameless(line: str) -> str:
    """Return the address or the folder on a line that says no name, empty for other lines."""
    found = _EDITABLE.match(line)
    what = found["what"] if found else line.split()[0]
    is_address = found or _ADDRESS.match(what)
    return what if is_address and not _named(what)[0] else ""


def _listed(paths: list[str]) -> str:
    return ", ".join(paths[:_SHOWN]) + (f" and {len(paths) - _SHOWN} more" if len(paths) > _SHOWN else "")
