"""What people type: names, texts and addresses, cleaned the same way behind every door.

Unicode can make two names look alike or one name read as another. Text is brought to its composed form (NFC), and
characters that nobody can see or that turn the reading order are refused, with their name.
"""

import re
import unicodedata
from collections.abc import Callable
from urllib.parse import SplitResult, urlsplit

from riskregister import unseen
from riskregister.refusals import Refused

NAME_LIMIT = 200
TEXT_LIMIT = 20_000
URL_LIMIT = 300

_HOST = re.compile(r"(?=.{1,253}\Z)[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?\.?|\[[0-9A-Fa-f:.]+\]")


def clean_name(value: str, *, field: str, limit: int = NAME_LIMIT) -> str:
    """Return a name on one line: composed, trimmed, single spaces. Raises Refused when empty, too long or deceptive."""
    name = clean_word(value, field=field, limit=limit)
    if not name:
        raise Refused("Fill this in.", field=field)
    return name


def clean_word(value: str, *, field: str, limit: int = NAME_LIMIT) -> str:
    """Return a text on one line, which may be empty. Raises Refused when it is too long or deceptive."""
    _refuse_unseen(value.replace("\t", " "), field=field, first=unseen.first_in_name)
    return _within(" ".join(unicodedata.normalize("NFC", value).split()), limit, field)


def clean_text(value: str, *, field: str, limit: int = TEXT_LIMIT) -> str:
    """Return a text of several lines, which may be empty, with \\n between them. Raises Refused as `clean_name`."""
    text = value.replace("\r\n", "\n").replace("\r", "\n")
    _refuse_unseen(text, field=field, first=unseen.first)
    return _within(unicodedata.normalize("NFC", text).strip(), limit, field)


def clean_reason(value: str, *, field: str = "reason") -> str:
    """Return a text that must not be empty. Raises Refused."""
    reason = clean_text(value, field=field)
    if not reason:
        raise Refused("Give a reason.", field=field)
    return reason


def clean_url(value: str, *, field: str, limit: int = URL_LIMIT) -> str:
    """Return an http or https address, or an empty text. Raises Refused for any other, and for one with a user name."""
    url = clean_word(value, field=field, limit=limit)
    if not url:
        return ""
    if " " in url or "\\" in url:
        raise Refused("An address has no spaces and no backslashes.", field=field)
    parts = _split(url, field)
    if parts.scheme.lower() not in ("http", "https"):
        raise Refused("Start the address with https:// or http://.", field=field)
    if "@" in parts.netloc:
        raise Refused("Leave user name and password out of the address.", field=field)
    if not _HOST.fullmatch(_host(parts)):
        raise Refused("Write the host as in https://example.com; other scripts as xn--….", field=field)
    return url


def _split(url: str, field: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise Refused("This is no address. Write it as https://example.com/page.", field=field) from error
    return parts


def _host(parts: SplitResult) -> str:
    return re.sub(r":\d*\Z", "", parts.netloc)


def _refuse_unseen(value: str, *, field: str, first: Callable[[str], str | None]) -> None:
    if name := first(value):
        raise Refused(f"The text holds a character that cannot be seen ({name}). Remove it.", field=field)


def _within(text: str, limit: int, field: str) -> str:
    if len(text) > limit:
        raise Refused(f"The text has {len(text)} characters; at most {limit} are kept.", field=field)
    return text
