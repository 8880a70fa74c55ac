"""Nothing of a `server.json` is lost on the way in: whatever a published schema allows is kept, read and shown."""

import json
import re
from collections.abc import Iterator
from dataclasses import asdict, is_dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from api.v1.servers.releases import ReleaseOut
from riskregister import marks
from tests.cast import NOON, assemble
from tests.contracts.base import undone
from tests.vendors import drawn_documents
from tests.vendors.test_cases import page, values
from vendors.credentials import WITHHELD
from vendors.documents import server_json, server_json_schemas
from vendors.registering import importing

DATES = sorted(server_json_schemas.SCHEMAS)
ANY_DATE = st.sampled_from(DATES).flatmap(lambda date: st.tuples(st.just(date), drawn_documents.documents(date)))
# Kept as a whole with the document, or read as what its registry says.
KEPT_ONLY = {"$schema", "_meta", "status"}
COLUMNS = {"environment_variables": "environment", "file_sha256": "sha256"}
HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
PLACE = re.compile(r"[^.\[\]]+")


def without(document: Any, places: tuple[str, ...]) -> Any:
    """Return a document without the values at these places, each of which can hold a credential by its name."""
    left = json.loads(json.dumps(document))
    for place in places:
        *way, last = [int(part) if part.isdecimal() else part for part in PLACE.findall(place)]
        row = left
        for part in way:
            row = row[part]
        assert last in WITHHELD, place
        assert row.get("isSecret") or row.get("is_secret"), place
        del row[last]
    return left


def unread(written: Any, read: Any, path: str = "") -> Iterator[str]:
    """Yield where what is read differs from what a document in today's form says."""
    if isinstance(written, dict) and is_dataclass(read):
        for key in written.keys() - KEPT_ONLY:
            yield from unread(written[key], _read(read, key, written[key]), f"{path}.{key}")
    elif isinstance(written, dict) and isinstance(read, tuple):
        yield from unread([row | {"name": name} for name, row in written.items()], read, path)
    elif isinstance(written, list) and len(written) == len(read):
        for place, (one, found) in enumerate(zip(written, read, strict=True)):
            yield from unread(one["src"] if path == ".icons" else one, found, f"{path}[{place}]")
    elif written != read:
        yield f"{path}: {written!r} is read as {read!r}"


def _read(row: Any, key: str, written: Any) -> Any:
    """Return what a row says by the name of a document; one with a secret variable is secret, whatever it says."""
    found = getattr(row, HUMP.sub("_", key).lower())
    return written if key == "isSecret" and found and any(one.is_secret for one in row.variables) else found


@given(ANY_DATE)
def test_a_document_of_any_date_is_kept_and_read_whole(drawn: tuple[str, Any]):
    date, document = drawn

    read = server_json.parse(json.dumps(document))

    assert read.schema_date == date
    expected = without(document, read.dropped)
    assert json.loads(read.canonical) == expected
    assert list(unread(server_json_schemas.in_todays_form(expected, date=date), read)) == []
    assert read.listing.status == document.get("status", "")


@pytest.mark.django_db
def test_a_document_of_any_date_is_stored_answered_and_shown_whole():
    cast = assemble()

    @settings(max_examples=20, phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck))
    @given(ANY_DATE)
    def holds(drawn: tuple[str, Any]) -> None:
        raw = json.dumps(drawn[1])
        read = server_json.parse(raw)
        with undone():
            server, release = importing.import_server_json(
                raw, unit=cast.payments, reason="Tried in a sandbox.", by=cast.alice, now=NOON
            )
            answer = json.loads(json.dumps(ReleaseOut(release).data, default=str))
            shown = page(cast, f"/servers/{server.pk}/releases/")

        assert (release.server_json, release.server_json_digest) == (read.canonical, read.digest)
        assert (server.name, answer["version"], answer["description"]) == (read.name, read.version, read.description)
        for name, key in (("packages", "identifier"), ("remotes", "url")):
            stored = {row[key]: row for row in answer[name]}
            rows = [_stored(row) for row in getattr(read, name)]
            assert [{column: stored[row[key]][column] for column in row} for row in rows] == rows
            assert len(stored) == len(rows)
        assert not [value for value in values(json.loads(read.canonical)) if marks.marked(value) not in shown]

    holds()


def _stored(row: Any) -> dict[str, Any]:
    """Return a package or remote that was read by the columns in which it is stored."""
    read: dict[str, Any] = json.loads(json.dumps(asdict(row)))
    if "transport" not in read:
        return read | {"transport": read.pop("type")}
    transport = read.pop("transport")
    named = {"transport": transport["type"], "transport_url": transport["url"], "headers": transport["headers"]}
    return named | {COLUMNS.get(name, name): value for name, value in read.items()}
