"""`go.mod` and `go.sum`.

What is built is what go.mod requires: from Go 1.17 on it names every module of which something is used. go.sum has
digests of more modules than are built, and of what is in them, not of the files in which they come.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from vendors.lockfiles import locked
from vendors.lockfiles.locked import Contents, Locked, Needs

_OF_CONTENTS = "Go keeps a digest of what is in the module, not of the file in which it comes."
_BESIDE = "The digests of modules are in go.sum."
_REPLACED_BY_FOLDER = "It is replaced by a folder, of which there is no digest."
_DIRECTIVES = frozenset(
    {"module", "go", "toolchain", "godebug", "require", "exclude", "replace", "retract", "tool", "ignore"}
)
_VERSION = re.compile(r"v\d+\.\d+\.\d+\S*\Z")
_NUMBERS = re.compile(r"(\d{1,6})\.(\d{1,6})")
# From here on go.mod names what is needed by others too.
_NAMES_ALL = (1, 17)
_SHOWN = 5


@dataclass(slots=True)
class _Module:
    """What a go.mod says: the modules that it requires, by name, each with its version, its line and who needs it."""

    name: str = ""
    go: str = ""
    required: dict[str, tuple[str, int, bool]] = field(default_factory=dict)
    replaced: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)


def read_mod(text: str) -> Contents:
    """Return what a go.mod says. Raises LockFileInvalid."""
    module = _Module()
    for number, directive, arguments, is_indirect in _directives(text):
        _note(module, directive, arguments, number, is_indirect=is_indirect)
    if not module.name:
        locked.refuse("This is no go.mod: it names no module.")
    packages = tuple(_required(module))
    direct = tuple(one.ref for one in packages if not module.required[one.ref][2])
    own = tuple(one.ref for one in packages if one.is_own)
    return Contents(
        form="go.mod",
        packages=packages,
        needs=Needs(roots=tuple(dict.fromkeys((*direct, *own))), has_all_roots=True),
        project=Locked("golang", module.name, "", is_own=True),
        remarks=tuple(_remarks(module)),
    )


def read_sum(text: str) -> Contents:
    """Return what a go.sum says. Raises LockFileInvalid."""
    found: dict[str, Locked] = {}
    only_named: set[str] = set()
    for number, line in enumerate(text.split("\n"), start=1):
        parts = line.split()
        if not parts:
            continue
        if len(parts) != 3 or not _VERSION.match(parts[1]) or not parts[2].startswith("h1:"):
            locked.refuse(f"Line {number} is no line of a go.sum: {line[:60]!a}.")
        name, version, _digest = parts
        ref = f"{name}@{version.removesuffix('/go.mod')}"
        if version.endswith("/go.mod"):
            only_named.add(ref)
        else:
            found[ref] = Locked("golang", name, version, (), _OF_CONTENTS, ref=ref)
    remarks = [
        "go.sum may list modules, and versions of them, that are not built, and does not say what needs what. Give"
        " go.mod to have those that are."
    ]
    if left_out := len(only_named - found.keys()):
        remarks.append(f"{left_out} more versions are left out: of them go.sum has the go.mod alone, so none is built.")
    return Contents(form="go.sum", packages=tuple(found.values()), remarks=tuple(remarks))


def _directives(text: str) -> Iterator[tuple[int, str, list[str], bool]]:
    """Yield each line with its directive, what it says, and whether it is marked as indirect."""
    block, begun = "", 0
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), start=1):
        plain, _slashes, comment = line.partition("//")
        words = [word.strip('"`') for word in plain.replace("(", " ( ").replace(")", " ) ").split()]
        if not words:
            continue
        if words == [")"]:
            block = ""
            continue
        if not block and words[0] not in _DIRECTIVES:
            locked.refuse(f"Line {number} is no line of a go.mod: {line[:60]!a}.")
        if not block and words[-1] == "(":
            block, begun = words[0], number
            continue
        is_indirect = comment.split(";")[0].strip() == "indirect"
        yield (number, block, words, is_indirect) if block else (number, words[0], words[1:], is_indirect)
    if block:
        locked.refuse(f"What begins on line {begun} has no end.")


def _note(module: _Module, directive: str, arguments: list[str], number: int, *, is_indirect: bool) -> None:
    if directive == "module" and len(arguments) == 1:
        module.name = arguments[0]
    elif directive == "go" and len(arguments) == 1:
        module.go = arguments[0]
    elif directive == "require":
        if len(arguments) != 2 or not _VERSION.match(arguments[1]):
            locked.refuse(f"Line {number} requires no module at a version.")
        if arguments[0] in module.required and module.required[arguments[0]][0] != arguments[1]:
            locked.refuse(f"Line {number} requires {arguments[0][:60]!a} at another version. Keep one of them.")
        module.required[arguments[0]] = (arguments[1], number, is_indirect)
    elif directive == "replace":
        old, new = _sides(arguments, number)
        module.replaced[old] = new


def _sides(arguments: list[str], number: int) -> tuple[tuple[str, str], tuple[str, str]]:
    at = arguments.index("=>") if "=>" in arguments else -1
    sides = arguments[:at], arguments[at + 1 :]
    if at < 0 or not all(1 <= len(side) <= 2 for side in sides):
        locked.refuse(f"Line {number} does not say what replaces what.")
    old, new = ((side[0], side[1] if len(side) > 1 else "") for side in sides)
    return old, new


def _required(module: _Module) -> Iterator[Locked]:
    for name, (version, _number, _is_indirect) in module.required.items():
        new = module.replaced.get((name, version)) or module.replaced.get((name, ""))
        if new and not new[1]:
            yield Locked("golang", name, "", (), _REPLACED_BY_FOLDER, is_own=True, ref=name)
        else:
            yield Locked("golang", *(new or (name, version)), (), _BESIDE, ref=name)


def _remarks(module: _Module) -> Iterator[str]:
    yield "go.mod says which modules are needed directly, not which of the others needs which."
    numbers = _NUMBERS.match(module.go)
    if not numbers or (int(numbers[1]), int(numbers[2])) < _NAMES_ALL:
        yield "It is of a Go before 1.17, whose go.mod does not name all modules that are built."
    if module.go:
        yield (
            f"The standard library is not listed: go.mod says that Go is at least {module.go[:20]}, not with which it"
            " is built."
        )
    news = {old: new for (old, _version), new in module.replaced.items() if old in module.required}
    if news:
        shown = ", ".join(f"{old[:100]} by {' '.join(new).strip()[:100]}" for old, new in list(news.items())[:_SHOWN])
        yield f"Replaced: {shown}{f', and {len(news) - _SHOWN} more' if len(news) > _SHOWN else ''}."
