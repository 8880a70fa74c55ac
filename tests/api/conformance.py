"""Whether an answer of the API is what its own description says: status, content type and body.

`tests/conftest.py` asks it of every answer that Django's test client gets below /api/v1/, whoever called.
"""

import json
import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

from django.test import Client
from jsonschema_rs import Draft202012Validator, Registry

from api.description import schema

PREFIX = "/api/v1/"
PROBLEM = "application/problem+json"
DOCUMENT = "urn:register:api"
# The description itself and the page made of it.
NO_ENDPOINTS = {"api:schema", "api:docs"}
# What the answer "default" stands for: the method is not there, the register failed, its store is not reached.
UNFORESEEN = {"405", "500", "503"}
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z")
_TIME = re.compile(r"\d\d:\d\d(:\d\d)?")
_ADDRESS = re.compile(r"https?://[^\s]+")
_MAILBOX = re.compile(r"[^\s@]+@[^\s@]+")


class NotAsDescribed(AssertionError):
    """The answer is another than the API's description promises."""


def hook() -> None:
    """Let every answer that a test client gets from the API be checked."""
    ask = Client.request

    def asked(client: Client, **environ: Any) -> Any:
        response = ask(client, **environ)
        if str(environ.get("PATH_INFO", "")).startswith(PREFIX):
            check(response)
        return response

    Client.request = asked  # type: ignore[assignment, method-assign]


def check(response: Any) -> None:
    """Raise NotAsDescribed unless the answer of a test client is one that its operation promises."""
    match, method = response.resolver_match, response.wsgi_request.method.lower()
    if match is None or match.view_name in NO_ENDPOINTS:
        return
    answered = _template(match.route) if match.view_name else ""
    streamed = getattr(response, "streaming", False)
    body = b"" if method == "head" or streamed else response.content
    check_answer(method, answered, response.status_code, response["Content-Type"], body)


def check_answer(method: str, path: str, status: int, media_type: str, body: bytes) -> None:
    """Raise NotAsDescribed unless this operation promises such an answer; `path` is as the description writes it."""
    where = f"{method.upper()} {path}: {status}"
    promised = _promised(method, path, str(status))
    if promised is None:
        raise NotAsDescribed(f"{where} is no answer of this operation.")
    media_type = media_type.partition(";")[0]
    media_type = "*/*" if "*/*" in promised else media_type
    if media_type not in promised:
        raise NotAsDescribed(f"{where} is {media_type}, not {' or '.join(promised)}.")
    if body and media_type.endswith("json"):
        _validate(where, json.loads(body), promised[media_type])


def _validate(where: str, value: Any, validator: Draft202012Validator) -> None:
    if not validator.is_valid(value):
        wrong = sorted(validator.iter_errors(value), key=lambda error: str(error.instance_path))
        places = [f"{error.instance_path}: {error.message[:300]}" for error in wrong[:5]]
        raise NotAsDescribed(f"{where} does not fit its schema.\n" + "\n".join(places))


def _template(route: str) -> str:
    named = re.sub(r"<(?:\w+:)?(\w+)>", lambda found: "{id}" if found[1] == "pk" else f"{{{found[1]}}}", route)
    return f"/{named}"


@cache
def _promised(method: str, path: str, status: str) -> dict[str, Draft202012Validator] | None:
    """Return the validators of an answer by media type, None for one that is not promised."""
    operations = _closed()["paths"].get(path)
    if operations is None:
        # Where no endpoint is.
        return {PROBLEM: validator('{"$ref": "#/components/schemas/Problem"}')} if status in ("404", "400") else None
    answers = operations.get("get" if method == "head" else method, {"responses": {"default": _REFUSED}})["responses"]
    found = answers.get(status) or (answers.get("default") if status in UNFORESEEN else None)
    if found is None:
        return None
    content = _resolved(found).get("content", {})
    return {media_type: validator(json.dumps(media.get("schema", {}))) for media_type, media in content.items()}


_REFUSED = {"$ref": "#/components/responses/RefusedDefault"}


@cache
def validator(text: str) -> Draft202012Validator:
    """Return what holds values against a schema of the description, written as JSON; objects have no other members."""
    # What a schema names is looked up in one document for all: each would have a copy of the whole of its own.
    return Draft202012Validator(
        _named(json.loads(text)),
        registry=_registry(),
        validate_formats=True,
        ignore_unknown_formats=True,
        formats=_FORMATS,
    )


@cache
def _registry() -> Registry:
    return Registry([(DOCUMENT, _named(_closed()))])


def _named(node: Any) -> Any:
    """Return a schema that names others by the address of the document that they stand in."""
    if isinstance(node, dict):
        return {
            name: f"{DOCUMENT}{value}" if name == "$ref" and isinstance(value, str) else _named(value)
            for name, value in node.items()
        }
    return [_named(one) for one in node] if isinstance(node, list) else node


@cache
def _closed() -> dict[str, Any]:
    """Return the description, in which an object has no members but those that are described."""
    document = deepcopy(schema.document())
    for part in _objects(document["components"]):
        part.setdefault("additionalProperties", False)
    for methods in document["paths"].values():
        for operation in methods.values():
            for part in _objects(operation["responses"]):
                part.setdefault("additionalProperties", False)
    return document


def _objects(node: Any) -> Iterator[dict[str, Any]]:
    inner = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    for one in inner:
        yield from _objects(one)
    if isinstance(node, dict) and node.get("type") == "object" and isinstance(node.get("properties"), dict):
        yield node


def _resolved(node: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in node:
        return node
    found: Any = _closed()
    for name in node["$ref"].removeprefix("#/").split("/"):
        found = found[name]
    return dict(found)


def _reads(read: Callable[[str], object]) -> Callable[[str], bool]:
    def fits(text: str) -> bool:
        try:
            return bool(read(text))
        except ValueError:
            return False

    return fits


_FORMATS: dict[str, Callable[[str], bool]] = {
    "uuid": _reads(lambda text: str(UUID(text)) == text),
    "date": _reads(lambda text: date.fromisoformat(text).isoformat() == text),
    "date-time": _reads(_MOMENT.fullmatch),
    "time": _reads(_TIME.fullmatch),
    "uri": _reads(_ADDRESS.fullmatch),
    "email": _reads(_MAILBOX.fullmatch),
}
