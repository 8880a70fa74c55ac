"""How a text that somebody else wrote is shown to people: what deceives in it is told by its code.

Pages, files and paper mark the same characters: those that nobody sees are replaced by their code, and a letter that
passes for the Latin ones of its word is followed by it. What is stored and what the API answers stays as it came.
"""

import re
from collections.abc import Iterator

from riskregister import lookalikes, unseen

# Signs that nobody takes for others; the register itself sets the first between two texts.
HARMLESS = "·–—…“”’"
_PLAIN = re.compile(f"[ -~{HARMLESS}]*")


def is_plain(text: str) -> bool:
    """Return whether nothing in a text can deceive, which is quickly told of most."""
    return (text.isascii() and text.isprintable()) or _PLAIN.fullmatch(text) is not None


def pieces(text: str) -> Iterator[tuple[str, bool]]:
    """Yield the text in pieces: what is shown as it is (False), and each character whose code is shown (True)."""
    if is_plain(text):
        yield text, False
        return
    for piece, hidden in unseen.pieces(text):
        if hidden:
            yield piece, True
        else:
            yield from _lettered(piece)


def marked(text: str) -> str:
    """Return the text with the codes in brackets: `safe[U+202E]txt`, `pа[U+0430]y`."""
    return "".join(f"[{unseen.code(piece)}]" if is_coded else piece for piece, is_coded in pieces(text))


def _lettered(text: str) -> Iterator[tuple[str, bool]]:
    begins = 0
    for at in lookalikes.places(text):
        yield text[begins : at + 1], False
        yield text[at], True
        begins = at + 1
    if begins < len(text):
        yield text[begins:], False
