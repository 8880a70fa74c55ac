"""Every PDF is PDF/A-3a and PDF/UA-1, whatever is printed."""

from typing import Any

import weasyprint

from reports import archivable
from tests.reports import standards

PAGE = '<html lang="en"><head><title>{0}</title></head><body><h1>{0}</h1><p>Text.</p></body></html>'


def drawn(html: str, **options: object) -> bytes:
    pdf: bytes = weasyprint.HTML(string=html).write_pdf(pdf_variant=archivable.VARIANT, **options)
    return pdf


def test_what_is_finished_keeps_both_standards() -> None:
    assert standards.broken(drawn(PAGE.format("Report"), finisher=archivable.finish)) == []


def test_a_stream_that_ends_in_a_carriage_return_is_as_long_as_it_says() -> None:
    def finish(document: Any, pdf: Any) -> None:
        archivable.finish(document, pdf)
        # Kept without compression, it ends as it is told to; of compressed streams one in 256 ends so.
        metadata = pdf.objects[int(pdf.catalog["Metadata"].split()[0])]
        metadata.stream[-1] += b"\r"

    pdf = drawn(PAGE.format("Report"), finisher=finish)
    assert b"\r\r\nendstream" in pdf
    assert standards.broken(pdf) == []


def test_what_is_not_finished_breaks_them() -> None:
    rules = {line.split()[1] for line in standards.broken(drawn(PAGE.format("Report")))}
    assert {"PDFA3A-METADATA-FILTER-001", "PDFUA1-ID-PART-001"} <= rules
