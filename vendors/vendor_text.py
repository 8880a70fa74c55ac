"""What must be said of vendors' texts before somebody reads them: where characters are that nobody sees. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from riskregister import unseen
from riskregister.unseen import Unseen
from vendors import strict_json

_NAMED = 4


@dataclass(frozen=True, slots=True)
class Hidden:
    """A place in a vendor's document with characters that nobody sees, and what its tag characters spell."""

    path: str
    characters: tuple[Unseen, ...]
    spelled: str

    @property
    def count(self) -> int:
        """Return how many characters are hidden there."""
        return sum(one.count for one in self.characters)


def hidden_in(document: Any) -> list[Hidden]:
    """Return the places of a document, its keys included, that hold unseen characters."""
    return [found for path, text in strict_json.strings(document) if (found := _hidden(path, text))]


def _hidden(path: str, text: str) -> Hidden | None:
    characters = unseen.counted(text)
    return Hidden(path, characters, unseen.spelled(text)) if characters else None


def places(found: Iterable[Hidden]) -> Iterator[str]:
    """Yield a sentence a place: what is hidden there, and what it spells."""
    for one in found:
        yield f"{one.path}: {', '.join(_words(one))}"


def _words(hidden: Hidden) -> Iterator[str]:
    others = [one for one in hidden.characters if not (hidden.spelled and one.name.startswith("TAG "))]
    tags = hidden.count - sum(one.count for one in others)
    if tags:
        yield f"{tags} tag characters, which spell “{hidden.spelled}”"
    yield from (f"{one.count} × {one.name}" for one in others[:_NAMED])
    if len(others) > _NAMED:
        yield f"{len(others) - _NAMED} more kinds"
