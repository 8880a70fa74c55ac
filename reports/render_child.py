"""Draws one PDF in a process of its own: `python -m reports.render_child` reads a request and writes the PDF.

WeasyPrint takes 6 MB a page and holds the interpreter's lock: a process gives the memory back, leaves the worker's
other threads alone, and dies by itself when a document is too much for it. It has no settings, no secrets and no
network; whatever address a document names, only the fonts beside this file are read.
"""

import ctypes.util
import gc
import json
import resource
import sys
from datetime import datetime
from typing import Any

from reports import archivable, typefaces


def main() -> None:
    """Read a request as JSON from standard input; write the number of pages, a line end and the PDF to the output.

    The request has `html`, `seconds` and `megabytes` (limits), and `attachments`, each with `name`, `text`, `at` (ISO).
    """
    # The process ends with its document. Looking for garbage took a third of the time of 2,000 findings, 30 s instead
    # of 19 s, and saved 2 % of the memory.
    gc.disable()
    request = json.load(sys.stdin)
    limit(seconds=request["seconds"], megabytes=request["megabytes"])
    pages, pdf = draw(request["html"], request["attachments"])
    sys.stdout.buffer.write(f"{pages}\n".encode() + pdf)


def limit(*, seconds: int, megabytes: int) -> None:
    """Let this process use so much processor time and address space."""
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    # macOS refuses a limit of the address space.
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, megabytes << 20))


def draw(html: str, attachments: list[dict[str, Any]]) -> tuple[int, bytes]:
    """Return the number of pages and the bytes; the same request gives the same bytes."""
    _know_libraries_by_their_names()
    # Here, so that the limits hold while it loads; nobody else imports it.
    import weasyprint
    from weasyprint.pdf import fonts as embedding
    from weasyprint.text.fonts import FontConfiguration

    embedding.TTFont = typefaces.Embedded

    class Packaged(weasyprint.urls.URLFetcher):  # type: ignore[misc] # WeasyPrint ships no types.
        """Gives the fonts beside this file by their names, and refuses every other address."""

        def fetch(self, url: str, headers: object = None) -> Any:
            """Return a font; raise ValueError for anything else."""
            return weasyprint.urls.URLFetcherResponse(url, body=typefaces.packaged(url))

    fonts, set_as = Packaged(), typefaces.setting(html)
    faces = weasyprint.CSS(string=set_as.css, url_fetcher=fonts, font_config=(config := FontConfiguration()))
    document = weasyprint.HTML(string=set_as.text, url_fetcher=fonts).render(font_config=config, stylesheets=[faces])
    document.metadata.attachments = [
        weasyprint.Attachment(
            string=row["text"],
            name=row["name"],
            description=row["description"],
            relationship="Source",
            created=datetime.fromisoformat(row["at"]),
            modified=datetime.fromisoformat(row["at"]),
        )
        for row in attachments
    ]
    return len(document.pages), document.write_pdf(finisher=archivable.finish, pdf_variant=archivable.VARIANT)


def _know_libraries_by_their_names() -> None:
    """Spare the search for libraries that are called otherwise here.

    WeasyPrint asks for each by its names on other systems first, and Python then asks ldconfig, gcc and ld, 54
    processes in all. Linux has them by the names that are asked for last, which need no search.
    """
    if sys.platform == "linux":
        ctypes.util.find_library = lambda name: None


if __name__ == "__main__":
    main()
