"""Each published schema of `server.json` is the one that documents of its date are read by."""

import hashlib
import json
from typing import Any

import pytest

from tests.tables import for_each
from vendors.documents import server_json, server_json_schemas

# Of the files at modelcontextprotocol/static, commit a9ba437, without descriptions, titles, examples, defaults and
# comments, which judge nothing; lists of required fields sorted.
PUBLISHED = {
    "2025-12-11": "18667de97fbec68f073c6af1f7caf86ee8f58b3d1eaa097a9cf572ddbfd9fbad",
    "2025-10-17": "11436343b4343429ff3d04136dbae0ef9fa52a8a564b635f1f8fe167020c355f",
    "2025-10-11": "4671829553ab05f99c1fdac5ebf5612b9ca430d99bbdaf7e7b97d43d6214ab87",
    "2025-09-29": "58cd92a4f77700649680768624575792d2a7c2ad13d9192966a80eef7896e2a1",
    "2025-09-16": "150a89bc95e4ea9e85b7e40f2e3e460ced58c5c196ad500e7fb39a4df0bde13c",
    "2025-07-09": "b123914983a022e5f9b68c41c4028ea8cdb292ef467dace7d05f7f68b722644e",
}
JUDGES_NOTHING = {"description", "example", "examples", "$comment", "title", "default"}
NAMED = {"properties", "definitions", "patternProperties"}


def judging(value: Any, *, names: bool = False) -> Any:
    if isinstance(value, dict):
        kept = {key: item for key, item in value.items() if names or key not in JUDGES_NOTHING}
        return {
            key: sorted(item) if key == "required" and isinstance(item, list) else judging(item, names=key in NAMED)
            for key, item in kept.items()
        }
    return [judging(item) for item in value] if isinstance(value, list) else value


@for_each(("date", "digest"), PUBLISHED.items())
def test_is_the_published_one(date: str, digest: str):
    text = json.dumps(judging(server_json_schemas.SCHEMAS[date]), sort_keys=True, separators=(",", ":"))

    assert hashlib.sha256(text.encode()).hexdigest() == digest


def document(date: str, **more: Any) -> str:
    server = {"$schema": server_json_schemas.address(date), "name": "a.b/c", "description": "x", "version": "1"}
    return json.dumps(server | more)


def test_the_first_one_wrote_its_words_with_underscores():
    key = {"name": "KEY", "is_required": True, "is_secret": True}
    package = {
        "registry_type": "pypi",
        "registry_base_url": "https://pypi.example",
        "identifier": "weather-mcp",
        "version": "1.0.2",
        "file_sha256": "ab" * 32,
        "runtime_hint": "uvx",
        "transport": {"type": "stdio"},
        "environment_variables": [key],
        "package_arguments": [{"type": "positional", "value_hint": "folder", "is_repeated": True}],
    }

    read = server_json.parse(document("2025-07-09", packages=[package], status="deprecated", website_url="https://a.b"))

    [found] = read.packages
    assert (found.registry_type, found.registry_base_url, found.file_sha256) == (
        "pypi",
        "https://pypi.example",
        "ab" * 32,
    )
    assert (found.environment_variables[0].is_secret, found.package_arguments[0].value_hint) == (True, "folder")
    assert (read.website_url, read.listing.status, read.schema_date) == ("https://a.b", "deprecated", "2025-07-09")
    assert '"registry_type":"pypi"' in read.canonical


def test_what_is_wrong_is_named_as_the_document_names_it():
    package = {"registry_type": "npm", "identifier": "x", "version": "^1", "transport": {"type": "stdio"}}
    bundle = {"registry_type": "mcpb", "identifier": "x", "version": "1", "transport": {"type": "stdio"}}

    with pytest.raises(server_json.ServerDocumentInvalid) as refusal:
        server_json.parse(document("2025-07-09", packages=[package, bundle]))

    assert [problem.path for problem in refusal.value.problems] == [
        "packages[0].version",
        "packages[1].file_sha256",
        "$schema",
    ]


def test_todays_form_under_an_older_address_is_read_as_what_it_is():
    image = {"registryType": "oci", "identifier": "ghcr.io/a/b:1", "transport": {"type": "stdio"}}

    read = server_json.parse(document("2025-07-09", packages=[image], title="Weather"))

    assert (read.title, read.packages[0].identifier, read.schema_date) == ("Weather", "ghcr.io/a/b:1", "2025-12-11")
