"""What a tag of a server is: a short word of your own, by which servers are found and rules for alerts choose.

Written in whatever way, two tags that read alike are one: lower case, composed, and a dash for each space.
"""

import unicodedata
from collections.abc import Iterable
from typing import Any

from riskregister.refusals import Refused
from riskregister.text import clean_word

LONGEST = 40
# More than these nobody reads beside a server.
MOST = 20
_JOINING = "-_.:/"


def one(value: Any, field: str) -> str:
    """Return a tag as it is kept. Raises Refused for what is none."""
    if not isinstance(value, str):
        raise Refused("Give a text.", field=field)
    word = clean_word(value, field=field).lower().replace(" ", "-")
    if not _is_tag(word):
        raise Refused(
            f"{value.strip()[:60]!r} is no tag: write 1 to {LONGEST} letters and digits, "
            f"joined by {' '.join(_JOINING)}, e.g. pci or customer-data.",
            field=field,
        )
    return word


def one_or_none(value: Any, field: str) -> str:
    """Return a tag as it is kept, or an empty text where none is given. Raises Refused."""
    return one(value, field) if value else ""


def several(values: Any, field: str) -> list[str]:
    """Return tags as they are kept, each once, in their order. Raises Refused for too many, and for what is none."""
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise Refused("Give a list of tags.", field=field)
    words = sorted({one(value, field) for value in values})
    if len(words) > MOST:
        raise Refused(f"These are {len(words)} tags; a server has {MOST} at most.", field=field)
    return words


def typed(text: str) -> list[str]:
    """Return the tags in a line, between commas."""
    return [part.strip() for part in text.split(",") if part.strip()]


def _is_tag(word: str) -> bool:
    if not 0 < len(word) <= LONGEST or word[0] in _JOINING or word[-1] in _JOINING:
        return False
    # Letters, digits, and the marks that belong to letters in some scripts.
    return all(char in _JOINING or unicodedata.category(char)[0] in "LNM" for char in word)
