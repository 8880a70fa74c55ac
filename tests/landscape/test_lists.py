"""The lists of the room, as pages, files and in the API: what nobody knows reads so, and strangers see nothing."""

from typing import Any

from django.test import TestCase
from django.urls import reverse

from landscape import processes, replacing, shared_services, technical_profiles, use_cases
from tests import cast
from tests.api.caller import Caller, frozen
from tests.assessments import scenes
from tests.cast import NOON, Cast
from tests.web.signed_in import as_
from vendors.models import Server
from vendors.registering import deployments

PAGES = ("use-case-list", "process-list", "shared-service-list", "technical-profile-list")
ENDPOINTS = ("use-cases", "business-processes", "shared-services", "technical-profiles", "substitutabilities")


class Lists(TestCase):
    """One of everything, of which hardly anything is known."""

    people: Cast
    server: Server
    who: dict[str, Any]

    @classmethod
    def setUpTestData(cls) -> None:
        scene = scenes.set_up()
        cls.people, cls.server = scene.people, scene.server
        who: dict[str, Any] = {"by": cls.people.alice, "now": NOON}
        unit = cls.people.payments
        use_cases.write(unit=unit, name="Support agent", **who)
        processes.write(unit=unit, name="Refunds", is_critical=False, **who)
        shared_services.write(unit=unit, name="Gateway", kind="gateway", is_single_point=True, **who)
        deployment = deployments.add_deployment(
            cls.server, name="Desk", environment="staging", agent="Desk agent", **who, **cast.EXPOSURE
        )
        technical_profiles.write(deployment, **who)
        replacing.judge(cls.server, level="not", reason="No other has it.", **who)

    def setUp(self) -> None:
        clock = frozen()
        clock.start()
        self.addCleanup(clock.stop)

    def test_each_page_and_file_says_what_is_not_known(self) -> None:
        alice = as_(self.people.alice)
        for name in PAGES:
            with self.subTest(page=name):
                page = alice.get(reverse(f"web:{name}"))
                assert page.status_code == 200
                assert "Not known" in page.content.decode()
                file: Any = alice.get(reverse(f"web:{name}"), {"format": "csv"})
                assert len(b"".join(file.streaming_content).decode().splitlines()) == 2

    def test_the_lists_of_many_columns_give_way_in_a_window_of_1280_pixels(self) -> None:
        alice = as_(self.people.alice)
        for name in ("shared-service-list", "technical-profile-list"):
            with self.subTest(page=name):
                page = alice.get(reverse(f"web:{name}")).content.decode()
                assert '<div class="table-wrap long wide">' in page

    def test_each_endpoint_lists_it_to_the_unit_alone(self) -> None:
        mine, theirs = Caller(self.people.alice), Caller(self.people.eve)
        counts = [
            (len(mine.read(f"/{path}/")["results"]), len(theirs.read(f"/{path}/")["results"])) for path in ENDPOINTS
        ]
        assert counts == [(1, 0)] * len(ENDPOINTS)

    def test_the_pages_of_server_and_deployments_show_what_is_on_record(self) -> None:
        alice = as_(self.people.alice)
        page = alice.get(reverse("web:server-detail", args=[self.server.pk])).content.decode()
        assert "Cannot be replaced" in page
        page = alice.get(reverse("web:server-deployments", args=[self.server.pk])).content.decode()
        for words in ("No use case on record", "No shared service on record", "TLS, keys, logs, isolation, failure"):
            assert words in page
