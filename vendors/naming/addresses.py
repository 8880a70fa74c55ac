"""Where an address leads, as far as can be told without a look: encrypted or not, on the internet or inside. Pure."""

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

# Names that lead nowhere on the internet: RFC 6761, 6762, 8375 and 9476, and what ICANN keeps for private use.
_INSIDE = (
    ".localhost",
    ".local",
    ".internal",
    ".intranet",
    ".lan",
    ".home",
    ".corp",
    ".private",
    ".home.arpa",
    ".test",
)
_NAMES_OF_METADATA = frozenset({"metadata", "metadata.google.internal", "instance-data"})
_TEMPLATE = re.compile(r"\{[^{}]*\}")
# The public registries of packages, by the kinds that a server.json names. Images name theirs in the identifier, and
# bundles are files at an address.
_PUBLIC = {
    "npm": ("registry.npmjs.org",),
    "pypi": ("pypi.org",),
    "nuget": ("api.nuget.org", "nuget.org", "www.nuget.org"),
    "cargo": ("crates.io", "static.crates.io"),
    "oci": ("docker.io", "index.docker.io", "registry-1.docker.io", "ghcr.io", "quay.io", "mcr.microsoft.com"),
    "mcpb": ("github.com", "gitlab.com"),
}


@dataclass(frozen=True, slots=True)
class Address:
    """What an address says of itself. `is_private`: a machine or a network of somebody's own, where no vendor serves.

    `is_template`: its host is filled in by whoever uses it, so that nothing is known of it.
    """

    is_encrypted: bool
    is_private: bool
    is_template: bool

    @property
    def marks(self) -> tuple[str, ...]:
        """Return what a reader must be told, in words; nothing for an encrypted address on the internet."""
        marks = {
            "Not encrypted": not self.is_encrypted,
            "Private address": self.is_private,
            "Host not fixed": self.is_template,
        }
        return tuple(words for words, holds in marks.items() if holds)


def read(url: str) -> Address:
    """Return what an http or https address says of itself; one that cannot be read counts as not encrypted."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".")
    except ValueError:
        return Address(is_encrypted=False, is_private=False, is_template=False)
    bare = _TEMPLATE.sub("", host)
    is_template = bare != host and "." not in bare.strip(".")
    return Address(parts.scheme == "https", _is_private(host) and not is_template, is_template)


def is_other_registry(registry_type: str, base_url: str) -> bool:
    """Return whether a package names another registry than the public one of its kind."""
    if not base_url:
        return False
    return (urlsplit(base_url).hostname or "") not in _PUBLIC.get(registry_type, ())


def _is_private(host: str) -> bool:
    if not host or host in ("localhost", *_NAMES_OF_METADATA) or host.endswith(_INSIDE):
        return True
    address = _ip(host)
    if address is not None:
        return not address.is_global or address.is_multicast
    # A name without a dot is looked up in a network of one's own.
    return "." not in _TEMPLATE.sub("x", host)


def _ip(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return the IP address that a host is, also where it is written as one number or in other bases."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return _loose_ip(host)
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def _loose_ip(host: str) -> ipaddress.IPv4Address | None:
    """Return the IPv4 address that resolvers make of 127.1, 0x7f000001 or 2130706433, or None."""
    parts = host.split(".")
    if len(parts) > 4 or not all(re.fullmatch(r"0[xX][0-9a-fA-F]+|[0-9]+", part) for part in parts):
        return None
    numbers = [
        int(part, 16 if part[:2].lower() == "0x" else 8 if part[0] == "0" and len(part) > 1 else 10)
        for part in _octal(parts)
    ]
    *first, last = numbers
    if any(number > 255 for number in first) or last >= 256 ** (5 - len(numbers)):
        return None
    return ipaddress.IPv4Address(sum(number << (24 - 8 * at) for at, number in enumerate(first)) + last)


def _octal(parts: list[str]) -> list[str]:
    # A leading zero means octal to resolvers; digits that are none are read as decimals.
    return [part.lstrip("0") or "0" if part.isdigit() and re.search("[89]", part) else part for part in parts]
