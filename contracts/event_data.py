"""What the events of contracts say."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Drafted:
    """The vendor, and what kind of contract it is."""

    vendor: str
    kind: str


@dataclass(frozen=True, slots=True)
class Signed:
    """The days of signing, of its beginning and of its end (None: it has none)."""

    signed_on: str
    starts_on: str
    ends_on: str | None


@dataclass(frozen=True, slots=True)
class Ended:
    """The last day on which it held."""

    ended_on: str


@dataclass(frozen=True, slots=True)
class Noticed:
    """When notice was given, and the last day that follows from it."""

    given_on: str
    until: str


@dataclass(frozen=True, slots=True)
class Covered:
    """The service as it is called, or the number of the server."""

    service: str


@dataclass(frozen=True, slots=True)
class ClausesRead:
    """The keys of the clauses of which something else is said now."""

    clauses: list[str]


@dataclass(frozen=True, slots=True)
class Renewed:
    """The end of the term before and of the one that runs now, and whether somebody had decided to go on."""

    was: str
    until: str
    was_decided: bool


@dataclass(frozen=True, slots=True)
class ProfileData:
    """The unit, and the facts of which something else is said now."""

    unit: str
    facts: list[str]


def whether_decided(data: Renewed) -> Mapping[str, str]:
    """Return in words whether somebody had decided it."""
    return {"until": data.until, "decided": "as was decided" if data.was_decided else "and nobody had decided it"}
