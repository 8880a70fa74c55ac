"""What a tool says of its power by its name and its description. Pure.

Nothing here weighs a hint; `tool_power` does. Where words tell nothing, a reader returns nothing.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import overload

from vendors.tiers import Exposure
from vendors.tools import tool_words as table

# What stands behind a description's opening is mostly advice to the model.
_OPENING = 400
_LEAD_WITHIN = 8
_OBJECT_WITHIN = 8

_NAME_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_TOKEN = re.compile(r"[A-Za-z]+(?:['’-][A-Za-z]+)*|[,;:/()|.!?•–—&-]")
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n\s*\n|\n(?=\s*[-*•#])")
_CONDITION = re.compile(
    r"\W*(if|when|whenever|important|note|warning|deprecated|before|after|use (this|when|it))\b", re.IGNORECASE
)
_GOES_ON = re.compile(
    r"\s*[-*•]|\W*((it )?can|also|supports?|allows?|includes?|available|operations?|actions?|methods?|commands?)\b",
    re.IGNORECASE,
)
_ONLY_READS = re.compile(r"\b(?:[Rr]ead[- ]only|READ[- ]ONLY|SELECT)\b")

_JOINS = frozenset({"and", "or", ",", "/", "&"})
_PARTS = _JOINS | frozenset({":", ";", "(", "|", "•", "–", "—", "-", ".", "can", "also", "then", "to", "by"})
_VERBS = frozenset(table.LEVELS) | table.LIGHT | table.MANAGING


@dataclass(frozen=True, slots=True)
class Sign:
    """A sign of what a tool may do: a level, and the words that gave it."""

    level: Exposure
    why: str


@dataclass(frozen=True, slots=True)
class Name:
    """What a name says with its verb; `doubtful` where that verb may as well be a thing: block_volume."""

    verb: str | None
    sign: Sign | None
    doubtful: bool

    @property
    def reads(self) -> bool:
        """Return whether the name says that the tool only reads."""
        return self.sign is not None and self.sign.level is Exposure.LOW


@dataclass(frozen=True, slots=True)
class Description:
    """What a description says with its first verb and with those of its later parts.

    `only_reads` where it says that it only reads; `managed` where its verb leaves open what is done.
    """

    first: Sign | None
    later: Sign | None
    only_reads: bool
    managed: bool

    @property
    def reads(self) -> bool:
        """Return whether the first verb only reads."""
        return self.first is not None and self.first.level is Exposure.LOW


@overload
def strongest(first: Sign, /, *others: Sign | None) -> Sign: ...
@overload
def strongest(*signs: Sign | None) -> Sign | None: ...
def strongest(*signs: Sign | None) -> Sign | None:
    """Return what says most, the first of equals; None of nothing."""
    return min((one for one in signs if one), key=lambda one: one.level.rank, default=None)


def words_of(name: str) -> list[str]:
    """Return the words of a name in small letters, however it joins them: snake_case, kebab-case, camelCase."""
    return [word.lower() for word in _NAME_WORD.findall(name)]


def read_name(name: str) -> Name:
    """Return what the verb of a name says, weighed by the things named with it."""
    words = words_of(name)
    place = _verb_place(words)
    if place is None:
        tells = bool(words) and words[-1] in table.READING_THINGS
        return Name(None, Sign(Exposure.LOW, f"named {words[-1]}") if tells else None, doubtful=False)
    verb, things = words[place], words[place + 1 :]
    sign = _weighed(verb, things, head=(things or words[:place])[-1:], how="named")
    more = [Sign(table.LEVELS[word], f"named {word}") for word in _more_verbs(words, place)]
    return Name(verb, strongest(sign, *more), doubtful=place > 0 and verb in table.ALSO_THINGS)


def _verb_place(words: Sequence[str]) -> int | None:
    verbs = [place for place, word in enumerate(words) if word in table.LEVELS or word in table.LIGHT]
    if not verbs:
        return None
    plain = [place for place in verbs if words[place] not in table.ALSO_THINGS]
    if verbs[0] == 0:
        return _first_or_later(words, plain)
    return plain[0] if plain else _ending(words) or verbs[0]


def _first_or_later(words: Sequence[str], plain: Sequence[int]) -> int:
    """Return 0, or the place of the verb to which a first word that is also a thing gives way: list_update."""
    if 0 in plain or len(words) == 1:
        return 0
    if table.LEVELS.get(words[0]) is Exposure.LOW:
        return 1 if 1 in plain else 0
    last = len(words) - 1
    return last if last in plain else _ending(words) or 0


def _ending(words: Sequence[str]) -> int | None:
    return len(words) - 1 if words[-1] in table.READING_ENDS else None


def _more_verbs(words: Sequence[str], place: int) -> list[str]:
    """Return the verbs behind the first that keep their weight: search_and_delete, bulk_delete."""
    return [
        word
        for at, word in enumerate(words)
        if at > place and word in table.LEVELS
        if word in table.ANYWHERE or (words[at - 1] in _JOINS and word not in table.ALSO_THINGS)
    ]


def read_description(text: str) -> Description:
    """Return what the opening of a description says."""
    opening = _opening(text)
    tokens = _TOKEN.findall(opening)
    only_reads = bool(_ONLY_READS.search(opening))
    lead = _lead(tokens)
    if lead is None:
        tells = only_reads or not table.READING_THINGS.isdisjoint(_object(tokens, -1)[-1:])
        sign = Sign(Exposure.LOW, "described as reading") if tells else None
        return Description(sign, None, only_reads=only_reads, managed=False)
    at, verb = lead
    things = _object(tokens, at)
    chained, later = _coordinated(tokens, at)
    if verb in table.MANAGING:
        return Description(_managed(things), strongest(*chained, *later), only_reads=only_reads, managed=True)
    first = strongest(_weighed(verb, things, head=things[-1:], how="described with"), *chained)
    return Description(first, strongest(*later), only_reads=only_reads, managed=False)


def _opening(text: str) -> str:
    """Return the first sentence that is no condition or warning, with the sentences that go on with it."""
    sentences = [part for part in _SENTENCE.split(text.strip()[: 2 * _OPENING]) if part.strip()]
    while sentences and _CONDITION.match(sentences[0]):
        del sentences[0]
    kept = sentences[:1]
    for sentence in sentences[1:]:
        if not _GOES_ON.match(sentence):
            break
        kept.append(sentence)
    return " . ".join(kept)[:_OPENING]


def _lead(tokens: Sequence[str]) -> tuple[int, str] | None:
    """Return the place and the base form of the first verb of a description."""
    words = (at for at, token in enumerate(tokens) if token[0].isalpha() and token.lower() not in table.FILLERS)
    start = next(words, len(tokens))
    for at in range(start, min(start + _LEAD_WITHIN, len(tokens))):
        verb = _base(tokens[at].lower())
        if verb and (verb not in table.ALSO_THINGS or (at == start and not _labels(tokens, at))):
            return at, verb
    return None


def _labels(tokens: Sequence[str], at: int) -> bool:
    """Return whether a first word only names the field: "Search operations – commands to …"."""
    return at + 1 < len(tokens) and _singular(tokens[at + 1].lower()) in table.LABELLED


def _base(word: str) -> str | None:
    """Return the base form of a verb in the present or an -ing form; None for other words."""
    forms = [word]
    if word.endswith("s"):
        forms += [word[:-1], word[:-2]]
    if word.endswith("ies"):
        forms.append(word[:-3] + "y")
    if word.endswith("ing"):
        forms += [word[:-3], word[:-3] + "e", word[:-4]]
    return next((form for form in forms if form in _VERBS), None)


def _object(tokens: Sequence[str], at: int) -> list[str]:
    """Return what a verb is about: the words up to the next preposition or mark."""
    found: list[str] = []
    for token in tokens[at + 1 : at + 1 + _OBJECT_WITHIN]:
        if not token[0].isalpha() or (token.lower() in table.PREPOSITIONS and found):
            break
        found.append(token.lower())
    return found


def _coordinated(tokens: Sequence[str], lead: int) -> tuple[list[Sign], list[Sign]]:
    """Return what the verbs joined to the first one say (create, update or delete), and those of later parts."""
    chained: list[Sign] = []
    later: list[Sign] = []
    unbroken = True
    for before, token in zip(tokens[lead:], tokens[lead + 1 :], strict=False):
        if token.lower() in _JOINS:
            continue
        verb = _base(token.lower())
        joined = verb in table.LEVELS and verb not in table.ALSO_THINGS and before.lower() in _PARTS
        unbroken = unbroken and joined and before.lower() in _JOINS
        if joined and verb:
            (chained if unbroken else later).append(_later_sign(verb))
    return chained, later


def _later_sign(verb: str) -> Sign:
    level = table.LEVELS[verb]
    if level is Exposure.SEVERE and verb not in table.LOSING:
        level = Exposure.HIGH
    return Sign(level, f"described with {verb}")


def _managed(things: Sequence[str]) -> Sign | None:
    heavy = _phrase([_singular(thing) for thing in things], table.RIGHTS | table.MONEY)
    return Sign(Exposure.SEVERE, f"described with manage {heavy}") if heavy else None


def _weighed(verb: str, things: Sequence[str], *, head: Sequence[str], how: str) -> Sign | None:
    """Return the level of a verb with the things it is about; None where it is a light verb and they tell nothing."""
    named = [_singular(thing) for thing in things]
    level = table.LEVELS.get(verb)
    reading = next((thing for thing in (*things, *named) if thing in table.READING_THINGS), None)
    if verb in table.LIGHT and reading:
        return Sign(Exposure.LOW, f"{how} {verb} {reading}")
    if level is None:
        return Sign(Exposure.HIGH, f"{how} {verb} request") if _phrase(named, table.CALLS_OUT) else None
    if verb == "query" and (queried := table.QUERIED.intersection(named)):
        return Sign(Exposure.HIGH, f"{how} query {min(queried)}")
    if level is Exposure.LOW:
        return Sign(level, f"{how} {verb}")
    return _weighed_by_things(verb, named, head=[_singular(thing) for thing in head], how=how)


def _weighed_by_things(verb: str, things: Sequence[str], *, head: Sequence[str], how: str) -> Sign:
    """Return the level of a verb that does something: statements, rights and money weigh most, then what runs."""
    level = table.LEVELS[verb]
    statement = table.STATEMENTS.intersection(things) if "write" in (verb, *things) else None
    owed = _phrase(things, table.OWED) if verb in table.SETTLING else None
    held = _phrase(things, table.RIGHTS | table.MONEY) if verb not in table.COPYING else None
    heavy = min(statement) if statement else held or owed
    if heavy:
        return Sign(Exposure.SEVERE, f"{how} {verb} {heavy}")
    if level is Exposure.MODERATE and not table.RUNNING.isdisjoint(head):
        return Sign(Exposure.HIGH, f"{how} {verb} {head[-1]}")
    return Sign(level, f"{how} {verb}")


def _phrase(things: Sequence[str], phrases: Iterable[str]) -> str | None:
    text = f" {' '.join(things)} "
    return min((phrase for phrase in phrases if f" {phrase} " in text), default=None)


def _singular(word: str) -> str:
    if word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word
