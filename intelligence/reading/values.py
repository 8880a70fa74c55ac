"""One spelling for one thing: hosts, addresses, packages and digests as they are compared. Pure.

Two spellings of one thing must come out equal, and two things never: `evil.example` is neither `notevil.example` nor
`evil.example.org`. What is none of its kind is refused, with what would be one.
"""

import ipaddress
import re
import unicodedata
from collections.abc import Iterator
from urllib.parse import parse_qs, quote, unquote, unquote_to_bytes, urlsplit

from intelligence.reading.indicators import Kind, NotSo, Term, shown

_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\Z")
# By their length in hexadecimal digits.
_DIGESTS = {32: "md5", 40: "sha1", 56: "sha224", 64: "sha256", 96: "sha384", 128: "sha512"}
_DIGEST_NAMES = frozenset(_DIGESTS.values())
_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}
# What package URLs and OSV call the registries, by the words of a server.json.
REGISTRIES = {
    "npm": "npm",
    "pypi": "pypi",
    "nuget": "nuget",
    "cargo": "cargo",
    "crates.io": "cargo",
    "oci": "oci",
    "docker": "oci",
    "golang": "golang",
    "go": "golang",
    "maven": "maven",
    "gem": "gem",
    "rubygems": "gem",
    "composer": "composer",
    "packagist": "composer",
    "hex": "hex",
    "pub": "pub",
}
# What browsers take for a dot besides the dot.
_DOTS = str.maketrans({"\u3002": ".", "\uff0e": ".", "\uff61": "."})


def domain(text: str) -> str:
    """Return a domain in small ASCII letters, as DNS has it (`xn--…`), without the dot behind it. Raises NotSo."""
    name = text.strip().translate(_DOTS).removesuffix(".")
    labels = [_ascii(label) for label in name.split(".")]
    whole = ".".join(labels)
    if len(labels) < 2 or len(whole) > 253 or not all(map(_LABEL.match, labels)) or labels[-1].isdigit():
        raise NotSo(f"{shown(text)} is no domain. Write it as in example.com.")
    return whole


def address(text: str) -> str:
    """Return an IP address as RFC 5952 writes it; an IPv4 address within one of IPv6 is that. Raises NotSo."""
    try:
        found = ipaddress.ip_address(text.strip().strip("[]"))
    except ValueError as error:
        raise NotSo(f"{shown(text)} is no IP address.") from error
    if isinstance(found, ipaddress.IPv6Address):
        return str(found.ipv4_mapped or ipaddress.IPv6Address(int(found)))
    return str(found)


def network(text: str) -> Term:
    """Return the term of a network or of a single address; bits behind the prefix are cleared. Raises NotSo."""
    try:
        found = ipaddress.ip_network(text.strip(), strict=False)
    except ValueError as error:
        raise NotSo(f"{shown(text)} is neither an IP address nor a network such as 192.0.2.0/24.") from error
    if found.num_addresses == 1:
        return Term(Kind.ADDRESS, address(str(found.network_address)))
    if found.prefixlen == 0:
        raise NotSo(f"{shown(text)} is every address there is.")
    return Term(Kind.NETWORK, str(found))


def is_address(text: str) -> bool:
    """Return whether a text is an IP address or a network."""
    try:
        network(text)
    except NotSo:
        return False
    return True


def host(text: str) -> Term:
    """Return the term of a host: a domain, or an IP address. Raises NotSo."""
    bare = text.strip().strip("[]")
    try:
        return Term(Kind.ADDRESS, address(bare))
    except NotSo:
        return Term(Kind.DOMAIN, domain(bare))


def url(text: str) -> str:
    """Return an address with its scheme and host as they are compared, its path as it is, and no fragment.

    User, password and a port that is the scheme's own are left out, since they lead to the same place. Raises NotSo.
    """
    written = text.strip()
    try:
        parts = urlsplit(written)
        port = parts.port
    except ValueError as error:
        raise NotSo(f"{shown(text)} is no address.") from error
    scheme = parts.scheme.lower()
    if scheme not in (*_PORTS, "ftp") or not parts.hostname:
        raise NotSo(f"{shown(text)} is no address. Write it as https://example.com/path.")
    name = host(parts.hostname).value
    where = f"[{name}]" if ":" in name else name
    if port is not None and port != _PORTS.get(scheme):
        where += f":{port}"
    path = _path(parts.path)
    return f"{scheme}://{where}{path}" + (f"?{parts.query}" if parts.query else "")


def digest(text: str, algorithm: str = "") -> str:
    """Return a digest of a file as `sha256:…`; without a name its length tells the algorithm. Raises NotSo."""
    value = text.strip().lower()
    named = re.sub(r"[^a-z0-9]", "", algorithm.lower())
    known = _DIGESTS.get(len(value), "")
    if not known or not re.fullmatch(r"[0-9a-f]+", value) or (named and named != known):
        of = f" of {algorithm}" if algorithm else ""
        raise NotSo(f"{shown(text)} is no digest{of} in hexadecimal digits.")
    return f"{known}:{value}"


def is_digest(algorithm: str) -> bool:
    """Return whether digests by this algorithm are compared."""
    return re.sub(r"[^a-z0-9]", "", algorithm.lower()) in _DIGEST_NAMES


def package(registry: str, name: str, version: str = "") -> Term:
    """Return the term of a package of a registry, which package URLs, OSV or a server.json may name. Raises NotSo."""
    kind = REGISTRIES.get(registry.strip().lower())
    bare = unicodedata.normalize("NFC", name.strip())
    if kind is None:
        raise NotSo(f"{shown(registry)} is no registry that is known: {', '.join(sorted(set(REGISTRIES.values())))}.")
    if not bare or len(bare) > 400 or any(character.isspace() for character in bare):
        raise NotSo(f"{shown(name)} is no name of a package.")
    return Term(Kind.PACKAGE, f"{kind}:{_package_name(kind, bare)}", version.strip())


def purl(text: str) -> Term:
    """Return the term of a package URL: its registry, name and version. Raises NotSo."""
    scheme, _, rest = text.strip().partition(":")
    rest, _, further = rest.lstrip("/").partition("#")[0].partition("?")
    kind, _, path = rest.rstrip("/").partition("/")
    # The version is behind the last @ that is no namespace's.
    name, at, version = path.rpartition("@")
    if not at or not name or name.endswith("/"):
        name, version = path, ""
    if scheme.lower() != "pkg" or not kind or not name:
        raise NotSo(f"{shown(text)} is no package URL. Write it as pkg:npm/name@1.2.3.")
    joined = ":" if kind.lower() == "maven" else "/"
    whole = joined.join(unquote(part) for part in name.split("/") if part)
    if kind.lower() == "oci":
        # The name alone is the last part of a repository, which anybody may have.
        whole = parse_qs(further).get("repository_url", [""])[0]
    return package(kind, whole, unquote(version))


def maintainer(text: str) -> str:
    """Return who maintains, in small letters: an account as `npm:name`, or a mail address. Raises NotSo."""
    name = unicodedata.normalize("NFC", text.strip()).lower()
    if "@" in name and ":" not in name:
        local, _, behind = name.rpartition("@")
        if not local or any(character.isspace() for character in local):
            raise NotSo(f"{shown(text)} is no mail address.")
        return f"{local}@{domain(behind)}"
    registry, _, account = name.partition(":")
    if registry not in {*REGISTRIES.values(), "github", "gitlab"} or not account or " " in account:
        raise NotSo(f"{shown(text)} is no maintainer. Write a mail address, or an account as npm:name.")
    return name


def spellings(term: Term) -> Iterator[Term]:
    """Yield all that an indicator may say so that it hits this host, address, package or digest: itself included.

    A host is hit by its own domain and those above it, an IP address by the networks that it is in, an address on the
    web by what it begins with, up to the end of a part of its path.
    """
    if term.kind is Kind.DOMAIN:
        labels = term.value.split(".")
        # The last label alone is no domain of anybody.
        yield from (Term(Kind.DOMAIN, ".".join(labels[at:])) for at in range(len(labels) - 1))
    elif term.kind is Kind.ADDRESS:
        yield term
        found = ipaddress.ip_address(term.value)
        for length in range(found.max_prefixlen - 1, 0, -1):
            yield Term(Kind.NETWORK, str(ipaddress.ip_network((int(found), length) if found.version == 4 else
                (int(found).to_bytes(16, "big"), length), strict=False)))  # fmt: skip
    elif term.kind is Kind.URL:
        yield from (Term(Kind.URL, one) for one in _beginnings(term.value))
    else:
        yield term


def _beginnings(whole: str) -> Iterator[str]:
    """Yield an address, and what it begins with: `…/a/b?q`, `…/a/b`, `…/a/`, `…/a`, `…/`."""
    yield whole
    bare = whole.partition("?")[0]
    if bare != whole:
        yield bare
    root = bare.index("/", bare.index("://") + 3)
    for at in range(len(bare) - 1, root, -1):
        if bare[at] == "/":
            if at != len(bare) - 1:
                yield bare[: at + 1]
            yield bare[:at]
    if len(bare) > root + 1:
        yield bare[: root + 1]


def _path(path: str) -> str:
    """Return a path with its escapes written one way, and no dots that lead up."""
    parts: list[str] = []
    for part in path.split("/")[1:]:
        # As bytes: what is no UTF-8 must not become equal to something else.
        bare = unquote_to_bytes(part)
        if bare == b"..":
            parts = parts[:-1]
        elif bare != b".":
            parts.append(quote(bare, safe="!$&'()*+,;=:@~-._"))
    return "/" + "/".join(parts)


def _package_name(kind: str, name: str) -> str:
    """Return a name as its registry compares it; npm and Go tell capitals apart."""
    if kind == "pypi":
        return re.sub(r"[-_.]+", "-", name).lower()
    if kind == "cargo":
        return name.lower().replace("_", "-")
    if kind in ("nuget", "composer", "hex", "pub"):
        return name.lower()
    return _image(name) if kind == "oci" else name


def _image(name: str) -> str:
    """Return an image with its registry, without tag and digest: `docker.io/library/alpine`."""
    bare = name.partition("@")[0].lower()
    head, slash, last = bare.rpartition("/")
    bare = f"{head}{slash}{last.partition(':')[0]}"
    first, _, rest = bare.partition("/")
    if not rest or not ("." in first or ":" in first or first == "localhost"):
        bare = f"docker.io/{bare if rest else f'library/{bare}'}"
    return bare.replace("index.docker.io/", "docker.io/").replace("registry-1.docker.io/", "docker.io/")


def _ascii(label: str) -> str:
    """Return a label of a domain as DNS has it, after what UTS 46 (as of IDNA 2008) makes of one."""
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", label).lower())
    if plain.isascii():
        return plain
    try:
        return "xn--" + plain.encode("punycode").decode()
    except UnicodeError as error:
        raise NotSo(f"{shown(label)} is no part of a domain.") from error
