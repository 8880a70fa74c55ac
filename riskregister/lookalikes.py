"""Names that a reader takes for one another though they are written with other characters.

A skeleton is what a name looks like: two names with one skeleton look alike. It follows Unicode's TR39 for the scripts
whose letters pass for Latin ones, and leaves out what a hurried reader does not see: accents, and upper or lower case.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator

# What a column holds of a skeleton; a name of 200 characters seldom comes to more.
LOOK_LIMIT = 400

_PAIRS = (
    # Cyrillic
    "аaсcԁdеeһhіiјjӏlоoрpԛqѕsѵvԝwхxуyүyкkтtвbмmнhгrпn",
    "АAВBСCЕEНHІlЈJКKМMОOРPЅSТTХXУYҮYԜWԚQӀlЗ3бb",
    # Greek
    "αaοoνvρpιiκkτtυuγyϲcϳjηnσoχxωwεe",
    "ΑAΒBΕEΖZΗHΙlΚKΜMΝNΟOΡPΤTΥYΧXϹC",
    # Armenian
    "օoոnսuհhցgզqյjՕOՏSԼL",
    # Cherokee
    "ᎪAᏴBᏟCᎠDᎬEᏀGᎻHᎫJᏦKᏞLᎷMᏢPᎡRᏚSᎢTᏙVᎳWᏃZᎥi",
    # Lisu
    "ꓐBꓑPꓓDꓔTꓖGꓗKꓙJꓚCꓜZꓝFꓟMꓠNꓡLꓢSꓣRꓦVꓧHꓪWꓫXꓬYꓮAꓰEꓲlꓳOꓴU",
    # Latin letters that pass for others, digits, and signs
    "ıiɑaɡgɩiɪiƽsꜱsᴏoᴄcᴠvᴡwᴢzꞁlǀlIl1l|l0o∣lⅼlⅰi０o",
)
_LOOKS_LIKE = {ord(pairs[at]): pairs[at + 1] for pairs in _PAIRS for at in range(0, len(pairs), 2)}
_SEQUENCES = (("rn", "m"), ("vv", "w"))
# Scripts whose letters pass for Latin ones; a name that mixes one of them with Latin letters is hardly honest.
_PASSING = ("CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "LISU")
_WORD = re.compile(r"[^\W\d_]+")
_FULL_WIDTH = ("FULLWIDTH", "MATHEMATICAL")


def skeleton(name: str) -> str:
    """Return what a name looks like, to be compared with that of others."""
    plain = unicodedata.normalize("NFKD", name).translate(_LOOKS_LIKE)
    bare = "".join(character for character in plain if not unicodedata.combining(character)).casefold()
    for letters, one in _SEQUENCES:
        bare = bare.replace(letters, one)
    return " ".join(bare.split())


def groups(names: Iterable[str]) -> list[tuple[str, ...]]:
    """Return the names that look alike or differ in case only, those of one look together, sorted."""
    by_look: dict[str, set[str]] = defaultdict(set)
    by_case: dict[str, set[str]] = defaultdict(set)
    for name in names:
        by_look[skeleton(name)].add(name)
        by_case[unicodedata.normalize("NFKC", name).casefold()].add(name)
    alike = {tuple(sorted(group)) for table in (by_look, by_case) for group in table.values() if len(group) > 1}
    return sorted(group for group in alike if not any(set(group) < set(other) for other in alike))


def places(text: str) -> Iterator[int]:
    """Yield where a running text has a letter that passes for the Latin ones of its word, or is dressed up as one."""
    if text.isascii():
        return
    for word in _WORD.finditer(text):
        if not word[0].isascii():
            yield from (word.start() + at for at in _strange(word[0]))


def _strange(word: str) -> Iterator[int]:
    named = [unicodedata.name(letter, "") for letter in word]
    is_latin = any(letter_name.startswith("LATIN") for letter_name in named)
    for at, letter_name in enumerate(named):
        if letter_name.startswith(_FULL_WIDTH) or (is_latin and letter_name.startswith(_PASSING)):
            yield at


def strangers(name: str) -> str:
    """Return the letters of a name that pass for Latin ones beside which they stand: "е (CYRILLIC SMALL LETTER IE)".

    Empty for a name in one script: Пётр and Ἀθῆναι are written honestly.
    """
    letters = [character for character in dict.fromkeys(name) if character.isalpha()]
    named = [(letter, unicodedata.name(letter, "")) for letter in letters]
    passing = [f"{letter} ({letter_name})" for letter, letter_name in named if letter_name.startswith(_PASSING)]
    dressed = [f"{letter} ({letter_name})" for letter, letter_name in named if letter_name.startswith(_FULL_WIDTH)]
    is_latin = any(letter_name.startswith("LATIN") for _letter, letter_name in named)
    return ", ".join([*(passing if is_latin else []), *dressed])
