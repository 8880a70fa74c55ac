"""Whether a package URL names what a server is distributed as: then a statement speaks of all that is in the server."""

from collections.abc import Collection

from packageurl import PackageURL

from composition.packages import ecosystems, purls
from vendors.models import Package

_IMAGE = "oci"
# What the names of images leave out for the registry that is meant unless one is named.
_USUAL_HOSTS = ("docker.io/library/", "index.docker.io/library/", "docker.io/", "index.docker.io/")


def folded_names(package: Package) -> set[str]:
    """Return the names under which statements about a package of a release may be kept."""
    language = ecosystems.BY_TYPE.get(package.registry_type)
    name = package.identifier
    return {ecosystems.folded(language.name, name)} if language else {name, _path(name)[0].rpartition("/")[2]}


def is_product(purl: str, package: Package, *, versions: Collection[str] = ()) -> bool:
    """Return whether a package URL names a package of a release, in its version or in all.

    `versions` stand in place of the one in the URL, where they are known apart.
    """
    try:
        named = purls.read(purl)
    except purls.PurlInvalid:
        return False
    each = [named._replace(version=version) for version in versions] or [named]
    return any(_is_one(one, package) for one in each)


def _is_one(named: PackageURL, package: Package) -> bool:
    if named.type != package.registry_type:
        return False
    if named.type == _IMAGE:
        return _is_image(named, package)
    found = purls.ecosystem_of(named)
    is_same = ecosystems.folded(found.ecosystem, found.name) == ecosystems.folded(found.ecosystem, package.identifier)
    return is_same and found.version in ("", package.version)


def _is_image(named: PackageURL, package: Package) -> bool:
    path, digest = _path(package.identifier)
    where = named.qualifiers.get("repository_url", "")
    if path.rpartition("/")[2] != named.name or (where and _plain(where) not in (_plain(path), _folder(path))):
        return False
    known = digest or (f"sha256:{package.sha256}" if package.sha256 else "")
    return not named.version or not known or named.version == known


def _path(identifier: str) -> tuple[str, str]:
    """Return the path of an image and its digest, without its tag."""
    path, _, digest = identifier.partition("@")
    # What stands behind the last colon is a tag, unless it is the port of a host.
    return (path if "/" in path.rpartition(":")[2] else path.rpartition(":")[0] or path), digest


def _folder(path: str) -> str:
    return _plain(path.rpartition("/")[0] + "/").rstrip("/")


def _plain(path: str) -> str:
    return next((path.removeprefix(host) for host in _USUAL_HOSTS if path.startswith(host)), path)
