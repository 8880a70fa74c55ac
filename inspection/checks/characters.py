"""Checks of the characters that texts and names are written with. Pure."""

from collections.abc import Iterator

from inspection.checks.declared import Hit, excerpt
from inspection.checks.offered import Part, Subject
from riskregister import lookalikes, unseen
from vendors import vendor_text


def hidden(subject: Subject) -> Iterator[Hit]:
    """Yield each text that holds characters which nobody sees, with what they spell."""
    for one in subject.parts:
        for path, text in one.texts:
            yield from _hidden(one, path, text)


def look_alikes(subject: Subject) -> Iterator[Hit]:
    """Yield the names of tools that one takes for others of the server, and those in letters of two scripts."""
    names = [tool.name for tool in subject.tools]
    for group in lookalikes.groups(names):
        yield Hit(group[0], "name", f"looks like {', '.join(group[1:])}")
    for name in names:
        if strange := lookalikes.strangers(name):
            yield Hit(name, "name", f"is written with {strange}")


def _hidden(one: Part, path: str, text: str) -> Iterator[Hit]:
    at = next(unseen.places(text), None)
    if at is None:
        return
    found = vendor_text.Hidden(path, unseen.counted(text), unseen.spelled(text))
    sentence = "".join(vendor_text.places([found])).removeprefix(f"{path}: ")
    yield Hit(one.name, path, sentence, excerpt(text, at, at + 1))
