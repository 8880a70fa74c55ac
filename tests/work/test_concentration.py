"""What hangs on whom: each approved server is lost with its vendors, hosts, owner of the repository and packages; and
the days of the supply chain's health.
"""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from composition.models import PackageVersion
from exits import plans
from landscape import impact, processes, replacing, use_cases
from landscape.models import UseCase
from tests import cast
from tests.api.caller import Caller
from tests.cast import NOON, TODAY
from tests.composition.inventories import EXPRESS, QS, take
from tests.tables import for_each
from tests.web.signed_in import as_
from vendors.models import Remote, Server, ServerSupplier, SubProcessor
from vendors.registering import deployments
from work.models import HealthDay
from work.supply_chain import concentration, history, keeping, packages
from work.supply_chain.concentration import Share

pytestmark = [pytest.mark.engine, pytest.mark.django_db]
DAY = timedelta(days=1)
QS_VERSION = "6.11.0"


@pytest.fixture
def scene(time_machine):
    """Return the cast, with three approved servers: two of tier 2 published by Example, which uses Cloud, one of them
    at an address of Cloud's; and one of tier 4 by Other.
    """
    time_machine.move_to(NOON, tick=False)
    people = cast.assemble()
    example, cloud, other = (
        cast.a_vendor(people, name, country=country)
        for name, country in (("Example", "GB"), ("Cloud", ""), ("Other", "US"))
    )
    SubProcessor.objects.create(vendor=example, used=cloud, purpose="hosting")
    for name, vendor, tier in (("weather", example, 2), ("maps", example, 2), ("mail", other, 4)):
        text = cast.server_json(name=f"com.example/{name}", title=name.title())
        release = cast.a_release(people, text=text)
        take(release, EXPRESS, QS, by=people.alice, now=NOON)
        Server.objects.filter(pk=release.server_id).update(
            status="approved", pinned_release=release, inherent_tier=tier,
            repository_url=f"https://github.com/{vendor.name}/{name}",
        )  # fmt: skip
        ServerSupplier.objects.create(server=release.server, vendor=vendor, role="publisher")
    weather = Server.objects.get(title="Weather")
    assert weather.pinned_release
    Remote.objects.create(release=weather.pinned_release, transport="sse", url="https://mcp.cloud.example/sse")
    ServerSupplier.objects.create(server=weather, vendor=cloud, role="host")
    feed, model = (cast.a_vendor(people, name, kinds=["model_provider"]) for name in ("Feed", "Model"))
    ServerSupplier.objects.create(server=weather, vendor=feed, role="upstream")
    who: dict[str, Any] = {"by": people.alice, "now": NOON}
    desk = deployments.add_deployment(
        weather, name="Desk", environment="production", agent="Desk", **who, **cast.EXPOSURE
    )
    agent = use_cases.write(unit=people.payments, name="Support", model_vendor=model, **who)
    use_cases.add_deployment(agent, desk, **who)
    replacing.judge(model, level="hard", reason="No other is as good.", **who)
    replacing.judge(weather, level="easy", reason="There are many.", **who)
    plan = plans.write(weather, plan="By hand.", replacement="Hands", days=1, **who)
    plans.record_success(plan, tried_on=TODAY, note="It held.", **who)
    keeping.follow(now=NOON)
    return people


def carried(people, kind):
    return [(one.name, one.critical, one.servers) for one in concentration.loads(kind, people.mia, unit=None)]


@for_each(
    "kind, expected",
    [
        ("vendor", [("Cloud", 2, 2), ("Example", 2, 2), ("Feed", 1, 1), ("Other", 0, 1)]),
        ("host", [("mcp.cloud.example", 1, 1)]),
        ("upstream", [("Feed", 1, 1)]),
        ("model", [("Model", 1, 1)]),
        ("country", [("GB", 2, 2), ("US", 0, 1)]),
        ("maintainer", [("github.com/example", 2, 2), ("github.com/other", 0, 1)]),
        ("package", [("express (npm)", 2, 3), ("qs (npm)", 2, 3)]),
    ],
)
def test_each_carries_the_servers_that_hang_on_it_the_most_critical_first(scene, kind, expected):
    assert carried(scene, kind) == expected


def test_the_servers_that_would_be_lost_say_how(scene):
    [cloud] = [one for one in concentration.loads("vendor", scene.mia, unit=None) if one.name == "Cloud"]
    name, servers = concentration.lost("vendor", cloud.key, scene.mia, unit=None)

    assert (name, [(server.title, how) for server, how in servers]) == (
        "Cloud", [("Maps", "Example uses it for hosting"), ("Weather", "Example uses it for hosting; As host")],
    )  # fmt: skip
    name, servers = concentration.lost("package", "npm|qs", scene.mia, unit=None)
    assert (name, [how for _server, how in servers]) == ("qs (npm)", [f"{QS_VERSION}, by express 4.18.2"] * 3)
    assert concentration.lost("package", "npm|left-pad", scene.mia, unit=None) == ("", [])


@for_each("kind", list(concentration.KINDS))
def test_every_number_is_the_count_of_the_servers_behind_it(scene, kind):
    page = as_(scene.mia).get(reverse("web:supply-chain-concentration"), {"kind": kind}).context

    assert page["loads"]
    for load, url in page["loads"]:
        behind = as_(scene.mia).get(url).context
        assert (load.name, load.critical, load.servers) == (behind["name"], behind["critical"], len(behind["servers"]))


def test_what_is_lost_names_the_business_processes_that_need_the_servers(scene):
    agent = UseCase.objects.get()
    refunds = processes.write(unit=scene.payments, name="Refunds", by=scene.alice, now=NOON)
    asked = {"kind": "host", "key": "mcp.cloud.example"}
    lost = reverse("web:supply-chain-lost")
    assert "No business process on record" in as_(scene.mia).get(lost, asked).content.decode()
    use_cases.add_process(agent, refunds, by=scene.alice, now=NOON)

    page = as_(scene.mia).get(lost, asked)
    assert (page.context["processes"].rows, "Refunds</a>." in page.content.decode()) == ([refunds], True)
    maps = Server.objects.filter(title="Maps")
    assert (list(impact.needing(maps, scene.mia)), list(impact.needing(Server.objects.all(), scene.eve))) == ([], [])
    processes.end(refunds, reason="It is done by others.", by=scene.alice, now=NOON)
    assert list(impact.needing(Server.objects.all(), scene.mia)) == []


def test_what_is_lost_says_how_easily_it_could_be_replaced_and_when_leaving_it_was_tried(scene):
    [model] = concentration.loads("model", scene.mia, unit=None)
    page = as_(scene.mia).get(reverse("web:supply-chain-lost"), {"kind": "model", "key": model.key})

    [(weather, how)] = page.context["servers"]
    assert (how, page.context["level"]) == ("Support runs on its model", "hard")
    assert page.context["known"][weather.pk] == ("easy", TODAY, False)
    assert replacing.levels_of(servers=[weather.pk], vendors=[]) == {weather.pk: "easy"}


def test_a_stranger_is_told_nothing_of_other_units(scene):
    cloud = concentration.loads("vendor", scene.mia, unit=None)[0].key

    assert [concentration.loads(kind, scene.eve, unit=None) for kind in concentration.KINDS] == [[]] * 7
    assert as_(scene.eve).get(reverse("web:supply-chain-lost"), {"kind": "vendor", "key": cloud}).status_code == 404


def test_the_index_is_that_of_critical_servers(scene):
    one, both = Share(10_000, 1, 2), Share(10_000, 2, 2)
    assert indexes(scene.mia) == {
        "vendor": both, "host": one, "upstream": one, "model": one, "country": both, "maintainer": both,
    }  # fmt: skip
    Server.objects.filter(title="Mail").update(inherent_tier=1)

    one, two_thirds_and_one = Share(10_000, 1, 3), Share(5_556, 3, 3)
    assert indexes(scene.mia) == {
        "vendor": two_thirds_and_one, "host": one, "upstream": one, "model": one, "country": two_thirds_and_one,
        "maintainer": two_thirds_and_one,
    }  # fmt: skip
    assert set(indexes(scene.eve).values()) == {None}


def indexes(person):
    return {kind: concentration.share(kind, person, unit=None) for kind in concentration.SHARED}


@for_each("kind", list(concentration.KINDS))
def test_the_page_says_the_index_of_all_but_packages(scene, kind):
    page = as_(scene.mia).get(reverse("web:supply-chain-concentration"), {"kind": kind}).content.decode()
    assert ("Herfindahl" in page) is (kind != "package")


def test_a_server_that_hangs_on_several_counts_for_each_in_equal_parts(scene):
    release = Server.objects.get(title="Weather").pinned_release
    assert release
    Remote.objects.create(release=release, transport="sse", url="https://mcp.other.example/sse")

    assert concentration.share("host", scene.mia, unit=None) == Share(5_000, 1, 2)
    Remote.objects.create(release=release, transport="sse", url="https://mcp.other.example/mcp")
    assert concentration.share("host", scene.mia, unit=None) == Share(5_000, 1, 2)


def test_the_api_says_the_same(scene):
    answer = Caller(scene.mia).read("/supply-chain/concentration/")

    assert answer["vendors"][0] == {
        "key": concentration.loads("vendor", scene.mia, unit=None)[0].key, "name": "Cloud", "critical": 2, "servers": 2,
    }  # fmt: skip
    assert (len(answer["packages"]), answer["indexes"]["publishers"]) == (2, {"index": 10_000, "servers": 2, "of": 2})
    assert answer["indexes"]["hosts"] == {"index": 10_000, "servers": 1, "of": 2}
    assert all(one is None for one in Caller(scene.eve).read("/supply-chain/concentration/")["indexes"].values())


@for_each(
    "ecosystem, name",
    [
        ("Debian:12", "openssl"),
        ("Ubuntu:22.04:LTS", "openssl"),
        ("Red Hat:enterprise_linux:9", "openssl-libs"),
        ("SUSE:Linux Enterprise Server 15 SP5", "busybox"),
        ("Maven", "org.example:core"),
        ("npm", "qs"),
    ],
)
def test_a_package_of_whatever_ecosystem_leads_to_the_servers_that_it_carries(scene, ecosystem, name):
    PackageVersion.objects.filter(version=QS_VERSION).update(ecosystem=ecosystem, name=name)
    [key] = [one.key for one in concentration.loads("package", scene.mia, unit=None) if one.name.startswith(f"{name} ")]

    assert packages.read(key) == (ecosystem, name)
    found, servers = concentration.lost("package", key, scene.mia, unit=None)
    assert (found, len(servers)) == (f"{name} ({ecosystem})", 3)


def test_a_day_is_written_once_and_stays_as_it_was(scene):
    assert (history.take(now=NOON), history.take(now=NOON + timedelta(hours=3))) == (2, 0)
    Server.objects.filter(title="Mail").update(status="retired")
    row = HealthDay.objects.get(unit=scene.payments)

    assert (row.day, row.figures["servers"], row.figures["package_unknown"]) == (TODAY, 3, 3)
    assert row.figures["vulnerabilities"] == 0
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        HealthDay.objects.update(day=TODAY - DAY)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        row.delete()


def test_days_on_which_nothing_ran_are_gaps_and_none_is_made_up(scene):
    for days in (0, 1, 3):
        history.take(now=NOON + days * DAY)
    found = history.days(scene.mia, unit=None, today=TODAY + 4 * DAY)

    assert [(one.day, one.figures and one.figures["servers"]) for one in found] == [
        (TODAY, 3), (TODAY + DAY, 3), (TODAY + 2 * DAY, None), (TODAY + 3 * DAY, 3),
    ]  # fmt: skip
    assert history.days(scene.mia, unit=None, today=TODAY - DAY) == []
    assert [one.figures and one.figures["servers"] for one in history.days(scene.eve, unit=None, today=TODAY)] == [0]


def test_the_line_is_drawn_from_two_days_on_and_the_first_is_told_in_figures(scene, time_machine):
    page = as_(scene.mia).get(reverse("web:supply-chain-list"))
    assert "The first day is written within three hours" in page.content.decode()
    history.take(now=NOON)
    page = as_(scene.mia).get(reverse("web:supply-chain-list"))
    assert page.context["history"] is None
    assert page.context["on_first_day"] == {"affected": 0, "unknown": 3, "clear": 0}
    assert "2 Mar 2026" in page.content.decode()
    history.take(now=NOON + DAY)
    time_machine.move_to(NOON + DAY, tick=False)
    drawn = as_(scene.mia).get(reverse("web:supply-chain-list")).context["history"]

    assert drawn.columns == ("Day", "affected", "unknown", "none known")
    assert drawn.rows == (("2 Mar", "0", "3", "0"), ("3 Mar", "0", "3", "0"))
