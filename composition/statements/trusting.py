"""Whose word counts for which servers: that of their suppliers, as the register has them. Names are compared, pure."""

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from vendors.models import Vendor

_WORDS = re.compile(r"[^\W_]+")
_HOSTS = re.compile(r"(?:@|://)([a-z0-9.-]+)")


def is_of(author: str, vendor: Vendor) -> bool:
    """Return whether an author names a vendor: by its name, its legal name, or an address on its website's domain."""
    author_words = _words(author)
    # A name without a letter, such as "-", names nobody: a document without an author would be theirs.
    names = filter(None, map(_words, (vendor.name, vendor.legal_entity)))
    if any(f" {name} " in f" {author_words} " for name in names):
        return True
    own = (urlsplit(vendor.website).hostname or "").removeprefix("www.")
    hosts: Iterable[str] = _HOSTS.findall(author.lower())
    return bool(own) and any(host == own or host.endswith(f".{own}") for host in hosts)


def _words(text: str) -> str:
    return " ".join(_WORDS.findall(text.casefold()))
