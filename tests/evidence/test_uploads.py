"""Where a large upload waits, and what becomes of it."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from evidence import store
from tests.api.caller import ROOT, Caller, frozen
from tests.cast import NOON, assemble

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings, tmp_path: Path) -> Path:
    settings.EVIDENCE_DIR = tmp_path / "evidence"
    return store.parts()


def send(client: Client, unit: object) -> int:
    file = SimpleUploadedFile("a.txt", b"a" * 3 * 1024 * 1024)
    fields = {"title": "Large", "issuer": "vendor", "unit": str(unit), "file": file}
    return client.post(f"{ROOT}/evidence/", fields).status_code


def test_a_large_upload_arrives_beside_the_evidence_and_leaves_nothing_there(folder: Path, monkeypatch):
    cast = assemble()
    seen: list[str] = []
    put = store.put

    def looks(*args, **kwargs):
        seen.extend(path.suffix for path in folder.iterdir())
        return put(*args, **kwargs)

    monkeypatch.setattr(store, "put", looks)
    with frozen():
        assert send(Caller(cast.alice).client, cast.payments.pk) == 201

    assert seen == [".upload"]
    assert list(folder.iterdir()) == []


def test_what_a_killed_upload_left_is_gone_a_day_later(folder: Path):
    cast = assemble()
    for name, age in (("old.upload", timedelta(hours=25)), ("young.upload", timedelta(hours=1))):
        (folder / name).write_bytes(b"half of it")
        os.utime(folder / name, ((NOON - age).timestamp(),) * 2)

    with frozen():
        assert send(Caller(cast.alice).client, cast.payments.pk) == 201

    assert [path.name for path in folder.iterdir()] == ["young.upload"]
