"""Documents through the doors: what is too much costs little, streams are taken, what is kept goes out as it is."""

import hashlib
import json
import time
from typing import Any

import pytest
from django.test import Client

from tests.api.caller import Caller, frozen
from tests.cast import NOON, Cast, a_release, a_server, assemble, server_json, tools
from tests.web.signed_in import sign_in
from vendors.models import Server, Tool

pytestmark = pytest.mark.django_db

MANY: dict[str, Any] = {
    "tools": [{"name": f"t{number}", "description": "x" * 100, "inputSchema": {}} for number in range(20_000)]
}
LONG: dict[str, Any] = {"tools": [{"name": "a", "description": "x" * 900_000, "inputSchema": {}}]}
# Refusing these took 6 s and 1.6 s of processor; a quarter of the shorter is far from both.
SECONDS = 0.4


@pytest.fixture
def cast() -> Cast:
    return assemble()


@pytest.fixture
def client(cast: Cast) -> Client:
    client = Client()
    sign_in(client, cast.alice)
    return client


@pytest.mark.parametrize(("document", "words"), [(MANY, "more than 2000 entries"), (LONG, "900000 characters")])
def test_what_is_too_much_is_refused_at_once_by_both_doors(
    cast: Cast, client: Client, document: dict[str, Any], words: str
):
    release = a_release(cast)
    api, text = Caller(cast.alice), json.dumps(document)
    form = {"document": text, "captured_at": "2026-03-02T12:00", "command": ""}
    with frozen():
        # What each door makes once a process, such as the description that answers of the API are held against.
        client.get(f"/releases/{release.pk}/tools/import/")
        api.post(f"/servers/{release.server_id}/import-tools/", document={}, captured_at=NOON.isoformat(), command="")
        began = time.process_time()
        page = client.post(f"/releases/{release.pk}/tools/import/", form)
        answer = api.post(
            f"/servers/{release.server_id}/import-tools/", document=document, captured_at=NOON.isoformat(), command=""
        )
        spent = time.process_time() - began

    assert (page.status_code, answer.status_code) == (422, 400)
    assert words in page.content.decode()
    assert words in json.dumps(answer.json())
    assert not Tool.objects.exists()
    assert spent < 2 * SECONDS


def test_the_api_takes_the_events_of_a_stream(cast: Cast):
    release = a_release(cast)
    stream = f"event: message\ndata: {json.dumps({'jsonrpc': '2.0', 'id': 1, 'result': json.loads(tools('a'))})}\n\n"

    with frozen():
        made = Caller(cast.alice).made(
            f"/servers/{release.server_id}/import-tools/", document=stream, captured_at=NOON.isoformat(), command=""
        )

    assert made["tool_count"] == 1


def test_what_is_kept_goes_out_with_the_digest_beside_it(cast: Cast, client: Client):
    api = Caller(cast.alice)
    with frozen():
        made = api.made("/servers/import/", unit=str(cast.payments.pk), document=json.loads(server_json()))
        release, server = made["release"], made["server"]["id"]
        captured = api.made(
            f"/servers/{server}/import-tools/",
            document=json.loads(tools("a")) | {"prompts": [{"name": "plan"}]},
            captured_at=NOON.isoformat(),
            command="",
        )
        rows = api.read(f"/releases/{release['id']}/offerings/")
        for name, digest in (
            ("server-json", release["server_json_digest"]),
            ("manifest", captured["manifest_digest"]),
        ):
            body = b"".join(api.get(f"/releases/{release['id']}/{name}/").streaming_content)
            assert hashlib.sha256(body).hexdigest() == digest

    page: Any = client.get(f"/releases/{release['id']}/server.json")
    assert hashlib.sha256(b"".join(page.streaming_content)).hexdigest() == release["server_json_digest"]
    assert page["Content-Disposition"] == 'attachment; filename="server.json"'
    assert [(row["kind"], row["key"]) for row in rows] == [("prompt", "plan")]


def test_a_document_is_handed_to_nobody_who_may_not_see_its_server(cast: Cast):
    release = a_release(cast)
    stranger = Client()
    sign_in(stranger, cast.eve)

    assert stranger.get(f"/releases/{release.pk}/server.json").status_code == 404
    assert stranger.get(f"/releases/{release.pk}/manifest.json").status_code == 404
    with frozen():
        assert Caller(cast.eve).get(f"/releases/{release.pk}/server-json/").status_code == 404


def test_a_look_says_which_server_the_name_passes_for_and_registers_nothing(cast: Cast, client: Client):
    a_server(cast, title="Weather")
    document = server_json(name="com.example/wetter", title="Wеather")

    page = client.post("/servers/register/", {"document": document, "unit": str(cast.payments.pk), "look": "yes"})

    assert "written with other characters" in page.content.decode()
    assert Server.objects.count() == 1


def test_the_page_asks_why_a_deleted_server_is_registered(cast: Cast, client: Client):
    meta = {"io.modelcontextprotocol.registry/official": {"status": "deleted", "statusMessage": "Malware"}}
    document = json.dumps({"server": json.loads(server_json()), "_meta": meta})
    form = {"document": document, "unit": str(cast.payments.pk)}

    refused = client.post("/servers/register/", form)
    assert refused.status_code == 422
    assert "Its registry says that this server is deleted (“Malware”)" in refused.content.decode()
    assert not Server.objects.exists()

    taken = client.post("/servers/register/", form | {"reason": "Kept for the investigation."})
    assert taken.status_code == 302
    assert Server.objects.get().releases.get().taken_although == "Kept for the investigation."


def test_a_server_that_is_new_gets_tags_with_its_document_by_both_doors(cast: Cast, client: Client):
    text, unit = server_json(name="com.example/other"), str(cast.payments.pk)
    with frozen():
        made = Caller(cast.alice).made(
            "/servers/import/", unit=unit, document=json.loads(server_json()), tags=["Customer data", "pci"]
        )
    assert made["server"]["tags"] == ["customer-data", "pci"]

    refused = client.post("/servers/register/", {"document": text, "unit": unit, "tags": "a;b"})
    assert refused.status_code == 422
    assert "is no tag" in refused.content.decode()

    client.post("/servers/register/", {"document": text, "unit": unit, "tags": "PCI, till"})
    assert [tag.word for tag in Server.objects.get(name="com.example/other").tags.all()] == ["pci", "till"]

    # One that is known keeps its own.
    client.post("/servers/register/", {"document": text, "unit": unit, "tags": "ledger"})
    assert [tag.word for tag in Server.objects.get(name="com.example/other").tags.all()] == ["pci", "till"]
