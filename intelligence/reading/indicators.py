"""What a source tells: one indicator each, in the register's own words, whatever the form it came in. Plain data."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

MAX_BYTES = 200 * 1024 * 1024
MAX_RECORDS = 1_000_000
# A source can name thousands of values in one pattern; what names more is no pattern but a list.
MAX_TERMS = 1_000
TITLE_LIMIT, TEXT_LIMIT, WRITTEN_LIMIT, ID_LIMIT = 300, 4_000, 8_000, 300
_SHOWN = 300


class Kind(StrEnum):
    """What of the world an indicator names."""

    DOMAIN = "domain"
    ADDRESS = "address"
    NETWORK = "network"
    URL = "url"
    PACKAGE = "package"
    HASH = "hash"
    MAINTAINER = "maintainer"


class Tlp(StrEnum):
    """How far what is told may travel, by the Traffic Light Protocol 2.0."""

    CLEAR = "clear"
    GREEN = "green"
    AMBER = "amber"
    AMBER_STRICT = "amber+strict"
    RED = "red"


# From what may travel furthest to what may not travel at all.
_STRICTNESS = {one: place for place, one in enumerate(Tlp)}
_TLP_WORDS = {**{str(one): one for one in Tlp}, "white": Tlp.CLEAR}
_TLP_WRITTEN = re.compile(r"\bTLP ?[: -] ?(RED|AMBER(?:\+STRICT)?|GREEN|CLEAR|WHITE)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, order=True)
class Term:
    """One thing that can be met: its kind and its value, written as `values` writes it, so that equal is equal.

    `version` is of a package: empty for every version.
    """

    kind: Kind
    value: str
    version: str = ""

    def __post_init__(self) -> None:
        """Refuse what no database keeps. Raises NotSo."""
        if "\0" in self.value or "\0" in self.version:
            raise NotSo(f"{shown(self.value)} holds a NUL character, which no name has.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One indicator. `ways` are what it is met by: any of them, and of each all terms together.

    It cannot be matched when there is no way, and `unmatched` says why; it also says what of it is left out otherwise.
    `confidence` is from 0 (none) to 100, None where the source says nothing. `names` are what the source connects with
    it: malware, campaigns, vulnerabilities; `techniques` are by their ids. `written` is what was read, as it was
    written. All texts are the source's own: they are shown, and never believed.
    """

    external_id: str
    title: str
    ways: tuple[frozenset[Term], ...] = ()
    unmatched: str = ""
    description: str = ""
    written: str = ""
    confidence: int | None = None
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    modified: datetime | None = None
    is_revoked: bool = False
    tlp: Tlp | None = None
    names: tuple[str, ...] = ()
    techniques: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Bad:
    """A record that could not be read: where it stands, why, and its beginning as it was written."""

    place: str
    why: str
    excerpt: str = ""


Read = Iterator[Told | Bad]


class Unusable(Exception):
    """The document as a whole is not what it should be; nothing of it was taken."""


class NotSo(ValueError):
    """A record, or a value in it, is not what it should be; the message says what, and what would be."""


def tlp_of(word: Any) -> Tlp | None:
    """Return the marking that a word such as "TLP:AMBER" names, None for any other."""
    return _TLP_WORDS.get(str(word).strip().lower().removeprefix("tlp:").strip())


def tlp_in(written: str) -> Tlp | None:
    """Return the strictest marking that stands in a text, as "TLP:RED" in a subject; None where there is none."""
    return strictest([tlp_of(one) for one in _TLP_WRITTEN.findall(written)])


def strictest(markings: "Iterator[Tlp | None] | list[Tlp | None]") -> Tlp | None:
    """Return the one of several markings that lets least travel, None where there is none."""
    return max((one for one in markings if one is not None), key=_STRICTNESS.__getitem__, default=None)


def is_within(one: Tlp, bound: Tlp) -> bool:
    """Return whether something so marked may travel under the other marking."""
    return _STRICTNESS[one] <= _STRICTNESS[bound]


def moment(value: Any, what: str) -> datetime | None:
    """Return the instant that a text in RFC 3339 names, None for nothing. Raises NotSo."""
    if value in (None, ""):
        return None
    try:
        found = datetime.fromisoformat(str(value).strip())
    except ValueError as error:
        raise NotSo(f"{what} is {shown(value)}: write it as 2026-01-31T12:00:00Z.") from error
    if found.tzinfo is None:
        raise NotSo(f"{what} is {shown(value)}: say in which zone, as in 2026-01-31T12:00:00Z.")
    return found


def percent(value: Any, what: str = "confidence") -> int | None:
    """Return a confidence from 0 to 100, None for nothing. Raises NotSo."""
    if value in (None, ""):
        return None
    text = str(value).strip()
    if isinstance(value, bool) or not (text.isascii() and text.isdigit() and int(text) <= 100):
        raise NotSo(f"{what} is {shown(value)}: write a whole number from 0 to 100.")
    return int(text)


def text(value: Any, limit: int = TEXT_LIMIT) -> str:
    """Return a text as it can be kept: cut, without NUL and halves of surrogate pairs."""
    if value is None:
        return ""
    return str(value).encode("utf-8", "replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")[:limit]


def shown(value: Any) -> str:
    """Return the beginning of a value as it can stand in a sentence."""
    whole = repr(value) if isinstance(value, str) else str(value)
    return whole if len(whole) <= _SHOWN else f"{whole[:_SHOWN]}…"
