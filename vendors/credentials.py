"""What looks like a credential, so that none is ever stored: neither in a row nor in a text with a digest. Pure.

A value counts when its row says that it is secret, when its name does, or when it has the form of a credential. A value
that is only a form to be filled in ("Bearer {token}") holds none and is kept.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from vendors import strict_json
from vendors.credential_forms import FILLED_IN, in_address, is_example, is_filled, is_in, marked_in, sounds_secret

__all__ = ["WITHHELD", "Cleaned", "clean", "in_address", "is_in", "marked_in", "sounds_secret"]

# What of a row can hold a value.
WITHHELD = ("value", "default", "placeholder", "choices")

_PROSE_WORDS = 3
_FORM = re.compile(r"\s*(?:-e\s+)?(?:[A-Za-z_-]{0,40}[=: ]\s*)?\s*")
# As today's form and as the first schema wrote them.
_FLAGS = ("isSecret", "is_secret")
_HINTS = ("valueHint", "value_hint")
# The schema's own texts stand here for themselves; a credential in one of them is refused, since it cannot be left out.
_SCHEMA_WORDS = frozenset(
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
    return key not in _SCHEMA_WORDS and any(is_in(f"{key}={text}") for text in texts)


def _is_form(text: str) -> bool:
    """Return whether a secret's value is only the form of one: `Bearer {token}`, `TOKEN={token}`."""
    rest = FILLED_IN.sub("", text)
    return rest != text and _FORM.fullmatch(rest) is not None


def _is_advice(text: str) -> bool:
    """Return whether a placeholder tells what to give, or stands for it, and is none itself."""
    return not text or len(text.split()) >= _PROSE_WORDS or not is_filled(text) or is_example(text)
