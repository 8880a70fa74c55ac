"""The map of dependencies: what a server hangs on and what hangs on a vendor, drawn, and the same as a table."""

import re

import pytest
from django.urls import reverse

from composition import hits
from composition.comparison import comparing
from tests import cast
from tests.cast import NOON
from tests.composition.advisories import publish
from tests.composition.feeding import a_fresh_feed
from tests.composition.inventories import EXPRESS, OWN, QS, take
from tests.tables import for_each
from tests.web.signed_in import as_
from vendors.models import Server, ServerSupplier
from work.supply_chain import dependencies, keeping

pytestmark = [pytest.mark.engine, pytest.mark.django_db]


@pytest.fixture
def scene(time_machine):
    """Return the cast, with a server of Example whose release needs express itself, and qs by it, which is hit."""
    time_machine.move_to(NOON, tick=False)
    people = cast.assemble()
    release = cast.a_release(people)
    ServerSupplier.objects.create(server=release.server, vendor=cast.a_vendor(people, "Example"), role="publisher")
    publish("GHSA-1", feed=a_fresh_feed())
    take(release, EXPRESS, QS, OWN, by=people.alice, now=NOON)
    comparing.compare_changed(now=NOON)
    hits.compare(release.server, now=NOON)
    keeping.follow(now=NOON)
    return people


def shown(person, route, key):
    return as_(person).get(reverse(f"web:{route}", args=[key]))


def test_the_map_of_a_server_has_what_is_hit_and_what_it_needs_itself_and_counts_the_rest(scene):
    drawn = dependencies.of_server(Server.objects.select_related("levels", "pinned_release").get())

    assert dependencies.rows(drawn) == [
        ("Example (publisher)", "Weather", "1.2.3", "qs 6.11.0", "Affected: GHSA-1; free of it from 6.11.1"),
        ("Example (publisher)", "Weather", "1.2.3", "express 4.18.2", "Not affected: needed directly"),
        ("Example (publisher)", "Weather", "1.2.3", "1 package more", "not drawn: see Built from"),
    ]


def test_the_map_of_a_vendor_has_its_servers_and_what_hits_them(scene):
    page = shown(scene.mia, "vendor-map", ServerSupplier.objects.get().vendor_id)

    assert page.context["chart"].rows == (
        ("Example (Prospective)", "Weather", "1.2.3", "qs", "Affected: 1 hit, worst high"),
    )


def test_a_server_without_inventory_is_unknown_on_its_map(scene):
    server = cast.a_server(scene, "com.example/new", title="New")
    page = shown(scene.mia, "server-map", server.pk)

    assert page.context["chart"].rows == (("Not known yet", "New", "No release on record", "", ""),)
    assert "Unknown" in page.context["chart"].svg


def test_a_stranger_sees_no_server_of_another_unit(scene):
    server = Server.objects.get()
    vendor = ServerSupplier.objects.get().vendor_id

    assert shown(scene.eve, "server-map", server.pk).status_code == 404
    assert shown(scene.eve, "vendor-map", vendor).context["chart"].rows == ()


@for_each("route", ["server-map", "vendor-map"])
def test_the_drawing_has_a_link_for_each_box_and_no_style(scene, route):
    key = Server.objects.get().pk if route == "server-map" else ServerSupplier.objects.get().vendor_id
    svg = str(shown(scene.mia, route, key).context["chart"].svg)
    links = re.findall(r'<a href="([^"]+)" aria-label="([^"]+)"', svg)

    assert "style=" not in svg
    assert {label.split(" ")[0] for _url, label in links} == {"Vendor", "Server", "Package"}
    assert {as_(scene.mia).get(url.replace("&amp;", "&")).status_code for url, _label in links} == {200}


def test_of_many_servers_the_worst_are_drawn_and_the_rest_counted(scene):
    vendor = ServerSupplier.objects.get().vendor
    for number in range(dependencies.SERVERS):
        server = cast.a_server(scene, f"com.example/{number}", title=f"Server {number}")
        ServerSupplier.objects.create(server=server, vendor=vendor, role="host")
    rows = shown(scene.mia, "vendor-map", vendor.pk).context["chart"].rows

    assert rows[0][1] == "Weather"
    assert (len({row[1] for row in rows}), rows[-1][1]) == (dependencies.SERVERS + 1, "1 server more")


def test_a_map_takes_few_statements(scene, django_assert_max_num_queries):
    client, server = as_(scene.mia), Server.objects.get()
    client.get(reverse("web:server-map", args=[server.pk]))

    with django_assert_max_num_queries(18):
        client.get(reverse("web:server-map", args=[server.pk]))
