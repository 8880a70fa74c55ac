"""Package URLs: read, written in their one form, and what they name as OSV names it. Pure."""

import re
from typing import NamedTuple
from urllib.parse import quote, unquote

from packageurl import PackageURL

from composition.packages import distributions, ecosystems
from composition.packages.distributions import Distribution
from composition.packages.ecosystems import EcosystemUnknown, Language

LONGEST = 4_096
LONGEST_NAME = 300
LONGEST_VERSION = 255
EXAMPLE = "Write it as pkg:npm/name@1.2.3."
_GO_NUMBER = re.compile(r"v?(\d+\.\d+(?:\.\d+)?(?:[-+].*)?)", re.ASCII)
# What the Go tools list beside modules, without the "v" of a module's version.
_GO_ITSELF = frozenset({"stdlib", "toolchain"})


class PurlInvalid(ValueError):
    """What was given is no package URL. Says why, and what one looks like."""


class Coordinates(NamedTuple):
    """A package's version, as OSV names it.

    `ecosystem` is empty where OSV has none for it, and holds the release of a distribution where that is known:
    "Debian:12". `version` is empty where none is named.
    """

    ecosystem: str
    name: str
    version: str


def read(text: str) -> PackageURL:
    """Return what a package URL says. Raises PurlInvalid.

    Names are folded as the types' rules say, but for those of npm, whose old packages differ by case only, and for
    those of PyPI, where PEP 503 folds more.
    """
    if len(text) > LONGEST:
        raise PurlInvalid(f"A package URL may have {LONGEST:,} characters; this one has {len(text):,}.")
    _refuse_control(text, text)
    try:
        found = PackageURL.from_string(text)
        name = _cased(text) if found.type == "npm" else found.name
    except ValueError as error:
        raise PurlInvalid(f"{_shown(text)} is no package URL: {_why(text)} {EXAMPLE}") from error
    # An escaped slash or space at a part's edge would come back as another package.
    parts = (part.strip() for part in (found.namespace or "").split("/"))
    namespace = "/".join(filter(None, parts)) or None
    return _checked(_named_as_its_registry(found._replace(namespace=namespace), name), text)


def write(purl: PackageURL) -> str:
    """Return a package URL in its one form: parts escaped, qualifiers in order."""
    # Written here, since the library leaves "/" in qualifiers: the specification's tests want it escaped.
    namespace = "".join(f"{_escaped(part)}/" for part in (purl.namespace or "").split("/") if part)
    version = f"@{_escaped(purl.version)}" if purl.version else ""
    pairs = "&".join(f"{key}={_escaped(value)}" for key, value in sorted(purl.qualifiers.items()) if value)
    subpath = "/".join(_escaped(part) for part in (purl.subpath or "").split("/") if part not in {"", ".", ".."})
    return (
        f"pkg:{purl.type}/{namespace}{_escaped(purl.name)}{version}"
        + (f"?{pairs}" if pairs else "")
        + (f"#{subpath}" if subpath else "")
    )


def canonical(text: str) -> str:
    """Return a package URL as given in its one form. Raises PurlInvalid."""
    return write(read(text))


def ecosystem_of(purl: str | PackageURL) -> Coordinates:
    """Return which package's version a package URL names, as OSV names it. Raises PurlInvalid."""
    found = read(purl) if isinstance(purl, str) else purl
    if language := ecosystems.BY_TYPE.get(found.type):
        return _of_language(language, found)
    if distribution := distributions.BY_NAMESPACE.get((found.type, (found.namespace or "").lower())):
        return _of_distribution(distribution, found)
    return _of_none(found)


def build(ecosystem: str, name: str, version: str = "") -> str:
    """Return the package URL of a package that OSV names so. Raises EcosystemUnknown, PurlInvalid.

    `ecosystem` may hold a release: "Debian:12". A module of Go gets the "v" that OSV leaves out.
    """
    base, release = ecosystems.split(ecosystem)
    if language := ecosystems.BY_NAME.get(base):
        purl = _for_language(language, name, version)
    elif distribution := distributions.BY_NAME.get(base):
        distro = distributions.distro_of(distribution, release)
        qualifiers = {"distro": distro} if distro else {}
        purl = _made(distribution.purl_type, distribution.namespaces[0], name, version, qualifiers)
    else:
        raise EcosystemUnknown(f"{_shown(ecosystem)} is no ecosystem of OSV that package URLs have a type for.")
    return write(_checked(_named_as_its_registry(purl, purl.name if base != "npm" else name.split("/")[-1]), name))


def _of_language(language: Language, purl: PackageURL) -> Coordinates:
    if language.needs_namespace and not purl.namespace:
        return _of_none(purl)
    version = purl.version or ""
    if language.name == "Go" and (number := _GO_NUMBER.fullmatch(version)):
        version = number[1]
    whole = language.joins.join(filter(None, (purl.namespace, purl.name))) if language.joins else purl.name
    return Coordinates(language.name, whole, version)


def _of_distribution(distribution: Distribution, purl: PackageURL) -> Coordinates:
    ecosystem = distributions.ecosystem_of(distribution, purl.qualifiers.get("distro", ""))
    name, version = purl.name, purl.version or ""
    source = purl.qualifiers.get("upstream", "") if distribution.by_source else ""
    if source:
        # As Syft writes it: the source package, and its version where that is another one.
        name, _, of_source = source.partition("@")
        version = of_source or version
    epoch = purl.qualifiers.get("epoch", "")
    if version and ":" not in version and epoch.isdecimal() and int(epoch):
        version = f"{int(epoch)}:{version}"
    return Coordinates(ecosystem, name, version)


def _of_none(purl: PackageURL) -> Coordinates:
    return Coordinates("", "/".join(filter(None, (purl.namespace, purl.name))), purl.version or "")


def _for_language(language: Language, name: str, version: str) -> PackageURL:
    namespace, plain = "", name
    if language.joins:
        namespace, _, plain = name.rpartition(language.joins)
    if language.needs_namespace and not namespace:
        raise PurlInvalid(
            f"{_shown(name)} is no name of a package of {language.name}: write namespace{language.joins}name."
        )
    if language.name == "Go" and name not in _GO_ITSELF and (number := _GO_NUMBER.fullmatch(version)):
        version = f"v{number[1]}"
    return _made(language.purl_type, namespace, plain, version, {})


def _made(kind: str, namespace: str, name: str, version: str, qualifiers: dict[str, str]) -> PackageURL:
    try:
        return PackageURL(kind, namespace or None, name, version or None, qualifiers)
    except ValueError as error:
        raise PurlInvalid(f"{_shown(name)} is no name of a package. {EXAMPLE}") from error


def _cased(text: str) -> str:
    """Return the name in a package URL, in the cases that it is written in."""
    return unquote(PackageURL.from_string(text, normalize_purl=False).name).strip("/ ")


def _named_as_its_registry(purl: PackageURL, registry_name: str) -> PackageURL:
    if purl.type == "npm":
        return purl._replace(name=registry_name)
    if purl.type == "pypi":
        return purl._replace(name=ecosystems.folded("PyPI", purl.name))
    return purl


def _checked(purl: PackageURL, text: str) -> PackageURL:
    parts = (purl.namespace, purl.name, purl.version, purl.subpath, *purl.qualifiers.values())
    for part in parts:
        _refuse_control(part or "", text)
    whole = len(purl.namespace or "") + len(purl.name or "")
    if not purl.name or whole > LONGEST_NAME:
        raise PurlInvalid(f"{_shown(text)}: a package's name has 1 to {LONGEST_NAME} characters, not {whole:,}.")
    long = len(purl.version or "")
    if long > LONGEST_VERSION:
        raise PurlInvalid(f"{_shown(text)}: a version may have {LONGEST_VERSION} characters, not {long:,}.")
    return purl


def _refuse_control(part: str, text: str) -> None:
    # No registry takes them, no database stores them all, and a page would show a name other than it is.
    if not part.isprintable():
        raise PurlInvalid(f"{_shown(text)} has a character that cannot be printed. Take it out.")


def _escaped(part: str) -> str:
    return quote(part, safe=":")


def _shown(text: str) -> str:
    return ascii(text if len(text) <= 80 else f"{text[:80]}…")


def _why(text: str) -> str:
    if not text.startswith("pkg:"):
        return "it does not begin with pkg:."
    kind, _, rest = text.removeprefix("pkg:").lstrip("/").partition("/")
    if not re.fullmatch(r"[A-Za-z.+-][A-Za-z0-9.+-]*", kind):
        return "its type is missing or has other characters than letters, digits, dots and dashes."
    return "its name is missing." if not rest.partition("@")[0] else "its qualifiers are not pairs of key=value."
