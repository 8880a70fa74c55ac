"""Whether what a release names can be pinned: the same tomorrow as today. Pure."""

import re

_DIGEST = re.compile(r"@sha256:[0-9a-f]{64}\Z")
_TAG = re.compile(r":([A-Za-z0-9_][A-Za-z0-9._-]{0,127})\Z")
# Versions that name another artefact tomorrow.
MOVING = frozenset({"latest", "main", "master", "edge", "nightly", "stable", "next", "dev", "canary", "alpine", "slim"})


def why_not(*, registry_type: str, identifier: str, version: str, sha256: str) -> str:
    """Return why a package cannot be pinned, in words for people; empty where it names one artefact."""
    if sha256 or _DIGEST.search(identifier):
        return ""
    if registry_type == "oci":
        return _why_no_image(identifier, version)
    if not version:
        return "It names no version: another one may be installed tomorrow."
    return _moves(version)


def is_whole_image(identifier: str) -> bool:
    """Return whether an image is named with its tag or digest already, so that no version belongs behind it."""
    # The host of a registry may have a port, which is no tag.
    return "@" in identifier or ":" in identifier.rpartition("/")[2]


def _why_no_image(identifier: str, version: str) -> str:
    # The host of a registry may have a port, which is no tag.
    tag = _TAG.search(identifier.rpartition("/")[2])
    named = version or (tag[1] if tag else "")
    if not named:
        return "It names neither a tag nor a digest: the newest image is run."
    return _moves(named)


def _moves(version: str) -> str:
    return f"{version} is another one tomorrow." if version.lower() in MOVING else ""
