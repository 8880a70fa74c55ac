"""What is no document, too large, or made to harm who reads it is refused in words, before it costs anything."""

import gzip
import io
import json
import zipfile

import pytest

from composition.documents import opening, reading
from composition.documents.opening import InventoryInvalid
from riskregister.limits import MIB
from tests.composition.documents import cyclonedx, read
from tests.tables import for_each
from vendors.strict_json import DocumentInvalid

XML = '<bom xmlns="http://cyclonedx.org/schema/bom/1.6">{}</bom>'


def problems_of(raw: bytes) -> list[str]:
    with pytest.raises(DocumentInvalid) as caught:
        reading.read("bom.json", raw)
    return [str(problem) for problem in caught.value.problems]


def problem(raw: bytes) -> str:
    [problem] = problems_of(raw)
    return problem


def zipped(raw: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("bom.json", raw)
    return file.getvalue()


def test_a_document_of_200_mb_is_refused_by_its_size() -> None:
    with pytest.raises(InventoryInvalid) as caught:
        opening.check_size(200_000_000)
    assert str(caught.value) == "The file has 191 MiB; at most 64 MiB are read. Split it by what it describes."
    assert problem(bytes(65 * MIB)).startswith("The file has 65 MiB; at most 64 MiB are read.")
    with pytest.raises(InventoryInvalid, match="The file has 2 MiB; at most 1 MiB are read"):
        reading.read("bom.json", bytes(2 * MIB), limit=MIB)


@for_each(
    "raw, message",
    [
        (gzip.compress(b"{}"), "The file is packed by gzip. Unpack it, and give the document itself."),
        (zipped(b"{}"), "The file is packed by zip. Unpack it, and give the document itself."),
        (b"", "The file is no inventory of a known form."),
        (b"\x00\x01\x02", "The file is no inventory of a known form."),
        (b"[]", "The file is no inventory of a known form."),
        (b'{"name": "package"}', "The file is no inventory of a known form."),
        (b"{", "The file is not JSON: Expecting property name enclosed in double quotes at line 1, column 2."),
        (b'{"bomFormat": "", "bomFormat": ""}', "The key 'bomFormat' is there twice in one object. Keep one of them."),
        (b'{"a":' * 70 + b"1" + b"}" * 70, "The file nests deeper than 64 levels."),
        (b'{"bomFormat": "\xff"}', "The file is not UTF-8 text (byte 15). Save it as UTF-8."),
        (b"\xff\xfe{\x00\x00\xd8", "The file begins as UTF-16 and is not"),
        (b"<html></html>", "line 1: No version of CycloneDX is named; 1.0 to 1.7 are read."),
        (b"<bom><components></bom>", "line 1: The file is not XML: mismatched tag, column 20."),
        (XML.format("<a>" * 70).encode(), "line 1: The file nests deeper than 64 levels."),
    ],
    ids=lambda row: row[1],
)  # fmt: skip
def test_what_is_no_document_is_refused_in_words(raw: bytes, message: str) -> None:
    assert problem(raw).startswith(message)


@for_each(
    "declared",
    [
        '<!DOCTYPE bom [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>',
        '<!DOCTYPE bom [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE bom SYSTEM "http://169.254.169.254/bom.dtd">',
        '<!DOCTYPE bom [<!ENTITY % a SYSTEM "http://169.254.169.254/">%a;]>',
    ],
)
def test_entities_and_document_types_are_refused_unread(declared: str) -> None:
    raw = (
        declared + XML.format("<components><component type='library'><name>&b;</name></component></components>")
    ).encode()
    assert problem(raw) == "line 1: The file has a document type (<!DOCTYPE>). No inventory needs one: take it out."


@for_each("encoding", ["UTF-7", "UTF-32", "gbk", "EUC-JP", "rot13", "idna", "punycode", "hex", "foo"])
def test_an_encoding_that_is_not_read_is_named(encoding: str) -> None:
    raw = f'<?xml version="1.0" encoding="{encoding}"?><bom xmlns="http://cyclonedx.org/schema/bom/1.6"/>'.encode()

    assert problem(raw) == "line 1: The file names an encoding that is not read. Save it in UTF-8."


def test_a_document_of_too_many_parts_is_refused_before_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "_MAX_PARTS", 10)
    advice = "Split it by what it describes."
    assert problem(b'{"a":[' + b"1," * 9 + b"[") == f"The file has more than 10 values. {advice}"
    assert problem(XML.format("<a/>" * 5 + "<a b='c'/>" * 3).encode()) == (
        f"The file has more than 10 elements and attributes. {advice}"
    )


def test_of_a_large_document_the_first_fault_alone_is_named() -> None:
    """All are found before the first is told, and kept with what they are of: 200,000 would take 800 MB."""
    wrong = {"type": "foo"}
    of_few = problems_of(json.dumps(cyclonedx(*(wrong | {"name": str(one)} for one in range(60)))).encode())
    assert [one.partition(":")[0] for one in of_few] == [f"components[{one}].type" for one in range(50)]
    many = json.dumps(cyclonedx(*({"name": str(one)} for one in range(20_000)), wrong, wrong | {"name": "b"})).encode()
    assert [one.partition(":")[0] for one in problems_of(many)] == ["components[20000].type"]


def test_utf_16_is_read_as_windows_shells_write_it() -> None:
    raw = json.dumps(cyclonedx({"name": "größe"}), ensure_ascii=False).encode("utf-16")
    assert [one.name for one in reading.read("bom.json", raw).components] == ["größe"]


def test_more_components_than_are_read_are_refused_with_the_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("composition.documents.assembly.MAX_COMPONENTS", 2)
    with pytest.raises(InventoryInvalid, match=r"components\[2\]: At most 2 components are read. Split the document."):
        read(cyclonedx({"name": "a"}, {"name": "b"}, {"name": "c"}))


def test_hostile_texts_are_kept_as_they_came() -> None:
    name = "left\u202epad\u200b; rm -rf /"
    assert [one.name for one in read(cyclonedx({"name": name})).components] == [name]


def test_a_lock_file_is_told_by_its_name_and_an_sbom_by_its_content() -> None:
    pinned = b"left-pad==1.3.0 --hash=sha256:" + b"0" * 64
    assert reading.read("requirements.txt", pinned).components[0].purl == "pkg:pypi/left-pad@1.3.0"
    assert reading.read("requirements.txt", pinned.decode().encode("utf-16")).components[0].version == "1.3.0"
    bom = json.dumps(cyclonedx({})).encode()
    assert reading.read("package-lock.json", bom).form == "CycloneDX 1.6, JSON"


TAGS = (
    "SPDXVersion: SPDX-2.3\nDataLicense: CC0-1.0\nSPDXID: SPDXRef-DOCUMENT\nDocumentName: x\n"
    "DocumentNamespace: http://x.example/x\nCreator: Tool: x\nCreated: 2026-01-01T00:00:00Z\n\n"
    "PackageName: q\0s\nSPDXID: SPDXRef-qs\nPackageDownloadLocation: NOASSERTION\nFilesAnalyzed: false\n"
)


@for_each("name, text", [("requirements.txt", "-e .\0\nqs==1.0\n"), ("x.spdx", TAGS)])
def test_what_no_database_keeps_is_refused(name: str, text: str) -> None:
    with pytest.raises(DocumentInvalid) as raised:
        reading.read(name, text.encode())
    assert [one.message for one in raised.value.problems] == ["The text holds a NUL character. Remove it."]
