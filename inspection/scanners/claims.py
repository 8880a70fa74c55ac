"""What another scanner says of a server: claims of that scanner, which the register did not see. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from scoring.scales import Severity
from vendors.strict_json import DocumentInvalid, Problem

# So many results are taken in at once; more are no result of one server.
MOST = 2000


class ResultsInvalid(DocumentInvalid):
    """The document is no whole result of a scanner that can be read."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One result: by which scanner, its rule, what it is about, and what it says; a fact where it has no severity.

    What is not assessed says why nothing is known.
    """

    scanner: str
    rule: str
    place: str
    message: str
    severity: Severity | None
    is_assessed: bool = True


@dataclass(frozen=True, slots=True)
class Report:
    """What a document holds: the scanners with their versions, what they claim, and how many things they looked at.

    `looked_at` is None where the format does not say it: without claims that is no word that anything was clean.
    `about` is the repository that was looked at, and `as_of` when; empty and None where the format does not say.
    """

    format: str
    scanners: tuple[tuple[str, str], ...]
    claims: tuple[Claim, ...]
    looked_at: int | None = None
    about: str = ""
    as_of: datetime | None = None

    @property
    def by(self) -> str:
        """Return the scanners with their versions in one line."""
        return ", ".join(f"{name} {version}".strip() for name, version in self.scanners)


def refuse(path: str, message: str) -> ResultsInvalid:
    """Return the refusal of a document with one problem."""
    return ResultsInvalid([Problem(path, message)])


def objects(value: Any, path: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the objects of a list with their paths. Raises ResultsInvalid for what is no list of objects."""
    if not isinstance(value, list):
        raise refuse(path, "Expected a list. Import the scanner's result as it wrote it.")
    for index, one in enumerate(value):
        place = f"{path}[{index}]"
        if not isinstance(one, Mapping):
            raise refuse(place, "Expected an object. Import the scanner's result as it wrote it.")
        yield place, one


def text(document: Mapping[str, Any], *keys: str) -> str:
    """Return the first of these members that is a text and not empty, in one line; else an empty text."""
    found = (document.get(key) for key in keys)
    first = next((one for one in found if isinstance(one, str) and one.strip()), "")
    return " ".join(first.split())


def few(claims: Iterable[Claim]) -> tuple[Claim, ...]:
    """Return the claims. Raises ResultsInvalid for more than are taken in at once."""
    kept = []
    for claim in claims:
        kept.append(claim)
        if len(kept) > MOST:
            raise refuse("", f"It has more than {MOST} results. Import those of one server.")
    return tuple(kept)
