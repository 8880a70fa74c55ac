"""What makes a `server.json` unusable: the published schema's objections, and rules that no schema can state."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import SplitResult, urlsplit

from jsonschema import Draft7Validator

from riskregister import unseen
from vendors import credentials, strict_json
from vendors.documents import server_json_messages, server_json_schemas
from vendors.strict_json import Problem

MAX_PAGE_URL = 300
MAX_ENDPOINT_URL = 500
MAX_ROWS = 200
# What the register's columns hold; the published schema sets no limit for these.
MAX_REPOSITORY = {"source": 40, "id": 80, "subfolder": 200}
MAX_PACKAGE = {"registryType": 20, "identifier": 400, "version": 255, "runtimeHint": 40}

_RANGE = re.compile(r"[\^~<>=*|\s]|(^|\.)[xX](\.|$)")
# What build tools fill in. Braces alone are the schema's own way to say that a user gives something.
_UNFILLED = re.compile(r"\$\{|\$\(|\{\{|%[A-Z_]+%|__[A-Z_]+__|@[A-Z_]+@")
# What identifies an artefact or an address: nobody but the publisher can fill it in.
_NEVER_TEMPLATES = frozenset(
    {
        "version",
        "identifier",
        "url",
        "registryBaseUrl",
        "fileSha256",
        "websiteUrl",
        "id",
        "subfolder",
        "source",
        "runtimeHint",
    }
)
_ADDRESSES = frozenset({"url", "websiteUrl", "registryBaseUrl"})
_LONGEST_SHOWN = 40


def problems(server: dict[str, Any], *, date: str) -> Iterator[Problem]:
    """Yield what is wrong with a server object, judged by the schema of a date and by what no schema can state."""
    schema = server_json_schemas.SCHEMAS[date]
    read = {key: value for key, value in server.items() if key != "_meta"}
    long_lists = list(_list_problems(read, ""))
    if long_lists:
        # Validating thousands of rows would cost more than saying that there are too many.
        yield from long_lists
        return
    errors = Draft7Validator(schema).iter_errors(server)
    broken = [problem for error in errors for problem in server_json_messages.problems(error, schema)]
    yield from sorted(broken, key=lambda problem: problem.path)
    yield from _text_problems(read)
    if not broken:
        place = server_json_schemas.path_of(date)
        for problem in _meaning_problems(server_json_schemas.in_todays_form(server, date=date)):
            yield Problem(place(problem.path), problem.message)


def _list_problems(value: Any, path: str) -> Iterator[Problem]:
    if isinstance(value, list):
        if len(value) > MAX_ROWS:
            yield Problem(path, f"The list has {len(value)} entries; at most {MAX_ROWS} can be imported.")
            return
        for index, item in enumerate(value):
            yield from _list_problems(item, f"{path}[{index}]")
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _list_problems(item, strict_json.under(path, key))


def _text_problems(server: dict[str, Any]) -> Iterator[Problem]:
    for path, text in strict_json.strings(server):
        # In a description line breaks are no trick, nor is the joiner that emoji are made with.
        is_prose = path == "description" or path.endswith(".description")
        if hidden := unseen.first(text) if is_prose else unseen.first_in_name(text):
            yield Problem(path, f"The text holds an invisible character ({hidden}). Remove it.")


def _meaning_problems(server: dict[str, Any]) -> Iterator[Problem]:
    yield from _version_problems(server["version"], "version")
    yield from _url_problems(server.get("websiteUrl"), "websiteUrl", MAX_PAGE_URL)
    yield from _repository_problems(server.get("repository", {}))
    for index, package in enumerate(server.get("packages", [])):
        yield from _package_problems(package, f"packages[{index}]")
    for index, remote in enumerate(server.get("remotes", [])):
        yield from _url_problems(remote["url"], f"remotes[{index}].url", MAX_ENDPOINT_URL)
        yield from _star_problems(remote["url"], f"remotes[{index}].url")
    yield from _unfilled_problems(server)
    yield from _credential_problems(server)
    yield from _twice([_package_key(package) for package in server.get("packages", [])], "packages")
    yield from _twice([(remote["url"], remote["type"]) for remote in server.get("remotes", [])], "remotes")


def _unfilled_problems(server: dict[str, Any]) -> Iterator[Problem]:
    for path, text in _fields(server):
        if path.rpartition(".")[2] in _NEVER_TEMPLATES and _UNFILLED.search(text):
            message = f"{text[:_LONGEST_SHOWN]!a} is a template that nobody filled in. Write what it stands for."
            yield Problem(path, message)


def _credential_problems(server: dict[str, Any]) -> Iterator[Problem]:
    for path, text in _fields(server):
        name = path.rpartition(".")[2]
        if name in credentials.WITHHELD or "[" in name:
            continue
        # A user name and a password in an address have a sentence of their own.
        if credentials.in_address(text) if name in _ADDRESSES else credentials.marked_in(text):
            yield Problem(path, "This holds what looks like a credential. Remove it, and have its owner revoke it.")


def _fields(server: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the path and the text of each field of the schema: not what publishers put into `_meta`."""
    read = {key: value for key, value in server.items() if key != "_meta"}
    yield from ((path, text) for path, text in strict_json.values(read))


def _package_key(package: dict[str, Any]) -> tuple[str, ...]:
    return (package["registryType"], package["identifier"], package.get("version", ""), package["transport"]["type"])


def _twice(keys: list[tuple[str, ...]], path: str) -> Iterator[Problem]:
    for index, key in enumerate(keys):
        first = keys.index(key)
        if first != index:
            yield Problem(f"{path}[{index}]", f"This is the same as {path}[{first}]. Keep one of them.")


def _repository_problems(repository: dict[str, Any]) -> Iterator[Problem]:
    yield from _url_problems(repository.get("url"), "repository.url", MAX_PAGE_URL)
    yield from _label_problems(repository, "repository", MAX_REPOSITORY)
    subfolder = repository.get("subfolder", "")
    if subfolder.startswith("/") or "\\" in subfolder or ".." in subfolder.split("/"):
        yield Problem("repository.subfolder", "Give a path inside the repository, such as src/server.")


def _package_problems(package: dict[str, Any], here: str) -> Iterator[Problem]:
    yield from _label_problems(package, here, MAX_PACKAGE)
    if "version" in package:
        yield from _version_problems(package["version"], f"{here}.version")
    if not package["identifier"].strip():
        yield Problem(f"{here}.identifier", "Give the package's name.")
    if package["registryType"] == "mcpb" and "fileSha256" not in package:
        yield Problem(f"{here}.fileSha256", "An mcpb package needs the SHA-256 of its file.")
    yield from _url_problems(package.get("registryBaseUrl"), f"{here}.registryBaseUrl", MAX_ENDPOINT_URL)
    yield from _url_problems(package["transport"].get("url"), f"{here}.transport.url", MAX_ENDPOINT_URL)


def _version_problems(version: str, path: str) -> Iterator[Problem]:
    if version.lower() == "latest" or not version:
        yield Problem(path, "Name one version, such as 1.0.2. A release is pinned, so latest cannot be assessed.")
    elif _RANGE.search(version):
        yield Problem(path, f"{version[:_LONGEST_SHOWN]!a} is a range. Name one version, such as 1.0.2.")


def _url_problems(url: str | None, path: str, limit: int) -> Iterator[Problem]:
    if url is None:
        return
    if len(url) > limit:
        yield Problem(path, f"The address has {len(url)} characters; at most {limit} are allowed.")
        return
    try:
        parts = urlsplit(url)
        host, user = parts.hostname, parts.username
    except ValueError:
        host, user = None, None
    if not host or parts.scheme not in ("http", "https") or re.search(r"\s", url):
        yield Problem(path, "Give a whole address that starts with https://.")
    elif user is not None:
        yield Problem(path, "Remove the user name and password from the address.")
    elif "{" not in parts.netloc and not _is_resolvable(parts):
        yield Problem(path, "No machine can have this address. Check its host and its port.")


def _is_resolvable(parts: SplitResult) -> bool:
    """Return whether the port is one, and the host a name that can be asked for."""
    try:
        _ = parts.port, (parts.hostname or "").encode("idna")
    except ValueError:
        return False
    return True


def _star_problems(url: str, path: str) -> Iterator[Problem]:
    # In the policy files of clients a star stands for any text: the address would name other servers too.
    if "*" in url:
        yield Problem(path, "An address cannot hold a star. Write a variable in braces for what each person fills in.")


def _label_problems(row: dict[str, Any], here: str, limits: dict[str, int]) -> Iterator[Problem]:
    for key, limit in limits.items():
        if len(row.get(key, "")) > limit:
            yield Problem(f"{here}.{key}", f"The text has {len(row[key])} characters; at most {limit} are allowed.")
