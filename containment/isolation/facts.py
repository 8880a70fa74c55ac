"""What is said of a server's isolation, cleaned: what is written into files of configuration is what is left by it.

Each text has a narrow form of its own, so that none can end a line, a string or a rule in any of the formats.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from riskregister.refusals import Refused

MOST = 100
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
# A name of DNS with a dot, whose end is no number: no address of a machine.
_HOST = re.compile(rf"(?=.{{4,253}}\Z)(?:{_LABEL}\.)+(?!\d+\Z){_LABEL}")
_PATH = re.compile(r"/[A-Za-z0-9._-]+(?:/[A-Za-z0-9._-]+)*")
_IMAGE = re.compile(
    rf"(?:{_LABEL}(?:\.{_LABEL})*(?::\d{{1,5}})?/)?[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?:/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*"
    r"(?::[A-Za-z0-9_][A-Za-z0-9._-]{0,127})?@sha256:[0-9a-f]{64}"
)
# The names that the protocol recommends; any other is written into no rule.
_TOOL = re.compile(r"[A-Za-z0-9_./:-]{1,128}")
_BOUNDS = {
    "memory_mb": (16, 1_048_576, "megabytes"),
    "cpu_millis": (10, 1_000_000, "thousandths of a core"),
    "processes": (1, 100_000, "processes"),
    "run_as_user": (1, 2_147_483_647, "the number of a user who is not root"),
    "port": (1, 65_535, "the port at which it answers"),
}


class ProfileInvalid(Refused):
    """Something that is said of the isolation cannot be written into a configuration."""


@dataclass(frozen=True, slots=True, order=True)
class Host:
    """Where the server may connect to."""

    name: str
    port: int

    def __str__(self) -> str:
        """Return e.g. "api.example.com:443"."""
        return f"{self.name}:{self.port}"


def host(text: str) -> Host:
    """Return a host with its port, 443 where none is named. Raises ProfileInvalid."""
    name, colon, number = text.strip().lower().rstrip(".").partition(":")
    port = int(number) if number.isascii() and number.isdigit() and len(number) < 6 else 0
    if not _HOST.fullmatch(name) or (colon and not 1 <= port <= 65_535):
        raise ProfileInvalid(
            f"{text[:80]!r} is no host. Give its name and, if it is not 443, its port, such as api.example.com:8443.",
            field="egress_hosts",
        )
    return Host(name, port if colon else 443)


def is_host(text: str) -> bool:
    """Return whether a rule can name it: an address of a machine and all below a name cannot be."""
    try:
        host(text)
    except ProfileInvalid:
        return False
    return True


def cleaned(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is said in its one form, lists sorted and without repetition. Raises ProfileInvalid for the first
    that cannot be written.
    """
    facts: dict[str, Any] = {name: _number(name, values[name]) for name in _BOUNDS}
    hosts = {host(one) for one in _listed(values["egress_hosts"], "egress_hosts")}
    paths = _listed(values["read_only_paths"], "read_only_paths")
    tools = _listed(values["tools"], "tools")
    facts |= {
        "egress_hosts": [str(one) for one in sorted(hosts)],
        "read_only_paths": sorted({_fitting(one, _PATH, "read_only_paths", _A_PATH) for one in paths}),
        "tools": sorted({_fitting(one, _TOOL, "tools", _A_TOOL) for one in tools}),
        "path": _fitting(values["path"] or "/mcp", _PATH, "path", _A_PATH),
        "image": _fitting(values["image"], _IMAGE, "image", _AN_IMAGE) if values["image"].strip() else "",
    }
    return facts


def is_writable(tool: str) -> bool:
    """Return whether a rule can name this tool."""
    return _TOOL.fullmatch(tool) is not None


def _listed(lines: Iterable[str], field: str) -> Sequence[str]:
    rows = [one for one in lines if one.strip()]
    if len(rows) > MOST:
        raise ProfileInvalid(f"Give at most {MOST}.", field=field)
    return rows


def _fitting(value: str, form: re.Pattern[str], field: str, otherwise: str) -> str:
    text = value.strip()
    if not form.fullmatch(text) or {".", ".."} & set(text.split("/")):
        raise ProfileInvalid(f"{text[:80]!r}: {otherwise}", field=field)
    return text


def _number(name: str, value: int) -> int:
    least, most, what = _BOUNDS[name]
    if not least <= value <= most:
        raise ProfileInvalid(f"Give {what}, from {least:,} to {most:,}.", field=name)
    return value


_A_PATH = "give a path of letters, digits, dots, dashes and underscores that begins with a slash, such as /data/read."
_A_TOOL = "no rule can name this tool. Names have letters, digits and _ - . / : only."
_AN_IMAGE = "give an image by its digest, such as ghcr.io/example/server@sha256:…, so that it is the same tomorrow."
