"""What a command starts, and what of the command may be told.

No more is kept than what says that: the program, its options by name, and the package. Values of options, and whatever
stands behind the package, are cut: a key can stand anywhere there, and has no form that all keys have.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from discovery.fleet.identities import (
    CUT,
    Identity,
    address_of,
    is_key,
    local_program,
    module_package,
    own_program,
    program_of,
    read_package,
    spec_of,
)
from discovery.fleet.launchers import INTERPRETERS, RUNNERS, Runner

# What leads on to an address: the address is what is used.
_BRIDGES = frozenset({"mcp-remote", "supergateway", "mcp-proxy"})
_PROGRAM_FILE = re.compile(r".+\.(?:[cm]?[jt]sx?|py|pyz|jar|dll|rb|sh|ps1|exe)", re.IGNORECASE)
_MOST_WORDS = 40
_MOST_DIGITS = 2
_VARIABLE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,99}")
# A longer word behind one dash may have its value in it: -pSECRET.
_OPTION_NAME = re.compile(r"-[A-Za-z]{1,3}|--[A-Za-z][A-Za-z0-9_.-]{0,60}")


@dataclass(frozen=True)
class Started:
    """What a command starts, the command with all values cut, and the names of the variables that it sets."""

    identity: Identity
    shown: list[str]
    variables: list[str] = field(default_factory=list)


@dataclass
class _Head:
    """The words up to the package: the options by name, the package, what is behind it, and the version beside it."""

    shown: list[str] = field(default_factory=list)
    variables: list[str] = field(default_factory=list)
    spec: str = ""
    behind: list[str] = field(default_factory=list)
    version: str = ""


def started_by(words: list[str]) -> Started:
    """Return what a command starts."""
    program, rest = program_of(words[0]), words[1:]
    if program in RUNNERS:
        lead, behind = _lead(RUNNERS[program], rest)
        found = _by_runner(program, RUNNERS[program], lead, behind) if lead is not None else None
        if found is not None:
            return found
        if program == "uv" and behind[:1] == ["run"]:
            return _by_uv_run(behind[1:], folder=_folder(rest))
    if program in INTERPRETERS:
        return _by_interpreter(program, rest)
    own = own_program(words[0])
    return Started(own, [own.package, *_cut(rest)])


def variable_name(assignment: str) -> str:
    """Return the name of a variable from what sets it, cut where it is no name."""
    name = assignment.partition("=")[0].strip()
    return name if _VARIABLE_NAME.fullmatch(name) and not is_key(name) else CUT


def _lead(runner: Runner, rest: list[str]) -> tuple[list[str] | None, list[str]]:
    """Return the subcommand with which the program runs a package, None for another one, and the words behind it."""
    rest = rest if () in runner.words else _behind_options(runner, rest)
    for lead in runner.words:
        if tuple(rest[: len(lead)]) == lead:
            return [*lead], rest[len(lead) :]
    return None, rest


def _behind_options(runner: Runner, rest: list[str]) -> list[str]:
    """Return the words from the subcommand on: `docker --context x run`, `uv --directory x run`."""
    at = 0
    while at < len(rest) and rest[at].startswith("-"):
        at += 2 if "=" not in rest[at] and runner.takes_value(rest[at]) else 1
    return rest[at:]


def _by_runner(program: str, runner: Runner, lead: list[str], rest: list[str]) -> Started | None:
    """Return what a runner of packages starts; None where no package is named, or what stands there is none."""
    head = _head(runner, rest)
    found = read_package(runner.registry, head.spec)
    if found is None and _PROGRAM_FILE.fullmatch(head.spec):
        found = local_program(head.spec)
        return Started(found, [program, *lead, *head.shown, found.package, *_cut(head.behind)], head.variables)
    if found is None:
        return None
    if found.package in _BRIDGES:
        leads_to = [where for word in head.behind if "://" in word and (where := address_of(word))]
        if leads_to:
            return Started(leads_to[0], [program, *lead, *head.shown, found.package, leads_to[0].package])
    if head.version:
        found = read_package(runner.registry, f"{found.package}@{head.version}") or found
    return Started(found, [program, *lead, *head.shown, spec_of(found), *_cut(head.behind)], head.variables)


def _head(runner: Runner, rest: list[str]) -> _Head:
    """Return the words up to the package, and the package."""
    head, at = _Head(), 0
    while at < len(rest):
        word, at = rest[at], at + 1
        if word == "--":
            continue
        if not word.startswith("-"):
            head.spec, head.behind = word, rest[at:]
            break
        name, equals, value = word.partition("=")
        if not equals and runner.takes_value(name) and at < len(rest):
            value, at = rest[at], at + 1
        if name in runner.names and value:
            head.shown.append(name)
            head.spec, head.behind = value, rest[at:]
            break
        if name == runner.pinned_by and value:
            head.version = value
            continue
        _add_option(head, name, value)
    if runner.pinned_by and runner.pinned_by in head.behind[:-1]:
        at = head.behind.index(runner.pinned_by)
        head.version, head.behind = head.behind[at + 1], head.behind[:at] + head.behind[at + 2 :]
    return head


def _add_option(head: _Head, name: str, value: str) -> None:
    """Add an option as it is shown: of a variable its name, of anything else that there is a value."""
    if re.match(r"-e[A-Za-z_]", name) and (value or len(name) > 3):
        # -eKEY=value in one word.
        name, value = "-e", name[2:]
    if name in ("-e", "--env") and value:
        head.variables.append(variable_name(value))
        head.shown += [name, head.variables[-1]]
    else:
        head.shown += [_option(name), CUT] if value else [_option(name)]


def _folder(words: list[str]) -> str:
    """Return the folder in which `uv` is told to run, with a slash behind it; empty for none."""
    at = next((at for at, word in enumerate(words[:-1]) if word in ("--directory", "--project")), -1)
    return f"{words[at + 1]}/" if at >= 0 else ""


def _by_uv_run(rest: list[str], *, folder: str) -> Started:
    """Return what `uv run` starts: a program of one's own, or a module."""
    head = _head(RUNNERS["uv"], rest)
    words = [head.spec, *head.behind]
    script = next((word for word in words if word.lower().endswith(".py")), "")
    if script:
        found = local_program(script if re.match(r"[/~]|[A-Za-z]:", script) else folder + script)
        return Started(found, ["uv", "run", found.package])
    if "-m" in head.shown or "--module" in head.shown:
        found = module_package(head.spec)
        return Started(found, ["uv", "run", "-m", found.package])
    if program_of(head.spec) == "python":
        inner = _by_interpreter("python", head.behind)
        return Started(inner.identity, ["uv", "run", *inner.shown])
    own = own_program(head.spec or "uv")
    return Started(own, ["uv", "run", own.package, *_cut(head.behind)])


def _by_interpreter(program: str, rest: list[str]) -> Started:
    """Return what a program that runs files starts: the file, a module, or a text of the command itself."""
    at = 0
    while at < len(rest) and (rest[at].startswith("-") or rest[at] == "run"):
        word, behind = rest[at], rest[at + 1 :]
        if program == "python" and word == "-m" and behind:
            found = module_package(behind[0])
            return Started(found, [program, "-m", found.package, *_cut(behind[1:])])
        if word in ("-c", "-e", "--eval", "-p", "--print") and program in ("python", "node", "bun"):
            return Started(Identity("local", f"{program} {word}"), [program, word, CUT])
        at += 2 if word in INTERPRETERS[program] else 1
    if at >= len(rest):
        return Started(Identity("local", program), [program, *_cut(rest)])
    return _by_file(program, rest[at], rest[at + 1 :])


def _by_file(program: str, file: str, behind: list[str]) -> Started:
    run = ["run"] if program in ("deno", "bun") else []
    found = read_package("npm", file[4:]) if file.startswith("npm:") else None
    if found is not None:
        return Started(found, [program, *run, f"npm:{spec_of(found)}", *_cut(behind)])
    found = local_program(file)
    shown = f"node_modules/{found.package}" if found.registry == "npm" else found.package
    return Started(found, [program, *run, shown, *_cut(behind)])


def _cut(words: list[str]) -> list[str]:
    """Return the words behind a package: options by name, all else cut."""
    shown: list[str] = []
    for word in words[:_MOST_WORDS]:
        if word.startswith("-") and word not in ("-", "--"):
            shown += [_option(word.partition("=")[0]), CUT] if "=" in word else [_option(word)]
        else:
            shown.append(CUT)
    return shown[:_MOST_WORDS]


def _option(name: str) -> str:
    """Return the name of an option, cut where it is more than one."""
    # Names of options have hardly a digit, and keys have many.
    digits = sum(character.isdigit() for character in name)
    return name if _OPTION_NAME.fullmatch(name) and digits <= _MOST_DIGITS and not is_key(name) else CUT
