"""Documents of strangers brought onto the register."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from accounts.access import NotPermitted
from audit.models import Event
from riskregister.refusals import Conflict, Refused
from tests import append_only
from tests.cast import (
    INTEGRITY,
    NOON,
    OTHER_INTEGRITY,
    Cast,
    a_release,
    a_vendor,
    assemble,
    server_json,
    tools,
)
from tests.tables import for_each
from vendors import lifecycle
from vendors.documents.server_json import ServerDocumentInvalid
from vendors.models import Release, Server, Tool
from vendors.offered.manifest import ManifestInvalid
from vendors.registering import importing, registration

pytestmark = pytest.mark.django_db

CAPTURES = sorted((Path(settings.BASE_DIR) / "demo" / "servers").glob("*.json"))


@pytest.fixture
def cast() -> Cast:
    return assemble()


def bring(cast: Cast, text: str, **how):
    arguments: dict[str, Any] = {"unit": cast.payments, "by": cast.alice, "now": NOON}
    return importing.import_server_json(text, **(arguments | how))


def capture(cast: Cast, release: Release, text: str, **how) -> Release:
    arguments: dict[str, Any] = {
        "captured_at": NOON,
        "command": "npx @example/weather",
        "by": cast.alice,
        "now": NOON,
    } | how
    return importing.import_tools(release, text, **arguments)


def test_a_server_json_becomes_a_server_a_release_and_its_packages(cast: Cast):
    remotes = [
        {
            "type": "sse",
            "url": "https://mcp.example.com/{place}",
            "headers": [{"name": "Authorization", "isSecret": True, "value": "Bearer abc"}],
            "variables": {"place": {"description": "Where", "isRequired": True}},
        }
    ]
    vendor = a_vendor(cast)

    server, release = bring(cast, server_json(remotes=remotes), publisher=vendor)

    assert (server.name, server.title, server.repository_source) == ("com.example/weather", "Weather", "github")
    assert [str(supplier) for supplier in server.suppliers.all()] == ["Example Ltd (publisher)"]
    [package], [remote] = release.packages.all(), release.remotes.all()
    assert str(package) == "npm @example/weather 1.2.3"
    [key], [place] = package.environment, remote.variables
    assert (key["name"], key["is_required"], key["is_secret"], key["value"]) == ("WEATHER_KEY", True, True, "")
    assert (place["name"], place["description"], place["is_secret"]) == ("place", "Where", False)
    assert "Bearer abc" not in json.dumps([release.server_json, remote.headers])
    assert Event.objects.filter(verb="release.recorded", concerns_id=server.pk, unit_id=cast.payments.pk).count() == 1


@for_each(
    ("name", "title"),
    [("com.example/rain", "rain"), ("com.example/mcp", "com.example/mcp"), ("a.b/" + "x" * 190, "x" * 160)],
)
def test_a_server_without_a_title_is_called_what_tells_it_apart(cast: Cast, name: str, title: str):
    document = json.loads(server_json(name=name))
    del document["title"]
    server, _ = bring(cast, json.dumps(document))
    assert server.title == title


def test_the_same_document_again_changes_nothing(cast: Cast):
    first = bring(cast, server_json())
    events = Event.objects.count()

    again = bring(cast, "  " + server_json(), by=cast.bob)

    assert again == first
    assert Event.objects.count() == events


def test_a_new_version_is_a_new_release_and_another_text_a_revision(cast: Cast):
    server, first = bring(cast, server_json())
    _, second = bring(cast, server_json(version="2.0.0"))
    same, revised = bring(cast, server_json(description="Other words"))

    assert same == server
    assert [str(release) for release in (first, second, revised)] == ["1.2.3", "2.0.0", "1.2.3 (revision 2)"]
    assert Server.objects.get().purpose == "Forecasts for a place"


def test_one_package_may_be_offered_over_two_transports_but_not_twice(cast: Cast):
    package = {"registryType": "npm", "identifier": "@example/weather", "version": "1.2.3"}
    stdio = package | {"transport": {"type": "stdio"}}
    http = package | {"transport": {"type": "streamable-http", "url": "http://localhost:8000/mcp"}}

    _, release = bring(cast, server_json(packages=[stdio, http]))
    with pytest.raises((Conflict, ServerDocumentInvalid)):
        bring(cast, server_json(version="2.0.0", packages=[stdio, stdio]))

    assert [row.transport for row in release.packages.all()] == ["stdio", "streamable-http"]
    assert Release.objects.count() == 1


def test_what_is_too_long_for_its_column_is_refused_with_its_path(cast: Cast):
    long = {"registryType": "npm", "identifier": "x" * 401, "version": "1", "transport": {"type": "stdio"}}

    with pytest.raises((Refused, ServerDocumentInvalid)) as refusal:
        bring(cast, server_json(packages=[long]))

    assert "identifier" in (getattr(refusal.value, "field", "") or str(refusal.value))
    assert not Server.objects.exists()


@for_each("text", ["", "[]", '{"name": 1}', server_json(version="latest")])
def test_an_invalid_document_leaves_nothing(cast: Cast, text: str):
    with pytest.raises(ServerDocumentInvalid):
        bring(cast, text)

    assert not Server.objects.exists()
    assert not Event.objects.filter(verb__startswith="server").exists()


def test_an_outsider_imports_nothing(cast: Cast):
    release = a_release(cast)

    with pytest.raises(NotPermitted):
        bring(cast, server_json(version="2"), by=cast.eve)
    with pytest.raises(NotPermitted):
        capture(cast, release, tools("a"), by=cast.eve)

    assert Release.objects.count() == 1
    assert not Tool.objects.exists()


def test_captured_tools_go_to_the_release_with_what_they_declare(cast: Cast):
    release = capture(cast, a_release(cast), tools("read", "write", readOnlyHint=True))

    release.refresh_from_db()
    assert [(tool.name, tool.read_only, tool.destructive) for tool in release.tools.all()] == [
        ("read", True, None),
        ("write", True, None),
    ]
    assert (release.captured_at, release.capture_command) == (NOON, "npx @example/weather")
    assert release.manifest_digest in Event.objects.get(verb="tools.captured").body


def test_the_command_is_that_of_the_document_unless_one_is_given(cast: Cast):
    written = json.dumps({"command": ["npx", "-y", "@example/weather", "a b"], "tools_list": json.loads(tools("read"))})
    of_a_server = json.dumps(json.loads(tools("read")) | {"command": ["rm", "-rf", "/"]})
    named = capture(cast, a_release(cast), written)
    second, third = (
        registration.add_release(named.server, version, by=cast.alice, now=NOON) for version in ("8.0.0", "9.0.0")
    )
    taken = capture(cast, second, written, command="")

    assert named.capture_command == "npx @example/weather"
    assert taken.capture_command == "npx -y @example/weather 'a b'"
    assert capture(cast, third, of_a_server, command="").capture_command == ""


def test_a_command_of_the_document_that_holds_a_credential_is_refused(cast: Cast):
    secret = json.dumps({"command": ["npx", "--token=ghp_" + "aB3" * 12], "tools_list": json.loads(tools("read"))})
    with pytest.raises(Refused, match="what looks like a credential") as refusal:
        capture(cast, a_release(cast), secret, command="")

    assert refusal.value.field == "command"
    assert not Tool.objects.exists()


def test_the_same_tools_again_change_nothing(cast: Cast):
    release = capture(cast, a_release(cast), tools("read", "write"))
    events = Event.objects.count()

    again = capture(cast, release, tools("write", "read"), by=cast.bob)

    assert again == release
    assert (Event.objects.count(), Tool.objects.count()) == (events, 2)


def test_other_tools_under_the_same_version_are_a_revision_with_the_same_packages(cast: Cast):
    first = capture(cast, a_release(cast), tools("read"))

    second = capture(cast, first, tools("read", "delete"))
    back = capture(cast, second, tools("read"))

    assert str(second) == "1.2.3 (revision 2)"
    assert [str(package) for package in second.packages.all()] == ["npm @example/weather 1.2.3"]
    assert second.packages.get().environment == first.packages.get().environment
    assert back == first
    assert first.tools.count() == 1


def test_a_pinned_release_takes_no_tools_afterwards(cast: Cast):
    release = a_release(cast)
    server = lifecycle.start_review(release.server, by=cast.alice, now=NOON)
    lifecycle.approve(server, release, by=cast.bob, now=NOON)

    found = capture(cast, release, tools("delete"))

    release.refresh_from_db()
    assert (release.manifest_digest, release.tools.count()) == ("", 0)
    assert (found.revision, found.tools.count()) == (2, 1)


def test_the_loser_of_two_captures_at_once_gets_a_conflict(cast: Cast, monkeypatch):
    release = a_release(cast)
    stale = Release.objects.get(pk=release.pk)
    capture(cast, release, tools("read"))

    with pytest.raises(Conflict):
        capture(cast, stale, tools("delete"))

    assert [tool.name for tool in Tool.objects.all()] == ["read"]


def test_a_capture_of_a_year_that_no_page_could_show_is_refused(cast: Cast):
    _server, release = bring(cast, server_json())
    for moment in (datetime(1, 1, 1, tzinfo=UTC), datetime(2024, 10, 31, tzinfo=UTC)):
        with pytest.raises(Refused, match="before MCP"):
            capture(cast, release, tools("look_up"), captured_at=moment)
    assert not Release.objects.exclude(manifest_digest="").exists()


def test_a_capture_is_neither_of_the_future_nor_broken(cast: Cast):
    release = a_release(cast)

    with pytest.raises(Refused) as refusal:
        capture(cast, release, tools("a"), captured_at=NOON + timedelta(seconds=1))
    with pytest.raises(ManifestInvalid):
        capture(cast, release, tools("a", "a"))

    assert refusal.value.field == "captured_at"
    assert not Tool.objects.exists()


def test_a_packages_digest_is_written_once(cast: Cast):
    package = a_release(cast).packages.get()

    for _ in range(2):
        importing.record_package_digest(package, integrity=INTEGRITY, by=cast.alice, now=NOON)
    with pytest.raises(Conflict):
        importing.record_package_digest(package, integrity=OTHER_INTEGRITY, by=cast.alice, now=NOON)

    package.refresh_from_db()
    assert package.integrity == INTEGRITY
    assert Event.objects.filter(verb="release.package_digest_recorded").count() == 1


def test_a_release_of_several_files_has_the_digest_of_each(cast: Cast):
    package = a_release(cast).packages.get()
    digests = " ".join(f"sha256:{number:064x}" for number in range(100))
    importing.record_package_digest(package, integrity=digests, by=cast.alice, now=NOON)

    package.refresh_from_db()
    assert package.integrity == digests


def test_what_is_no_digest_is_recorded_as_none(cast: Cast):
    package = a_release(cast).packages.get()

    for digest in ("sha512-abc", "sha1-0beec7b5ea3f0fdbc95d0dd47f3c5bc275da8a33", "1.2.3", "a" * 63):
        with pytest.raises(Refused) as refusal:
            importing.record_package_digest(package, integrity=digest, by=cast.alice, now=NOON)
        assert refusal.value.field == "integrity", digest

    package.refresh_from_db()
    assert package.integrity == ""


def test_a_hand_made_release_keeps_its_number_when_a_document_follows(cast: Cast):
    server, _ = bring(cast, server_json())
    registration.add_release(server, "3.0.0", by=cast.alice, now=NOON)

    _, release = bring(cast, server_json(version="3.0.0"))

    assert str(release) == "3.0.0 (revision 2)"


def test_importing_many_tools_costs_no_statement_for_each(cast: Cast, django_assert_max_num_queries):
    release = a_release(cast)

    # Thirteen of them check what came, keep the text of what was seen, and seal its digest in an event; one asks
    # whether the server runs behind a shared service, one what is configured as it. SQLite takes the tools in three
    # statements.
    with django_assert_max_num_queries(42):
        capture(cast, release, tools(*(f"tool_{number}" for number in range(150))))

    assert release.tools.count() == 150


@for_each("file", CAPTURES, ids=lambda file: file.stem)
def test_real_servers_come_in_whole(cast: Cast, file: Path):
    record = json.loads(file.read_text())

    _, release = bring(cast, json.dumps(record["server_json"]))
    captured = capture(cast, release, file.read_text())

    assert captured == release
    assert release.tools.count() == len(record["captured"]["tools_list"]["tools"])


def wrapped(status: str, message: str = "", **facts: str) -> str:
    official = {"status": status, "statusMessage": message, "isLatest": True} | facts
    meta = {"io.modelcontextprotocol.registry/official": official}
    return json.dumps({"server": json.loads(server_json()), "_meta": meta})


def test_the_registrys_newer_word_on_a_known_document_is_kept_and_told(cast: Cast):
    server, release = bring(cast, wrapped("active"))
    registration.edit_server(server, changes={"owner": cast.mia}, by=cast.alice, now=NOON)

    _, same = bring(cast, wrapped("deleted", "Malware", statusChangedAt="2026-03-01T08:00:00Z"))

    release.refresh_from_db()
    assert same == release
    assert (release.registry_status, release.registry_message) == ("deleted", "Malware")
    assert release.registry_changed_at == datetime(2026, 3, 1, 8, tzinfo=UTC)
    data = json.loads(Event.objects.get(verb="release.registry_status_changed").body)["data"]
    assert (data["was"], data["status"], data["message"]) == ("active", "deleted", "Malware")

    bring(cast, server_json())
    release.refresh_from_db()
    assert release.registry_status == "deleted"


@for_each("status", ["deprecated", "deleted"])
def test_a_further_release_that_the_registry_advises_against_needs_a_reason(cast: Cast, status: str):
    server, _release = bring(cast, server_json(version="0.9"))

    with pytest.raises(Refused, match=f"{status}.*Say why") as refusal:
        bring(cast, wrapped(status))
    assert refusal.value.field == "reason"
    assert server.releases.count() == 1

    _, release = bring(cast, wrapped(status), reason="Until the next one is out.")
    assert release.taken_although == "Until the next one is out."
    with append_only.lifted(connection):
        release.delete()


def test_a_command_with_a_credential_in_it_is_refused(cast: Cast):
    release = a_release(cast)

    with pytest.raises(Refused, match="credential") as refusal:
        capture(cast, release, tools("a"), command="npx x --api-key=abc123")

    assert refusal.value.field == "command"
    assert not Tool.objects.exists()


def test_a_further_revision_keeps_what_the_document_and_the_registry_said(cast: Cast):
    _, release = bring(cast, wrapped("deprecated", "Use 2.0"), reason="For now.")
    first = capture(cast, release, tools("read"))

    second = capture(cast, first, tools("write"))

    assert second != first
    assert (second.registry_status, second.taken_although, second.schema_date) == (
        "deprecated",
        "For now.",
        "2025-12-11",
    )
