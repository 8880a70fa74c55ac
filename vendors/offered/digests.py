"""The text that the digest of a release's manifest is of, from the rows that are kept of it."""

from vendors.models import Release
from vendors.offered import manifest, offerings


def manifest_text(release: Release) -> str:
    """Return the text that the release's manifest digest is of."""
    tools = sorted(release.tools.all(), key=lambda tool: manifest.sort_key(tool.name))
    return manifest.canonical_text(
        instructions=release.instructions,
        tools=[tool.canonical for tool in tools],
        offered=offerings.by_list(release.offerings.all()),
    )
