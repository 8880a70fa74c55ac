"""Bodies that fit the API's own description, so that what refuses a request is the guard and not a missing member."""

from collections.abc import Mapping
from typing import Any

from api.description import schema

WORDS = {"date": "2026-03-20", "date-time": "2026-03-12T09:00:00Z", "email": "new@example.org"}
BY_TYPE: dict[str, Any] = {"array": [], "object": {}, "boolean": True, "integer": 1, "string": "text", "number": 1}
# What a member's type does not say.
FITTING: dict[str, Any] = {
    "kinds": ["mcp_publisher"], "scopes": ["read"], "name": "com.example/new", "country": "GB", "code": "new",
    "new_option_key": "public_commit", "valid_from": None, "valid_until": "2026-06-01", "kind": "note", "days": 30,
    "website": "https://example.com", "url": "https://example.com", "repository_url": "https://github.com/a/b",
    "looked_for": ["Cursor"], "address": "https://hooks.example.com/3",
    "about": ["findings"], "places": ["owner"], "tiers": [1],
    "website_url": "https://example.com", "conditions": [], "milestones": [], "choice": "dont_know", "replaces": None,
}  # fmt: skip
# A member that holds an id, and what it is the id of.
IDS = {
    "owner": "colleague", "assignee": "colleague", "relationship_owner": "colleague", "publisher": "vendor",
    "used": "vendor", "parent": "vendor", "server": "server", "unit": "unit", "vendor": "vendor", "review": "review",
    "assessment": "final", "evidence": "evidence", "package": "package", "contact": "contact", "supplier": "supplier",
    "sub_processor": "sub_processor", "milestone": "milestone", "condition": "condition", "release": "release",
    "deployment": "deployment", "membership": "membership", "finding": "package_finding",
    "role_id": "membership", "hand_over_to": "colleague", "replaces": "approval",
}  # fmt: skip

# A member that holds several ids.
LISTS = {"findings": "finding", "reviews": "review", "entries": "watch_entry"}
# Bodies whose members exclude each other: what is sent of them, the rest is left out.
CHOSEN = {
    "/api/v1/releases/": ("server", "version"),
    "/api/v1/certificates/": ("vendor", "kind", "evidence", "legal_entity", "scope", "period_to"),
    "/api/v1/assessments/": ("server", "kind"),
    "/api/v1/findings/": ("server", "title", "severity", "dimension"),
    "/api/v1/evidence/": ("unit", "kind", "title", "note"),
    "/api/v1/reports/": ("kind", "assessment"),
    "/api/v1/requests/": ("unit", "what", "purpose", "data_reached", "agent"),
    "/api/v1/statements/": ("finding", "says", "reason", "action"),
    "/api/v1/shares/": ("unit", "entries", "tlp", "recipient", "reason"),
    "/api/v1/discoveries/": ("unit", "machine", "looked_for", "files"),
}


def fitting(path: str, method: str, keys: Mapping[str, Any]) -> dict[str, Any]:
    """Return a body for an operation of the description, `{}` when it takes none."""
    document = schema.document()
    operation = document["paths"][path][method]
    form = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if not form:
        return {}
    form_of = document["components"]["schemas"][form["schema"]["$ref"].rsplit("/", 1)[-1]]
    members = form_of.get("properties", {})
    chosen = CHOSEN.get(path, tuple(members)) if method == "post" else tuple(members)
    # What a step may be told of the state in which it was seen: another one would refuse it before its guard is asked.
    left_out = {"version"} - set(form_of.get("required", ()))
    return {
        name: _value(name, described, keys)
        for name, described in members.items()
        if name in chosen and name not in left_out
    }


def _value(name: str, described: Mapping[str, Any], keys: Mapping[str, Any]) -> Any:
    if name in IDS and IDS[name] in keys:
        return str(keys[IDS[name]])
    if name in LISTS and LISTS[name] in keys:
        return [str(keys[LISTS[name]])]
    if "enum" in described:
        return FITTING["kind"] if FITTING["kind"] in described["enum"] else described["enum"][0]
    kind = described.get("type", "object")
    plain = WORDS.get(described.get("format", ""), BY_TYPE[kind if isinstance(kind, str) else kind[0]])
    return FITTING.get(name, plain)
