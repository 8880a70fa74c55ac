"""Whatever people and vendors write, a report stays a report: nothing is run, fetched or torn."""

import json
from io import BytesIO
from typing import Any

import pytest
from django.test import TestCase
from pypdf import PdfReader

from reports import issuing, render, requests, typefaces
from tests.cast import NOON
from tests.reports import scene, standards
from tests.tables import for_each

HOSTILE = (
    '<img src="file:///etc/passwd"><script>alert(1)</script><link rel=attachment href="file:///etc/hosts">'
    "</style><style>*{display:none}</style>{% now %}{{ secret }} =HYPERLINK(1) "
    + "W" * 300
    + " \u202etxt.exe\u0000\u200b p\u0430y"
    + " 北京天気날씨 خدمة הטקס मौसम บริการ 🌦 𐀀"
)
MARKED = "[U+202E]txt.exe[U+0000][U+200B]"
LETTERED = "p\u0430[U+0430]y"
SHOWN = "北京天気날씨"
# Words that decide something are the product's own; everything else can be anybody's.
FREE = {
    "title", "name", "purpose", "reason", "note", "comment", "description", "recommendation", "answer", "checked",
    "document", "compensating_control", "decision_note", "owner", "actor", "subject", "organisation", "unit", "url",
    "requested_by", "decided_by", "text", "repository", "close_reason", "verdict_note", "by", "agent", "version",
    "who", "what", "revoked_by",
}  # fmt: skip


def poisoned(value: Any, key: str = "") -> Any:
    """Return the data with hostile text in every field that somebody fills in."""
    if isinstance(value, dict):
        return {name: poisoned(inner, name) for name, inner in value.items() if name != "methodology"} | {
            name: inner for name, inner in value.items() if name == "methodology"
        }
    if isinstance(value, list):
        return [poisoned(inner, key) for inner in value]
    return HOSTILE if key in FREE and isinstance(value, str) and value else value


class Hostile(TestCase):
    scene: scene.Scene

    @classmethod
    def setUpTestData(cls) -> None:
        cls.scene = scene.build(comment="=1+1 <b>bold</b> " + "x" * 3000)

    def drawn(self, report: Any) -> tuple[str, PdfReader, dict[str, Any]]:
        issuing.read(report, now=NOON)
        data = poisoned(issuing.data_of(report))
        part = next(iter(render.parts(data, ref="RP-1", data_digest="0" * 64, text=json.dumps(data))))
        _pages, pdf = render.pdf(part)
        assert standards.broken(pdf) == []
        return scene.text(pdf), PdfReader(BytesIO(pdf)), data

    def check(self, text: str, reader: PdfReader) -> None:
        printed = "".join(text.split())
        assert "<script>alert(1)</script>" in printed
        assert "{{secret}}" in printed
        assert MARKED in printed
        assert LETTERED in printed
        assert SHOWN in printed
        assert "[U+10000]" in printed
        assert "root:" not in text
        assert list(reader.attachments) == ["RP-1.json"]
        assert "/URI" not in str([page.get("/Annots", []) for page in reader.pages])
        for page in reader.pages:
            assert "Confidential" in page.extract_text()

    def test_an_assessment_report_prints_it_as_text(self) -> None:
        report = requests.request_assessment_report(self.scene.assessment, by=self.scene.people.alice, now=NOON)
        text, reader, data = self.drawn(report)
        self.check(text, reader)
        assert all(line["question"] in text for line in data["snapshot"]["sheet"]["lines"])

    def test_a_register_prints_it_as_text(self) -> None:
        report = requests.request_register_report(unit=self.scene.people.payments, by=self.scene.people.mia, now=NOON)
        text, reader, data = self.drawn(report)
        self.check(text, reader)
        assert all(row["ref"] in text for row in data["findings"])


@for_each(
    "url",
    [
        "file:///etc/passwd",
        "http://127.0.0.1/",
        "https://example.com/a.png",
        "packaged:../render.py",
        "data:text/css,a",
    ],
)
def test_a_report_reads_nothing_but_its_fonts(url: str) -> None:
    with pytest.raises(ValueError, match="nothing but its own fonts"):
        typefaces.packaged(url)


def test_the_fonts_are_there_with_their_licence() -> None:
    for name in ("SourceSans3-Regular", "SourceSans3-Semibold", "SourceCodePro-Regular"):
        assert typefaces.packaged(f"packaged:{name}.ttf")[:4] == b"\x00\x01\x00\x00"
    for name in ("SourceSans3", "SourceCodePro", "Noto"):
        assert "SIL OPEN FONT LICENSE" in (typefaces.FONTS / f"LICENSE-{name}.md").read_text().upper()


def test_words_and_their_line_ends_are_left_alone() -> None:
    assert render.visible({"a": ["Zürich\n\tœuvre – 東京 “ok”", 1, None]}) == {
        "a": ["Zürich\n\tœuvre – 東京 “ok”", 1, None]
    }
