"""What is said of a hit: as the title and the text of its finding, and when it is gone. Plain sentences."""

from collections.abc import Sequence
from textwrap import shorten

from composition.models import Hit, Match
from vendors.models import Release

_MOST_VERSIONS = 5
_LONGEST_TITLE, _LONGEST_NAME = 200, 80


def value(hit: Hit) -> str:
    """Return which versions are hit, and in which the fault is mended."""
    fixed = f"; fixed in {hit.fixed_in}" if hit.fixed_in else "; no fixed version is known"
    return f"{versions(hit.versions)}{fixed}"


def versions(of: Sequence[str]) -> str:
    """Return versions in words, the first few of many."""
    shown = [one or "without a version" for one in of[:_MOST_VERSIONS]]
    more = len(of) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")


def title(hit: Hit) -> str:
    """Return the title of its finding: the summary of some sources is a paragraph, the name is not to be cut off."""
    vulnerability = hit.vulnerability
    what = "malicious package" if vulnerability.is_malicious else vulnerability.summary or "known vulnerability"
    begins, ends = f"{hit.name[:_LONGEST_NAME]}: ", f" ({vulnerability.key})"
    room = _LONGEST_TITLE - len(begins) - len(ends)
    return f"{begins}{shorten(what, room, placeholder=' …')}{ends}"


def description(hit: Hit, *, release: Release | None) -> str:
    """Return what is wrong, in which versions, and on whose word."""
    vulnerability = hit.vulnerability
    where = f"Release {release} contains {hit.name} {versions(hit.versions)} ({hit.ecosystem})."
    lines = [
        where,
        f"{vulnerability.key}: {vulnerability.summary}" if vulnerability.summary else f"{vulnerability.key}.",
    ]
    if hit.outcome == Match.Outcome.VERIFY:
        lines.append("The advisory names the package and not this version: check whether it is the malicious one.")
    if vulnerability.severity is None and not vulnerability.is_malicious:
        lines.append("No advisory says how severe it is; it counts as medium until somebody judges it.")
    vectors = [one for one in (vulnerability.cvss_v4, vulnerability.cvss_v3) if one]
    return "\n".join([*lines, *vectors])


def recommendation(hit: Hit) -> str:
    """Return what to do about it."""
    if hit.vulnerability.is_malicious:
        return "Stop the server, find out where the package ran, and renew every secret that it could reach."
    if not hit.fixed_in:
        return "No fixed version was known when it was found. Ask the vendor what protects it, and limit its reach."
    return f"Ask the vendor for a release with {hit.name} {hit.fixed_in} or later, and take in its inventory."


def gone(hit: Hit, *, release: Release | None, versions: Sequence[str]) -> str:
    """Return why it is gone, from the versions of the package that are in the release now."""
    if heir := hit.vulnerability.merged_into:
        return f"It is the same as {heir.key}, which has a finding of its own."
    if hit.vulnerability.is_withdrawn:
        return f"All advisories of {hit.vulnerability.key} were withdrawn."
    if not versions:
        return f"Release {release} does not contain {hit.name} any more."
    return f"Release {release} contains {hit.name} {', '.join(versions[:_MOST_VERSIONS])}, which it does not hit."
