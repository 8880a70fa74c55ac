"""Examples of bodies, made of their own schemas, so that none can name a field that is not there; a test sends them."""

from typing import Any

Schema = dict[str, Any]

_ID = "019caa5e-4c00-7a21-9d3e-5b0c1f2a7e64"
_FORMATS = {
    "uuid": _ID,
    "date": "2026-12-01",
    "date-time": "2026-11-02T09:30:00Z",
}
_WORDS = {
    "address": "https://hooks.example.com/services/risk",
    "agent": "Support assistant",
    "answers_digest": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "client": "VS Code",
    "code": "payments",
    "command": "npx -y @example/weather@1.4.2",
    "compensating_control": "The key can only read.",
    "country": "GB",
    "description": "Releases are not signed, so a replaced package would go unseen.",
    "digest": "sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==",
    "egress_hosts": "api.example.com:443",
    "email": "sam@example.com",
    "entity_name": "Example Ltd",
    "file": "(the bytes of the file)",
    "governance_revision": "MI-20 2025-11",
    "image": f"registry.example.com/weather@sha256:{'5e' * 32}",
    "integrity": "sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==",
    "kinds": "publisher",
    "legal_entity": "Example Ltd",
    "licence": "MIT",
    "machine": "LAPTOP-7",
    "location": "Page 14, section CC6.1",
    "name": "com.example/weather",
    "option": "public_commit",
    "conclusion": "It can be relied on for a year; the two open subcontractors are a finding.",
    "outcome": "The vendor changed its keys, and nothing was taken.",
    "password": "your own password",
    "note": "Seen in the release of 2 November, with its signature.",
    "purpose": "Answers questions about the weather.",
    "path": "/mcp",
    "plan": "Point the agents at the mirror, then end the deployment.",
    "read_only_paths": "/etc/ssl/certs",
    "recipient": "The sharing group of our sector",
    "replacement": "Our own mirror of the files",
    "reason": "The vendor published a fixed release.",
    "ref": "OWN-1",
    "recommendation": "Sign releases and check the signature.",
    "repository_url": "https://github.com/example/weather",
    "scope": "The weather service and its support",
    "shows": "Keys are rotated each quarter, and the log of the last four is complete.",
    "text": "Pin the release in every deployment.",
    "title": "Releases are not signed",
    "tools": "forecast",
    "url": "https://example.com/trust",
    "version": "1.4.2",
    "website": "https://example.com",
    "what": "com.example/weather",
    "website_url": "https://example.com/weather",
}

# Members that a schema cannot require, since others may stand in their place: without one of these the body is refused.
_ALSO = {
    "AssessmentBody": ("kind",),
    "AlertRuleBody": ("unit",),
    "CertificateBody": ("legal_entity", "scope", "period_to"),
    "ChannelBody": ("unit",),
    "EvidenceBody": ("issuer", "url"),
    "FindingBody": ("server",),
    "ReportBody": ("assessment",),
    "RequestBody": ("what",),
    "ShareBody": ("entries",),
    "StatementBody": ("justification", "until"),
    "SubstitutabilityBody": ("vendor",),
    "TierPlanBody": ("server",),
    "WatchEntryBody": ("vendor", "kind", "title"),
    "PatchedAnswerBody": ("option", "version"),
}
# The least that the registry's own schema takes.
_DOCUMENT = {
    "$schema": "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json",
    "name": "com.example/weather",
    "description": "Forecasts",
    "version": "1.4.2",
}
_ENTRY = {
    "name": "weather",
    "place": "~/.cursor/mcp.json",
    "command": "npx",
    "args": ["-y", "@example/weather@1.4.2"],
    "env": ["WEATHER_KEY"],
}
_WHOLE: dict[tuple[str, str], Any] = {
    ("AlertRuleBody", "about"): ["findings", "review.overdue"],
    ("AlertRuleBody", "places"): ["owner", "managers"],
    ("AlertRuleEdit", "about"): ["findings", "review.overdue"],
    ("AlertRuleEdit", "places"): ["owner", "managers"],
    ("Artefact", "kind"): "npm",
    ("Artefact", "name"): "@example/weather",
    ("CertificateBody", "period_to"): "2026-01-31",
    ("DiscoveryBody", "files"): [{"client": "Cursor", "entries": [_ENTRY], "unread": []}],
    (
        "EgressLogBody",
        "log",
    ): "1772000000.0 5 10.0.0.5 TCP_TUNNEL/200 9 CONNECT api.example.com:443 - HIER_DIRECT/- -\n",
    ("EnforcementTestBody", "how"): "We added a server that is not on the list.",
    ("EnforcementTestBody", "tried_on"): "2026-03-02",
    ("FeedBody", "kind"): "osv",
    ("FeedBody", "name"): "Advisories of npm",
    ("FeedBody", "place"): "https://storage.googleapis.com/osv-vulnerabilities/npm/all.zip",
    ("IsolationProfileBody", "cpu_millis"): 500,
    ("IsolationProfileBody", "memory_mb"): 512,
    ("IsolationProfileBody", "port"): 8080,
    ("IsolationProfileBody", "processes"): 64,
    ("IsolationProfileBody", "run_as_user"): 65532,
    ("PatchedAnswerBody", "version"): 0,
    ("PatchedQuietHoursBody", "begins"): "19:00",
    ("PatchedQuietHoursBody", "ends"): "07:00",
    ("Rescheduling", "control"): "MI-20.1.1",
    ("ServerDocument", "document"): _DOCUMENT,
    ("ShareBody", "tlp"): "amber",
    ("ToolsDocument", "document"): {"tools": [{"name": "forecast", "inputSchema": {"type": "object"}}]},
}


_SEEN = "r_ZOKk2oglAxlPd0Eq4yyx7A9rGl"


def of(schema: Schema, schemas: dict[str, Schema], *, name: str = "") -> Any:
    """Return a value that fits the schema; `schemas` are those it refers to, `name` the field that it is of."""
    if "$ref" in schema:
        form = schema["$ref"].rsplit("/", 1)[-1]
        return _whole(form, of(schemas[form], schemas, name=name), schemas)
    if parts := schema.get("allOf") or schema.get("oneOf") or schema.get("anyOf"):
        return of(parts[0], schemas, name=name)
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type", "object")
    kind = kind[0] if isinstance(kind, list) else kind
    return _MAKERS.get(kind, _text)(schema, schemas, name)


def _whole(form: str, made: Any, schemas: dict[str, Schema]) -> Any:
    """Return the example of a named form with what its schema cannot ask for."""
    members = schemas[form].get("properties", {})
    # A change that changes nothing would be an example of nothing.
    changed = tuple(members)[:1] if form.startswith("Patched") else ()
    also = {member: of(members[member], schemas, name=member) for member in (*changed, *_ALSO.get(form, ()))}
    known = {member: value for (of_form, member), value in _WHOLE.items() if of_form == form}
    if changed and members.get("version", {}).get("type") == "string":
        known["version"] = _SEEN
    return made | also | known if also or known else made


def _object(schema: Schema, schemas: dict[str, Schema], name: str) -> dict[str, Any]:
    members = schema.get("properties", {})
    wanted = schema.get("required") or list(members)[:1]
    return {member: of(members[member], schemas, name=member) for member in wanted}


def _list(schema: Schema, schemas: dict[str, Schema], name: str) -> list[Any]:
    return [of(schema["items"], schemas, name=name)]


def _text(schema: Schema, schemas: dict[str, Schema], name: str) -> str:
    shown = _FORMATS.get(schema.get("format", "")) or _WORDS.get(name, "")
    return shown[: schema.get("maxLength", len(shown))]


def _number(schema: Schema, schemas: dict[str, Schema], name: str) -> int:
    return int(schema.get("default") or schema.get("minimum") or 1)


def _flag(schema: Schema, schemas: dict[str, Schema], name: str) -> bool:
    return True


_MAKERS = {"object": _object, "array": _list, "string": _text, "integer": _number, "number": _number, "boolean": _flag}
