"""The policy files of agents' clients, made of what is approved now; each by its client's own rules of matching.

An entry that a client cannot match is left out and named with its reason: one bad entry in a list makes clients ignore
the whole of it, or block everything.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import QuerySet

from containment import deciding
from vendors.models import Package, Release, Remote, Server


@dataclass(frozen=True, slots=True)
class Launch:
    """How a client reaches a release: the address of a remote, or the command that starts a package."""

    server: Server
    url: str = ""
    command: tuple[str, ...] = ()
    is_sse: bool = False

    @property
    def entry(self) -> dict[str, Any]:
        """Return it as an entry of an allow-list or a deny-list, which has one matcher."""
        return {"serverUrl": self.url} if self.url else {"serverCommand": list(self.command)}


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What cannot be said in a policy file, and why."""

    server: Server
    what: str
    why: str


@dataclass(frozen=True, slots=True)
class Record:
    """What the policy files are made of: what may be started, what must not, and what cannot be said."""

    allowed: tuple[Launch, ...]
    denied: tuple[Launch, ...]
    left_out: tuple[LeftOut, ...]


@dataclass(frozen=True, slots=True)
class ClientFile:
    """A policy file of a client: where it lies there, and how it is made."""

    name: str
    client: str
    where: str
    make: Callable[[Record], dict[str, Any]]


def record(servers: "QuerySet[Server]", *, now: datetime) -> Record:
    """Return what clients may start of these servers at this moment, and what they must not."""
    approvals = deciding.approved_now(servers, now=now).select_related("release__server").order_by("server__name")
    in_force = approvals.prefetch_related("release__packages", "release__remotes")
    allowed, left_out = _split(approval.release for approval in in_force)
    stopped = servers.filter(status__in=_STOPPED, pinned_release__isnull=False).order_by("name")
    pinned = stopped.select_related("pinned_release__server")
    releases = (one.pinned_release for one in pinned.prefetch_related(*_WAYS_OF_PINNED))
    denied, _never_started = _split(release for release in releases if release)
    may = {(launch.url, launch.command) for launch in allowed}
    # A deny-list wins over an allow-list: what another unit approved must not be on it.
    kept = [launch for launch in denied if (launch.url, launch.command) not in may]
    return Record(tuple(allowed), tuple(kept), tuple(left_out))


def _split(releases: Iterable[Release]) -> tuple[list[Launch], list[LeftOut]]:
    found = [one for release in releases for one in _ways(release)]
    return (
        [one for one in found if isinstance(one, Launch)],
        [one for one in found if isinstance(one, LeftOut)],
    )


def _ways(release: Release) -> Iterator[Launch | LeftOut]:
    server = release.server
    for remote in release.remotes.all():
        yield _remote(server, remote)
    for package in release.packages.all():
        yield _package(server, package)
    if not release.remotes.all() and not release.packages.all():
        yield LeftOut(server, str(release), "It names neither a package nor an address.")


def _remote(server: Server, remote: Remote) -> Launch | LeftOut:
    parts = urlsplit(remote.url)
    if parts.scheme not in ("http", "https") or not parts.hostname or "{" in parts.netloc:
        return LeftOut(server, remote.url, "The host is not fixed, so that no pattern can name it alone.")
    if "*" in remote.url:
        return LeftOut(server, remote.url, "It holds a star, which stands for any text, and would name other servers.")
    address = _filled_in(remote.url)
    # In one client an address without a path stands for every path.
    is_sse = remote.transport == Remote.Transport.SSE
    return Launch(server, url=address if parts.path else f"{address}/", is_sse=is_sse)


def _package(server: Server, package: Package) -> Launch | LeftOut:
    started = _STARTED_BY.get(package.registry_type)
    if started is None:
        return LeftOut(server, str(package), f"No client starts a package of the kind {package.registry_type}.")
    if package.transport != "stdio":
        return LeftOut(server, str(package), "It is started by hand, and reached at an address that you choose.")
    before, after = _arguments(package.runtime_arguments), _arguments(package.package_arguments)
    if before is None or after is None:
        return LeftOut(server, str(package), "It needs arguments that each person gives; a command is matched whole.")
    return Launch(server, command=(*started(package, before), *after))


def _arguments(rows: Sequence[Mapping[str, Any]]) -> list[str] | None:
    """Return the arguments that are always there, as the release keeps them; None when somebody must give one."""
    found: list[str] = []
    for row in rows:
        value = str(row["value"])
        if "{" in value or (row["is_required"] and not value):
            return None
        if value:
            found += [str(row["name"]), value] if row["type"] == "named" else [value]
    return found


def _filled_in(url: str) -> str:
    """Return an address with a star for what each person fills in; a star stays within the path."""
    pieces = url.split("{")
    return pieces[0] + "".join(f"*{piece.partition('}')[2]}" for piece in pieces[1:])


def _npx(package: Package, before: list[str]) -> list[str]:
    return ["npx", *(before or ["-y"]), f"{package.identifier}@{package.version}"]


def _uvx(package: Package, before: list[str]) -> list[str]:
    return ["uvx", *before, f"{package.identifier}=={package.version}"]


def _docker(package: Package, before: list[str]) -> list[str]:
    named = package.identifier if "@" in package.identifier or not package.version else None
    return ["docker", "run", "-i", "--rm", *before, named or f"{package.identifier}:{package.version}"]


def _dnx(package: Package, before: list[str]) -> list[str]:
    return ["dnx", *before, f"{package.identifier}@{package.version}"]


_STARTED_BY: dict[str, Callable[[Package, list[str]], list[str]]] = {
    "npm": _npx,
    "pypi": _uvx,
    "oci": _docker,
    "nuget": _dnx,
}
_STOPPED = (Server.Status.SUSPENDED, Server.Status.REJECTED)
_WAYS_OF_PINNED = ("pinned_release__packages", "pinned_release__remotes")


def _lists(of: Record) -> dict[str, Any]:
    return {
        "allowedMcpServers": _entries(of.allowed),
        "deniedMcpServers": _entries(of.denied),
    }


def _entries(launches: Iterable[Launch]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for launch in launches:
        if launch.entry not in rows:
            rows.append(launch.entry)
    return rows


def _copilot(of: Record) -> dict[str, Any]:
    return _lists(of)


def _claude_settings(of: Record) -> dict[str, Any]:
    return {"allowManagedMcpServersOnly": True} | _lists(of)


def _claude_servers(of: Record) -> dict[str, Any]:
    started: dict[str, dict[str, Any]] = {}
    for launch in of.allowed:
        if launch.url and "*" in launch.url:
            continue
        how: dict[str, Any] = {"type": "sse" if launch.is_sse else "http", "url": launch.url}
        if launch.command:
            how = {"type": "stdio", "command": launch.command[0], "args": list(launch.command[1:])}
        started.setdefault(launch.server.client_key, how)
    return {"mcpServers": started}


def _vscode(_of: Record) -> dict[str, Any]:
    return {"ChatMCP": "registry", "McpGalleryServiceUrl": f"{settings.ORIGIN}/registry"}


FILES = (
    ClientFile("copilot-managed-settings", "GitHub Copilot and VS Code", "managed-settings.json", _copilot),
    ClientFile("claude-code-managed-settings", "Claude Code", "managed-settings.json", _claude_settings),
    ClientFile("claude-code-managed-mcp", "Claude Code, exactly these servers", "managed-mcp.json", _claude_servers),
    ClientFile("vscode-policy", "VS Code, servers of the registry only", "policy.json", _vscode),
)
BY_NAME = {file.name: file for file in FILES}
