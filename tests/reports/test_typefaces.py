"""Every script prints: the packaged fonts cover it, or the character is named; nothing comes from the machine."""

import re
import subprocess
import sys
from io import BytesIO
from typing import Any

from django.template.loader import render_to_string
from pypdf import PdfReader

from reports import render, typefaces
from tests.reports import scene, standards
from tests.tables import for_each

# A name as vendors have them, and the font in which it is printed.
NAMES = [
    ("Fabrik für Übersicht", "SourceSans3"),
    ("Ελληνική Υπηρεσία", "SourceSans3"),
    ("Погода", "SourceSans3"),
    ("北京天气服务有限公司", "NotoSansCJK"),
    ("天気予報サービス株式会社", "NotoSansCJK"),
    ("날씨 서비스", "NotoSansCJK"),
    ("堃喆科技", "NotoSansCJK"),
    ("บริการสภาพอากาศ", "NotoSansThai"),
    ("मौसम सेवा", "NotoSansDevanagari"),
    ("خدمة الطقس", "NotoSansArabic"),
    ("שירות מזג האוויר", "NotoSansHebrew"),
    ("আবহাওয়া", "NotoSansBengali"),
    ("வானிலை", "NotoSansTamil"),
    ("ამინდი", "NotoSansGeorgian"),
    ("የአየር ሁኔታ", "NotoSansEthiopic"),
    ("🌦", "NotoEmoji"),
]


def page(*texts: str) -> str:
    head = {"ref": "RP-1", "title": texts[0], "organisation": texts[0], "classification": "Confidential"}
    moment = "2026-03-02T12:00:00+00:00"
    frame = render_to_string("reports/frame.html", {"head": head | {"as_of": moment, "software": "Test"}})
    return frame.replace("</body>", "".join(f"<p>{text}</p>" for text in texts) + "</body>")


def fonts(pdf: bytes) -> set[str]:
    found: set[str] = set()
    for sheet in PdfReader(BytesIO(pdf)).pages:
        resources: Any = sheet["/Resources"].get_object()
        for font in resources["/Font"].get_object().values():
            found.add(re.sub(r"^/[A-Z]{6}\+|[-,]", "", font.get_object()["/BaseFont"]))
    return found


def drawn(*texts: str) -> bytes:
    return render.pdf(render.Part(page(*texts)))[1]


@for_each("name, font", NAMES)
def test_a_name_has_a_font_in_every_script(name: str, font: str) -> None:
    found = typefaces.setting(name)
    assert found.text == name
    assert (font in found.css) is (font != "SourceSans3")


def test_names_are_printed_in_the_packaged_fonts_and_can_be_read_back() -> None:
    pdf = drawn(*(name for name, _ in NAMES))
    printed = re.sub(r"\s", "", scene.text(pdf))
    assert fonts(pdf) == {font for _, font in NAMES}
    for name in ("北京天气服务有限公司", "天気予報サービス株式会社", "날씨서비스", "🌦", "ამინდი"):
        assert name in printed
    assert standards.broken(pdf) == []


def test_a_character_that_no_font_has_is_named() -> None:
    assert typefaces.setting("Linear B 𐀀, 北").text == "Linear B [U+10000], 北"
    assert "[U+10000]" in scene.text(drawn("𐀀"))


def test_a_document_in_latin_needs_no_other_font() -> None:
    assert typefaces.setting("Zürich – “ok” · 100 × ½").css == ""


def test_a_document_names_the_families_that_it_needs_in_their_order() -> None:
    style = f'font: 9pt "Source Sans 3", {typefaces.PLACE}, sans-serif;'

    assert typefaces.setting(f"Погода {style}").text.endswith(style)
    assert typefaces.setting(f"ამინდი 北京 {style}").text.endswith(
        'font: 9pt "Source Sans 3", "Noto Sans CJK", "Noto Sans Georgian", sans-serif;'
    )


def test_every_family_has_its_file_and_the_style_a_place_for_it() -> None:
    assert all((typefaces.FONTS / typefaces.file_of(family)).exists() for family in typefaces.OTHERS)
    assert render_to_string("reports/report.css").count(typefaces.PLACE) == 5


def test_what_shapes_text_is_not_read_to_embed_a_font() -> None:
    code = f"""
from fontTools.ttLib.tables import otBase
from weasyprint.pdf import fonts

from reports import render_child

def decompile(self, data, font):
    raise AssertionError(f"{{self.tableTag}} is read.")

otBase.BaseTTXConverter.decompile = decompile
# As where HarfBuzz cannot subset.
fonts.harfbuzz_subset = None
print(render_child.draw({page("AVA, fi, 123")!r}, [])[0])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout == "1\n", done.stderr
