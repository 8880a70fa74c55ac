"""Files in a bucket: the same promises as in a folder, against a server that speaks S3."""

import hashlib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
import pytest
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile

from evidence import rehashing, store
from evidence.models import Blob, Evidence
from evidence.rehashing import Found
from riskregister import addresses
from tests import machines
from tests.api.caller import ROOT, Caller, accepted, frozen
from tests.cast import NOON, assemble
from tests.tables import for_each

pytestmark = pytest.mark.django_db

TEXT = b"What they wrote.\n"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with machines.s3_server() as machine:
        yield machine.url


@pytest.fixture
def bucket(server: str, settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Return a new bucket, in which the product keeps its files below a prefix."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "register")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s3cret")
    name = f"files-{uuid4()}"
    url = f"s3://{name}/register?endpoint={server}&region=us-east-1&addressing=path"
    settings.EVIDENCE_DIR = tmp_path / "evidence"
    settings.STORAGES = {**settings.STORAGES, "blobs": addresses.blobs(url)}
    made = boto3.resource("s3", endpoint_url=server, region_name="us-east-1").Bucket(name)
    made.create()
    return made


def put(content: bytes = TEXT) -> Blob:
    return store.put(io.BytesIO(content), name="notes.txt", now=NOON)


def keys(bucket: Any) -> list[str]:
    return [one.key for one in bucket.objects.all()]


def key_of(blob: Blob) -> str:
    return f"register/{blob.sha256[:2]}/{blob.sha256}"


def test_what_is_put_is_had_again_and_kept_once(bucket, tmp_path: Path):
    blob = put()

    assert put() == blob
    assert blob.sha256 == hashlib.sha256(TEXT).hexdigest()
    assert keys(bucket) == [key_of(blob)]
    assert storages["blobs"].exists(store.name_of(blob.sha256))
    with store.open_blob(blob) as file:
        assert file.read() == TEXT
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_file_of_many_megabytes_goes_in_one_piece(bucket):
    content = b"0123456789abcdef" * (1024 * 1024)

    blob = put(content)

    assert "-" not in bucket.Object(key_of(blob)).e_tag
    with store.open_blob(blob) as file:
        assert hashlib.sha256(file.read()).hexdigest() == blob.sha256


@for_each("content", [b"What they wrotE.\n", TEXT[:-1], TEXT + b"x", b""])
def test_an_object_with_other_bytes_is_refused_until_the_file_is_added_again(bucket, content: bytes):
    blob = put()
    bucket.Object(key_of(blob)).put(Body=content)

    with pytest.raises(store.FileDamaged, match=blob.sha256):
        store.open_blob(blob)

    put()
    with store.open_blob(blob) as file:
        assert file.read() == TEXT


def test_an_object_that_is_gone_is_told_as_missing(bucket):
    blob = put()
    store.drop(blob.sha256)
    store.drop(blob.sha256)

    assert keys(bucket) == []
    assert not storages["blobs"].exists(store.name_of(blob.sha256))
    with pytest.raises(store.FileMissing, match=blob.sha256):
        store.open_blob(blob)


def test_a_bucket_that_does_not_answer_says_nothing_about_its_files(bucket, settings, caplog):
    blob = put()
    absent = f"http://127.0.0.1:{machines.free_port()}"
    for url in (f"s3://{bucket.name}?endpoint={absent}&region=us-east-1", "s3://no-such-bucket?addressing=path"):
        made = addresses.blobs(url)
        made["OPTIONS"]["endpoint_url"] = made["OPTIONS"]["endpoint_url"] or bucket.meta.client.meta.endpoint_url
        settings.STORAGES = {**settings.STORAGES, "blobs": made}
        for step in (lambda: store.open_blob(blob), put, lambda: rehashing.look(blob)):
            with pytest.raises(store.StoreUnreachable, match="does not answer"):
                step()
    assert "s3cret" not in caplog.text


def test_reading_again_finds_what_became_of_each_object(bucket):
    whole, changed, gone = put(b"whole"), put(b"changed"), put(b"gone")
    bucket.Object(key_of(changed)).put(Body=b"CHANGED")
    bucket.Object(key_of(gone)).delete()

    found = {one: rehashing.look(one).found for one in (whole, changed, gone)}

    assert found == {whole: Found.WHOLE, changed: Found.DAMAGED, gone: Found.MISSING}


def test_a_file_comes_and_goes_through_the_api_and_is_refused_when_it_was_changed(bucket):
    cast = assemble()
    with frozen():
        alice = Caller(cast.alice)
        fields = {"title": "Notes", "issuer": "vendor", "unit": str(cast.payments.pk)}
        file = SimpleUploadedFile("notes.txt", TEXT)
        made = accepted(alice.client.post(f"{ROOT}/evidence/", {**fields, "file": file}), 201)
        at = f"/evidence/{made['id']}/file/"

        answer = alice.get(at)
        assert b"".join(answer.streaming_content) == TEXT
        assert answer["Content-Length"] == str(len(TEXT))

        blob = Evidence.objects.get().blob
        assert blob
        bucket.Object(key_of(blob)).put(Body=b"other")
        assert accepted(alice.get(at), 404)["type"] == "urn:mcp-risk-register:problem:file-lost"
        bucket.Object(key_of(blob)).delete()
        bucket.delete()
        assert accepted(alice.get(at), 503)["type"] == "urn:mcp-risk-register:problem:store-unreachable"
