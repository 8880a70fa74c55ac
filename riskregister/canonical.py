"""One text for one value: the canonical JSON that digests are taken of.

`canonical` writes what the register itself says, and refuses numbers that are not whole. `jcs` writes what a stranger
said, numbers and all, in the form of RFC 8785, so that anybody can recompute the digest.
"""

import hashlib
import json
import sys
from typing import Any

import rfc8785

# Each whole number below it has a double of its own.
_EXACT_BELOW = 2**53


def canonical(obj: object) -> str:
    """Return `obj` as JSON with sorted keys, no spaces and characters as themselves (UTF-8 once encoded).

    Allowed are str, int, bool, None, and lists, tuples and dicts with text keys of these. Raises TypeError, naming the
    place, for anything else: a float has no single spelling, so numbers that are not whole travel as text ("35/4").
    Raises ValueError for text that cannot be encoded as UTF-8 (a lone surrogate). The text is RFC 8785's too, unless a
    whole number needs more than 53 bits or a key has characters outside the basic plane.
    """
    _refuse_what_has_no_single_spelling(obj, "$")
    text = json.dumps(obj, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    text.encode()
    return text


def jcs(document: object) -> str:
    """Return `document` as RFC 8785 (JSON Canonicalization Scheme) writes it.

    Allowed is what a JSON document can hold: None, bool, int, float, str, and lists, tuples and dicts with text keys of
    these. A whole number of more than 53 bits is written as the double that is nearest to it, as readers of JSON take
    it. Raises ValueError, naming the place, for one beyond all doubles, and for NaN, an infinity, a lone surrogate and
    anything else.
    """
    plain: Any = document
    try:
        return rfc8785.dumps(plain).decode()
    except rfc8785.IntegerDomainError:
        # The library takes no int of more than 53 bits.
        return rfc8785.dumps(_with_doubles(plain, "$")).decode()


def has_a_double(number: int) -> bool:
    """Return whether a double comes near `number`: every JSON reader takes it for one, and RFC 8785 writes that."""
    return abs(number) <= sys.float_info.max


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


def _with_doubles(value: Any, place: str) -> Any:
    if isinstance(value, dict):
        return {key: _with_doubles(item, f"{place}.{key}") for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_with_doubles(item, f"{place}[{index}]") for index, item in enumerate(value)]
    if not isinstance(value, int) or abs(value) < _EXACT_BELOW:
        return value
    if not has_a_double(value):
        raise ValueError(f"{place} is a whole number beyond all doubles.")
    return float(value)
