"""The ecosystems of packages as OSV names them: which there are, and which of their names are one name. Pure."""

import re
from collections.abc import Callable
from dataclasses import dataclass

_RUN_OF_SEPARATORS = re.compile(r"[-_.]+")


class EcosystemUnknown(ValueError):
    """OSV has no ecosystem of this name, or a package URL has no form for it."""


def _as_it_is(name: str) -> str:
    return name


def _pep_503(name: str) -> str:
    return _RUN_OF_SEPARATORS.sub("-", name).lower()


def _crate(name: str) -> str:
    return name.replace("_", "-").lower()


@dataclass(frozen=True, slots=True)
class Language:
    """An ecosystem of a programming language.

    `purl_type` is the type of its package URLs. `joins` is what OSV writes between a namespace and a name, empty where
    its names have no namespace. `fold` returns what two names have in common that the registry takes for one.
    """

    name: str
    purl_type: str
    joins: str = ""
    needs_namespace: bool = False
    fold: Callable[[str], str] = _as_it_is


LANGUAGES = (
    # JSONStream and jsonstream are two packages of npm: names in capitals are older than the rule against them.
    Language("npm", "npm", "/"),
    Language("PyPI", "pypi", fold=_pep_503),
    # Go tells cases apart, the hosts of most modules do not, and some tools write all in lower case.
    Language("Go", "golang", "/", fold=str.lower),
    # The registry refuses a crate whose name differs from another's only so.
    Language("crates.io", "cargo", fold=_crate),
    Language("Maven", "maven", ":", needs_namespace=True),
    Language("RubyGems", "gem"),
    Language("NuGet", "nuget", fold=str.lower),
    Language("Packagist", "composer", "/", needs_namespace=True, fold=str.lower),
    Language("Hex", "hex", fold=str.lower),
    Language("Pub", "pub", fold=str.lower),
    Language("CRAN", "cran"),
    Language("Bioconductor", "bioconductor"),
    Language("Hackage", "hackage"),
    Language("ConanCenter", "conan"),
    Language("SwiftURL", "swift", "/", needs_namespace=True, fold=str.lower),
    Language("GitHub Actions", "github", "/", needs_namespace=True, fold=str.lower),
    Language("Bitnami", "bitnami"),
    Language("Julia", "julia"),
    Language("opam", "opam"),
    Language("VSCode", "vscode-extension", "/", needs_namespace=True, fold=str.lower),
)
BY_NAME = {language.name: language for language in LANGUAGES}
BY_TYPE = {language.purl_type: language for language in LANGUAGES} | {"githubactions": BY_NAME["GitHub Actions"]}


def split(ecosystem: str) -> tuple[str, str]:
    """Return an ecosystem without its release, and the release: ("Debian", "12"), ("npm", "")."""
    base, _, release = ecosystem.partition(":")
    return base, release


def folded(ecosystem: str, name: str) -> str:
    """Return a package's name as it is compared: two names that the ecosystem takes for one come out equal."""
    language = BY_NAME.get(ecosystem)
    return language.fold(name) if language else name
