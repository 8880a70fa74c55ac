"""What a `server.json` says, in the words of the register: every field of the published schema has its place here."""

from dataclasses import dataclass, field
from typing import Any

from vendors.naming import addresses, pinning

Json = dict[str, Any]


@dataclass(frozen=True)
class Repository:
    """Where the source is; `id` is the forge's own and survives a rename, but not a deletion and re-creation."""

    url: str
    source: str
    id: str
    subfolder: str


@dataclass(frozen=True)
class Input:
    """An environment variable, a header, or what fills the braces of another; without a value that can be a credential.

    `is_secret` says so of the input itself or of one of its `variables`.
    """

    name: str
    description: str = ""
    is_required: bool = False
    is_secret: bool = False
    format: str = "string"
    value: str = ""
    default: str = ""
    placeholder: str = ""
    choices: tuple[str, ...] = ()
    variables: tuple["Input", ...] = ()


@dataclass(frozen=True)
class Argument(Input):
    """A command-line argument: `type` is positional or named."""

    type: str = ""
    value_hint: str = ""
    is_repeated: bool = False


@dataclass(frozen=True)
class Transport:
    """How a package is spoken to once it runs: `stdio`, `streamable-http` or `sse`; `url` is empty for stdio."""

    type: str
    url: str
    headers: tuple[Input, ...]


@dataclass(frozen=True)
class Package:
    """An artefact that somebody can install and run; `file_sha256` is the publisher's own statement, often empty.

    `registry_base_url` is the registry that it comes from; empty where the document names none.
    """

    registry_type: str
    identifier: str
    version: str
    transport: Transport
    file_sha256: str
    runtime_hint: str
    registry_base_url: str
    environment_variables: tuple[Input, ...]
    runtime_arguments: tuple[Argument, ...]
    package_arguments: tuple[Argument, ...]

    @property
    def why_not_pinned(self) -> str:
        """Return why it cannot be pinned, in words for people; empty where it names one artefact."""
        return pinning.why_not(
            registry_type=self.registry_type,
            identifier=self.identifier,
            version=self.version,
            sha256=self.file_sha256,
        )


@dataclass(frozen=True)
class Remote:
    """An endpoint that the vendor runs: `streamable-http` or `sse`. `variables` fill the braces in `url`."""

    type: str
    url: str
    headers: tuple[Input, ...]
    variables: tuple[Input, ...]

    @property
    def address(self) -> addresses.Address:
        """Return whether the address is encrypted, private, or open."""
        return addresses.read(self.url)


@dataclass(frozen=True)
class Listing:
    """What a registry says of the server: its status with message and moment, and all that stands beside the document.

    `status` is active, deprecated or deleted, empty where nothing says; the moments are in the registry's own text.
    """

    status: str = ""
    message: str = ""
    changed_at: str = ""
    published_at: str = ""
    meta: Json = field(default_factory=dict)

    @property
    def is_warning(self) -> bool:
        """Return whether the registry advises against it."""
        return self.status in ("deprecated", "deleted")


@dataclass(frozen=True)
class ServerDocument:
    """A valid `server.json`. Absent texts are empty; `digest` is the SHA-256 of `canonical`.

    `canonical` is the server object as it came, without what can be a credential (`dropped` says where that was) and
    without the registry's own wrapper, so that the same document has one digest whether it came from the vendor's
    repository or out of a registry. `schema_date` is the published schema that it was read by.
    """

    name: str
    title: str
    description: str
    version: str
    repository: Repository | None
    website_url: str
    icons: tuple[str, ...]
    packages: tuple[Package, ...]
    remotes: tuple[Remote, ...]
    listing: Listing
    schema_date: str
    dropped: tuple[str, ...]
    canonical: str
    digest: str


def read(server: Json, **beside: Any) -> ServerDocument:
    """Return what a server object in today's form says; `beside` are the fields that are not in it."""
    return ServerDocument(
        name=server["name"],
        title=server.get("title", ""),
        description=server["description"],
        version=server["version"],
        repository=_repository(server.get("repository")),
        website_url=server.get("websiteUrl", ""),
        icons=tuple(icon["src"] for icon in server.get("icons", [])),
        packages=tuple(_package(package) for package in server.get("packages", [])),
        remotes=tuple(_remote(remote) for remote in server.get("remotes", [])),
        **beside,
    )


def _repository(repository: Json | None) -> Repository | None:
    if repository is None:
        return None
    return Repository(
        repository["url"], repository["source"], repository.get("id", ""), repository.get("subfolder", "")
    )


def _package(package: Json) -> Package:
    transport = package["transport"]
    return Package(
        registry_type=package["registryType"],
        identifier=package["identifier"],
        version=package.get("version", ""),
        transport=Transport(transport["type"], transport.get("url", ""), _inputs(transport.get("headers"))),
        file_sha256=package.get("fileSha256", ""),
        runtime_hint=package.get("runtimeHint", ""),
        registry_base_url=package.get("registryBaseUrl", ""),
        environment_variables=_inputs(package.get("environmentVariables")),
        runtime_arguments=_arguments(package.get("runtimeArguments")),
        package_arguments=_arguments(package.get("packageArguments")),
    )


def _remote(remote: Json) -> Remote:
    return Remote(remote["type"], remote["url"], _inputs(remote.get("headers")), _named(remote.get("variables")))


def _inputs(rows: list[Json] | None) -> tuple[Input, ...]:
    return tuple(Input(**_input_fields(row["name"], row)) for row in rows or [])


def _named(variables: dict[str, Json] | None) -> tuple[Input, ...]:
    return tuple(Input(**_input_fields(name, row)) for name, row in (variables or {}).items())


def _arguments(rows: list[Json] | None) -> tuple[Argument, ...]:
    return tuple(
        Argument(
            **_input_fields(row.get("name", ""), row),
            type=row["type"],
            value_hint=row.get("valueHint", ""),
            is_repeated=row.get("isRepeated", False),
        )
        for row in rows or []
    )


def _input_fields(name: str, row: Json) -> Json:
    variables = _named(row.get("variables"))
    return {
        "name": name,
        "description": row.get("description", ""),
        "is_required": row.get("isRequired", False),
        "is_secret": row.get("isSecret", False) or any(one.is_secret for one in variables),
        "format": row.get("format", "string"),
        "value": row.get("value", ""),
        "default": row.get("default", ""),
        "placeholder": row.get("placeholder", ""),
        "choices": tuple(row.get("choices", ())),
        "variables": variables,
    }
