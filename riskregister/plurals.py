"""How many there are of something, in words: the one place that adds the ending."""

import re

_OTHERS = {"egress": "egress", "people": "person", "processes": "process", "statuses": "status"}


def word_for(count: int, word: str, plural: str = "") -> str:
    """Return the word as it stands behind a number: "day" for 1, "days" for any other; `plural` where it is another."""
    return word if count == 1 else plural or f"{word}s"


def counted(count: int, word: str, plural: str = "") -> str:
    """Return the number with its word: "1 day", "0 days", "3 deficiencies"."""
    return f"{count:,} {word_for(count, word, plural)}"


def fitting(plural: str, count: int) -> str:
    """Return a word that is given in the plural as it stands behind a number: "findings" as "finding" for 1."""
    if count != 1:
        return plural
    things, *rest = re.split(r"(?= (?:of|to) )", plural, maxsplit=1)
    before, space, word = things.rpartition(" ")
    one = f"{word.removesuffix('ies')}y" if word.endswith("ies") else word.removesuffix("s")
    return "".join((before, space, _OTHERS.get(word, one), *rest))
