"""Files of evidence: what is kept, what is refused, and what a broken upload leaves."""

import hashlib
import io
import os
import subprocess
import sys
import tracemalloc
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest

from evidence import filetypes, store
from evidence.filetypes import FileRefused
from evidence.models import Blob
from riskregister.env import BASE_DIR
from riskregister.refusals import Refused
from tests.cast import NOON
from tests.evidence.places import place_of
from tests.tables import for_each

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"


@pytest.fixture(autouse=True)
def folder(settings, tmp_path: Path) -> Path:
    settings.EVIDENCE_DIR = kept = tmp_path / "evidence"
    return kept


def put(content: bytes, name: str) -> Blob:
    return store.put(io.BytesIO(content), name=name, now=NOON)


def files(folder: Path) -> list[Path]:
    return [file for file in folder.rglob("*") if file.is_file()]


def archive(*names: str, content: bytes = b"x") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name in names:
            packed.writestr(name, content)
    return out.getvalue()


WORD = archive("[Content_Types].xml", "_rels/.rels", "word/document.xml")
EXCEL = archive("[Content_Types].xml", "_rels/.rels", "xl/workbook.xml")


@for_each(
    ("name", "content", "media_type"),
    [
        ("report.pdf", PDF, "application/pdf"),
        ("REPORT.PDF", PDF, "application/pdf"),
        ("screen.png", b"\x89PNG\r\n\x1a\n....", "image/png"),
        ("photo.jpg", b"\xff\xd8\xff\xe0....", "image/jpeg"),
        ("photo.jpeg", b"\xff\xd8\xff\xe0....", "image/jpeg"),
        ("notes.txt", "Grüße\n".encode(), "text/plain"),
        ("notes.md", b"# Notes\n", "text/markdown"),
        ("rows.csv", b"\xef\xbb\xbfa,b\r\n=1+1,2\r\n", "text/csv"),
        ("facts.json", b'{"a": [1, 2]}', "application/json"),
        ("reply.eml", b"Received: by mx\r\nSubject: =?x?=\r\n\r\nGr\xfc\xdfe", "message/rfc822"),
        ("pack.zip", archive("a.txt", "b.exe"), "application/zip"),
        ("letter.docx", WORD, filetypes.TYPES["docx"].media_type),
        ("sheet.xlsx", EXCEL, filetypes.TYPES["xlsx"].media_type),
    ],
)
def test_keeps_what_is_what_its_name_says(name: str, content: bytes, media_type: str):
    blob = put(content, name)

    assert blob.sha256 == hashlib.sha256(content).hexdigest()
    assert (blob.size, blob.created_at) == (len(content), NOON)
    assert filetypes.media_type_of(name) == media_type
    with store.open_blob(blob) as kept:
        assert kept.read() == content
    assert place_of(blob).stat().st_mode & 0o777 == 0o400


@for_each(
    ("name", "content"),
    [
        ("report.pdf", b"MZ\x90\x00\x03\x00\x00\x00" + b"\x00" * 100),
        ("report.pdf", b"\x7fELF\x02\x01\x01" + b"\x00" * 100),
        ("report.pdf", b"#!/bin/sh\nrm -rf /\n"),
        ("screen.png", PDF),
        ("photo.jpg", b"\x89PNG\r\n\x1a\n"),
        ("notes.txt", b"\x7fELF\x02\x01\x01\x00"),
        ("notes.txt", b"\xff\xfeN\x00o\x00"),
        ("notes.md", b"cut in a character \xe2\x82"),
        ("rows.csv", b"a,b\n\x1b[31m,2\n"),
        ("facts.json", b'{"a": '),
        ("facts.json", b"[" * 100_000),
        ("reply.eml", b"no header here\n"),
        ("reply.eml", b"Subject: x\n\n\x00"),
        ("pack.zip", PDF),
        ("pack.zip", b"PK\x03\x04" + b"\x00" * 200),
        ("pack.zip", WORD[:-30]),
        ("letter.docx", EXCEL),
        ("letter.docx", archive("a.txt")),
        ("letter.docx", archive("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin")),
        ("sheet.xlsx", PDF),
        ("tool.exe", b"MZ"),
        ("report.pdf.exe", PDF),
        ("page.html", b"<p>hello"),
        ("image.svg", b"<svg/>"),
        ("pdf", PDF),
        ("empty.txt", b""),
    ],
)
def test_refuses_what_is_something_else_and_keeps_nothing(folder: Path, name: str, content: bytes):
    with pytest.raises(FileRefused) as refusal:
        put(content, name)

    assert refusal.value.field == "file"
    assert files(folder) == []
    assert not Blob.objects.exists()


@for_each("name", ["fdp\u202eexe.pdf", "re\x00port.pdf", "", "x" * 250 + ".pdf", "dir/"])
def test_refuses_a_name_that_deceives(name: str):
    with pytest.raises(Refused) as refusal:
        put(PDF, name)

    assert refusal.value.field == "file"


@for_each("name", ["../../etc/report.pdf", "C:\\Users\\me\\report.pdf", "/report.pdf"])
def test_a_name_never_says_where_a_file_goes(folder: Path, name: str):
    blob = put(PDF, name)

    assert files(folder) == [folder / blob.sha256[:2] / blob.sha256]
    assert store.file_name(name) == "report.pdf"


def test_the_same_bytes_are_kept_once(folder: Path):
    assert put(PDF, "a.pdf") == put(PDF, "b.pdf")
    assert len(files(folder)) == 1
    assert Blob.objects.count() == 1


def test_a_file_that_lost_its_end_on_disk_is_made_whole_by_the_next_upload(folder: Path):
    place = place_of(put(PDF, "a.pdf"))
    place.chmod(0o600)
    place.write_bytes(PDF[:5])

    put(PDF, "a.pdf")

    assert place.read_bytes() == PDF


def test_a_file_that_is_gone_or_cut_is_named_as_lost_and_logged(folder: Path, caplog: pytest.LogCaptureFixture):
    blob = put(PDF, "a.pdf")
    place = place_of(blob)
    place.chmod(0o600)
    place.write_bytes(PDF[:5])
    for reason in (f"5 bytes instead of {len(PDF)}", "No such file"):
        caplog.clear()
        with pytest.raises(store.FileLost, match=blob.sha256):
            store.open_blob(blob)
        assert reason in caplog.text
        place.unlink(missing_ok=True)
    put(PDF, "b.pdf")
    with store.open_blob(blob) as file:
        assert file.read() == PDF


def test_a_file_with_other_bytes_of_the_same_number_is_not_handed_out_until_it_is_added_again(caplog):
    blob = put(PDF, "a.pdf")
    place = place_of(blob)
    place.chmod(0o600)
    place.write_bytes(PDF[:-2] + b"x\n")

    with pytest.raises(store.FileDamaged, match=blob.sha256):
        store.open_blob(blob)
    assert "its SHA-256 is" in caplog.text

    put(PDF, "b.pdf")
    with store.open_blob(blob) as file:
        assert file.read() == PDF


def test_a_folder_that_is_not_mounted_says_nothing_about_its_files(folder: Path):
    blob = put(PDF, "a.pdf")
    folder.rename(folder.with_name("elsewhere"))

    with pytest.raises(store.StoreUnreachable):
        store.open_blob(blob)


def test_a_dropped_file_is_gone_and_can_be_dropped_again(folder: Path):
    blob = put(PDF, "a.pdf")

    store.drop(blob.sha256)
    store.drop(blob.sha256)

    assert files(folder) == []


def test_an_installation_with_a_folder_never_loads_the_client_of_buckets():
    look = (
        "import io, sys; from evidence import store; from evidence.models import Blob; from django.urls import reverse;"
        "reverse('web:home'); import riskregister.celery;"
        "sha = '0' * 64\ntry: store.open_blob(Blob(sha256=sha, size=1))\n"
        "except (store.FileLost, store.StoreUnreachable): pass\n"
        "print([name for name in ('boto3', 'botocore', 'storages') if name in sys.modules])"
    )
    command = [sys.executable, "manage.py", "shell", "--no-imports", "-c", look]
    done = subprocess.run(command, cwd=BASE_DIR, capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"


def test_a_file_over_the_limit_is_refused_before_it_is_read_to_its_end(settings, folder: Path):
    settings.UPLOAD_MAX_BYTES = 1024 * 1024

    class Endless:
        given = 0

        def read(self, size: int, /) -> bytes:
            self.given += size
            return b"a" * size

    stream = Endless()
    with pytest.raises(FileRefused, match="larger than 1 MB"):
        store.put(stream, name="long.txt", now=NOON)

    assert stream.given < 2 * 1024 * 1024
    assert files(folder) == []


def test_a_bomb_is_kept_as_it_is_and_never_unpacked(folder: Path):
    bomb = archive("zeros", content=b"\0" * 50_000_000)

    blob = put(bomb, "bomb.zip")

    assert blob.size == len(bomb) < 100_000
    assert len(files(folder)) == 1


def test_an_archive_with_a_huge_directory_is_refused_unread(monkeypatch):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for number in range(12_000):
            packed.writestr(f"{number:0>140}", b"")

    monkeypatch.setattr(zipfile, "ZipFile", lambda file: pytest.fail("The directory was read."))
    with pytest.raises(FileRefused, match="too large a one"):
        put(out.getvalue(), "many.zip")


def test_a_broken_upload_leaves_nothing(folder: Path):
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if self.tell():
                raise ConnectionError
            return super().read(3)

    with pytest.raises(ConnectionError):
        store.put(Broken(PDF), name="a.pdf", now=NOON)

    assert files(folder) == []
    assert not Blob.objects.exists()


def test_the_stray_part_of_a_killed_upload_is_cleared_after_a_day(folder: Path):
    parts = folder / "parts"
    parts.mkdir(parents=True)
    for name, age in {"old": timedelta(days=2), "running": timedelta(minutes=5)}.items():
        (parts / name).write_bytes(b"half")
        moment = (NOON - age).timestamp()
        os.utime(parts / name, (moment, moment))

    put(PDF, "a.pdf")

    assert [part.name for part in parts.iterdir()] == ["running"]


def test_a_large_json_is_not_built_in_memory(folder: Path):
    brackets = b"[" + b"[]," * (2 * 1024 * 1024) + b"[]]\n"
    tracemalloc.start()
    blob = put(brackets, "large.json")
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert blob.size == len(brackets)
    # Built as lists, these six megabytes take 130 MB.
    assert most < 3 * len(brackets)


@for_each("content", [b"%PDF-" + b" " * 2**21, b"[" + b" " * 2**21 + b"}", b"[" + b" " * 2**21])
def test_a_large_json_begins_and_ends_as_one(content: bytes):
    with pytest.raises(FileRefused):
        put(content, "large.json")
