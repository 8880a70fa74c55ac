"""What is used, in a form that is the same on all machines: a package, an address, or a program of one's own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from vendors.credential_forms import is_in, marked_in
from vendors.naming.pinning import MOVING

# What stands in the place of a value.
CUT = "…"
_NPM = re.compile(r"((?:@[a-z0-9~][a-z0-9._~-]*/)?[a-z0-9~_][a-z0-9._~-]*)(?:@([^@/\s]*))?", re.IGNORECASE)
_PYPI = re.compile(
    r"([a-z0-9](?:[a-z0-9._-]*[a-z0-9])?)(?:\[[^\]]*\])?(?:\s*(?:@|(===?|~=|[<>!]=?))\s*([^@\s]+))?", re.IGNORECASE
)
_OCI = re.compile(
    r"([a-z0-9][a-z0-9._-]*(?::\d+(?=/))?(?:/[a-z0-9._-]+)*)"
    r"(?::([A-Za-z0-9_][A-Za-z0-9._-]{0,127}))?(?:@(sha256:[0-9a-f]{64}))?"
)
_NUGET = re.compile(r"([a-z0-9_][a-z0-9._-]*)(?:@([^@\s]*))?", re.IGNORECASE)
_EXACT = re.compile(r"v?\d+\.\d+[A-Za-z0-9.+_-]*")
_WILD = re.compile(r"(?:^|\.)[xX*](?:\.|$)")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_GENERATED = re.compile(r"[A-Za-z0-9]{16,}")
_BETWEEN_WORDS = re.compile(r"[^A-Za-z0-9]+")
_HOME = re.compile(r"^(?:/Users/|/home/|/root(?=/|$)|[A-Za-z]:[\\/]Users[\\/])[^\\/]*")
_IN_MODULES = re.compile(r"(?:^|[\\/])node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)")
_PROGRAM_ENDS = (".exe", ".cmd", ".bat", ".ps1")
_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}
_VARIABLE = re.compile(r"\$?\{[^{}]*\}|%[A-Za-z_]+%|\$[A-Za-z_]+")
_LOCAL_PARTS = 3
_LONGEST = 300


@dataclass(frozen=True)
class Identity:
    """What is used.

    `registry` is npm, pypi, oci, nuget, "source" for what is taken from where its source lies, "remote" for an address,
    "variable" for one that is filled in when it is used, "local" for a program without a registry. `version` is empty
    where none is named or one that moves; `stated_version` is as the entry has it. `is_pinned`: it is the same
    tomorrow.
    """

    registry: str
    package: str
    version: str = ""
    stated_version: str = ""
    is_pinned: bool = False

    @property
    def key(self) -> str:
        """Return it in one text, e.g. "npm:@scope/name", without the version."""
        return self.package if self.registry == "remote" else f"{self.registry}:{self.package}"


def package_of(registry: str, name: str, version: str = "") -> Identity | None:
    """Return the identity of a package as a registry's document names it; None for a kind that no client starts."""
    if registry == "oci":
        return _image(name, version)
    found = read_package(registry, name)
    return _versioned(found.registry, found.package, version) if found and version else found


def read_package(registry: str, spec: str) -> Identity | None:
    """Return what a command names to a runner of packages, None for what is no package, or holds a key."""
    reader = _READERS.get(registry)
    return reader(spec) if reader and not _holds_key(spec) else None


def address_of(url: str) -> Identity | None:
    """Return the identity of an address, without user, query and what looks like a key; None for what is none."""
    bare = url.strip()
    if _VARIABLE.match(bare):
        return Identity("variable", " ".join(_VARIABLE.findall(bare))[:_LONGEST])
    try:
        parts = urlsplit(bare)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        return None
    scheme = parts.scheme.lower()
    if scheme not in _PORTS or not host or re.search(r"[\s\\]", bare):
        return None
    host = f"[{host}]" if ":" in host else host
    host = ".".join(CUT if is_key(label) else label for label in host.split("."))
    where = f"{host}:{port}" if port and port != _PORTS[scheme] else host
    path = "/".join(CUT if is_key(part) else part for part in parts.path.split("/")).rstrip("/")
    return Identity("remote", f"{scheme}://{where}{path}"[:_LONGEST])


def module_package(name: str) -> Identity:
    """Return the package that a module of Python is taken to be of: mcp-server-fetch for mcp_server_fetch."""
    return read_package("pypi", name.split(".")[0]) or Identity("local", "python -m")


def local_program(path: str) -> Identity:
    """Return a program by the end of its path, without the folders of one machine; or the package it came with."""
    installed = _IN_MODULES.findall(path)
    found = read_package("npm", installed[-1].replace("\\", "/")) if installed else None
    if found is not None:
        return found
    parts = [part for part in re.split(r"[\\/]", without_home(path)) if part not in ("", ".", "..", "~")]
    kept = [CUT if is_key(part) else part for part in parts[-_LOCAL_PARTS:]]
    return Identity("local", "/".join(kept)[-_LONGEST:] or CUT)


def own_program(command: str) -> Identity:
    """Return a program that no registry is known of, by its name."""
    name = program_of(command)
    return Identity("local", CUT if is_key(name) else name[:_LONGEST] or CUT)


def program_of(command: str) -> str:
    """Return the name of a program without folder and ending: npx for C:\\Program Files\\nodejs\\npx.cmd."""
    name = re.split(r"[\\/]", command.strip().strip("\"'"))[-1].lower()
    for end in _PROGRAM_ENDS:
        if name.endswith(end):
            name = name[: -len(end)]
    return "python" if re.fullmatch(r"python[0-9.]*|pyw?", name) else name


def spec_of(found: Identity) -> str:
    """Return a package as a command names it."""
    if found.registry == "source":
        revision = "" if found.stated_version == CUT else found.stated_version
        return f"git+{found.package}.git" + (f"@{revision}" if revision else "")
    if not found.stated_version:
        return found.package
    if found.registry == "oci":
        return f"{found.package}{'@' if found.is_pinned else ':'}{found.stated_version}"
    if found.registry == "pypi" and found.stated_version[0] in "~<>=!":
        return f"{found.package}{found.stated_version}"
    return f"{found.package}@{found.stated_version}"


def without_home(path: str) -> str:
    """Return a path in which the person's own folder is a tilde: it names them."""
    return _HOME.sub("~", path)


def is_key(word: str) -> bool:
    """Return whether a word has the form of a credential, or a machine made it: a person's own part of an address."""
    if is_in(word) or _UUID.search(word):
        return True
    made = (part for part in _BETWEEN_WORDS.split(word) if _GENERATED.fullmatch(part))
    return any(sum(character.isdigit() for character in part) >= 3 for part in made)


def _holds_key(spec: str) -> bool:
    # A digest and a revision are as long as a key, and are none.
    bare = re.sub(r"(?:@|#|sha256:)(?:[0-9a-f]{64}|[0-9a-f]{40})\b", "", spec)
    return "://" not in bare and (marked_in(bare) or any(is_key(part) for part in re.split(r"[/@:=<>~!#]+", bare)))


def _npm(spec: str) -> Identity | None:
    alias = spec.partition("@npm:")[2]
    found = _NPM.fullmatch(alias or spec)
    return _versioned("npm", found.group(1).lower(), found.group(2) or "") if found else _from_source("npm", spec)


def _pypi(spec: str) -> Identity | None:
    found = _PYPI.fullmatch(spec)
    if not found:
        return _from_source("pypi", spec)
    name, sign, version = re.sub(r"[-_.]+", "-", found.group(1)).lower(), found.group(2) or "", found.group(3) or ""
    if sign not in ("", "==", "==="):
        return Identity("pypi", name, stated_version=f"{sign}{version}"[:60])
    return _versioned("pypi", name, version)


def _image(spec: str, version: str = "") -> Identity | None:
    found = _OCI.fullmatch(spec)
    if not found:
        return None
    name = re.sub(r"^(?:(?:index\.|registry-1\.)?docker\.io/)?(?:library/)?", "", found.group(1))
    tag, digest = found.group(2) or "", found.group(3) or (version if version.startswith("sha256:") else "")
    tag = tag or ("" if digest else version)
    # A tag can be given to another image, so that it pins nothing.
    named = "" if tag.lower() in MOVING else tag
    return Identity("oci", name, digest or named, digest or tag, is_pinned=bool(digest))


def _nuget(spec: str) -> Identity | None:
    found = _NUGET.fullmatch(spec)
    return _versioned("nuget", found.group(1).lower(), found.group(2) or "") if found else None


_READERS = {"npm": _npm, "pypi": _pypi, "oci": _image, "nuget": _nuget}


def _from_source(registry: str, spec: str) -> Identity | None:
    """Return a package that is taken from where its source lies, not from a registry; None for what names no place."""
    bare = re.sub(r"^(?:[a-z0-9._-]+(?:\[[^\]]*\])?\s*@\s*)?git\+", "", spec, flags=re.IGNORECASE)
    bare = re.sub(r"^(?:github:|git@github\.com:)", "https://github.com/", bare)
    bare = re.sub(r"^(?:ssh|git)://(?:[^@/]*@)?", "https://", bare)
    if registry == "npm" and re.fullmatch(r"[\w-]+/[\w.-]+(?:#.*)?", bare):
        bare = f"https://github.com/{bare}"
    where, _mark, revision = bare.partition("#")
    before, at, behind = where.rpartition("@")
    if at and "/" in before.partition("://")[2] and "/" not in behind:
        where, revision = before, behind
    address = address_of(where)
    if address is None or address.registry != "remote":
        return None
    is_pinned = re.fullmatch(r"[0-9a-f]{40}", revision) is not None
    stated_version = revision if is_pinned else CUT if is_key(revision) else revision[:60]
    return Identity(
        "source", re.sub(r"\.git$", "", address.package), revision if is_pinned else "", stated_version, is_pinned
    )


def _versioned(registry: str, package: str, version: str) -> Identity:
    if not _EXACT.fullmatch(version) or _WILD.search(version) or is_key(version):
        return Identity(registry, package, stated_version=CUT if is_key(version) else version[:60])
    bare = (version[1:] if version.startswith("v") else version)[:100]
    # 1.2 is a range to npm, and a version elsewhere.
    is_exact = registry != "npm" or bare.count(".") >= 2
    return Identity(registry, package, bare if is_exact else "", bare, is_pinned=is_exact)
