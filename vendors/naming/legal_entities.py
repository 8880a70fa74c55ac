"""Whether two texts name the same legal entity. Pure."""

import re

# One form of a company, as it is written out and in short.
_FORMS = {
    "limited": "ltd",
    "incorporated": "inc",
    "corporation": "corp",
    "company": "co",
}


def same(one: str, other: str) -> bool:
    """Return whether two names are one, but for case, blanks, points and how the form of the company is written."""
    return _plain(one) == _plain(other)


def differs(named: str, of_vendor: str) -> bool:
    """Return whether a document names another legal entity than the vendor's; of an unknown one nobody can tell."""
    return bool(named) and bool(of_vendor) and not same(named, of_vendor)


def _plain(name: str) -> str:
    words = re.findall(r"\w+", name.casefold().replace(".", ""))
    return "".join(_FORMS.get(word, word) for word in words)
