"""Whether a PDF keeps PDF/A-3a (archives) and PDF/UA-1 (screen readers), as page-validation reads their rules."""

import page

PROFILES = ("3a", "ua1")


def broken(pdf: bytes) -> list[str]:
    """Return every rule of both standards that the PDF breaks, with what is wrong."""
    reports = [(profile, page.validate_pdf_bytes(pdf, profile=profile)) for profile in PROFILES]
    return [f"{profile}: {one.rule_id} {one.message}" for profile, report in reports for one in report.failures]
