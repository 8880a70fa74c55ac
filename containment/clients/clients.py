"""The policy files of agents' clients, made of what is approved now; each by its client's own rules of matching.

An entry that a client cannot match is left out and named with its reason: one bad entry in a list makes clients ignore
the whole of it, or block everything.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.db.models import QuerySet

from containment.calls import deciding
from containment.clients import canary, commands
from vendors.models import Package, Release, Remote, Server


@dataclass(frozen=True, slots=True)
class Launch:
    """How a client reaches a release: the address of a remote, or the command that starts a package.

    `url` is the address as it is fetched, `spelled` as the vendor writes it.
    """

    server: Server
    url: str = ""
    spelled: str = ""
    command: tuple[str, ...] = ()
    is_sse: bool = False

    @property
    def entry(self) -> dict[str, Any]:
        """Return it as an entry of an allow-list or a deny-list, which has one matcher."""
        return {"serverUrl": self.url} if self.url else {"serverCommand": list(self.command)}

    @property
    def entries(self) -> list[dict[str, Any]]:
        """Return its entries where the client may compare an address as it is written."""
        return [self.entry, *([{"serverUrl": self.spelled}] if self.spelled else [])]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What cannot be said in a policy file, and why."""

    server: Server
    what: str
    why: str


@dataclass(frozen=True, slots=True)
class Record:
    """What the policy files are made of: what may be started, what must not, and what cannot be said.

    `unit` is the code of the unit that they are for, empty for all.
    """

    allowed: tuple[Launch, ...]
    denied: tuple[Launch, ...]
    left_out: tuple[LeftOut, ...]
    unit: str = ""


@dataclass(frozen=True, slots=True)
class ClientFile:
    """A policy file of a client: where it lies there, and how it is made."""

    name: str
    client: str
    where: str
    make: Callable[[Record], dict[str, Any]]


def record(servers: "QuerySet[Server]", *, now: datetime, unit: str = "") -> Record:
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
    return Record(tuple(allowed), tuple(kept), tuple(left_out), unit)


def _split(releases: Iterable[Release]) -> tuple[list[Launch], list[LeftOut]]:
    found = [one for release in releases for one in _ways(release)]
    return (
        [one for one in found if isinstance(one, Launch)],
        [one for one in found if isinstance(one, LeftOut)],
    )


def _ways(release: Release) -> Iterator[Launch | LeftOut]:
    server = release.server
    for remote in release.remotes.all():
        yield at_address(server, remote)
    for package in release.packages.all():
        yield from _packages(server, package)
    if not release.remotes.all() and not release.packages.all():
        yield LeftOut(server, str(release), "It names neither a package nor an address.")


def at_address(server: Server, remote: Remote) -> Launch | LeftOut:
    """Return how a client reaches a remote, or why no pattern can say it."""
    try:
        why_not = _why_no_pattern(remote.url)
        pattern = _filled_in(remote.url)
        fetched = "" if why_not else _as_fetched(pattern)
    except ValueError:
        why_not = "No client can read it as an address."
    if why_not:
        return LeftOut(server, remote.url, why_not)
    # In one client an address without a path stands for every path.
    spelled = pattern if urlsplit(pattern).path else f"{pattern}/"
    is_sse = remote.transport == Remote.Transport.SSE
    return Launch(server, url=fetched, spelled=spelled, is_sse=is_sse)


def _why_no_pattern(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or "{" in parts.netloc:
        return "The host is not fixed, so that no pattern can name it alone."
    if "*" in url:
        return "It holds a star, which stands for any text, and would name other servers."
    if "$" in url or {".", ".."} & set(parts.path.split("/")):
        return "Clients read the address otherwise than it is written, so that no pattern matches it."
    return ""


def _packages(server: Server, package: Package) -> Iterator[Launch | LeftOut]:
    found = commands.of(package)
    if found is None:
        yield LeftOut(server, str(package), f"No client starts a package of the kind {package.registry_type}.")
    elif package.transport != "stdio":
        yield LeftOut(server, str(package), "It is started by hand, and reached at an address that you choose.")
    elif not found:
        yield LeftOut(
            server, str(package), "It needs arguments that each person gives; a command is matched whole."
        )  # fmt: skip
    else:
        yield from (Launch(server, command=command) for command in found)


def _filled_in(url: str) -> str:
    """Return an address with a star for what each person fills in; a star stays within the path."""
    pieces = url.split("{")
    return pieces[0] + "".join(f"*{piece.partition('}')[2]}" for piece in pieces[1:])


def _as_fetched(url: str) -> str:
    """Return an address as a client hands it to the network, which is what VS Code and Copilot match."""
    parts = urlsplit(url)
    host = (parts.hostname or "").encode("idna").decode() if not (parts.hostname or "").isascii() else parts.hostname
    port = f":{parts.port}" if parts.port and parts.port != _PORTS[parts.scheme] else ""
    where = f"[{host}]" if host and ":" in host else host
    path = quote(parts.path or "/", safe=_PLAIN)
    return f"{parts.scheme}://{where}{port}{path}{f'?{quote(parts.query, safe=_PLAIN)}' if parts.query else ''}"


_PORTS = {"http": 80, "https": 443}
# What stands in an address as it is.
_PLAIN = "/%:@!&'()*+,;=~?|[]^"
_STOPPED = (Server.Status.SUSPENDED, Server.Status.REJECTED)
_WAYS_OF_PINNED = ("pinned_release__packages", "pinned_release__remotes")


def _entries(found: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for entry in found:
        if entry not in rows:
            rows.append(entry)
    return rows


def _bait() -> list[dict[str, Any]]:
    """Return the entry of the canary, where the installation has one."""
    return [{"serverUrl": canary.address()}] if settings.CANARY else []


def _copilot(of: Record) -> dict[str, Any]:
    return {
        "allowedMcpServers": _entries(one.entry for one in of.allowed),
        "deniedMcpServers": _entries(one.entry for one in of.denied) + _bait(),
    }


def _claude_settings(of: Record) -> dict[str, Any]:
    return {
        "allowManagedMcpServersOnly": True,
        "allowedMcpServers": _entries(entry for one in of.allowed for entry in one.entries),
        "deniedMcpServers": _entries(entry for one in of.denied for entry in one.entries) + _bait(),
    }


def _claude_servers(of: Record) -> dict[str, Any]:
    started: dict[str, dict[str, Any]] = {}
    for launch in of.allowed:
        if launch.url and "*" in launch.url:
            continue
        how: dict[str, Any] = {"type": "sse" if launch.is_sse else "http", "url": launch.spelled}
        if launch.command:
            how = {"type": "stdio", "command": launch.command[0], "args": list(launch.command[1:])}
        started.setdefault(launch.server.client_key, how)
    return {"mcpServers": started}


def _vscode(of: Record) -> dict[str, Any]:
    where = f"{settings.ORIGIN}/registry{f'/units/{of.unit}' if of.unit else ''}"
    return {"ChatMCP": "registry", "McpGalleryServiceUrl": where}


FILES = (
    ClientFile("copilot-managed-settings", "GitHub Copilot and VS Code", "managed-settings.json", _copilot),
    ClientFile("claude-code-managed-settings", "Claude Code", "managed-settings.json", _claude_settings),
    ClientFile("claude-code-managed-mcp", "Claude Code, exactly these servers", "managed-mcp.json", _claude_servers),
    ClientFile("vscode-policy", "VS Code, servers of the registry only", "policy.json", _vscode),
)
BY_NAME = {file.name: file for file in FILES}
