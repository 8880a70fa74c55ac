"""What comes in about a machine: configuration files as they lie there, or what the script made of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from discovery.fleet.reading import ENTRIES_LIMIT, BadEntry, Found, FoundEntry, Unread, entry_of, read_file
from riskregister import canonical
from riskregister.refusals import Refused
from riskregister.text import clean_name

CLIENT_LIMIT, MACHINE_LIMIT = 40, 120
_PLACE_LIMIT, _NAME_LIMIT, _WHY_LIMIT = 300, 200, 300
# What could not be read is told by name, so many at most.
UNREAD_LIMIT = 500


@dataclass(frozen=True, slots=True)
class Report:
    """What a machine reports: its label, the clients that were looked for, their servers, and what was not read."""

    machine: str
    looked_for: frozenset[str]
    entries: tuple[tuple[str, FoundEntry], ...]
    unread: tuple[tuple[str, Unread], ...]

    @property
    def digest(self) -> str:
        """Return the digest of what it says."""
        content = [
            sorted(self.looked_for),
            sorted([client, canonical.canonical(entry.as_sent())] for client, entry in self.entries),
            sorted([client, canonical.canonical(one.as_sent())] for client, one in self.unread),
        ]
        return canonical.digest(canonical.canonical(content))


def of_files(machine: str, files: Iterable[tuple[str, bytes]], *, client: str = "") -> Report:
    """Return what configuration files of a machine say; each is its name and what it holds.

    The client is told by name and shape unless it is said. Raises Refused for no file, and for too many servers.
    """
    return of_found(machine, [read_file(raw, name, client=client[:CLIENT_LIMIT]) for name, raw in files])


def of_found(machine: str, found: Sequence[Found], *, looked_for: Iterable[str] = ()) -> Report:
    """Return what was read as a report. Raises Refused."""
    if not found:
        raise Refused("Give at least one configuration.", field="files")
    entries = [(one.client, entry) for one in found for entry in one.entries]
    unread = [(one.client, bad) for one in found for bad in one.unread]
    return _report(machine, {*looked_for, *(one.client for one in found)}, entries, unread)


def of_document(document: Mapping[str, Any]) -> Report:
    """Return what the script sent, or whoever speaks as it does; one bad entry never stops the rest. Raises Refused."""
    files = document.get("files")
    if not isinstance(files, list):
        raise Refused("Send what the script prints: a list of files.", field="files")
    found = [_file(one, f"files[{at}]") for at, one in enumerate(files)]
    looked_for = document.get("looked_for") or []
    if not isinstance(looked_for, list) or not all(isinstance(one, str) for one in looked_for):
        raise Refused("Give the names of clients.", field="looked_for")
    clients = [clean_name(one, field="looked_for", limit=CLIENT_LIMIT) for one in looked_for]
    if not found and not clients:
        raise Refused("Say at least which clients were looked for.", field="looked_for")
    return of_found(str(document.get("machine") or ""), found or [Found(clients[0])], looked_for=clients)


def _file(file: Any, path: str) -> Found:
    """Return one file of a report: its text, or what was read of it where it lies."""
    if not isinstance(file, dict):
        raise Refused("Send an object for each file.", field=path)
    client = (
        clean_name(str(file.get("client") or ""), field=f"{path}.client", limit=CLIENT_LIMIT)
        if file.get("client")
        else ""
    )
    if isinstance(file.get("text"), str):
        return read_file(
            file["text"].encode("utf-8", "replace"), str(file.get("path") or "")[:_PLACE_LIMIT], client=client
        )
    if not client:
        raise Refused("Name the client, or send the text of the file with its path.", field=f"{path}.client")
    found = Found(client)
    for one in _rows(file, "entries", path):
        _read(found, one)
    for one in _rows(file, "unread", path):
        found.unread.append(_unread(str(one.get("place")), str(one.get("name")), str(one.get("why"))))
    return found


def _read(found: Found, entry: dict[str, Any]) -> None:
    # It is read as a configuration is: what a script of somebody's own forgot to cut is cut here.
    place, name = str(entry.get("place") or "")[:_PLACE_LIMIT], entry.get("name")
    try:
        found.entries.append(entry_of(str(name), place, entry))
    except BadEntry as error:
        found.unread.append(_unread(place, str(name), str(error)))


def _rows(file: dict[str, Any], name: str, path: str) -> list[dict[str, Any]]:
    rows = [] if file.get(name) is None else file[name]
    if not isinstance(rows, list) or not all(isinstance(one, dict) for one in rows):
        raise Refused("Send a list of objects.", field=f"{path}.{name}")
    return rows


def _unread(place: str, name: str, why: str) -> Unread:
    return Unread(place[:_PLACE_LIMIT], name[:_NAME_LIMIT], why[:_WHY_LIMIT])


def _report(
    machine: str, clients: Iterable[str], entries: list[tuple[str, FoundEntry]], unread: list[tuple[str, Unread]]
) -> Report:
    if len(entries) > ENTRIES_LIMIT:
        raise Refused(
            f"It names {len(entries)} servers; at most {ENTRIES_LIMIT} are taken at once. Send fewer files.",
            field="files",
        )
    label = clean_name(machine, field="machine", limit=MACHINE_LIMIT)
    return Report(label, frozenset(clients), tuple(dict.fromkeys(entries)), tuple(dict.fromkeys(unread)))
