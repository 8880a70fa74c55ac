"""What a line for a SIEM says: ArcSight's CEF, or a Detection Finding of OCSF as JSON."""

from datetime import datetime
from typing import Any

from django.conf import settings

from riskregister.canonical import canonical

_PRODUCT = "MCP risk register"
# CEF: 0 to 10, or the word for what nobody knows.
_IN_CEF = {"critical": "10", "high": "8", "medium": "5", "low": "3"}
# OCSF: 0 is unknown, which is not 1, informational.
_IN_OCSF = {"critical": 5, "high": 4, "medium": 3, "low": 2}
_OCSF_VERSION = "1.3.0"
# Detection Finding, and of it the activity "create".
_CLASS, _CATEGORY, _CREATE = 2004, 2, 1


def cef(one: dict[str, Any]) -> str:
    """Return an alert as a line of CEF 0."""
    head = (_PRODUCT, _PRODUCT, settings.VERSION, one["verb"], one["title"], _IN_CEF.get(one["severity"], "Unknown"))
    fields = {
        "rt": str(_millis(one["at"])),
        "externalId": one["event"],
        "msg": one["title"],
        "suser": one["actor"],
        "reason": one["reason"][:1000],
        "request": one["url"],
        "cs1Label": "unit",
        "cs1": one["unit"] or "",
        "cs2Label": "object",
        "cs2": f"{one['object']['type']} {one['object']['label']}",
    }
    extension = " ".join(f"{name}={_value(text)}" for name, text in fields.items() if text)
    return f"CEF:0|{'|'.join(_header(text) for text in head)}|{extension}"


def ocsf(one: dict[str, Any]) -> str:
    """Return an alert as a Detection Finding of OCSF."""
    return canonical(
        {
            "class_uid": _CLASS,
            "category_uid": _CATEGORY,
            "activity_id": _CREATE,
            "type_uid": _CLASS * 100 + _CREATE,
            "time": _millis(one["at"]),
            "severity_id": _IN_OCSF.get(one["severity"], 0),
            "message": one["title"],
            "metadata": {
                "uid": one["event"],
                "version": _OCSF_VERSION,
                "event_code": one["verb"],
                "product": {"name": _PRODUCT, "vendor_name": _PRODUCT, "version": settings.VERSION},
            },
            "finding_info": {
                "uid": one["object"]["id"],
                "title": one["title"],
                "desc": one["reason"][:1000],
                "types": [one["object"]["type"]],
                "src_url": one["url"],
                "created_time": _millis(one["at"]),
            },
            "unmapped": {"unit": one["unit"], "actor": one["actor"], "object": one["object"]["label"]},
        }
    )


def _millis(at: str) -> int:
    return round(datetime.fromisoformat(at).timestamp() * 1000)


def _header(text: str) -> str:
    return " ".join(text.split()).replace("\\", "\\\\").replace("|", "\\|")


def _value(text: str) -> str:
    return text.replace("\\", "\\\\").replace("=", "\\=").replace("\r", "").replace("\n", "\\n")
