"""The digests of releases can be recomputed from what the register keeps, and are when the form changes."""

import json
from io import StringIO

import pytest
from auditlog.models import LogEntry
from django.core.management import call_command

from riskregister.canonical import digest
from tests.cast import NOON, Cast, assemble, server_json
from vendors import importing, manifest
from vendors.models import Release, Tool

pytestmark = pytest.mark.django_db

TOOLS = [
    {
        "name": "wipe",
        "inputSchema": {"minimum": 0.00001, "maximum": 1e16},
        "annotations": {"title": "W", "x": [1.5]},
    },
    {"name": "read", "title": "", "inputSchema": {"type": "object"}},
]
FORMER = '{"annotations":{"title":"W","x":[1.5]},"inputSchema":{"maximum":1e+16,"minimum":1e-05},"name":"wipe"}'


@pytest.fixture
def cast() -> Cast:
    return assemble()


def captured(cast: Cast) -> Release:
    _, release = importing.import_server_json(server_json(), unit=cast.payments, by=cast.alice, now=NOON)
    text = json.dumps({"tools_list": {"tools": TOOLS}, "instructions": "Be kind."})
    return importing.import_tools(release, text, captured_at=NOON, command="npx", by=cast.alice, now=NOON)


def in_the_former_form(release: Release) -> None:
    release.tools.filter(name="wipe").update(canonical=FORMER, digest=digest(FORMER))
    Release.objects.filter(pk=release.pk).update(
        manifest_digest="a" * 64, server_json=f" {release.server_json}", server_json_digest="b" * 64
    )


def run() -> list[str]:
    out = StringIO()
    call_command("recompute_digests", stdout=out)
    return out.getvalue().splitlines()


def everything(release: Release) -> tuple[object, ...]:
    release.refresh_from_db()
    tools = Tool.objects.filter(release=release).order_by("name").values_list("name", "canonical", "digest")
    return release.server_json, release.server_json_digest, release.manifest_digest, *tools


def test_the_kept_texts_are_what_the_digests_are_of(cast: Cast) -> None:
    release = captured(cast)
    texts = [tool.canonical for tool in release.tools.all()]
    assert [tool.digest for tool in release.tools.all()] == [digest(text) for text in texts]
    whole = manifest.canonical_text(instructions=release.instructions, tools=texts)
    assert release.manifest_digest == digest(whole)


def test_digests_of_the_former_form_are_recomputed_and_told(cast: Cast) -> None:
    release = captured(cast)
    was = everything(release)
    in_the_former_form(release)

    said = run()

    assert everything(release) == was
    name = f"{release.server.name} {release}"
    assert said[:2] == [
        f"{name}: server_json_digest {'b' * 64} is now {release.server_json_digest}",
        f"{name}: manifest_digest {'a' * 64} is now {release.manifest_digest}",
    ]
    assert said[2].startswith("Assessments and decisions keep the digest that they were made on.")
    assert len(said) == 3


def test_the_field_level_log_has_the_change(cast: Cast) -> None:
    release = captured(cast)
    in_the_former_form(release)
    run()
    changes = [entry.changes_dict for entry in LogEntry.objects.get_for_object(release)]
    assert ["a" * 64, release.manifest_digest] in [change.get("manifest_digest") for change in changes]


def test_nothing_changes_where_all_is_true(cast: Cast) -> None:
    release = captured(cast)
    was = everything(release)
    assert run() == ["All digests are what the texts say."]
    assert everything(release) == was


def test_a_release_without_document_or_tools_is_passed_by(cast: Cast) -> None:
    _, release = importing.import_server_json(server_json(), unit=cast.payments, by=cast.alice, now=NOON)
    Release.objects.filter(pk=release.pk).update(server_json="", server_json_digest="")
    assert run() == ["All digests are what the texts say."]
