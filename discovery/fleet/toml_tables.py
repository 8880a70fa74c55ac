"""TOML where Python has no reader of it (before 3.11): what Codex writes, and a refusal of anything else."""

from __future__ import annotations

import re
from typing import Any

from vendors.toml_keys import line_of_long_key

try:
    from tomllib import loads as _loads_toml
except ImportError:
    _loads_toml = None  # type: ignore[assignment]
_OF_PYTHON: Any = _loads_toml

_BLANK = re.compile(r"[ \t]*")
_SPACE = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_LITERAL = re.compile(r"'''(.*?)'''|'([^'\n]*)'", re.DOTALL)
_BASIC = re.compile(r'"""((?:[^"\\]|\\.|"(?!""))*)"""|"((?:[^"\\\n]|\\.)*)"', re.DOTALL)
_OTHER = re.compile(r"[^,\]}#\s=]+(?: [0-9:.+Z-]+)?")
_ESCAPED = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))", re.DOTALL)
_ESCAPES = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", "\n": ""}


def read_toml(text: str) -> dict[str, Any]:
    """Return the tables of a TOML file. Raises ValueError with the line of what cannot be read."""
    number = line_of_long_key(text)
    if number:
        raise ValueError(f"line {number}")
    return dict(_OF_PYTHON(text)) if _OF_PYTHON else read_toml_tables(text)


def read_toml_tables(text: str) -> dict[str, Any]:
    """Return the same by a reader of its own, which knows tables, strings, numbers, truths, lists and inline tables."""
    return _TomlReader(text.replace("\r\n", "\n")).tables()


class _TomlReader:
    """Reads from one place on; what it knows not it refuses."""

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0

    def tables(self) -> dict[str, Any]:
        """Return all of it."""
        top: dict[str, Any] = {}
        here = top
        while not self._ends():
            if self._is_next("["):
                here = self._header(top)
            else:
                self._member(here)
            self._end_of_line()
        return top

    def _ends(self) -> bool:
        self._skip(_SPACE)
        return self.at >= len(self.text)

    def _header(self, top: dict[str, Any]) -> dict[str, Any]:
        is_list = self._is_next("[")
        names = self._names()
        self._expect("]]" if is_list else "]")
        if is_list:
            rows = self._below(top, names[:-1]).setdefault(names[-1], [])
            row: dict[str, Any] = {}
            rows.append(row)
            return row
        return self._below(top, names)

    def _below(self, table: dict[str, Any], names: list[str]) -> dict[str, Any]:
        for name in names:
            inner = table.setdefault(name, {})
            table = inner[-1] if isinstance(inner, list) and inner else inner
            if not isinstance(table, dict):
                raise self._refusal()
        return table

    def _member(self, table: dict[str, Any]) -> None:
        names = self._names()
        self._expect("=")
        self._skip(_BLANK)
        self._below(table, names[:-1])[names[-1]] = self._value()

    def _names(self) -> list[str]:
        names = [self._name()]
        while self._is_next("."):
            names.append(self._name())
        return names

    def _name(self) -> str:
        self._skip(_BLANK)
        if self.text[self.at : self.at + 1] in ("'", '"'):
            return self._string()
        name = self._take(_BARE)
        self._skip(_BLANK)
        return name.group()

    def _value(self) -> Any:
        if self.text[self.at : self.at + 1] in ("'", '"'):
            return self._string()
        if self._is_next("["):
            return self._list()
        if self._is_next("{"):
            return self._inline()
        # Numbers, truths and days: nothing of a server is one, so the text will do.
        word = self._take(_OTHER).group().strip()
        return {"true": True, "false": False}.get(word, word)

    def _string(self) -> str:
        if self.text[self.at] == "'":
            found = self._take(_LITERAL)
            return str(found.group(1) if found.group(1) is not None else found.group(2))
        found = self._take(_BASIC)
        text = found.group(1) if found.group(1) is not None else found.group(2)
        return _ESCAPED.sub(_unescaped, str(text))

    def _list(self) -> list[Any]:
        values: list[Any] = []
        self._skip(_SPACE)
        while not self._is_next("]"):
            values.append(self._value())
            self._skip(_SPACE)
            if not self._is_next(","):
                self._expect("]")
                break
            self._skip(_SPACE)
        return values

    def _inline(self) -> dict[str, Any]:
        table: dict[str, Any] = {}
        self._skip(_SPACE)
        while not self._is_next("}"):
            self._member(table)
            self._skip(_SPACE)
            if not self._is_next(","):
                self._expect("}")
                break
            self._skip(_SPACE)
        return table

    def _is_next(self, sign: str) -> bool:
        if not self.text.startswith(sign, self.at):
            return False
        self.at += len(sign)
        return True

    def _expect(self, sign: str) -> None:
        self._skip(_BLANK)
        if not self._is_next(sign):
            raise self._refusal()

    def _end_of_line(self) -> None:
        self._skip(_BLANK)
        if self.at < len(self.text) and self.text[self.at] not in "#\n":
            raise self._refusal()

    def _skip(self, what: re.Pattern[str]) -> None:
        found = what.match(self.text, self.at)
        self.at = found.end() if found else self.at

    def _take(self, what: re.Pattern[str]) -> re.Match[str]:
        found = what.match(self.text, self.at)
        if not found:
            raise self._refusal()
        self.at = found.end()
        return found

    def _refusal(self) -> ValueError:
        return ValueError(f"line {self.text.count(chr(10), 0, self.at) + 1}")


def _unescaped(found: re.Match[str]) -> str:
    code = found.group(1) or found.group(2)
    if code:
        return chr(int(code, 16))
    return _ESCAPES.get(found.group(3), found.group(3))
