"""A server with several ways in, addresses and packages: each is looked at by a run of its own."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings
from django.utils import timezone

from accounts.access import NotPermitted
from audit.context import SYSTEM
from findings.models import Finding
from inspection import inspecting, targets
from jobs import runner
from monitoring import applying
from monitoring.models import Collector, Run
from tests import cast
from tests.api.caller import Caller
from tests.cast import NOON
from tests.containment import approved
from tests.inspection import scene, stdio_server
from tests.inspection.mcp_server import McpServer
from tests.inspection.scene import Scene
from tests.inspection.stdio_packages import needs_sandbox, prepared
from tests.web.signed_in import as_
from vendors.models import Server

pytestmark = pytest.mark.django_db
LATER, MUCH_LATER = NOON + timedelta(days=1), NOON + timedelta(days=2)
PACKAGE = "npm @example/weather 1.2.3"


@contextmanager
def with_package(folder: Path, behaviour: Callable[[], None]) -> Iterator[Scene]:
    """Give the scene, whose server is also a prepared package that behaves so."""
    prepared(folder, behaviour)
    vendor = McpServer(tools=scene.same_tools(), instructions="")
    with scene.set_up(vendor, INSPECT_PACKAGES=str(folder)) as here:
        yield here


def looked(here: Scene, address: str, *, now: datetime) -> Run:
    """Return a whole look by one way in."""
    run = applying.begin(inspecting.ask(here.server, address=address, by=here.alice, now=now), now=now)
    seen, raw = inspecting.perform(run, now=now)
    inspecting.apply(run, seen, raw, now=now)
    return Run.objects.get(pk=run.pk)


def looks(here: Scene) -> list[Run]:
    return list(here.server.runs.of(Collector.INSPECTION).order_by("id"))


def behaves(folder: Path, behaviour: Callable[[], None]) -> None:
    (folder / "npm" / "@example/weather" / "1.2.3" / "behaviour").write_text(behaviour.__name__)


@needs_sandbox
def test_each_way_in_is_looked_at_and_what_is_seen_there_is_kept_by_it(tmp_path: Path):
    with with_package(tmp_path, stdio_server.offers_what_was_approved) as here:
        runs = inspecting.ask_everywhere(here.server, by=here.alice, now=LATER)
        assert inspecting.ask_everywhere(here.server, by=here.alice, now=LATER) == runs
        runner.run_due(now=timezone.now())

        assert [(run.address, run.status) for run in looks(here)] == [
            (here.vendor.url, "complete"), (PACKAGE, "complete"),
        ]  # fmt: skip
        rows = here.server.observations.filter(is_seen=True).values_list("address", "key", "value")
        assert {key: value for address, key, value in rows if address == PACKAGE} == {
            "made_up": "WEATHER_KEY", "protocol": "2025-11-25", "server": "weather 7.1", "started": PACKAGE,
        }  # fmt: skip
        assert {key for address, key, _value in rows if address == here.vendor.url} == {
            "access", "protocol", "server", "transport",
        }  # fmt: skip
        assert here.server.status == Server.Status.APPROVED


@needs_sandbox
def test_what_one_way_in_shows_is_not_gone_because_another_does_not(tmp_path: Path):
    with with_package(tmp_path, stdio_server.serve) as here:
        looked(here, PACKAGE, now=LATER)
        drift = Finding.objects.get(server=here.server, stable_key__startswith="drift.wording")
        looked(here, here.vendor.url, now=MUCH_LATER)

        drift.refresh_from_db()
        assert drift.is_observed
        behaves(tmp_path, stdio_server.offers_what_was_approved)
        looked(here, PACKAGE, now=MUCH_LATER)
        drift.refresh_from_db()
        assert not drift.is_observed


@needs_sandbox
def test_what_a_package_showed_is_not_lost_when_it_does_not_start(tmp_path: Path):
    with with_package(tmp_path, stdio_server.serve) as here:
        before = looked(here, PACKAGE, now=LATER)
        behaves(tmp_path, stdio_server.exits_at_once)
        run = looked(here, PACKAGE, now=MUCH_LATER)

        assert (run.status, run.code, run.captured) == (Run.Status.FAILED, "ended", None)
        assert before.captured is not None
        assert [one.name for one in before.captured.tools.all()] == ["look_up"]
        assert here.server.releases.count() == 2


@needs_sandbox
def test_the_command_looks_at_each_and_fails_when_one_is_not_assessed(tmp_path: Path):
    with with_package(tmp_path, stdio_server.exits_at_once) as here:
        out = StringIO()
        with pytest.raises(CommandError, match=rf"{PACKAGE} is not assessed\. It ended by itself with code 1"):
            call_command("inspect", here.server.ref, stdout=out)

        assert out.getvalue().startswith(f"Inspection of {here.server} at {here.vendor.url}: complete.")


@needs_sandbox
def test_the_doors_say_what_is_started_and_lead_to_all_looks(tmp_path: Path):
    with with_package(tmp_path, stdio_server.serve) as here:
        client, where = as_(here.alice), f"/servers/{here.server.pk}/inspect/"
        asked = f"The register connects to {here.vendor.url} and starts {PACKAGE} in a sandbox, and lists"
        assert asked in client.get(where).content.decode()
        assert client.post(where).headers["Location"] == f"/runs/?server={here.server.pk}"
        assert [one["address"] for one in Caller(here.alice).post(where).json()["runs"]] == [here.vendor.url, PACKAGE]
        runner.run_due(now=timezone.now())
        tools = client.get(f"/servers/{here.server.pk}/tools/").content.decode()
        for run in looks(here):
            assert f'<a href="/runs/{run.pk}/">Looked at' in tools, run.address
        with pytest.raises(NotPermitted):
            inspecting.ask_everywhere(here.server, by=here.approved.scene.people.carol, now=LATER)


# What is started at all


def test_a_package_is_a_way_in_only_where_the_installation_starts_packages(tmp_path: Path):
    server = approved.set_up(remotes=[]).server
    with override_settings(INSPECT="scheduled"):
        assert inspecting.due(now=LATER) == []
        with pytest.raises(targets.NoWayIn, match="unless RISKREGISTER_INSPECT_PACKAGES says where they are"):
            targets.ways(server)
        with override_settings(INSPECT_PACKAGES=str(tmp_path)):
            assert inspecting.due(now=LATER) == [server.pk]
            run = inspecting.ask(server, by=SYSTEM, now=LATER)
        seen, _raw = inspecting.perform(run, now=LATER)

    assert (run.address, seen.code) == (PACKAGE, "switched_off")


def test_a_package_that_names_no_fixed_version_is_not_started(tmp_path: Path):
    people = cast.assemble()
    moving = [
        {"registryType": "npm", "identifier": "@example/weather", "transport": {"type": "stdio"}} | more
        for more in ({}, {"version": "1.2.3"}, {"version": "1.2.4", "transport": {"type": "sse", "url": "http://x.y"}})
    ]
    moving.append({"registryType": "oci", "identifier": "ghcr.io/example/weather:1", "transport": {"type": "stdio"}})
    server = cast.a_release(people, text=cast.server_json(packages=moving)).server

    with override_settings(INSPECT_PACKAGES=str(tmp_path)):
        assert [str(way) for way in targets.ways(server)] == [PACKAGE]


def test_of_many_addresses_ten_are_looked_at():
    people = cast.assemble()
    remotes = [{"type": "streamable-http", "url": f"https://mcp.example.com/{n:02}"} for n in range(15)]
    server = cast.a_release(people, text=cast.server_json(remotes=remotes)).server

    assert [str(way)[-2:] for way in targets.ways(server)] == [f"{n:02}" for n in range(10)]
