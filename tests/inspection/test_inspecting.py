"""What a look leaves on record: its tools come in as a capture does, and what came to nothing changes nothing."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from io import StringIO
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import override_settings
from django.utils import timezone

from audit.context import SYSTEM
from audit.models import Event
from evidence import store
from inspection import inspecting, targets
from jobs import runner
from jobs.models import Job
from monitoring import applying, schedule
from monitoring.models import Collector, Observation, Run
from monitoring.observed import Look
from tests import cast
from tests.api.caller import Caller
from tests.assessments import scenes
from tests.cast import NOON
from tests.containment import approved
from tests.inspection import faults, scene
from tests.inspection.mcp_server import McpServer, tool
from tests.tables import for_each
from tests.web.signed_in import as_
from vendors import lifecycle
from vendors.models import Server

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(days=1)
MUCH_LATER = NOON + timedelta(days=2)


def test_the_tools_that_were_approved_are_found_to_be_the_same():
    with scene.set_up(McpServer(tools=scene.same_tools(), instructions="")) as here:
        run = here.look(now=LATER)

        assert (run.status, run.why) == (Run.Status.COMPLETE, "")
        assert run.captured == here.approved.release
        assert here.server.releases.count() == 1
        assert here.server.status == Server.Status.APPROVED


def test_other_tools_are_captured_beside_those_that_were_approved_and_suspend():
    with scene.set_up(McpServer(tools=[*scene.same_tools(), tool("drop_tables")], instructions="")) as here:
        run = here.look(now=LATER)

        assert run.captured is not None
        assert run.captured != here.approved.release
        assert [one.name for one in run.captured.tools.all()] == ["drop_tables", "look_up", "warn"]
        assert run.captured.capture_command == "inspection by the register"
        assert here.server.pinned_release == here.approved.release
        assert here.server.status == Server.Status.SUSPENDED
        assert "server.tools_changed" in scenes.verbs(here.server)


def test_order_and_formatting_are_no_change():
    tools = [dict(reversed(one.items())) for one in reversed(scene.same_tools())]
    with scene.set_up(McpServer(tools=tools, instructions="")) as here:
        run = here.look(now=LATER)

        assert run.captured == here.approved.release


def test_the_answers_are_kept_as_they_came():
    with scene.set_up(McpServer(tools=scene.same_tools(), instructions="")) as here:
        run = here.look(now=LATER)

        assert run.raw is not None
        answers = json.loads(store.open_blob(run.raw).read())
        assert [list(one["result"]) for one in answers][1:] == [["tools"]]
        body = Event.objects.get(verb="run.complete", object_id=run.pk).body
        assert json.loads(body)["data"]["raw_digest"] == run.raw_digest


def test_answers_that_hold_a_credential_are_not_kept():
    secret = {"_meta": {"api_key": "sk-live-4f9aQ8ZkT2mVx7Lw3RbN6yUc"}}
    with scene.set_up(McpServer(tools=[one | secret for one in scene.same_tools()], instructions="")) as here:
        run = here.look(now=LATER)

        assert (run.status, run.raw) == (Run.Status.COMPLETE, None)
        assert here.server.observations.get(key="credentials").value == (
            "tools.look_up._meta.api_key, tools.warn._meta.api_key"
        )


def test_a_look_that_fails_keeps_what_was_known():
    with scene.set_up(McpServer(tools=scene.same_tools(), instructions="")) as here:
        here.look(now=LATER)
        rows = Observation.objects.order_by("key").values_list("key", "value", "is_seen")
        known = list(rows)
        here.vendor.fault = faults.sends(500, b"")
        run = here.look(now=MUCH_LATER)

        assert (run.status, run.code, run.captured) == (Run.Status.FAILED, "declined", None)
        assert known
        assert list(rows.all()) == known
        assert here.server.releases.count() == 1


def test_a_server_that_offers_nothing_is_not_assessed_and_loses_no_tools():
    with scene.set_up(McpServer(tools=[])) as here:
        run = here.look(now=LATER)

        assert (run.status, run.why) == (Run.Status.EMPTY, "It offers no tools now.")
        assert here.approved.release.tools.count() == 2


def test_what_is_seen_says_since_when_it_is_so():
    with scene.set_up(McpServer(tools=scene.same_tools(), instructions="")) as here:
        here.look(now=LATER)
        here.vendor.is_stateless = True
        here.look(now=MUCH_LATER)

        protocol, access = (here.server.observations.get(key=key) for key in ("protocol", "access"))
        assert (protocol.value, protocol.value_since, protocol.first_seen_at) == ("2026-07-28", MUCH_LATER, LATER)
        assert (access.value, access.value_since, access.last_seen_at) == ("anybody", LATER, MUCH_LATER)


def test_only_the_first_failure_in_a_row_is_news():
    with scene.set_up(McpServer(fault=faults.sends(500, b""))) as here:
        for day in (LATER, MUCH_LATER):
            here.look(now=day)

    news = [json.loads(body)["data"]["is_news"] for body in _bodies("run.failed")]
    assert news == [True, False]


def _bodies(verb: str) -> list[str]:
    return list(Event.objects.filter(verb=verb).order_by("at").values_list("body", flat=True))


# Asking


def test_two_who_ask_at_once_get_the_same_look():
    with scene.set_up() as here:
        first = inspecting.ask(here.server, by=here.alice, now=LATER)

        assert inspecting.ask(here.server, by=here.alice, now=LATER) == first
        assert Job.objects.filter(kind=inspecting.JOB).count() == 1


def test_a_server_without_an_address_says_what_to_do():
    people = cast.assemble()
    release = cast.a_release(people)

    with pytest.raises(targets.NoWayIn, match="names no fixed address of Streamable HTTP"):
        inspecting.ask(release.server, by=people.alice, now=NOON)


def test_an_installation_can_be_told_to_connect_to_nobody():
    with scene.set_up(INSPECT="off") as here, pytest.raises(inspecting.SwitchedOff):
        inspecting.ask(here.server, by=here.alice, now=LATER)


def test_a_job_takes_the_look():
    with scene.set_up(McpServer(tools=scene.same_tools(), instructions="")) as here:
        run = inspecting.ask(here.server, by=here.alice, now=LATER)
        runner.run_due(now=timezone.now())

        assert Run.objects.get(pk=run.pk).status == Run.Status.COMPLETE
        assert Job.objects.get(kind=inspecting.JOB).status == Job.Status.DONE


def test_a_look_whose_job_gave_up_ends_as_not_assessed():
    with scene.set_up() as here:
        run = inspecting.ask(here.server, by=here.alice, now=LATER)
        assert inspecting.note_lost(now=LATER) == 0
        Job.objects.filter(kind=inspecting.JOB).update(status=Job.Status.DEAD)

        assert inspecting.note_lost(now=LATER) == 1
        assert Run.objects.values_list("status", "code").get(pk=run.pk) == ("failed", "interrupted")


# By the tier


def test_a_server_in_use_is_due_after_the_days_of_its_tier():
    with scene.set_up(McpServer(tools=scene.same_tools(), instructions=""), INSPECT="scheduled") as here:
        every = schedule.EVERY[here.server.inherent_tier]
        assert inspecting.due(now=LATER) == [here.server.pk]
        here.look(now=LATER)
        assert inspecting.due(now=LATER + every - timedelta(seconds=1)) == []
        assert inspecting.due(now=LATER + every) == [here.server.pk]


def test_a_look_in_vain_is_done_again_after_twice_the_time_each_time():
    with scene.set_up(McpServer(token="x"), INSPECT="scheduled") as here:
        at, hour = LATER, timedelta(hours=1)
        for pause in (hour, 2 * hour, 4 * hour):
            assert here.look(now=at).status == Run.Status.FAILED
            assert inspecting.due(now=at + pause - timedelta(seconds=1)) == [], pause
            assert inspecting.due(now=at + pause) == [here.server.pk], pause
            at += pause


def test_each_of_several_ways_in_is_due_by_itself_and_the_one_that_failed_sooner():
    first, second = (f"https://mcp.example.com/{n}" for n in (1, 2))
    server = approved.set_up(remotes=[{"type": "streamable-http", "url": url} for url in (first, second)]).server
    hour, every = timedelta(hours=1), schedule.EVERY[server.inherent_tier]
    failed = Look(outcome=Run.Status.FAILED, code="silent", why="It does not answer.")

    def ended(address: str, look: Look, at: datetime) -> None:
        run = applying.begin(inspecting.ask(server, address=address, by=SYSTEM, now=at), now=at)
        applying.apply(run, look, now=at)

    def asked_for(at: datetime) -> list[str]:
        known = set(server.runs.values_list("pk", flat=True))
        assert inspecting.ask_all_due(now=at) == 1
        return sorted(server.runs.exclude(pk__in=known).values_list("address", flat=True))

    with override_settings(INSPECT="scheduled"):
        ended(first, Look(outcome=Run.Status.COMPLETE), LATER)
        ended(second, failed, LATER)
        assert inspecting.due(now=LATER + hour - timedelta(seconds=1)) == []
        assert inspecting.due(now=LATER + hour) == [server.pk]
        assert asked_for(LATER + hour) == [second]
        assert inspecting.due(now=LATER + every - timedelta(seconds=1)) == []
        assert asked_for(LATER + every) == [first]


def test_the_schedule_asks_only_where_the_installation_has_one():
    with scene.set_up(INSPECT="asked") as here:
        assert inspecting.ask_all_due(now=LATER) == 0
        with override_settings(INSPECT="scheduled"):
            assert inspecting.ask_all_due(now=LATER) == 1
        assert here.server.runs.of(Collector.INSPECTION).get().asked_by is None


def test_one_that_refuses_after_the_list_was_read_holds_up_no_other(monkeypatch: pytest.MonkeyPatch):
    listed = inspecting.due

    def retired_meanwhile(*, now: datetime) -> Sequence[UUID]:
        keys = listed(now=now)
        lifecycle.retire(Server.objects.get(pk=keys[0]), reason="So.", by=SYSTEM, now=now)
        return keys

    monkeypatch.setattr(inspecting, "due", retired_meanwhile)
    with scene.set_up(INSPECT="scheduled") as here:
        people, remotes = here.approved.scene.people, [{"type": "streamable-http", "url": here.vendor.url}]
        other = cast.a_release(people, text=cast.server_json(name="com.example/maps", remotes=remotes))
        lifecycle.start_review(other.server, by=people.alice, now=NOON)
        lifecycle.approve(other.server, other, by=people.bob, now=NOON)
        first, second = (Server.objects.get(pk=key) for key in listed(now=LATER))
        assert inspecting.ask_all_due(now=LATER) == 1

    assert (first.runs.of(Collector.INSPECTION).count(), second.runs.of(Collector.INSPECTION).get().status) == (
        0,
        Run.Status.QUEUED,
    )


def test_what_was_asked_before_something_broke_stays_asked(monkeypatch: pytest.MonkeyPatch):
    with scene.set_up(INSPECT="scheduled") as here:
        monkeypatch.setattr(inspecting, "due", lambda **_: [here.server.pk, uuid4()])
        job = Job.objects.create(kind="inspection.due", key="inspection.due:1", run_after=NOON, created_at=NOON)
        runner.run(job.pk, now=LATER)

        job.refresh_from_db()
        assert (job.status, "DoesNotExist" in job.error) == (Job.Status.QUEUED, True)
        assert here.server.runs.of(Collector.INSPECTION).get().status == Run.Status.QUEUED


def test_what_is_rejected_is_not_due():
    with scene.set_up() as here:
        lifecycle.reject(here.server, reason="So.", by=here.approved.scene.people.bob, now=LATER)
        Server.objects.update(is_in_use=False)

        assert inspecting.due(now=LATER) == []


# Doors


def test_the_command_prints_what_was_seen():
    with scene.set_up(McpServer(tools=scene.same_tools(), instructions="")) as here:
        out = StringIO()
        call_command("inspect", here.server.ref, stdout=out)

        assert out.getvalue().splitlines() == [
            f"Inspection of {here.server} at {here.vendor.url}: complete.",
            "  Lists its tools to: anybody",
            "  Speaks the Model Context Protocol: 2025-11-25",
            "  Calls itself: weather 7.1",
            "  The connection is: not encrypted",
            f"  Release 1.2.3, manifest {here.approved.release.manifest_digest}",
        ]


def test_the_command_fails_when_nothing_is_known():
    with (
        scene.set_up(McpServer(token="x")) as here,
        pytest.raises(CommandError, match=r"is not assessed\. It asks for a"),
    ):
        call_command("inspect", here.server.ref)


def test_the_api_asks_and_shows_what_came_of_it():
    with scene.set_up(McpServer(tools=scene.same_tools(), instructions="")) as here:
        caller = Caller(here.alice)
        response = caller.post(f"/servers/{here.server.pk}/inspect/")
        [asked] = response.json()["runs"]
        assert (response.status_code, asked["status"]) == (202, "queued")
        runner.run_due(now=timezone.now())

        run = caller.read(f"/runs/{asked['id']}/")
        assert (run["status"], run["captured"]["version"]) == ("complete", "1.2.3")
        seen = caller.read("/observations/", server=str(here.server.pk))["results"]
        assert {one["key"] for one in seen} == {"access", "protocol", "server", "transport"}


def test_the_page_asks_and_leads_to_the_look():
    with scene.set_up(McpServer(tools=scene.same_tools(), instructions="")) as here:
        client = as_(here.alice)
        where = f"/servers/{here.server.pk}/inspect/"
        assert f"connects to {here.vendor.url}" in client.get(where).content.decode()
        response = client.post(where)
        runner.run_due(now=timezone.now())

        run = Run.objects.of(Collector.INSPECTION).get()
        assert response.headers["Location"] == f"/runs/{run.pk}/"
        page = client.get(response.headers["Location"]).content.decode()
        assert "Lists its tools to: anybody" in page
        assert "these tools" in client.get(f"/servers/{here.server.pk}/tools/").content.decode()
        raw: Any = client.get(f"/runs/{run.pk}/answers.json")
        assert raw["Content-Disposition"] == 'attachment; filename="answers.json"'
        assert json.loads(b"".join(raw.streaming_content))[0]["result"]["serverInfo"] == {
            "name": "weather",
            "version": "7.1",
        }


@for_each(
    "why, reason, settings",
    [
        ("package", "1.2.3 names no fixed address of Streamable HTTP. Import what you capture", {}),
        ("off", "This installation connects to no servers.", {"INSPECT": "off"}),
        ("retired", "It is retired. Request it again first.", {}),
    ],
    ids=lambda row: row[0],
)
def test_a_look_that_cannot_be_taken_is_not_offered_and_says_why(why: str, reason: str, settings: dict[str, str]):
    remotes = [] if why == "package" else [{"type": "streamable-http", "url": approved.REMOTE}]
    with transaction.atomic(), override_settings(**settings):
        people = cast.assemble()
        server = cast.a_release(people, text=cast.server_json(remotes=remotes)).server
        if why == "retired":
            lifecycle.retire(server, reason="So.", by=people.bob, now=NOON)
        alice, asking = as_(people.alice), f"/servers/{server.pk}/inspect/"

        tools = alice.get(f"/servers/{server.pk}/tools/").content.decode()
        assert (tools.count(reason), asking in tools) == (1, False)
        for page, status in ((alice.get(asking), 200), (alice.post(asking), 422)):
            text = page.content.decode()
            assert (page.status_code, text.count(reason), "Look now" in text) == (status, 1, False)
        [offer] = [
            one for one in Caller(people.alice).read(f"/servers/{server.pk}/")["steps"] if one["name"] == "inspect"
        ]
        assert (offer["may"], offer["why_not"].startswith(reason)) == (False, True)
        assert not Run.objects.exists()
        transaction.set_rollback(True)


def test_who_only_reads_is_neither_offered_a_look_nor_told_why_there_is_none():
    here = approved.set_up(remotes=[])

    page = as_(here.scene.people.carol).get(f"/servers/{here.server.pk}/tools/").content.decode()

    assert "The register has not looked at this server itself." in page
    assert "It cannot look now" not in page


def test_the_page_of_a_look_says_where_it_stands_and_what_comes_next():
    with scene.set_up(McpServer(tools=scene.same_tools(), instructions="")) as here:
        client, again = as_(here.alice), f'href="/servers/{here.server.pk}/inspect/"'
        waiting = inspecting.ask(here.server, by=here.alice, now=LATER)
        page = client.get(f"/runs/{waiting.pk}/").content.decode()
        assert ("Nothing yet." in page, again in page) == (True, False)

        seen, raw = inspecting.perform(applying.begin(waiting, now=LATER), now=LATER)
        inspecting.apply(waiting, seen, raw, now=LATER)
        here.vendor.fault = faults.sends(500, b"")
        failed = here.look(now=MUCH_LATER)
        page = client.get(f"/runs/{failed.pk}/").content.decode()
        assert ("Nothing: it did not come so far." in page, again in page) == (True, True)
        assert again not in as_(here.approved.scene.people.carol).get(f"/runs/{failed.pk}/").content.decode()

        here.vendor.fault = None
        last = here.look(now=MUCH_LATER + timedelta(days=1))
        page = client.get(f"/runs/{waiting.pk}/").content.decode()
        assert f'<a href="/runs/{last.pk}/">later look</a> saw again or found gone.' in page


def test_the_list_of_servers_leads_to_the_looks():
    people = cast.assemble()

    assert 'href="/runs/"' in as_(people.carol).get("/servers/").content.decode()


def test_the_page_of_what_was_seen_names_the_last_look_by_each_way_in():
    people = cast.assemble()
    remotes = [{"type": "streamable-http", "url": f"https://mcp.example.com/{way}"} for way in ("a", "b")]
    server = cast.a_release(people, text=cast.server_json(packages=[], remotes=remotes)).server
    runs = inspecting.ask_everywhere(server, by=people.alice, now=NOON)
    page = as_(people.alice).get(f"/servers/{server.pk}/seen/").content.decode()

    assert [run.address[-1] for run in runs] == ["a", "b"]
    assert [f'href="/runs/{run.pk}/"' in page for run in runs] == [True, True]
