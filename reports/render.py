"""From a report's data to HTML, and from HTML to a PDF, drawn in a process of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone

from evidence.models import Evidence
from reports.drawings import arithmetic, charts, matrices
from reports.drawings.charts import DimensionBar
from riskregister import marks
from scoring import methodology, scoresheet
from scoring.scales import Band, Residual
from vendors.tiers import TIERS

# 2,000 findings make 130 landscape pages: 19 s and 840 MB on one core.
FINDINGS_A_PART = 2000
SECONDS = 600
MEGABYTES = 3072
# All that the other process needs of the surroundings: to be found, to find Pango, and to find fonts.
_PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "XDG_CACHE_HOME", "FONTCONFIG_PATH", "FONTCONFIG_FILE")
_PASSED_ON_MACOS = ("DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH")


class CannotRender(Exception):
    """The process that draws a part ended without a PDF; the message is the end of what it said."""


@dataclass(frozen=True, slots=True)
class Part:
    """A document to be drawn, with the files attached to it."""

    html: str
    attachments: tuple[dict[str, str], ...] = ()


def parts(data: dict[str, Any], *, ref: str, data_digest: str, text: str) -> Iterator[Part]:
    """Yield the documents of a report; the first carries the data itself, whose SHA-256 the cover prints."""
    attached = {
        "name": f"{ref}.json",
        "text": text,
        "description": "What this report prints",
        "at": data["head"]["as_of"],
    }
    shown = visible(data)
    documents = _DOCUMENTS[data["head"]["kind"]](shown)
    for position, (template, context) in enumerate(documents, start=1):
        # The zone of the day on which it was read, whatever the organisation's is by now.
        with timezone.override(ZoneInfo(data["head"]["time_zone"])):
            html = render_to_string(template, context | {"data_digest": data_digest, "file": f"{ref}.json"})
        yield Part(html, (attached,) if position == 1 else ())


def visible(value: Any) -> Any:
    """Return the same data, its texts marked as pages and files mark them."""
    if isinstance(value, str):
        return marks.marked(value)
    if isinstance(value, dict):
        return {key: visible(inner) for key, inner in value.items()}
    return [visible(inner) for inner in value] if isinstance(value, list) else value


def _assessment(data: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    method = methodology.parse(data["methodology"])
    snapshot, rating = data["snapshot"], data["rating"]
    dimensions = arithmetic.dimensions(snapshot, method, numbers=data["numbers"])
    now, tier = Band(rating["band"]), rating["inherent_tier"]
    yield (
        "reports/assessment.html",
        data
        | {
            "method": method,
            "tiers": TIERS,
            "titles": {dimension.key: dimension.title for dimension in method.dimensions},
            "dimensions": dimensions,
            "overall": scoresheet.number(snapshot["sheet"]["overall"]),
            "current": scoresheet.number(rating["overall"]),
            "evidence": _evidence(snapshot),
            "bars": charts.dimension_bars(
                [DimensionBar(d.title, d.weight, d.score, d.band) for d in dimensions],
                bands=method.bands,
                palette=charts.PRINT,
                title="Assurance by dimension, as frozen",
            ),
            "matrix": matrices.rating_matrix(
                method.residual, here=None if now is Band.NOT_ASSESSED else (tier, now), palette=charts.PRINT
            ),
        },
    )


def _vendor(data: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    method = methodology.parse(data["methodology"])
    dimensions = arithmetic.dimensions(data["snapshot"], method, numbers=data["numbers"])
    bars = charts.dimension_bars(
        [DimensionBar(d.title, d.weight, d.score, d.band) for d in dimensions],
        bands=method.bands,
        palette=charts.PRINT,
        title="Assurance by dimension, as frozen",
    )
    shown = {
        "method": method,
        "tiers": TIERS,
        "titles": {dimension.key: dimension.title for dimension in method.dimensions},
        "dimensions": dimensions,
        "overall": scoresheet.number(data["snapshot"]["sheet"]["overall"]),
        "evidence": _evidence(data["snapshot"]),
        "bars": bars,
    }
    yield "reports/vendor.html", data | shown


def _evidence(snapshot: dict[str, Any]) -> list[dict[str, Any]]:
    """Return each document once, by number, with the answers that it carries: their level, and what was found where."""
    found: dict[str, dict[str, Any]] = {}
    for answer in snapshot["answers"]:
        for item in answer["evidence"]:
            issuer = str(Evidence.Issuer(item["issuer"]).label).lower()
            document = found.setdefault(item["ref"], item | {"carries": [], "issuer_words": issuer})
            document["carries"].append(
                {
                    "question": answer["question"],
                    "deployment": answer.get("deployment"),
                    "answer": answer["answer"],
                    "level": item["level"],
                    "attached_by": item["attached_by"],
                    "verified": item["verified"],
                }
            )
    return sorted(found.values(), key=lambda item: int(item["ref"].split("-")[1]))


def _register(data: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    rows = data["findings"]
    chunks = [rows[at : at + FINDINGS_A_PART] for at in range(0, len(rows), FINDINGS_A_PART)] or [[]]
    counts = {(cell["tier"], Residual(cell["residual"])): cell["count"] for cell in data["matrix"]}
    matrix = matrices.residual_matrix(counts, palette=charts.PRINT)
    for number, chunk in enumerate(chunks, start=1):
        place = {"number": number, "count": len(chunks), "first": FINDINGS_A_PART * (number - 1) + 1}
        yield "reports/register.html", data | {"rows": chunk, "part": place, "matrix": matrix}


_DOCUMENTS = {"assessment": _assessment, "vendor": _vendor, "register": _register}


def pdf(part: Part) -> tuple[int, bytes]:
    """Return the number of pages and the bytes of a part; the same part gives the same bytes. Raises CannotRender."""
    request = {"html": part.html, "attachments": part.attachments, "seconds": SECONDS, "megabytes": MEGABYTES}
    passed = _PASSED_ON + (_PASSED_ON_MACOS if sys.platform == "darwin" else ())
    try:
        done = subprocess.run(
            [sys.executable, "-m", "reports.render_child"],
            input=json.dumps(request).encode(),
            capture_output=True,
            cwd=settings.BASE_DIR,
            env={name: os.environ[name] for name in passed if name in os.environ} | {"PYTHONHASHSEED": "0"},
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise CannotRender(f"Drawing took more than {SECONDS} seconds.") from error
    pages, _, drawn = done.stdout.partition(b"\n")
    if done.returncode or not drawn.startswith(b"%PDF-"):
        raise CannotRender(done.stderr.decode(errors="replace")[-1000:] or f"It ended with {done.returncode}.")
    return int(pages), drawn
