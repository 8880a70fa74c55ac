"""Addresses of pages by their names. A page of 50 rows has a hundred, which differ by the key of the row alone."""

from functools import lru_cache
from typing import Any
from uuid import UUID

from django.urls import get_script_prefix, reverse

_ANY = UUID(int=0)


def to(route: str, key: Any = None) -> str:
    """Return the address of a page, or of the one of a row by its key. Raises NoReverseMatch where there is none."""
    if key is None:
        return _plain(route, get_script_prefix())
    if type(key) is not UUID:
        return reverse(route, args=[key])
    before, after = _around(route, get_script_prefix())
    return f"{before}{key}{after}"


@lru_cache(maxsize=256)
def _plain(route: str, _prefix: str) -> str:
    return reverse(route)


@lru_cache(maxsize=256)
def _around(route: str, _prefix: str) -> tuple[str, str]:
    """Return what stands before and behind a key."""
    before, _, after = reverse(route, args=[_ANY]).partition(str(_ANY))
    return before, after
