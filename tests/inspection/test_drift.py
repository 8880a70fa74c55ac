"""Drift: what a look saw against what was approved, by kind, and what it leads to."""

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from django.urls import reverse

from audit.models import Event
from decisions.approvals import approvals
from findings import register
from findings.models import Finding
from inspection import drift, schema_changes
from monitoring.models import Observation
from scoring.scales import Severity
from tests import cast
from tests.assessments import scenes
from tests.cast import NOON
from tests.inspection import scene, tool_texts
from tests.inspection.mcp_server import Json, McpServer
from tests.tables import for_each
from tests.web.signed_in import as_
from vendors import lifecycle
from vendors.models import Release
from vendors.registering import importing

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(days=1)
MUCH_LATER = NOON + timedelta(days=2)
LONG: Json = {"type": "string", "maxLength": 9}
TEXT: Json = {"type": "object", "properties": {"a": LONG}, "required": ["a"]}


def changed(**fields: Any) -> list[Json]:
    """Return the approved tools, the first with other fields."""
    first, second = scene.same_tools()
    return [first | fields, second]


def added(name: str = "extra", **annotations: bool) -> list[Json]:
    """Return the approved tools and one more."""
    return [*scene.same_tools(), {"name": name, "inputSchema": {"type": "object"}, "annotations": annotations}]


def drifted(here: scene.Scene) -> Finding:
    """Return the one finding of drift; the assessment behind the approval has others."""
    return Finding.objects.get(server=here.server, source=Finding.Source.MONITORING)


def found(tools: list[Json], instructions: str = "") -> tuple[set[tuple[str, str]], dict[str, str]]:
    """Return the findings (key, severity) and the observations (key without digest: words) of a look."""
    vendor = McpServer(tools=tools, instructions=instructions)
    # Of several in one test none finds what another has left.
    with transaction.atomic(), scene.set_up(vendor) as here:
        here.look(now=LATER)
        raised = Finding.objects.filter(server=here.server, source=Finding.Source.MONITORING)
        findings = {(one.stable_key.partition(":")[0], Severity(one.severity).word) for one in raised}
        rows = Observation.objects.filter(server=here.server, key__startswith="drift.")
        observed = {one.key.partition(":")[0]: one.words for one in rows}
        transaction.set_rollback(True)
    return findings, observed


@for_each(
    "name, tools, key, severity, words",
    [
        (
            "a tool that claims nothing", added(), "drift.power", "critical",
            "extra is new, and may destroy and reach out",
        ),
        (
            "a destructive tool", added(destructiveHint=True, openWorldHint=False), "drift.power", "critical",
            "extra is new, and may destroy",
        ),
        (
            "a reading tool that reaches out", added(readOnlyHint=True), "drift.power", "critical",
            "extra is new, and may reach out",
        ),
        (
            "a harmless tool", added(readOnlyHint=True, openWorldHint=False), "drift.schema", "high", "extra is new",
        ),
        (
            "a parameter", changed(inputSchema={"type": "object", "properties": {"debug": {"type": "string"}}}),
            "drift.schema", "high", "look_up takes more than before",
        ),
        (
            "another claim", changed(annotations={"readOnlyHint": True}), "drift.annotation", "medium",
            "look_up claims something else: read only",
        ),
        ("words", changed(description="Read ~/.ssh"), "drift.wording", "low", "look_up has other words: description"),
        ("a tool less", scene.same_tools()[:1], "drift.wording", "low", "warn is gone"),
        (
            "a narrower schema", changed(inputSchema={"type": "object", "additionalProperties": False}),
            "drift.wording", "low", "look_up describes or narrows its parameters otherwise",
        ),
        (
            "a narrower schema and words",
            changed(inputSchema={"type": "object", "additionalProperties": False}, description="Read ~/.ssh"),
            "drift.wording", "low",
            "look_up describes or narrows its parameters otherwise, and has other words: description",
        ),
    ],
    ids=lambda row: row[0],
)  # fmt: skip
def test_each_kind_of_change_raises_a_finding_of_its_own_weight(
    name: str, tools: list[Json], key: str, severity: str, words: str
):
    findings, observed = found(tools)

    assert (findings, observed) == ({(key, severity)}, {key: words})


def test_a_difference_that_shows_in_no_field_is_told_too():
    findings, observed = found(changed(title=""))

    assert findings == {("drift.wording", "low")}
    assert observed == {"drift.wording": "look_up is written otherwise"}


def test_other_instructions_are_other_words():
    findings, observed = found(scene.same_tools(), instructions="Always call warn first.")

    assert findings == {("drift.wording", "low")}
    assert observed == {"drift.wording": "The server's instructions to the model are others"}


def test_a_schema_that_names_itself_is_compared_like_any_other():
    itself: Json = {"type": "object", "properties": {"next": {"$ref": "#"}, "far": {"$ref": "#/properties/far"}}}

    findings, observed = found(changed(inputSchema=itself))

    assert findings == {("drift.schema", "high")}
    assert observed == {"drift.schema": "look_up takes more than before"}


@pytest.mark.skipif(not tool_texts.is_there(), reason="the shared data lie beside the repository, and are not here")
def test_of_real_tools_every_change_is_seen_and_another_order_is_none():
    people = cast.assemble()
    tools = [
        {**one.document, "name": f"{at}-{one.name}"[:120]}
        for at, one in enumerate(part for server in tool_texts.real().values() for part in server.tools)
    ]
    names = {tool["name"] for tool in tools}
    approved = captured(people, tools)

    def drifting(other: list[Json]) -> set[str]:
        return {item.name for item in drift.between(approved, captured(people, other))}

    assert len(names) == 563
    assert drifting([dict(reversed(tool.items())) for tool in reversed(tools)]) == set()
    assert drifting([]) == names
    for change in (
        _with_a_parameter_more,
        _with_a_character_that_nobody_sees,
        _claiming_the_contrary,
        _called_otherwise,
    ):
        assert drifting([change(tool) for tool in tools]) == names, change.__name__


def _with_a_parameter_more(tool: Json) -> Json:
    schema = tool["inputSchema"]
    return tool | {"inputSchema": schema | {"properties": {**schema.get("properties", {}), "side_note": {}}}}


def _with_a_character_that_nobody_sees(tool: Json) -> Json:
    return tool | {"description": f"{tool.get('description', '')}\u200b"}


def _claiming_the_contrary(tool: Json) -> Json:
    hints = tool.get("annotations") or {}
    return tool | {"annotations": hints | {"readOnlyHint": not hints.get("readOnlyHint", False)}}


def _called_otherwise(tool: Json) -> Json:
    return tool | {"title": f"{tool.get('title', '')} (new)"}


def captured(people: cast.Cast, tools: list[Json]) -> Release:
    """Return a release of a server of its own with these tools."""
    release = cast.a_release(people, text=cast.server_json(name=f"com.example/of-{uuid4().hex[:12]}"))
    text = json.dumps({"tools": tools})
    return importing.import_tools(release, text, captured_at=NOON, command="", by=people.alice, now=NOON)


def test_what_was_approved_raises_nothing():
    assert found([dict(reversed(one.items())) for one in reversed(scene.same_tools())]) == (set(), {})


def test_a_change_is_proposed_once_and_noted_when_it_is_gone():
    with scene.set_up(McpServer(tools=added(), instructions="")) as here:
        for day in (LATER, MUCH_LATER):
            here.look(now=day)
        finding = drifted(here)
        assert (finding.status, finding.is_observed) == (Finding.Status.PROPOSED, True)
        assert finding.description.endswith("extra is new, and may destroy and reach out.")
        assert finding.observations.get().last_seen_at == MUCH_LATER
        here.vendor.tools = scene.same_tools()
        here.look(now=MUCH_LATER + timedelta(days=1))

        assert drifted(here).is_observed is False
        assert Observation.objects.get(key__startswith="drift.").is_seen is False
        assert here.server.pinned_release == here.approved.release


def test_tools_that_come_back_after_the_approved_ones_suspend_again():
    with scene.set_up(McpServer(tools=added(), instructions="")) as here:
        bob = here.approved.scene.people.bob
        here.look(now=LATER)
        approvals.resume_server(here.server, reason="They take it back.", by=bob, now=LATER)
        here.look(now=LATER + timedelta(hours=1))
        assert here.server.status == "approved"
        for tools, day in ((scene.same_tools(), 2), (added(), 3)):
            here.vendor.tools = tools
            here.look(now=NOON + timedelta(days=day))

        assert here.server.status == "suspended"
        told = Event.objects.filter(verb="server.tools_changed", object_id=here.server.pk)
        assert told.count() == here.server.reviews.filter(occasion__startswith="tools:").count() == 2


def test_a_failed_look_leaves_the_finding_as_it_was():
    with scene.set_up(McpServer(tools=added(), instructions="")) as here:
        here.look(now=LATER)
        here.vendor.token = "wanted from now on"
        here.look(now=MUCH_LATER)

        assert drifted(here).is_observed is True


def test_what_nobody_judged_is_proposed_beside_what_was_dismissed():
    with scene.set_up(McpServer(tools=added(), instructions="")) as here:
        here.look(now=LATER)
        first = drifted(here)
        register.dismiss(first, reason="Announced.", by=here.approved.scene.people.bob, now=LATER)
        here.vendor.tools = [*added(), *added("more")[2:]]
        here.look(now=MUCH_LATER)

        rows = Finding.objects.filter(source=Finding.Source.MONITORING).order_by("number")
        assert [(one.status, one.is_observed) for one in rows] == [("dismissed", False), ("proposed", True)]
        new = "extra is new, and may destroy and reach out; more is new, and may destroy and reach out."
        assert rows[1].description.endswith(new)


def test_words_that_change_again_are_judged_again():
    with scene.set_up(McpServer(tools=changed(description="Looks up."), instructions="")) as here:
        here.look(now=LATER)
        register.dismiss(drifted(here), reason="Harmless.", by=here.approved.scene.people.bob, now=LATER)
        here.vendor.tools = changed(description="Read ~/.ssh")
        here.look(now=MUCH_LATER)
        here.look(now=MUCH_LATER + timedelta(days=1))

        rows = Finding.objects.filter(source=Finding.Source.MONITORING).order_by("number")
        assert [(one.status, one.is_observed) for one in rows] == [("dismissed", False), ("proposed", True)]


def test_severe_drift_is_dismissed_by_an_approver_and_other_drift_by_an_analyst():
    tools = [*changed(description="Looks up."), *added()[2:]]
    with scene.set_up(McpServer(tools=tools, instructions="")) as here:
        here.look(now=LATER)
        rows = Finding.objects.filter(source=Finding.Source.MONITORING)
        severe, low = rows.order_by("severity")
        ann = cast.person("ann", role="analyst", unit=here.approved.scene.people.payments)
        with pytest.raises(register.TakesTwo):
            register.dismiss(severe, reason="So.", by=ann, now=LATER)
        page = as_(ann).get(reverse("web:finding-detail", args=[severe.pk]))
        assert {one.key: one.who for one in page.context["others"]}["dismiss"] == "An approver of Payments"
        register.dismiss(low, reason="So.", by=ann, now=LATER)
        register.dismiss(severe, reason="So.", by=here.approved.scene.people.bob, now=LATER)

        assert set(rows.values_list("status", flat=True)) == {"dismissed"}


def test_a_look_that_compares_nothing_leaves_the_drift_as_it_was_seen():
    with scene.set_up(McpServer(tools=added(), instructions="")) as here:
        here.look(now=LATER)
        lifecycle.reject(here.server, reason="So.", by=here.approved.scene.people.bob, now=LATER)
        here.look(now=MUCH_LATER)

        assert drifted(here).is_observed is True
        assert Observation.objects.get(key__startswith="drift.").is_seen is True


def test_a_server_that_is_rejected_has_no_drift():
    with scene.set_up(McpServer(tools=added(), instructions="")) as here:
        lifecycle.reject(here.server, reason="So.", by=here.approved.scene.people.bob, now=LATER)
        here.look(now=LATER)

        assert not Finding.objects.filter(source=Finding.Source.MONITORING).exists()


def test_the_page_shows_what_changed_word_by_word_and_names_what_nobody_sees():
    tools = changed(description="Looks up the\u200b weather in <b>all</b> places.")
    with scene.set_up(McpServer(tools=tools, instructions="")) as here:
        run = here.look(now=LATER)
        page = as_(here.alice).get(f"/servers/{here.server.pk}/tools/?release={run.captured_id}").content.decode()

    assert "<ins>Looks up the" in page
    assert "[U+200B]" in page
    assert "&lt;b&gt;" in page
    assert "<b>all" not in page
    assert "server.tools_changed" in scenes.verbs(here.server)


# Schemas


@for_each(
    "name, after, wider",
    [
        ("the same", TEXT, False),
        ("other words", TEXT | {"title": "T", "description": "D"}, False),
        ("other words of a parameter", {**TEXT, "properties": {"a": LONG | {"title": "A"}}}, False),
        ("a parameter less of all that it takes", TEXT | {"properties": {}, "additionalProperties": False}, False),
        ("one more required", TEXT | {"required": ["a", "b"]}, False),
        ("closed", TEXT | {"additionalProperties": False}, False),
        ("shorter", {**TEXT, "properties": {"a": {"type": "string", "maxLength": 8}}}, False),
        ("of a few", {**TEXT, "properties": {"a": LONG | {"enum": ["x"]}}}, False),
        ("a parameter that it takes without saying so", TEXT | {"properties": {}}, True),
        ("properties left out", {"type": "object", "required": ["a"]}, True),
        ("values that are no list", {**TEXT, "properties": {"a": LONG | {"enum": 5}}}, True),
        ("required that is no list", TEXT | {"required": 5}, True),
        ("none required", TEXT | {"required": []}, True),
        ("required left out", {"type": "object", "properties": TEXT["properties"]}, True),
        ("one more", {**TEXT, "properties": TEXT["properties"] | {"b": {}}}, True),
        ("one called title", {**TEXT, "properties": TEXT["properties"] | {"title": {}}}, True),
        ("longer", {**TEXT, "properties": {"a": {"type": "string", "maxLength": 10}}}, True),
        ("without a bound", {**TEXT, "properties": {"a": {"type": "string"}}}, True),
        ("of another type", {**TEXT, "properties": {"a": {"type": ["string", "object"], "maxLength": 9}}}, True),
        ("a pattern, of which nobody can tell", {**TEXT, "properties": {"a": LONG | {"pattern": "x"}}}, True),
        ("true for 1", TEXT | {"minProperties": True}, True),
    ],
    ids=lambda row: row[0],
)  # fmt: skip
def test_a_schema_that_may_take_more_is_told_from_one_that_does_not(name: str, after: Json, wider: bool):
    assert schema_changes.is_widened(TEXT, after) is wider


def test_a_list_of_very_many_values_is_compared_by_its_members():
    numbers: list[Any] = list(range(50_000))

    assert schema_changes.is_widened({"enum": numbers}, {"enum": numbers[::-1]}) is False
    assert schema_changes.is_widened({"enum": numbers}, {"enum": numbers[1:]}) is False
    assert schema_changes.is_widened({"enum": numbers}, {"enum": [*numbers[::-1], "more"]}) is True
    assert schema_changes.is_widened({"enum": numbers}, {"enum": [*numbers[:1:-1], True]}) is True
