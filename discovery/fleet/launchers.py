"""How servers are started: the programs that run a package, and which of their options take a value."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass

from discovery.fleet.identities import program_of

_SHELLS = frozenset({"sh", "bash", "zsh", "dash", "fish"})
_POWERSHELLS = frozenset({"powershell", "pwsh"})
# Programs that read secrets for another one, which they start.
_WRAPPERS = frozenset(
    {"op", "doppler", "infisical", "aws-vault", "dotenv", "dotenvx", "chamber", "wsl", "sudo", "nice"}
)
_ASSIGNED_BEFORE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=")
_BETWEEN_COMMANDS = re.compile(r"\s*(?:&&|\|\||;)\s*")
_DEEPEST_WRAPPED = 6


@dataclass(frozen=True)
class Runner:
    """A program that runs packages of one registry.

    `words` are the subcommands with which it does, `valued` the options before the package that take a value, `names`
    those whose value is the package itself, `pinned_by` the one that says its version.
    """

    registry: str
    words: tuple[tuple[str, ...], ...] = ((),)
    valued: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    pinned_by: str = ""

    def takes_value(self, name: str) -> bool:
        """Return whether an option, written without one behind "=", has its value in the next word."""
        if self.registry != "oci":
            return name in self.valued or name in self.names or name == self.pinned_by
        if name.startswith("--"):
            return name not in _IMAGE_FLAGS
        # -it is two flags; -eKEY has its value behind it already.
        return len(name) == 2 and name[1] not in _SHORT_IMAGE_FLAGS


_NPX = frozenset({"-w", "--workspace", "--registry", "--cache", "--prefix", "--userconfig", "--node-options"})
_NPM_NAMES = frozenset({"-p", "--package"})
_UV = frozenset(
    {
        *("--python", "-p", "--with", "--with-editable", "--with-requirements", "--index", "--default-index"),
        *("--index-url", "-i", "--extra-index-url", "--find-links", "-f", "--directory", "--project", "--env-file"),
        *("--cache-dir", "--config-file", "--refresh-package", "--exclude-newer", "--keyring-provider", "-c"),
        *("--constraints", "--overrides", "--allow-insecure-host", "--index-strategy", "--prerelease", "--resolution"),
    }
)
_PIPX = frozenset({"--python", "--pip-args", "--index-url", "-i", "--with"})
_DOTNET = frozenset({"--source", "--add-source", "--configfile", "--verbosity", "-v", "--framework"})
_RUN_IMAGE = (("run",), ("container", "run"))
# The options of `docker run` that take no value; all others do.
_IMAGE_FLAGS = frozenset(
    {
        *("--detach", "--interactive", "--tty", "--rm", "--init", "--privileged", "--read-only", "--publish-all"),
        *(
            "--no-healthcheck",
            "--oom-kill-disable",
            "--sig-proxy",
            "--disable-content-trust",
            "--quiet",
            "--tls-verify",
        ),
        *("--rmi", "--replace", "--no-hosts"),
    }
)
_SHORT_IMAGE_FLAGS = frozenset("ditqP")

RUNNERS = {
    "npx": Runner("npm", ((),), _NPX, _NPM_NAMES),
    "npm": Runner("npm", (("exec",), ("x",)), _NPX, _NPM_NAMES),
    "pnpx": Runner("npm", ((),), _NPX, _NPM_NAMES),
    "pnpm": Runner("npm", (("dlx",), ("exec",)), _NPX, _NPM_NAMES),
    "yarn": Runner("npm", (("dlx",),), _NPX, _NPM_NAMES),
    "bunx": Runner("npm", ((),), _NPX, _NPM_NAMES),
    "bun": Runner("npm", (("x",),), _NPX, _NPM_NAMES),
    "uvx": Runner("pypi", ((),), _UV, frozenset({"--from"})),
    "uv": Runner("pypi", (("tool", "run"),), _UV, frozenset({"--from"})),
    "pipx": Runner("pypi", (("run",),), _PIPX, frozenset({"--spec"})),
    "docker": Runner("oci", _RUN_IMAGE),
    "podman": Runner("oci", _RUN_IMAGE),
    "nerdctl": Runner("oci", _RUN_IMAGE),
    "dnx": Runner("nuget", ((),), _DOTNET, pinned_by="--version"),
    "dotnet": Runner("nuget", (("tool", "exec"), ("dnx",)), _DOTNET, pinned_by="--version"),
}
# Programs that run a file, and those of their options that take a value.
INTERPRETERS = {
    "node": frozenset(
        {"-r", "--require", "--import", "--loader", "--env-file", "-C", "--conditions", "--inspect-port"}
    ),
    "python": frozenset({"-X", "-W", "--check-hash-based-pycs"}),
    "deno": frozenset({"--config", "-c", "--import-map", "--lock", "--env-file", "--location"}),
    "bun": frozenset({"--preload", "-r", "--env-file", "--cwd"}),
    "java": frozenset({"-cp", "-classpath", "--class-path", "-p", "--module-path"}),
}
_STARTERS = frozenset({*RUNNERS, *INTERPRETERS, *_SHELLS, *_POWERSHELLS, *_WRAPPERS, "cmd", "env"})


def whole_command(command: str, arguments: list[str]) -> list[str]:
    """Return program and arguments, also where the command is a whole line, as some write it."""
    command = command.strip()
    if not re.search(r"\s", command) or program_of(command) in _STARTERS:
        return [command, *arguments]
    return [*words_of(command), *arguments]


def unwrapped(words: list[str]) -> list[str]:
    """Return the words of what is started in the end, without the shells and helpers around it."""
    for _depth in range(_DEEPEST_WRAPPED):
        inner = _inner(program_of(words[0]), words[1:])
        if not inner:
            break
        words = inner
    return words


def words_of(line: str) -> list[str]:
    """Return the words of a command line; of one whose quotes do not close, what stands between blanks."""
    # Windows writes its folders with what a shell takes for an escape.
    is_windows = "\\" in line
    try:
        words = shlex.split(line, posix=not is_windows)
    except ValueError:
        words = line.split()
    return [word.strip("\"'") for word in words] if is_windows else words


def _inner(program: str, rest: list[str]) -> list[str]:
    """Return what a program starts that only starts another one; nothing where it does not."""
    if program == "cmd":
        return _behind(rest, r"/[ck]")
    if program in _POWERSHELLS:
        return _behind(rest, r"-c(?:ommand)?")
    if program in _SHELLS:
        return _behind(rest, r"-[a-z]*c")[:1] and _of_line(_behind(rest, r"-[a-z]*c")[0])
    if program == "env":
        return _behind_assignments([word for word in rest if word not in ("-S", "-i", "--")])
    if program in _WRAPPERS:
        return rest[rest.index("--") + 1 :] if "--" in rest else _from_starter(rest)
    return []


def _behind(rest: list[str], option: str) -> list[str]:
    """Return the words behind an option, those of a whole line where it is followed by one word."""
    at = next((at for at, word in enumerate(rest) if re.fullmatch(option, word, re.IGNORECASE)), len(rest))
    words = rest[at + 1 :]
    return words_of(words[0]) if len(words) == 1 and option != r"-[a-z]*c" else words


def _from_starter(rest: list[str]) -> list[str]:
    at = next((at for at, word in enumerate(rest) if program_of(word) in _STARTERS), len(rest))
    return rest[at:]


def _behind_assignments(words: list[str]) -> list[str]:
    words = words_of(words[0]) if len(words) == 1 and " " in words[0] else words
    at = next((at for at, word in enumerate(words) if not _ASSIGNED_BEFORE.match(word)), len(words))
    return words[at:]


def _of_line(line: str) -> list[str]:
    """Return the command that a shell is given: of several the first that starts a known program, else the last."""
    parts = [_behind_assignments(words_of(part)) for part in _BETWEEN_COMMANDS.split(line)]
    parts = [part[1:] if part[0] == "exec" else part for part in parts if part]
    known = [part for part in parts if part and program_of(part[0]) in _STARTERS]
    return (known or parts[-1:] or [[]])[0]
