"""What a registry's server.json becomes, and in what words a bad one is refused."""

import json
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskregister import limits
from tests.tables import for_each
from vendors.documents import server_json, server_json_schemas
from vendors.documents.server_document import Input, Repository, ServerDocument
from vendors.documents.server_json import ServerDocumentInvalid

PACKAGE: dict[str, Any] = {
    "registryType": "npm",
    "identifier": "@acme/crm-mcp",
    "version": "1.4.2",
    "fileSha256": "ab" * 32,
    "runtimeHint": "npx",
    "transport": {"type": "stdio"},
    "packageArguments": [
        {"type": "positional", "valueHint": "folder", "format": "filepath", "isRequired": True},
        {"type": "named", "name": "--mode", "value": "read"},
    ],
    "environmentVariables": [
        {"name": "ACME_KEY", "description": "API key", "isRequired": True, "isSecret": True, "default": "hunter2"},
        {"name": "ACME_REGION", "default": "eu"},
    ],
}
REMOTE: dict[str, Any] = {
    "type": "streamable-http",
    "url": "https://mcp.acme.example/{tenant}/mcp",
    "headers": [{"name": "Authorization", "value": "Bearer hunter2", "isRequired": True}],
    "variables": {"tenant": {"description": "Your tenant", "isRequired": True}},
}
ACME: dict[str, Any] = {
    "$schema": server_json_schemas.NEWEST["$id"],
    "name": "com.acme/crm",
    "title": "Acme CRM",
    "description": "CRM lookups",
    "version": "1.4.2",
    "websiteUrl": "https://acme.example/crm",
    "repository": {"url": "https://github.com/acme/crm", "source": "github", "id": "42", "subfolder": "src/mcp"},
    "packages": [PACKAGE],
    "remotes": [REMOTE],
}

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)


def paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(deeper for key, item in inner for deeper in paths(item, (*path, key)))]


PLACES = paths(ACME)[1:]


def parsed(document: Any) -> ServerDocument:
    return server_json.parse(json.dumps(document))


def refused(document: Any) -> dict[str, str]:
    with pytest.raises(ServerDocumentInvalid) as caught:
        server_json.parse(document if isinstance(document, str | bytes) else json.dumps(document))
    return {problem.path: problem.message for problem in caught.value.problems}


def acme(place: str, value: Any) -> dict[str, Any]:
    """Return the document with one value set: `packages.0.version`."""
    document: Any = deepcopy(ACME)
    row, keys = document, [int(key) if key.isdigit() else key for key in place.split(".")]
    for key in keys[:-1]:
        row = row[key]
    row[keys[-1]] = value
    return dict(document)


class TestReading:
    def test_keeps_who_it_is_and_where_its_source_is(self) -> None:
        server = parsed(ACME)
        assert (server.name, server.title, server.version) == ("com.acme/crm", "Acme CRM", "1.4.2")
        assert (server.description, server.website_url) == ("CRM lookups", "https://acme.example/crm")
        assert server.repository == Repository("https://github.com/acme/crm", "github", "42", "src/mcp")

    def test_keeps_how_a_package_is_got_and_run(self) -> None:
        [package] = parsed(ACME).packages
        assert (package.registry_type, package.identifier, package.version) == ("npm", "@acme/crm-mcp", "1.4.2")
        assert (package.file_sha256, package.runtime_hint) == ("ab" * 32, "npx")
        assert (package.transport.type, package.transport.url) == ("stdio", "")
        folder, mode = package.package_arguments
        assert (folder.type, folder.value_hint, folder.format, folder.is_required) == (
            "positional",
            "folder",
            "filepath",
            True,
        )
        assert (mode.type, mode.name, mode.value, mode.is_required) == ("named", "--mode", "read", False)

    def test_keeps_the_names_of_what_a_package_wants_to_know(self) -> None:
        assert parsed(ACME).packages[0].environment_variables == (
            Input("ACME_KEY", "API key", is_required=True, is_secret=True),
            Input("ACME_REGION", default="eu"),
        )

    def test_keeps_where_a_remote_is_and_what_it_wants(self) -> None:
        [remote] = parsed(ACME).remotes
        assert (remote.type, remote.url) == ("streamable-http", "https://mcp.acme.example/{tenant}/mcp")
        assert [header.name for header in remote.headers] == ["Authorization"]
        assert [(variable.name, variable.is_required) for variable in remote.variables] == [("tenant", True)]

    def test_takes_the_least_that_the_schema_asks_for(self) -> None:
        server = parsed({"name": "com.acme/crm", "description": "CRM", "version": "1"})
        assert (server.title, server.repository, server.packages, server.remotes) == ("", None, (), ())

    def test_takes_a_package_that_listens_on_http(self) -> None:
        http = {"type": "streamable-http", "url": "http://127.0.0.1:8080/mcp", "headers": [{"name": "X-Tenant"}]}
        transport = parsed(acme("packages.0.transport", http)).packages[0].transport
        assert (transport.type, transport.url) == ("streamable-http", "http://127.0.0.1:8080/mcp")
        assert [header.name for header in transport.headers] == ["X-Tenant"]

    def test_takes_one_server_out_of_a_registry_and_its_status(self) -> None:
        meta = {server_json.OFFICIAL_META: {"status": "deprecated", "isLatest": True}}
        wrapped = parsed({"server": ACME, "_meta": meta})
        assert wrapped.listing.status == "deprecated"
        assert wrapped.digest == parsed(ACME).digest

    def test_takes_the_only_server_of_a_registrys_list(self) -> None:
        assert parsed({"servers": [{"server": ACME, "_meta": {}}], "metadata": {}}).digest == parsed(ACME).digest

    @for_each(
        ("place", "blank"),
        [("repository", {}), ("repository", {"url": "", "source": ""}), ("repository", None), ("remotes", None)],
    )
    def test_what_a_registry_leaves_blank_is_not_there(self, place: str, blank: Any) -> None:
        without = {key: value for key, value in ACME.items() if key != place}
        assert parsed(acme(place, blank)) == parsed(without)

    @for_each("meta", [None, [], {}, {server_json.OFFICIAL_META: 5}, {server_json.OFFICIAL_META: {"status": "x"}}])
    def test_an_odd_wrapper_says_nothing_about_the_status(self, meta: Any) -> None:
        assert parsed({"server": ACME, "_meta": meta}).listing.status == ""

    def test_lines_and_joined_emoji_may_stand_in_a_description(self) -> None:
        assert parsed(acme("description", "CRM\nfor 👩\u200d💻")).description == "CRM\nfor 👩\u200d💻"


class TestSecrets:
    def test_no_value_of_a_secret_is_kept_anywhere(self) -> None:
        assert "hunter2" not in repr(parsed(ACME))

    @for_each("key", ["value", "default", "placeholder", "choices"])
    @for_each(
        ("place", "row"),
        [
            ("packages.0.environmentVariables.1", {"name": "REGION", "isSecret": True}),
            ("packages.0.environmentVariables.1", {"name": "GITHUB_TOKEN"}),
            ("packages.0.packageArguments.1", {"type": "named", "name": "--api-key"}),
            ("packages.0.packageArguments.0", {"type": "positional", "valueHint": "pin", "isSecret": True}),
            ("remotes.0.headers.0", {"name": "Cookie"}),
            ("remotes.0.variables", {"api_key": {}}),
            ("remotes.0.headers.0.variables", {"password": {}}),
        ],
    )
    def test_whatever_looks_like_a_secret_loses_its_value(self, place: str, row: dict[str, Any], key: str) -> None:
        value = ["pa55"] if key == "choices" else "pa55"
        secret = {name: {key: value} for name in row} if place.endswith("variables") else row | {key: value}
        assert "pa55" not in repr(parsed(acme(place, secret)))

    def test_what_is_no_secret_keeps_its_value(self) -> None:
        assert '"default":"eu"' in parsed(ACME).canonical
        assert '"value":"read"' in parsed(ACME).canonical


class TestDigest:
    def test_does_not_depend_on_the_order_of_keys(self) -> None:
        assert parsed(dict(reversed(ACME.items()))).digest == parsed(ACME).digest

    def test_of_the_canonical_text_read_again_is_the_same(self) -> None:
        minimal = parsed({"name": "com.acme/crm", "description": "CRM", "version": "1"})
        assert minimal.canonical == '{"description":"CRM","name":"com.acme/crm","version":"1"}'
        assert server_json.parse(minimal.canonical) == minimal

    @for_each(
        ("place", "value"),
        [
            ("version", "1.4.3"),
            ("packages.0.fileSha256", "cd" * 32),
            ("packages.0.packageArguments.1.value", "write"),
            ("remotes.0.url", "https://mcp.acme.example/v2"),
            ("repository.id", "43"),
        ],
    )
    def test_notices_a_change(self, place: str, value: str) -> None:
        assert parsed(acme(place, value)).digest != parsed(ACME).digest


class TestRefusals:
    def test_an_address_whose_port_is_filled_in_is_taken(self) -> None:
        document = parsed(acme("remotes.0.url", "https://acme.example:{port}/mcp"))
        assert document.remotes[0].url == "https://acme.example:{port}/mcp"

    def test_a_number_that_readers_round_is_taken(self) -> None:
        document = parsed(ACME | {"_meta": {"com.acme": {"built_at": [1, 2**63 - 1]}}})
        assert '"built_at":[1,9223372036854776000]' in document.canonical

    @for_each(
        ("place", "value", "words"),
        [
            ("name", "crm", "namespace/server in reverse-DNS form"),
            ("name", "com.acme/crm/x", "reverse-DNS"),
            ("name", 7, "Write a text here, not a number"),
            ("name", "com.acme/crm\n", "invisible character (U+000A)"),
            ("title", "", "at least 1 character."),
            ("title", "t" * 101, "101 characters; at most 100"),
            ("title", "Acme \u202eMRC", "RIGHT-TO-LEFT OVERRIDE"),
            ("title", "Acme\u200b", "ZERO WIDTH SPACE"),
            ("description", "d" * 101, "at most 100"),
            ("description", "Lookups\u2066", "LEFT-TO-RIGHT ISOLATE"),
            ("description", "Lookups\U000e0041", "TAG LATIN CAPITAL LETTER A"),
            ("description", "a\0b", "NUL"),
            ("description", "\udc00", "surrogate"),
            ("version", "latest", "Name one version"),
            ("version", "", "Name one version"),
            ("version", "^1.2.0", "is a range"),
            ("version", "1.x", "is a range"),
            ("version", ">=1.0", "is a range"),
            ("websiteUrl", "javascript:alert(1)", "starts with https://"),
            ("websiteUrl", "https://a:b@acme.example", "Remove the user name"),
            ("websiteUrl", "https://[", "starts with https://"),
            ("websiteUrl", "https://acme.example/" + "x" * 300, "at most 300"),
            ("repository", [], "Write an object here, not a list"),
            ("repository.url", "git@github.com:acme/crm", "starts with https://"),
            ("repository.subfolder", "../etc", "inside the repository"),
            ("repository.subfolder", "/etc", "inside the repository"),
            ("repository.source", "g" * 41, "at most 40"),
            ("packages", {}, "Write a list here, not an object"),
            ("packages", [PACKAGE] * 201, "201 entries"),
            ("packages.0", "npm", "Write an object here, not a text"),
            ("packages.0.version", "latest", "'latest' pins nothing"),
            ("packages.0.version", "~1", "is a range"),
            ("packages.0.identifier", " ", "Give the package's name"),
            ("packages.0.identifier", "x" * 401, "at most 400"),
            ("packages.0.fileSha256", "AB" * 32, "64 hexadecimal digits"),
            ("packages.0.transport", "stdio", "Write an object"),
            ("packages.0.transport.type", "http", "Use one of: stdio, streamable-http, sse; not 'http'."),
            ("packages.0.transport.type", None, "not null"),
            ("packages.0.environmentVariables.0.isSecret", "yes", "Write true or false here, not a text"),
            ("packages.0.environmentVariables.1.format", "date", "Use one of: string, number, boolean, filepath"),
            ("packages.0.packageArguments.1.type", "flag", "Use one of: positional, named; not 'flag'."),
            ("remotes.0.type", "http", "Use one of: streamable-http, sse; not 'http'."),
            ("remotes.0.type", "stdio", "Use one of: streamable-http, sse; not 'stdio'."),
            ("remotes.0.url", "mcp.acme.example", "starts with https://"),
            ("remotes.0.url", "https://u@acme.example/mcp", "Remove the user name"),
            ("remotes.0.url", "https://*/*", "An address cannot hold a star."),
            ("remotes.0.url", "https://mcp.acme.example/*", "An address cannot hold a star."),
            ("remotes.0.url", "https://a..b.example/mcp", "Check its host and its port"),
            ("remotes.0.url", f"https://{'a' * 70}.example/mcp", "Check its host and its port"),
            ("remotes.0.url", "http://127.0.0.1:99999/mcp", "Check its host and its port"),
        ],
    )
    def test_a_bad_value_is_refused_at_its_field(self, place: str, value: Any, words: str) -> None:
        problems = refused(acme(place, value))
        [path] = problems
        assert path == _shown(place)
        assert words in problems[path]

    @for_each(
        ("place", "missing"),
        [
            ("", "name"),
            ("", "description"),
            ("", "version"),
            ("repository", "source"),
            ("packages.0", "registryType"),
            ("packages.0", "transport"),
            ("packages.0.environmentVariables.0", "name"),
            ("remotes.0", "url"),
        ],
    )
    def test_what_is_missing_is_named(self, place: str, missing: str) -> None:
        document: Any = deepcopy(ACME)
        row = document
        for key in filter(None, place.split(".")):
            row = row[int(key) if key.isdigit() else key]
        del row[missing]
        expected = f"{_shown(place)}.{missing}" if place else missing
        assert refused(document) == {expected: "This is required. Add it."}

    def test_a_remote_without_a_type_is_told_the_types(self) -> None:
        remote = {key: value for key, value in REMOTE.items() if key != "type"}
        expected = "Add the type. Use one of: streamable-http, sse."
        assert refused(acme("remotes.0", remote)) == {"remotes[0].type": expected}

    def test_an_address_for_sse_is_asked_for(self) -> None:
        problems = refused(acme("packages.0.transport", {"type": "sse"}))
        assert problems == {"packages[0].transport.url": "This is required. Add it."}

    def test_a_positional_argument_needs_a_value_or_a_hint(self) -> None:
        problems = refused(acme("packages.0.packageArguments.0", {"type": "positional"}))
        assert problems == {"packages[0].packageArguments[0]": "Add valueHint or value."}

    def test_a_bundle_needs_its_digest(self) -> None:
        bundle = {"registryType": "mcpb", "identifier": "https://acme.example/crm.mcpb", "transport": {"type": "stdio"}}
        assert refused(acme("packages.0", bundle)).keys() == {"packages[0].fileSha256"}

    def test_a_package_or_remote_stands_there_once_for_a_transport(self) -> None:
        assert refused(acme("packages", [PACKAGE, PACKAGE])).keys() == {"packages[1]"}
        assert refused(acme("remotes", [REMOTE, REMOTE])).keys() == {"remotes[1]"}
        assert len(parsed(acme("remotes", [REMOTE, REMOTE | {"type": "sse"}])).remotes) == 2

    def test_all_problems_are_told_at_once(self) -> None:
        document = acme("packages.0.transport.type", "http") | {"name": "crm", "title": ""}
        assert refused(document).keys() == {"name", "title", "packages[0].transport.type"}

    def test_a_file_in_an_older_form_is_told_the_newer(self) -> None:
        older = {"$schema": "https://static.modelcontextprotocol.io/schemas/2025-07-09/server.schema.json"}
        problems = refused(acme("packages.0", {"registry_type": "npm"}) | older)
        assert "2025-07-09" in problems["$schema"]

    @for_each(
        ("document", "path", "words"),
        [
            ([ACME], "", "Give one server.json"),
            ("null", "", "Give one server.json"),
            ({"servers": [{"server": ACME}] * 2, "metadata": {}}, "servers", "list of 2 servers"),
            ({"servers": [], "metadata": {}}, "servers", "list of 0 servers"),
            ({"servers": [{"servers": [{}, {}]}]}, "servers", "list of 2 servers"),
            ("{", "", "not JSON"),
            (b"%PDF-1.7", "", "not JSON"),
            (b"\x89PNG", "", "not UTF-8"),
            ('{"name": "a/b", "name": "c/d"}', "", "'name' is there twice"),
            ('{"version": NaN}', "", "NaN is not"),
            ('{"version": -Infinity}', "", "-Infinity is not"),
            ('{"a":' * 65 + "1" + "}" * 65, "", "deeper than 64"),
            (b'{"a":' * 200_000, "", "deeper than 64"),
            (b" " * (limits.SERVER_JSON + 1), "", "larger than 1024 KiB"),
        ],
    )
    def test_a_bad_document_is_refused_with_a_remedy(self, document: Any, path: str, words: str) -> None:
        problems = refused(document)
        assert problems.keys() == {path}
        assert words in problems[path]

    @given(st.binary() | st.text() | JSON.map(json.dumps))
    def test_anything_at_all_is_read_or_refused_in_words(self, raw: str | bytes) -> None:
        _read_or_refuse(raw)

    @given(st.sampled_from(PLACES), JSON)
    def test_any_value_in_any_place_is_read_or_refused_in_words(self, place: tuple[Any, ...], value: Any) -> None:
        document: Any = deepcopy(ACME)
        row = document
        for key in place[:-1]:
            row = row[key]
        row[place[-1]] = value
        _read_or_refuse(json.dumps(document))


def _shown(place: str) -> str:
    parts = [f"[{part}]" if part.isdigit() else f".{part}" for part in place.split(".")]
    return "".join(parts).removeprefix(".")


def _read_or_refuse(raw: str | bytes) -> None:
    try:
        found = server_json.parse(raw)
    except ServerDocumentInvalid as error:
        refusal = error
    else:
        assert len(found.digest) == 64
        return
    assert refusal.problems
    assert all(problem.message.endswith(".") for problem in refusal.problems)
