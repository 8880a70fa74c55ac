"""What the artefacts are made of: a server as it is approved, and the walls that its profile asks for."""

from collections.abc import Mapping
from dataclasses import dataclass

from containment.isolation.facts import Host
from riskregister import unseen

# Where the product that builds the walls finds gateway and proxy; whoever runs it gives them these labels.
GATEWAY, EGRESS, PROXY_PORT = "mcp-gateway", "mcp-egress", 3128
PREFIX = "mcp-risk-register"


@dataclass(frozen=True, slots=True, kw_only=True)
class Isolated:
    """A server with the approval that lets it run; texts are plain, hosts and tools in their one form.

    `tools` are those that may be called; `address` is where it answers when the vendor runs it, empty where an image
    does.
    """

    server: str
    title: str
    approval: str
    release: str
    digest: str
    valid_until: str
    image: str
    address: str
    port: int
    path: str
    user: int
    memory_mb: int
    cpu_millis: int
    processes: int
    hosts: tuple[Host, ...]
    read_only: tuple[str, ...]
    tools: tuple[str, ...]

    @property
    def key(self) -> str:
        """Return what it is called in a configuration, e.g. "mcp-s-12"."""
        return f"mcp-{self.server.lower()}"

    @property
    def labels(self) -> Mapping[str, str]:
        """Return the labels by which what runs is found again."""
        return {"app": self.key, f"{PREFIX}/server": self.server, f"{PREFIX}/approval": self.approval}

    @property
    def notes(self) -> Mapping[str, str]:
        """Return what was approved, as notes beside the labels: a note may hold any text."""
        approved = {
            "release": self.release, "manifest-digest": self.digest, "valid-until": self.valid_until,
        }  # fmt: skip
        return {f"{PREFIX}/{name}": value for name, value in approved.items() if value}

    @property
    def ports(self) -> Mapping[int, tuple[str, ...]]:
        """Return the hosts that it may connect to, by port."""
        numbers = sorted({one.port for one in self.hosts})
        return {number: tuple(one.name for one in self.hosts if one.port == number) for number in numbers}

    @property
    def head(self) -> str:
        """Return the lines of comment that a configuration begins with."""
        until = f", valid until {self.valid_until}" if self.valid_until else ""
        lines = (
            f"{self.server} {self.title}, release {self.release}, approved by {self.approval}{until}.",
            f"Manifest {self.digest}" if self.digest else "No manifest was captured.",
            "Made by the MCP vendor risk register: fetch it again when the approval changes.",
        )
        return "".join(f"# {unseen.in_one_line(line)}\n" for line in lines)
