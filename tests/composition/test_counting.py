"""What inventories count of a large register: a page of their components is read, and not all of them."""

import pytest
from django.db import connection
from django.test import TestCase

from composition.models import Component, Inventory, PackageVersion
from evidence.models import Blob
from tests import cast
from tests.cast import NOON
from tests.plans import explained, too_much
from vendors.models import Release, Server

SERVERS, EACH, PAGE = 100, 200, 25


@pytest.mark.engine
class ManyComponents(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        unit = cast.assemble().payments
        servers = Server.objects.bulk_create(
            Server(number=at, unit=unit, name=f"com.example/{at}", title=f"Server {at}", created_at=NOON)
            for at in range(1, SERVERS + 1)
        )
        releases = Release.objects.bulk_create(Release(server=one, version="1", created_at=NOON) for one in servers)
        for server, release in zip(servers, releases, strict=True):
            server.pinned_release = release if server.number % 2 else None
        Server.objects.bulk_update(servers, ["pinned_release"])
        document = Blob.objects.create(sha256="0" * 64, size=2, created_at=NOON)
        inventories = Inventory.objects.bulk_create(
            Inventory(
                number=one.server.number, server=one.server, release=one, scope="a lock file", form="a lock file",
                document=document, file_name="lock", components_count=EACH, taken_at=NOON,
            )
            for one in releases
        )  # fmt: skip
        express = PackageVersion.objects.create(ecosystem="npm", name="express", folded="express", version="4.18.2")
        rows = (
            Component(inventory=one, package_version=express, ref=str(at)) for one in inventories for at in range(EACH)
        )
        Component.objects.bulk_create(rows, batch_size=2_000)

    def test_all_of_them_count_and_a_page_reads_a_page(self) -> None:
        counting = Component.objects.counting()
        assert counting.count() == SERVERS * EACH
        if connection.vendor != "postgresql":
            self.skipTest("SQLite walks the order of a list whatever it expects.")
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        with explained() as plans:
            assert len(counting.order_by("pk")[:PAGE]) == PAGE
        rows = {Component._meta.db_table: SERVERS * EACH}
        assert [one for plan in plans for one in too_much(plan, rows)] == []
