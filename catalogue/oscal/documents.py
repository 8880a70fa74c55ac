"""What an OSCAL file says, as plain data, and how a file is refused."""

from dataclasses import dataclass
from typing import NoReturn

from vendors.strict_json import DocumentInvalid, Problem

# The catalogue of SP 800-53 has 10 MB and 1,200 controls.
LIMIT_BYTES = 32 * 1024 * 1024
LIMIT_CONTROLS = 5_000
LIMIT_DEPTH = 12
LIMIT_REF, LIMIT_TITLE, LIMIT_SECTION, LIMIT_SUCCESSORS, LIMIT_TEXT = 40, 250, 120, 120, 20_000
# A statement may name a parameter hundreds of times: without a bound a file of 1 MB became more than 3 GB of text.
LIMIT_PARAMETER = 1_000


class OscalRefused(DocumentInvalid):
    """The file cannot be taken; `problems` says for each place why."""


@dataclass(frozen=True, slots=True)
class ReadControl:
    """A control: by which id the file calls it, by which reference people do, and what it asks for."""

    id: str
    ref: str
    title: str
    section: str
    requirement: str
    is_withdrawn: bool
    superseded_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Head:
    """What a file says of itself."""

    title: str
    version: str
    publisher: str
    oscal_version: str


@dataclass(frozen=True, slots=True)
class ReadCatalogue:
    """A catalogue: its controls in their order; `notes` say in a sentence each what was left out."""

    head: Head
    controls: tuple[ReadControl, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadProfile:
    """A profile: which controls of another catalogue it selects, by their ids in the file.

    `takes_all` instead of `selected`: all of them, but those that it `leaves_out`. `source` is where it says that the
    catalogue lies, which nobody follows.
    """

    head: Head
    selected: tuple[str, ...]
    leaves_out: frozenset[str]
    takes_all: bool
    source: str
    notes: tuple[str, ...] = ()


Document = ReadCatalogue | ReadProfile


def refuse(path: str, message: str) -> NoReturn:
    """Raise OscalRefused for one place."""
    raise OscalRefused([Problem(path, message)])
