"""What every ecosystem's way of comparing has in common: keys that sort, and the refusal of what cannot be read."""

from typing import Any

# Two keys of one ecosystem compare as their versions do. Keys of different ecosystems mean nothing to each other.
Key = tuple[Any, ...]
LONGEST = 255


class VersionUnreadable(ValueError):
    """A version that its ecosystem cannot compare: whether an advisory speaks of it is unknown."""

    def __init__(self, version: str, kind: str) -> None:
        shown = ascii(version if len(version) <= 60 else f"{version[:60]}…")
        super().__init__(f"{shown} is no version as {kind} writes them.")


class EcosystemIncomparable(ValueError):
    """An ecosystem whose versions have no order that is known here."""

    def __init__(self, ecosystem: str) -> None:
        super().__init__(f"How versions of {ecosystem[:60]!a} compare is not known here.")
