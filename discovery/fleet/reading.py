"""Reading a configuration: the servers in it, without any value of a variable or header, and what cannot be read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from discovery.fleet.commands import started_by, variable_name
from discovery.fleet.documents import NotRead, read_document
from discovery.fleet.identities import CUT, Identity, address_of, is_key, without_home
from discovery.fleet.launchers import unwrapped, whole_command, words_of
from discovery.fleet.shapes import NoServers, client_of, servers_in

ENTRIES_LIMIT = 5000
_NAME_LIMIT, _PLACE_LIMIT, _WORD_LIMIT, _NAMES_LIMIT = 200, 300, 4000, 100
_MOST_ARGUMENTS = 1000
_ADDRESSES = ("url", "serverUrl", "httpUrl")
_VARIABLES = ("env", "environment", "env_vars")
_HEADERS = ("headers", "http_headers", "env_http_headers", "requestInit")
# Tabs and line ends are blanks; what else nobody sees, a name has no use for.
_UNSEEN = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ud800-\udfff\U000e0000-\U000e007f]"
)
# Neither a database nor a document in UTF-8 can keep these, and no program or address has one.
_KEPT_NOWHERE = re.compile(r"[\x00\ud800-\udfff]")


class BadEntry(Exception):
    """One entry cannot be read; the message says why, without anything that stands in it."""


@dataclass(frozen=True)
class FoundEntry:
    """A server in a configuration: what it is called there, what it is, and what starts it, without values.

    `place` is the file, and the project within it, without the person's own folder. Of variables and headers there are
    names.
    """

    name: str
    place: str
    identity: Identity
    command: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()

    def as_sent(self) -> dict[str, Any]:
        """Return it as it is sent. Read again, that gives the same entry."""
        entry: dict[str, Any] = {"name": self.name, "place": self.place}
        if self.command:
            entry.update(command=self.command[0], args=list(self.command[1:]))
        else:
            entry["url"] = self.identity.package
        return {**entry, "env": list(self.variables), "headers": list(self.headers)}


@dataclass(frozen=True)
class Unread:
    """What cannot be read: an entry by its name, or the whole of a file (no name), and why."""

    place: str
    name: str
    why: str

    def as_sent(self) -> dict[str, str]:
        """Return it as it is sent."""
        return {"place": self.place, "name": self.name, "why": self.why}


@dataclass
class Found:
    """What a configuration holds; `client` is who reads it."""

    client: str
    entries: list[FoundEntry] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)


def read_file(raw: bytes, path: str, *, client: str = "") -> Found:
    """Return the servers in a configuration file; whatever cannot be read is named, and never stops the rest."""
    place = _place(path)
    found = Found(client or client_of(path))
    try:
        document = read_document(raw, path)
        for within, shape, servers in servers_in(document):
            found.client = client or client_of(path, shape)
            _read_servers(found, _place(path, within), servers)
    except (NotRead, NoServers) as error:
        found.unread.append(Unread(place, "", str(error)))
    return found


def entry_of(name: str, place: str, entry: Any) -> FoundEntry:
    """Return one entry. Raises BadEntry."""
    if not isinstance(entry, dict):
        raise BadEntry("It is no object.")
    _refuse_what_is_kept_nowhere(entry)
    words = _command_of(entry)
    variables, headers = _names(entry, _VARIABLES), _names(entry, _HEADERS)
    if words:
        started = started_by(unwrapped(words))
        more = [one for one in started.variables if one not in variables]
        return FoundEntry(_name(name), place, started.identity, tuple(started.shown), (*variables, *more), headers)
    address = next((entry[key] for key in _ADDRESSES if entry.get(key)), None)
    if address is None:
        raise BadEntry("It has neither a command nor an address.")
    if not isinstance(address, str):
        raise BadEntry("Its address is no text.")
    identity = address_of(address[:_WORD_LIMIT])
    if identity is None:
        raise BadEntry("Its address is none.")
    return FoundEntry(_name(name), place, identity, (), variables, headers)


def _refuse_what_is_kept_nowhere(entry: Any) -> None:
    texts = [entry]
    while texts:
        one = texts.pop()
        if isinstance(one, dict):
            texts += [*one, *one.values()]
        elif isinstance(one, list):
            texts += one
        elif isinstance(one, str) and _KEPT_NOWHERE.search(one):
            raise BadEntry("It holds a character that no text can keep.")


def _read_servers(found: Found, place: str, servers: Any) -> None:
    if servers is None:
        return
    if not isinstance(servers, dict):
        found.unread.append(Unread(place, "", "Its servers are no object with a name for each."))
        return
    for name, entry in servers.items():
        if len(found.entries) + len(found.unread) >= ENTRIES_LIMIT:
            found.unread.append(Unread(place, "", f"It has more than {ENTRIES_LIMIT} servers. The rest is not read."))
            return
        try:
            found.entries.append(entry_of(name, place, entry))
        except BadEntry as error:
            found.unread.append(Unread(place, _name(name), str(error)))


def _command_of(entry: dict[str, Any]) -> list[str]:
    """Return the words of the command, none for an entry that has an address."""
    command, arguments = entry.get("command"), entry.get("args")
    if not command:
        return []
    words = _words(command, "Its command")
    if isinstance(command, str):
        words = whole_command(command[:_WORD_LIMIT], _words(arguments, "What it is given") if arguments else [])
    elif arguments:
        words += _words(arguments, "What it is given")
    if not words or not words[0]:
        raise BadEntry("Its command is empty.")
    return words


def _words(value: Any, what: str) -> list[str]:
    if isinstance(value, str):
        return [word[:_WORD_LIMIT] for word in words_of(value)] if what != "Its command" else [value]
    if not isinstance(value, list) or not all(isinstance(one, (str, int, float)) for one in value):
        raise BadEntry(f"{what} is no list of texts.")
    return [str(one)[:_WORD_LIMIT] for one in value[:_MOST_ARGUMENTS]]


def _names(entry: dict[str, Any], keys: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names of variables or headers, never their values."""
    return tuple(dict.fromkeys(variable_name(name) for key in keys for name in _keys(entry.get(key))))[:_NAMES_LIMIT]


def _keys(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            # Some wrap the headers once more.
            yield from inner if key == "headers" and isinstance(inner, dict) else (str(key),)
    elif isinstance(value, list):
        yield from (str(one) for one in value if isinstance(one, str))


def _name(name: Any) -> str:
    seen = " ".join(_UNSEEN.sub(" ", str(name)).split())[:_NAME_LIMIT]
    return CUT if not seen or is_key(seen) else seen


def _place(path: str, within: str = "") -> str:
    """Return where entries stand, without the person's own folder, which names them."""
    inner = f" in {without_home(within)}" if within else ""
    return " ".join(_UNSEEN.sub(" ", f"{without_home(path)}{inner}").split())[:_PLACE_LIMIT] or "pasted"
