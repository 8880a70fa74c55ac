"""Credentials for servers: the operator names where each is, by the origin it is for; the register keeps none.

An origin that is not named gets none, whoever registers an address: nobody can have a credential sent elsewhere.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from inspection.bounds import NothingSeen

_LONGEST = 8000


def header_for(url: str, sources: Mapping[str, str]) -> str:
    """Return the Authorization header for an address, empty where none is named for its origin.

    A value without a blank is a bearer token. Raises NothingSeen where the variable or file does not hold one.
    """
    parts = urlsplit(url)
    source = sources.get(f"{parts.scheme}://{parts.netloc}".lower())
    if source is None:
        return ""
    kind, _, where = source.partition(":")
    value = (os.environ.get(where, "") if kind == "env" else _in_file(where)).strip()
    if not value or len(value) > _LONGEST or not (value.isascii() and value.isprintable()):
        raise NothingSeen("credential", f"{where} holds no credential for {parts.hostname}. Set it, and look again.")
    return value if " " in value else f"Bearer {value}"


def _in_file(where: str) -> str:
    try:
        return Path(where).read_text()
    except (OSError, UnicodeDecodeError):
        return ""
