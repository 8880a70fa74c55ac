"""Read a registry `server.json`: validate it, say in words what is wrong, and keep what the register needs.

Values of secrets never leave this module: they are dropped before the canonical text is made, so that neither a row nor
a digest can hold one.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from riskregister import canonical, limits
from vendors import server_json_rules, strict_json
from vendors.strict_json import DocumentInvalid, Problem

SCHEMA_FILE = Path(__file__).parent / "schemas" / "server.schema.2025-12-11.json"
SCHEMA = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))
OFFICIAL_META = "io.modelcontextprotocol.registry/official"

_WITHHELD = ("value", "default", "placeholder", "choices")
_SOUNDS_SECRET = re.compile(
    r"authorization|cookie|token$|secret|password|passwd|credential|api[-_]?key|private[-_]?key", re.IGNORECASE
)


class ServerDocumentInvalid(DocumentInvalid):
    """The document is no valid `server.json`; each problem has the field's path and says what to do."""


@dataclass(frozen=True)
class Repository:
    """Where the source is; `id` is the forge's own and survives a rename, but not a deletion and re-creation."""

    url: str
    source: str
    id: str
    subfolder: str


@dataclass(frozen=True)
class Input:
    """An environment variable or header: its name and what it is for, never its value."""

    name: str
    description: str
    is_required: bool
    is_secret: bool


@dataclass(frozen=True)
class Argument:
    """A command-line argument; `value` and `default` are empty for a secret one."""

    type: str
    name: str
    value_hint: str
    value: str
    default: str
    format: str
    description: str
    is_required: bool
    is_repeated: bool
    is_secret: bool


@dataclass(frozen=True)
class Transport:
    """How a package is spoken to once it runs: `stdio`, `streamable-http` or `sse`; `url` is empty for stdio."""

    type: str
    url: str
    headers: tuple[Input, ...]


@dataclass(frozen=True)
class Package:
    """An artefact that somebody can install and run; `file_sha256` is the publisher's own statement, often empty."""

    registry_type: str
    identifier: str
    version: str
    transport: Transport
    file_sha256: str
    runtime_hint: str
    environment_variables: tuple[Input, ...]
    package_arguments: tuple[Argument, ...]
    runtime_arguments: tuple[Argument, ...]


@dataclass(frozen=True)
class Remote:
    """An endpoint that the vendor runs: `streamable-http` or `sse`. `variables` fill the braces in `url`."""

    type: str
    url: str
    headers: tuple[Input, ...]
    variables: tuple[Input, ...]


@dataclass(frozen=True)
class ServerDocument:
    """A valid `server.json`. Absent texts are empty; `digest` is the SHA-256 of `canonical`.

    `canonical` is the server object without the values of secrets and without the registry's own wrapper, so that the
    same document has one digest whether it came from the vendor's repository or out of a registry.
    """

    name: str
    title: str
    description: str
    version: str
    repository: Repository | None
    website_url: str
    packages: tuple[Package, ...]
    remotes: tuple[Remote, ...]
    registry_status: str
    canonical: str
    digest: str


def parse(raw: str | bytes) -> ServerDocument:
    """Return the server that `raw` describes: a `server.json`, or one server as a registry's API wraps it.

    Raises ServerDocumentInvalid with the path and a remedy for each problem.
    """
    try:
        document = strict_json.read(raw, limit=limits.SERVER_JSON)
    except strict_json.Unreadable as error:
        raise ServerDocumentInvalid(error.problems) from error
    server, status = _unwrap(document)
    problems = list(server_json_rules.problems(server, SCHEMA))
    if problems:
        raise ServerDocumentInvalid([*problems, *_older_schema(server)])
    return _document(_without_secrets(server), status)


def _unwrap(document: Any) -> tuple[dict[str, Any], str]:
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
        return _without_blanks(document["server"]), _status(document.get("_meta"))
    return _without_blanks(document), ""


def _without_blanks(server: dict[str, Any]) -> dict[str, Any]:
    # A registry answers with null, or with a repository in which nothing stands, where the publisher gave none.
    kept = {key: value for key, value in server.items() if value is not None}
    repository = kept.get("repository")
    if isinstance(repository, dict) and not any(repository.values()):
        del kept["repository"]
    return kept


def _status(meta: Any) -> str:
    official = meta.get(OFFICIAL_META) if isinstance(meta, dict) else None
    status = official.get("status") if isinstance(official, dict) else None
    return status if status in ("active", "deprecated", "deleted") else ""


def _older_schema(server: dict[str, Any]) -> Iterator[Problem]:
    named = server.get("$schema")
    if isinstance(named, str) and named != SCHEMA["$id"]:
        yield Problem("$schema", f"The file names another schema. Bring it up to {SCHEMA['$id']}.")


def _without_secrets(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_secrets(item) for item in value]
    if not isinstance(value, dict):
        return value
    kept = {key: item for key, item in value.items() if not (_is_secret(value) and key in _WITHHELD)}
    clean = {key: _without_secrets(item) for key, item in kept.items()}
    if isinstance(kept.get("variables"), dict):
        clean["variables"] = _without_secret_variables(kept["variables"])
    return clean


def _without_secret_variables(variables: dict[str, Any]) -> dict[str, Any]:
    # A variable's name is its key, not a field of it.
    return {key: _without_secrets(row) if not _names_secret(key) else _stripped(row) for key, row in variables.items()}


def _stripped(row: Any) -> Any:
    return {key: item for key, item in row.items() if key not in _WITHHELD} if isinstance(row, dict) else row


def _is_secret(row: dict[str, Any]) -> bool:
    return row.get("isSecret") is True or _names_secret(row.get("name"))


def _names_secret(name: object) -> bool:
    return isinstance(name, str) and _SOUNDS_SECRET.search(name) is not None


def _document(server: dict[str, Any], status: str) -> ServerDocument:
    text = canonical.jcs(server)
    return ServerDocument(
        name=server["name"],
        title=server.get("title", ""),
        description=server["description"],
        version=server["version"],
        repository=_repository(server.get("repository")),
        website_url=server.get("websiteUrl", ""),
        packages=tuple(_package(package) for package in server.get("packages", [])),
        remotes=tuple(_remote(remote) for remote in server.get("remotes", [])),
        registry_status=status,
        canonical=text,
        digest=canonical.digest(text),
    )


def _repository(repository: dict[str, Any] | None) -> Repository | None:
    if repository is None:
        return None
    return Repository(
        repository["url"], repository["source"], repository.get("id", ""), repository.get("subfolder", "")
    )


def _package(package: dict[str, Any]) -> Package:
    transport = package["transport"]
    return Package(
        registry_type=package["registryType"],
        identifier=package["identifier"],
        version=package.get("version", ""),
        transport=Transport(transport["type"], transport.get("url", ""), _inputs(transport.get("headers", []))),
        file_sha256=package.get("fileSha256", ""),
        runtime_hint=package.get("runtimeHint", ""),
        environment_variables=_inputs(package.get("environmentVariables", [])),
        package_arguments=tuple(_argument(argument) for argument in package.get("packageArguments", [])),
        runtime_arguments=tuple(_argument(argument) for argument in package.get("runtimeArguments", [])),
    )


def _remote(remote: dict[str, Any]) -> Remote:
    variables = [{"name": name} | variable for name, variable in remote.get("variables", {}).items()]
    return Remote(remote["type"], remote["url"], _inputs(remote.get("headers", [])), _inputs(variables))


def _inputs(rows: list[dict[str, Any]]) -> tuple[Input, ...]:
    return tuple(
        Input(row["name"], row.get("description", ""), row.get("isRequired", False), row.get("isSecret", False))
        for row in rows
    )


def _argument(argument: dict[str, Any]) -> Argument:
    return Argument(
        type=argument["type"],
        name=argument.get("name", ""),
        value_hint=argument.get("valueHint", ""),
        value=argument.get("value", ""),
        default=argument.get("default", ""),
        format=argument.get("format", "string"),
        description=argument.get("description", ""),
        is_required=argument.get("isRequired", False),
        is_repeated=argument.get("isRepeated", False),
        is_secret=argument.get("isSecret", False),
    )
