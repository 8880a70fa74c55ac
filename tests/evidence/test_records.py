"""Evidence on record: files, links, notes and their verification."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.access import NotPermitted
from audit.models import Event
from evidence import records
from evidence.filetypes import FileRefused
from evidence.models import Blob, Evidence
from riskregister.refusals import Refused
from tests.cast import NOON, TODAY, Cast, assemble
from tests.tables import for_each
from tests.web.signed_in import sign_in

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.7\n%%EOF\n"
TOMORROW = TODAY + timedelta(days=1)


@pytest.fixture(autouse=True)
def folder(settings, tmp_path: Path) -> Path:
    settings.EVIDENCE_DIR = kept = tmp_path / "evidence"
    return kept


@pytest.fixture
def cast() -> Cast:
    return assemble()


def add_file(cast: Cast, **facts) -> Evidence:
    upload = SimpleUploadedFile("soc2.pdf", PDF)
    details: dict[str, Any] = {
        "title": "SOC 2",
        "issuer": "independent",
        "unit": cast.payments,
        "by": cast.alice,
        "now": NOON,
    } | facts
    return records.add_file(upload, **details)


def add_link(cast: Cast, url: str = "https://example.com/security", **facts) -> Evidence:
    details: dict[str, Any] = {
        "title": "Policy",
        "issuer": "vendor",
        "unit": cast.payments,
        "by": cast.alice,
        "now": NOON,
    } | facts
    return records.add_link(url, **details)


def test_a_file_is_on_record_with_its_digest_and_its_days(cast: Cast):
    evidence = add_file(cast, issued_on=TODAY, valid_until=TODAY)

    assert (evidence.ref, evidence.file_name, evidence.added_by) == ("E-1", "soc2.pdf", cast.alice)
    event = Event.objects.get(verb="evidence.added")
    assert Blob.objects.get().sha256 in event.body
    assert event.unit_id == cast.payments.pk


def test_prepared_evidence_is_on_record_once_somebody_takes_it_up(cast: Cast):
    upload = SimpleUploadedFile("soc2.pdf", PDF)
    details: dict[str, Any] = {
        "title": "SOC 2",
        "issuer": "vendor",
        "unit": cast.payments,
        "by": cast.alice,
        "now": NOON,
    }
    evidence = records.prepare_file(upload, **details)
    assert (Blob.objects.count(), Evidence.objects.count(), Event.objects.filter(verb="evidence.added").count()) == (
        1, 0, 0,
    )  # fmt: skip
    for _ in range(2):
        records.put_on_record(evidence)
    assert Evidence.objects.get() == evidence
    assert Event.objects.filter(verb="evidence.added").count() == 1


def test_evidence_of_the_organisation_is_seen_by_every_unit_and_that_of_a_unit_by_its_own(cast: Cast):
    shared, own = add_file(cast, unit=None), add_link(cast)

    assert set(Evidence.objects.visible_to(cast.eve)) == {shared}
    assert set(Evidence.objects.visible_to(cast.carol)) == {shared, own}


@for_each("name", ["eve", "carol", "mia", "ada"])
def test_only_analysts_and_approvers_of_the_unit_add_evidence(cast: Cast, folder: Path, name: str):
    person = cast.everybody[name]
    for add in (add_file, add_link):
        with pytest.raises(NotPermitted):
            add(cast, by=person)
    with pytest.raises(NotPermitted):
        records.add_note("Called them.", title="Call", unit=cast.payments, by=person, now=NOON)

    assert not Evidence.objects.exists()
    assert not folder.exists()


@for_each(
    ("field", "facts"),
    [
        ("title", {"title": "\u200b"}),
        ("issuer", {"issuer": "register"}),
        ("issuer", {"issuer": "friend"}),
        ("issued_on", {"issued_on": TOMORROW}),
        ("valid_until", {"issued_on": TODAY, "valid_until": TODAY - timedelta(days=1)}),
    ],
)
def test_refuses_bad_values_before_a_byte_is_stored(cast: Cast, folder: Path, field: str, facts):
    with pytest.raises(Refused) as refusal:
        add_file(cast, **facts)

    assert refusal.value.field == field
    assert not Evidence.objects.exists()
    assert not folder.exists()


def test_a_refused_file_leaves_no_record(cast: Cast):
    upload = SimpleUploadedFile("soc2.pdf", b"MZ\x90\x00")
    with pytest.raises(FileRefused):
        records.add_file(upload, title="SOC 2", issuer="vendor", unit=cast.payments, by=cast.alice, now=NOON)

    assert not Evidence.objects.exists()
    assert not Blob.objects.exists()


@for_each("url", ["", "javascript:alert(1)", "https://me:word@example.com/"])
def test_a_link_is_a_web_address_without_a_login(cast: Cast, url: str):
    with pytest.raises(Refused) as refusal:
        add_link(cast, url)

    assert refusal.value.field == "url"
    assert not Evidence.objects.exists()


def test_a_note_says_something(cast: Cast):
    with pytest.raises(Refused) as refusal:
        records.add_note(" \n", title="Call", unit=cast.payments, by=cast.alice, now=NOON)
    note = records.add_note("Called them.\r\nOnce.", title="Call", unit=cast.payments, by=cast.alice, now=NOON)

    assert refusal.value.field == "note"
    assert (note.note, note.issuer) == ("Called them.\nOnce.", "organisation")


def test_the_same_bytes_under_two_endings_are_served_as_what_each_name_says(cast: Cast, client):
    text = SimpleUploadedFile("list.txt", b"name,value\n")
    table = SimpleUploadedFile("list.csv", b"name,value\n")
    details: dict[str, Any] = {"title": "A list", "issuer": "vendor", "now": NOON}

    first = records.add_file(text, **details, unit=cast.payments, by=cast.alice)
    second = records.add_file(table, **details, unit=cast.research, by=cast.eve)

    assert first.blob_id == second.blob_id
    for evidence, person, media_type in ((first, cast.alice, "text/plain"), (second, cast.eve, "text/csv")):
        sign_in(client, person)
        answer = client.get(f"/evidence/{evidence.pk}/file/")
        assert (answer["Content-Type"], b"".join(answer.streaming_content)) == (media_type, b"name,value\n")
