"""The digests of releases can be recomputed from what the register keeps."""

import json

import pytest

from riskregister.canonical import digest
from tests.cast import NOON, Cast, assemble, server_json
from vendors.models import Release
from vendors.offered import manifest
from vendors.registering import importing

pytestmark = pytest.mark.django_db

TOOLS = [
    {
        "name": "wipe",
        "inputSchema": {"minimum": 0.00001, "maximum": 1e16},
        "annotations": {"title": "W", "x": [1.5]},
    },
    {"name": "read", "title": "", "inputSchema": {"type": "object"}},
]


@pytest.fixture
def cast() -> Cast:
    return assemble()


def captured(cast: Cast) -> Release:
    _, release = importing.import_server_json(server_json(), unit=cast.payments, by=cast.alice, now=NOON)
    text = json.dumps({"tools_list": {"tools": TOOLS}, "instructions": "Be kind."})
    return importing.import_tools(release, text, captured_at=NOON, command="npx", by=cast.alice, now=NOON)


def test_the_kept_texts_are_what_the_digests_are_of(cast: Cast) -> None:
    release = captured(cast)
    texts = [tool.canonical for tool in release.tools.all()]
    assert [tool.digest for tool in release.tools.all()] == [digest(text) for text in texts]
    whole = manifest.canonical_text(instructions=release.instructions, tools=texts)
    assert release.manifest_digest == digest(whole)
