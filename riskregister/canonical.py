"""One text for one value: the canonical JSON that digests are taken of."""

import hashlib
import json


def canonical(obj: object) -> str:
    """Return `obj` as JSON with sorted keys, no spaces and characters as themselves (UTF-8 once encoded).

    Allowed are str, int, bool, None, and lists, tuples and dicts with text keys of these. Raises TypeError, naming the
    place, for anything else: a float has no single spelling, so numbers that are not whole travel as text ("35/4").
    Raises ValueError for text that cannot be encoded as UTF-8 (a lone surrogate).
    """
    _refuse_what_has_no_single_spelling(obj, "$")
    text = json.dumps(obj, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    text.encode()
    return text


def digest(text: str) -> str:
    """Return the SHA-256 of `text` in UTF-8 as 64 lower-case hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def _refuse_what_has_no_single_spelling(obj: object, place: str) -> None:
    if isinstance(obj, dict):
        for key, value in obj.items():
            if not isinstance(key, str):
                raise TypeError(f"{place} has the key {key!r}; keys must be text.")
            _refuse_what_has_no_single_spelling(value, f"{place}.{key}")
    elif isinstance(obj, list | tuple):
        for index, value in enumerate(obj):
            _refuse_what_has_no_single_spelling(value, f"{place}[{index}]")
    elif obj is not None and not isinstance(obj, str | int):
        raise TypeError(f"{place} is a {type(obj).__name__}; write it as text or a whole number.")
