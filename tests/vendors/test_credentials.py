"""What looks like a credential is dropped, and what only looks like a value is kept."""

import time
from typing import Any

from tests.tables import for_each
from vendors import credential_forms, credentials

PAT = "ghp_A1b2A1b2A1b2A1b2A1b2A1b2A1b2A1b2A1b2"
KEY = "x9Kd2mQ7vLp4Zt8RwYb3Nc6H"


@for_each(
    "value",
    [
        PAT,
        "Bearer abcdef123456",
        "sk-proj-a8f3k2m9q7w1z5x4",
        "AKIAIOSFODNN7EXAMPLE",
        "postgres://me:word@db/x",
        "API_KEY=abc123def",
        "--token=abc123",
        "-----BEGIN RSA PRIVATE KEY-----",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc",
        KEY,
        f"X-Auth={KEY}",
    ],
)
def test_has_the_form_of_a_credential(value: str):
    assert credentials.is_in(value)


@for_each(
    "value",
    [
        "",
        "8080",
        "info",
        "Bearer {token}",
        "TOKEN={token}",
        "--token=your-token",
        "type=bind,src={src},dst=/project",
        "sha256:" + "ab" * 32,
        "docker.io/example/files:1.2.3",
        "MyVeryLongCamelCaseIdentifier2",
        "https://api.example.com/v1?page=1",
        "postgres://{user}:{password}@{host}/db",
        "ghp_xxxxxxxxxxxxxxxxxxxx",
        "postgresql://username:password@localhost:5432/db",
        "An OAuth Token starting with xoxb-.",
        "5f2c9a1e-6f0b-4a56-9a39-0f2c1f7a9d10",
    ],
)
def test_has_no_such_form(value: str):
    assert not credentials.is_in(value)


@for_each(
    ("row", "kept"),
    [
        ({"name": "LOG_LEVEL", "default": "info", "choices": ["info"]}, {"default", "choices"}),
        ({"name": "GITHUB_PAT", "value": "abc"}, set()),
        ({"name": "REGION", "value": PAT}, set()),
        ({"name": "KEY", "isSecret": True, "default": "x", "placeholder": "pa55"}, set()),
        ({"name": "Authorization", "value": "Bearer {token}", "isSecret": True}, {"value"}),
        ({"name": "Authorization", "value": "Bearer abc"}, set()),
        ({"type": "named", "name": "--port", "value": "8080"}, {"value"}),
        ({"type": "positional", "valueHint": "api_key", "value": "abc"}, set()),
        ({"name": "API_KEY", "placeholder": "your_api_key_here"}, {"placeholder"}),
        ({"name": "API_KEY", "placeholder": "ghp_xxxxxxxxxxxxxxxxxxxx"}, {"placeholder"}),
        ({"name": "API_KEY", "placeholder": "The key from your account page"}, {"placeholder"}),
        ({"name": "API_KEY", "placeholder": PAT}, set()),
        ({"name": "KEY", "is_secret": True, "value": "abc"}, set()),
    ],
)
def test_a_row_keeps_what_cannot_be_one(row: dict[str, Any], kept: set[str]):
    cleaned = credentials.clean({"rows": [row]})

    assert {key for key in cleaned.document["rows"][0] if key in credentials.WITHHELD} == kept
    assert {path.rpartition(".")[2] for path in cleaned.dropped} == {
        key for key in row if key in credentials.WITHHELD and key not in kept
    }


def test_a_variable_is_judged_by_its_key():
    cleaned = credentials.clean({"variables": {"api_key": {"default": "x"}, "place": {"default": "Ulm"}}})

    assert cleaned.document == {"variables": {"api_key": {}, "place": {"default": "Ulm"}}}
    assert cleaned.dropped == ["variables.api_key.default"]


def test_what_publishers_add_is_looked_through_too():
    cleaned = credentials.clean({"_meta": {"x": {"build": "a1b2c3", "deploy": PAT}}})

    assert cleaned.document == {"_meta": {"x": {"build": "a1b2c3"}}}
    assert cleaned.dropped == ["_meta.x.deploy"]


@for_each(
    ("url", "holds"),
    [
        ("https://a.example/mcp?api_key=abc123", True),
        (f"https://a.example/{PAT}/mcp", True),
        ("https://a.example/mcp?api_key={key}", False),
        ("https://a.example/mcp?region=eu", False),
        ("https://[", False),
    ],
)
def test_an_address_is_read_for_one(url: str, holds: bool):
    assert credentials.in_address(url) is holds


@for_each("piece", ["a.", "eyJaaaaaaaaaaa-", "sk-a-", "https://", "SG.aaaaaaaaaaaaaaaaaa-", "Bearer ", "xoxb-"])
def test_a_long_text_is_read_in_a_time_that_grows_with_its_length(piece: str):
    text = piece * (200_000 // len(piece))
    begun = time.process_time()
    credential_forms.is_in(text)
    assert time.process_time() - begun < 5
