"""Licences as inventories write them: SPDX identifiers, expressions of these, and plain names. Pure."""

import re
from collections.abc import Iterable
from functools import lru_cache

from composition.documents import validation

NONE = "NONE"
_NOT_SAID = frozenset({"", "NOASSERTION"})
_WORD = re.compile(r"[()]|[^\s()]+")
_OWN = re.compile(r"LicenseRef-[A-Za-z0-9.-]+")
_OPERATORS = frozenset({"AND", "OR", "WITH"})
# A real one of 40 licences has 1,500 characters.
_LONGEST = 10_000
_DEEPEST = 50


@lru_cache(maxsize=1000)
def terms(expression: str) -> tuple[str, ...]:
    """Return the licences of an expression that all hold: what AND joins in it, without brackets around each.

    Nothing for one that says nothing (NOASSERTION); a text that is no expression is one name, as it is.
    """
    text = expression.strip()
    if text in _NOT_SAID:
        return ()
    if not is_expression(text):
        return (text,)
    return tuple(dict.fromkeys(part for one in _joined_by_and(_WORD.findall(text)) for part in _terms(one)))


def all_terms(expressions: Iterable[str]) -> tuple[str, ...]:
    """Return the licences of several expressions, each once."""
    return tuple(dict.fromkeys(term for one in expressions for term in terms(one)))


def is_listed(text: str) -> bool:
    """Return whether a text is an identifier of SPDX's list."""
    return text in validation.licence_ids()


def is_expression(text: str) -> bool:
    """Return whether a text is an SPDX identifier, or an expression in which each one is listed or of its document."""
    if len(text) > _LONGEST:
        return False
    depth, is_operand_next = 0, True
    for word in _WORD.findall(text):
        if word in "()":
            depth += 1 if word == "(" else -1
            if is_operand_next != (word == "(") or not 0 <= depth <= _DEEPEST:
                return False
        elif (word in _OPERATORS) == is_operand_next or (word not in _OPERATORS and not _is_known(word)):
            return False
        else:
            is_operand_next = not is_operand_next
    return depth == 0 and not is_operand_next


def expression(licences: Iterable[str]) -> str:
    """Return one expression that says that all of these hold; each of them is an expression."""
    found = tuple(licences)
    return " AND ".join(f"({one})" if len(found) > 1 and " OR " in one else one for one in found)


def own_of(expression: str) -> tuple[str, ...]:
    """Return the identifiers in an expression that only its document explains (LicenseRef-…)."""
    return tuple(dict.fromkeys(word for word in _WORD.findall(expression) if _OWN.fullmatch(word)))


def _terms(words: list[str]) -> tuple[str, ...]:
    while words[0] == "(" and _closes_at_the_end(words):
        words = words[1:-1]
        parts = _joined_by_and(words)
        if len(parts) > 1:
            return tuple(term for part in parts for term in _terms(part))
    return (_written(words),)


def _joined_by_and(words: list[str]) -> list[list[str]]:
    """Return the parts that AND joins outside of brackets; AND binds closer than OR, so that one OR leaves it whole."""
    parts: list[list[str]] = [[]]
    depth = 0
    for word in words:
        depth += (word == "(") - (word == ")")
        if depth == 0 and word == "OR":
            return [words]
        if depth == 0 and word == "AND":
            parts.append([])
        else:
            parts[-1].append(word)
    return parts


def _closes_at_the_end(words: list[str]) -> bool:
    depth = 0
    for index, word in enumerate(words):
        depth += (word == "(") - (word == ")")
        if depth == 0:
            return index == len(words) - 1
    return False


def _written(words: list[str]) -> str:
    return " ".join(words).replace("( ", "(").replace(" )", ")")


def _is_known(word: str) -> bool:
    return word.removesuffix("+") in validation.licence_ids() or _OWN.fullmatch(word) is not None
