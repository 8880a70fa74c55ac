"""What looks like a credential, so that none is ever stored: neither in a row nor in a text with a digest. Pure.

A value counts when its row says that it is secret, when its name does, or when it has the form of a credential. A value
that is only a form to be filled in ("Bearer {token}") holds none and is kept.
"""

import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from vendors import strict_json

# What of a row can hold a value.
WITHHELD = ("value", "default", "placeholder", "choices")

_SOUNDS_SECRET = re.compile(
    r"authori[sz]ation|cookie|tokens?$|secret|passw|passphrase|passcode|credential|\bpat$|[-_]pat$|\bpwd|[-_]pwd$|bearer"
    r"|api[-_]?key|private[-_]?key|access[-_]?key|encryption[-_]?key|signing[-_]?key|service[-_]?key|auth[-_]?key"
    r"|client[-_]?key|account[-_]?key|license[-_]?key|session[-_]?id|\bdsn$|[-_]dsn$|connection[-_]?string|apikey",
    re.IGNORECASE,
)
# Prefixes by which services mark their own credentials, so that scanners find them.
_MARKED = re.compile(
    r"(?<![A-Za-z0-9])(?:"
    r"gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|glpat-[A-Za-z0-9_-]{16,}|npm_[A-Za-z0-9]{30,}"
    r"|sk-(?:[a-z]+-)*[A-Za-z0-9_-]{16,}|[sr]k_(?:live|test)_[A-Za-z0-9]{10,}|whsec_[A-Za-z0-9]{16,}"
    r"|xox[abeprs]-[A-Za-z0-9-]{10,}|(?:AKIA|ASIA)[A-Z0-9]{16}|AIza[A-Za-z0-9_-]{30,}|ya29\.[A-Za-z0-9_-]{20,}"
    r"|pypi-[A-Za-z0-9_-]{40,}|hf_[A-Za-z0-9]{20,}|dop_v1_[a-f0-9]{40,}|SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}"
    r"|eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*|tvly-[A-Za-z0-9-]{16,}|lin_api_[A-Za-z0-9]{20,}"
    r"|secret_[A-Za-z0-9]{32,}|ntn_[A-Za-z0-9]{30,})"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----"
    r"|\b[a-z][a-z0-9+.-]*://[^\s/@:{}]+:[^\s/@{}]+@"
    r"|\b(?:Bearer|Basic|Token)\s+(?=[A-Za-z+/_=.~-]*[0-9])[A-Za-z0-9+/_=.~-]{8,}",
)
_FILLED_IN = re.compile(r"\$?\{[^{}]*\}|<[^<>]*>")
_ASSIGNED = re.compile(r"(?:^|[\s&?;,])(?:-e\s+|--?)?([A-Za-z][A-Za-z0-9_.-]*)[=:]\s*([^\s&;,{}<>$]+)")
_STANDS_FOR_ONE = re.compile(
    r"(?:your|my|the|some|example|insert|enter|replace|change|xx|\*\*|\.\.|true|false|none|null|pass(?:word|wd)?\b|pwd?\b"
    r"|user(?:name)?\b|secret\b|token\b|key\b)",
    re.IGNORECASE,
)
_PASSWORD_OF_ADDRESS = re.compile(r"://[^:]*:([^@]+)@\Z")
# What examples are made of, behind the prefix of a service: ghp_xxxx, sk-1234567890abcdef.
_COUNTED = "01234567890abcdefghijklmnopqrstuvwxyz 1234567890abcdef"
_PROSE_WORDS = 3
_FORM = re.compile(r"\s*(?:-e\s+)?(?:[A-Za-z_-]{0,40}[=: ]\s*)?\s*")
_WORD = re.compile(r"[A-Za-z0-9+]{20,}")
# Three of each: a generated key of twenty characters has that nearly always, a name in CamelCase or a digest does not.
_KINDS = (re.compile("[a-z]"), re.compile("[A-Z]"), re.compile("[0-9]"))
_OF_EACH = 3
_RANDOM_BITS = 3.5
# As today's form and as the first schema wrote them.
_FLAGS = ("isSecret", "is_secret")
_HINTS = ("valueHint", "value_hint")
# The schema's own texts stand here for themselves; a credential in one of them is refused, since it cannot be left out.
_SAID = frozenset(
    {
        "$schema",
        "name",
        "title",
        "description",
        "version",
        "url",
        "identifier",
        "registryType",
        "registryBaseUrl",
        "fileSha256",
        "runtimeHint",
        "type",
        "format",
        "valueHint",
        "source",
        "id",
        "subfolder",
        "websiteUrl",
        "src",
        "mimeType",
        "theme",
        "status",
        "registry_type",
        "registry_base_url",
        "file_sha256",
        "runtime_hint",
        "value_hint",
        "website_url",
    }
)


@dataclass
class Cleaned:
    """A document without what looks like a credential, and the paths at which something was dropped."""

    document: Any
    dropped: list[str] = field(default_factory=list)


def sounds_secret(name: object) -> bool:
    """Return whether a name says that its value is secret."""
    return isinstance(name, str) and _SOUNDS_SECRET.search(name) is not None


def is_in(text: str) -> bool:
    """Return whether a text holds what has the form of a credential; blanks to be filled in are none."""
    if marked_in(text):
        return True
    bare = _FILLED_IN.sub(" ", text)
    if any(sounds_secret(name) and _is_filled(value) for name, value in _ASSIGNED.findall(bare)):
        return True
    return any(_is_random(word) for word in _WORD.findall(bare))


def marked_in(text: str) -> bool:
    """Return whether a running text holds a credential of one of the forms that services mark as theirs."""
    return any(not _is_example(found[0]) for found in _MARKED.finditer(_FILLED_IN.sub("", text)))


def in_address(url: str) -> bool:
    """Return whether path or query of an address hold a credential; what cannot be read as an address holds none."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    asked = [(name, _FILLED_IN.sub("", value)) for name, value in parse_qsl(parts.query)]
    return marked_in(f"{parts.path}?{parts.query}") or any(
        (sounds_secret(name) and _is_filled(value)) or is_in(value) for name, value in asked
    )


def clean(document: Any) -> Cleaned:
    """Return a `server.json` without values that can be credentials, and where they were."""
    cleaned = Cleaned(None)
    cleaned.document = _clean(document, "", cleaned.dropped)
    return cleaned


def _clean(value: Any, path: str, dropped: list[str]) -> Any:
    if isinstance(value, list):
        return [_clean(item, f"{path}[{index}]", dropped) for index, item in enumerate(value)]
    if not isinstance(value, dict):
        return value
    return dict(_fields(value, path, dropped, name=value.get("name")))


def _fields(row: dict[str, Any], path: str, dropped: list[str], *, name: object) -> Iterator[tuple[str, Any]]:
    flagged = any(row.get(flag) is True for flag in _FLAGS)
    secret = flagged or sounds_secret(name) or any(sounds_secret(row.get(hint)) for hint in _HINTS)
    for key, item in row.items():
        here = strict_json.under(path, key)
        if key == "variables" and isinstance(item, dict):
            yield (
                key,
                {name: _variable(one, strict_json.under(here, name), dropped, name) for name, one in item.items()},
            )
        elif _is_withheld(key, item, secret=secret):
            dropped.append(here)
        else:
            yield key, _clean(item, here, dropped)


def _variable(row: Any, path: str, dropped: list[str], name: str) -> Any:
    # A variable's name is its key, not a field of it.
    return dict(_fields(row, path, dropped, name=name)) if isinstance(row, dict) else row


def _is_withheld(key: str, item: Any, *, secret: bool) -> bool:
    texts = [text for text in (item if isinstance(item, list) else [item]) if isinstance(text, str)]
    if key == "placeholder":
        return any(
            marked_in(text) or (not _is_advice(text) and (is_in(text) or (secret and not _is_form(text))))
            for text in texts
        )
    if key in WITHHELD:
        return any(is_in(text) or (secret and bool(text) and not _is_form(text)) for text in texts)
    return key not in _SAID and any(is_in(f"{key}={text}") for text in texts)


def _is_form(text: str) -> bool:
    """Return whether a secret's value is only the form of one: `Bearer {token}`, `TOKEN={token}`."""
    rest = _FILLED_IN.sub("", text)
    return rest != text and _FORM.fullmatch(rest) is not None


def _is_advice(text: str) -> bool:
    """Return whether a placeholder tells what to give, or stands for it, and is none itself."""
    return not text or len(text.split()) >= _PROSE_WORDS or not _is_filled(text) or _is_example(text)


def _is_example(text: str) -> bool:
    """Return whether what has the form of a credential is an example of one: `ghp_xxxx`, `https://user:password@…`."""
    if password := _PASSWORD_OF_ADDRESS.search(text):
        return not _is_filled(password[1])
    rest = re.split(r"[_ -]", text)[-1]
    return bool(rest) and (len(set(rest.lower())) <= 2 or rest.lower() in _COUNTED or not _is_filled(rest))


def _is_filled(value: str) -> bool:
    """Return whether a value is more than a word that stands for one (`your-api-key`)."""
    return bool(value) and _STANDS_FOR_ONE.match(value) is None


def _is_random(word: str) -> bool:
    if any(len(kind.findall(word)) < _OF_EACH for kind in _KINDS):
        return False
    counts = Counter(word)
    return -sum(n / len(word) * math.log2(n / len(word)) for n in counts.values()) >= _RANDOM_BITS
