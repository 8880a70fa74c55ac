"""Read a registry `server.json`: validate it by the schema that it names, say what is wrong, and keep all of it.

Values that can be credentials never leave this module: they are dropped before the canonical text is made, so that
neither a row nor a digest can hold one.
"""

from collections.abc import Iterator
from typing import Any

from riskregister import canonical, limits
from vendors import credentials, strict_json
from vendors.documents import server_document, server_json_rules, server_json_schemas
from vendors.documents.server_document import Listing, ServerDocument
from vendors.strict_json import DocumentInvalid, Problem

OFFICIAL_META = "io.modelcontextprotocol.registry/official"
_STATUSES = ("active", "deprecated", "deleted")


class ServerDocumentInvalid(DocumentInvalid):
    """The document is no valid `server.json`; each problem has the field's path and says what to do."""


def parse(raw: str | bytes) -> ServerDocument:
    """Return the server that `raw` describes: a `server.json`, or one server as a registry's API wraps it.

    Raises ServerDocumentInvalid with the path and a remedy for each problem.
    """
    try:
        document = strict_json.read(raw, limit=limits.SERVER_JSON, longest=limits.TEXT_AS_WRITTEN)
    except strict_json.Unreadable as error:
        raise ServerDocumentInvalid(error.problems) from error
    server, meta = _unwrap(document)
    date, problems = _judged(server)
    if problems:
        raise ServerDocumentInvalid(problems)
    cleaned, beside = credentials.clean(server), credentials.clean({"_meta": meta})
    text = canonical.jcs(cleaned.document)
    return server_document.read(
        server_json_schemas.in_todays_form(cleaned.document, date=date),
        listing=_listing(server, meta, kept=beside.document["_meta"]),
        schema_date=date,
        dropped=(*cleaned.dropped, *(f"registry {path}" for path in beside.dropped)),
        canonical=text,
        digest=canonical.digest(text),
    )


def _judged(server: dict[str, Any]) -> tuple[str, list[Problem]]:
    """Return the date of the schema that the document is read by, and what is wrong with it.

    Publishers write today's form under an older address: such a document is read by the newest schema.
    """
    named = server_json_schemas.date_named(server)
    problems = list(server_json_rules.problems(server, date=named))
    newest = server_json_schemas.NEWEST_DATE
    if problems and named != newest:
        if not list(server_json_rules.problems(server, date=newest)):
            return newest, []
        problems = [*problems, *_older_schema(named)]
    return named, problems


def _older_schema(date: str) -> Iterator[Problem]:
    yield Problem("$schema", f"The file was read by the schema of {date}, which it names. Correct it, or name another.")


def _unwrap(document: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the server object, and what the registry says beside it."""
    if not isinstance(document, dict):
        raise ServerDocumentInvalid(
            [Problem("", "Give one server.json: an object with name, description and version.")]
        )
    listed = document.get("servers")
    if isinstance(listed, list) and len(listed) == 1 and isinstance(listed[0], dict):
        return _unwrap(listed[0])
    if isinstance(listed, list):
        count = len(listed)
        message = f"This is a registry's list of {count} servers. Import one server at a time."
        raise ServerDocumentInvalid([Problem("servers", message)])
    if isinstance(document.get("server"), dict):
        meta = document.get("_meta")
        return _without_blanks(document["server"]), meta if isinstance(meta, dict) else {}
    return _without_blanks(document), {}


def _without_blanks(server: dict[str, Any]) -> dict[str, Any]:
    # A registry answers with null, or with a repository in which nothing stands, where the publisher gave none.
    kept = {key: value for key, value in server.items() if value is not None}
    repository = kept.get("repository")
    if isinstance(repository, dict) and not any(repository.values()):
        del kept["repository"]
    return kept


def _listing(server: dict[str, Any], meta: dict[str, Any], *, kept: dict[str, Any]) -> Listing:
    """Return what the registry says, or in the older forms the document itself; the registry's word counts first."""
    own = server.get("_meta")
    official = next((one for one in (_official(meta), _official(own)) if one), {})
    status = official.get("status") or server.get("status")
    return Listing(
        status=status if status in _STATUSES else "",
        message=_text(official, "statusMessage", "status_message"),
        changed_at=_text(official, "statusChangedAt", "status_changed_at", "updatedAt", "updated_at"),
        published_at=_text(official, "publishedAt", "published_at"),
        meta=kept,
    )


def _official(meta: Any) -> dict[str, Any]:
    official = meta.get(OFFICIAL_META) if isinstance(meta, dict) else None
    return official if isinstance(official, dict) else {}


def _text(row: dict[str, Any], *names: str) -> str:
    return next((value for name in names if isinstance(value := row.get(name), str)), "")
