"""Policy files by the rules of their clients: what VS Code composes and fetches is what the entries match, and no more.

What is expected here was read in VS Code's source (`mcpManagementService.ts`, `allowedMcpServers.ts`), not computed.
"""

import re
from dataclasses import asdict
from typing import Any
from urllib.parse import urlsplit

from containment.clients import clients, commands, feed
from containment.clients.clients import Launch, LeftOut
from tests import cast
from tests.tables import for_each
from vendors.documents import server_json
from vendors.models import Package, Release, Remote, Server

NPM = {"registryType": "npm", "identifier": "@example/weather", "version": "1.2.3", "transport": {"type": "stdio"}}
PYPI = NPM | {"registryType": "pypi", "identifier": "weather"}
OCI = NPM | {"registryType": "oci", "identifier": "ghcr.io/example/weather"}
NUGET = NPM | {"registryType": "nuget", "identifier": "Example.Weather"}
DIGEST = f"ghcr.io/example/weather@sha256:{'a' * 64}"
SERVE = {"type": "positional", "value": "serve"}
QUIET = {"type": "named", "name": "--quiet"}
REGION = {"type": "named", "name": "--region", "value": "eu"}
KEY = {"name": "WEATHER_KEY", "isSecret": True, "isRequired": True}


def package(document: dict[str, Any]) -> Package:
    """Return a package as an import keeps it."""
    [row] = server_json.parse(cast.server_json(packages=[document])).packages
    return Package(
        registry_type=row.registry_type,
        identifier=row.identifier,
        version=row.version,
        transport=row.transport.type,
        environment=[asdict(named) for named in row.environment_variables],
        runtime_arguments=[asdict(argument) for argument in row.runtime_arguments],
        package_arguments=[asdict(argument) for argument in row.package_arguments],
    )


@for_each(
    "document, written, composed",
    [
        (NPM, "npx -y @example/weather@1.2.3", "npx @example/weather@1.2.3"),
        # What the document hints at runs nothing in VS Code.
        (NPM | {"runtimeHint": "bunx"}, "npx -y @example/weather@1.2.3", "npx @example/weather@1.2.3"),
        (NPM | {"runtimeArguments": [QUIET | {"value": "yes"}]}, "npx --quiet yes @example/weather@1.2.3", None),
        (NPM | {"packageArguments": [SERVE, REGION]}, "npx -y @example/weather@1.2.3 serve --region eu",
         "npx @example/weather@1.2.3 serve --region eu"),
        # An optional one without a value: people leave it out, VS Code does not.
        (NPM | {"packageArguments": [QUIET]}, "npx -y @example/weather@1.2.3", "npx @example/weather@1.2.3 --quiet"),
        (NPM | {"packageArguments": [{"type": "positional", "valueHint": "city"}]}, "npx -y @example/weather@1.2.3",
         "npx @example/weather@1.2.3 city"),
        # VS Code asks each person for it, so that none of its commands is known.
        (NPM | {"packageArguments": [QUIET | {"description": "How quiet"}]}, "npx -y @example/weather@1.2.3", None),
        (NPM | {"packageArguments": [QUIET | {"default": "very"}]}, "npx -y @example/weather@1.2.3", None),
        (PYPI, "uvx weather==1.2.3", None),
        (OCI, "docker run -i --rm ghcr.io/example/weather:1.2.3", None),
        (OCI | {"environmentVariables": [KEY]}, "docker run -i --rm ghcr.io/example/weather:1.2.3",
         "docker run -i --rm -e WEATHER_KEY ghcr.io/example/weather:1.2.3"),
        (OCI | {"identifier": "ghcr.io/example/weather:1.2.3"}, "docker run -i --rm ghcr.io/example/weather:1.2.3",
         None),
        (OCI | {"identifier": "localhost:5000/weather"}, "docker run -i --rm localhost:5000/weather:1.2.3", None),
        (OCI | {"identifier": DIGEST}, f"docker run -i --rm {DIGEST}", None),
        (NUGET, "dnx Example.Weather@1.2.3", "dnx Example.Weather@1.2.3 --yes"),
        (NUGET | {"packageArguments": [SERVE]}, "dnx Example.Weather@1.2.3 serve",
         "dnx Example.Weather@1.2.3 --yes -- serve"),
    ],
    ids=lambda row: row[2] or row[1],
)  # fmt: skip
def test_a_command_is_known_as_people_write_it_and_as_vs_code_composes_it(
    document: dict[str, Any], written: str, composed: str | None
):
    found = commands.of(package(document))
    assert found is not None
    assert [" ".join(words) for words in found] == [written, *([composed] if composed else [])]


@for_each(
    "argument",
    [
        {"type": "positional", "valueHint": "folder", "isRequired": True},
        {"type": "named", "name": "--at", "isRequired": True},
        {"type": "positional", "value": "--at={where}", "variables": {"where": {}}},
    ],
)
def test_what_each_person_fills_in_is_in_no_list(argument: dict[str, Any]):
    assert commands.of(package(NPM | {"packageArguments": [argument]})) == []


def test_what_no_client_starts_is_told_apart():
    assert commands.of(Package(registry_type="mcpb", identifier="https://example.com/mcp.mcpb")) is None


def launched(url: str) -> Launch | LeftOut:
    return clients.at_address(Server(name="com.example/weather"), Remote(url=url, transport="streamable-http"))


def matches(pattern: str, destination: str) -> bool:
    """Return what VS Code's matcher answers: a star stays in the authority there, and is any text behind it."""
    end = re.compile(r"[/\\?#]").search(pattern, pattern.index("://") + 3)
    authority = end.start() if end else len(pattern)
    star = [r"[^/@\\?#]*" if place < authority else ".*" for place in range(len(pattern))]
    source = "".join(star[at] if one == "*" else re.escape(one) for at, one in enumerate(pattern))
    return re.fullmatch(source, destination, re.IGNORECASE) is not None


@for_each(
    "url, destination",
    [
        ("https://mcp.example.com/mcp", "https://mcp.example.com/mcp"),
        ("https://mcp.example.com", "https://mcp.example.com/"),
        ("https://MCP.Example.com/mcp", "https://mcp.example.com/mcp"),
        ("https://mcp.example.com:443/mcp", "https://mcp.example.com/mcp"),
        ("https://mcp.example.com:8443/mcp", "https://mcp.example.com:8443/mcp"),
        ("http://mcp.example.com:80/mcp", "http://mcp.example.com/mcp"),
        ("https://mcp.example.com/mcp#part", "https://mcp.example.com/mcp"),
        ("https://mcp.example.com/mcp?tenant=a", "https://mcp.example.com/mcp?tenant=a"),
        ("https://wetter.ex\u00e4mple.com/stra\u00dfe", "https://wetter.xn--exmple-cua.com/stra%C3%9Fe"),
        ("https://[2001:db8::1]/mcp", "https://[2001:db8::1]/mcp"),
        ("https://mcp.example.com/{tenant}/mcp", "https://mcp.example.com/acme/mcp"),
        # As VS Code fetches it before anybody has filled it in.
        ("https://mcp.example.com/{tenant}/mcp", "https://mcp.example.com/%7Btenant%7D/mcp"),
    ],
)
def test_an_address_is_matched_as_it_is_fetched(url: str, destination: str):
    found = launched(url)
    assert isinstance(found, Launch)
    assert matches(found.url, destination)
    host = urlsplit(destination).netloc
    for evil in ("evil.example", f"{host}.evil.example", f"evil.example/{host}", f"evil.example@{host}"):
        assert not matches(found.url, destination.replace(host, evil)), evil


@for_each(
    "url",
    [
        "https://{tenant}.example.com/mcp", "https://mcp.example.com:{port}/mcp", "{url}", "https://*/mcp",
        "https://mcp.example.com/*", "ftp://mcp.example.com/", "https:///mcp", "https://mcp.example.com/${TENANT}/mcp",
        "https://mcp.example.com/a/../mcp", "https://mcp.example.com:99999/mcp", "https://[::1/mcp",
        f"https://{'x' * 64}\u00e4.example/mcp",
    ],
)  # fmt: skip
def test_what_no_pattern_can_name_alone_is_left_out_and_breaks_nothing(url: str):
    found = launched(url)
    assert isinstance(found, LeftOut)
    assert found.what == url
    assert found.why.endswith(".")


def test_where_a_client_may_compare_as_it_is_written_both_spellings_stand():
    found = launched("https://MCP.example.com:443/mcp")
    assert isinstance(found, Launch)
    assert found.entries == [
        {"serverUrl": "https://mcp.example.com/mcp"}, {"serverUrl": "https://MCP.example.com:443/mcp"},
    ]  # fmt: skip


def test_the_registry_names_an_image_so_that_vs_code_starts_the_one_that_is_pinned():
    for identifier, version in ((DIGEST, None), ("ghcr.io/example/weather:1.2.3", None), (OCI["identifier"], "1.2.3")):
        text = cast.server_json(packages=[OCI | {"identifier": identifier}])
        [listed] = feed.document_of(Release(server=Server(name="com.example/weather"), server_json=text))["packages"]
        # VS Code runs `identifier:version`, and the identifier alone where there is no version.
        assert (listed["identifier"], listed.get("version")) == (identifier, version), identifier
