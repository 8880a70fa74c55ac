"""How easily a server or a vendor could be replaced: said once each, with a reason, and changed by whoever may."""

from typing import Any

import pytest
from django.test import TestCase
from django.urls import reverse

from accounts.access import NotPermitted
from landscape import replacing
from landscape.models import Substitutability
from riskregister.refusals import Conflict, Refused
from tests.api.caller import Caller, frozen
from tests.assessments import scenes
from tests.cast import NOON, Cast
from tests.web.signed_in import as_
from vendors.models import Server, Vendor


class Replacing(TestCase):
    """A server of Payments and its vendor, of which nobody has said it."""

    people: Cast
    server: Server
    vendor: Vendor
    who: dict[str, Any]

    @classmethod
    def setUpTestData(cls) -> None:
        scene = scenes.set_up()
        cls.people, cls.server, cls.vendor = scene.people, scene.server, scene.vendor
        cls.who = {"by": cls.people.alice, "now": NOON}

    def setUp(self) -> None:
        clock = frozen()
        clock.start()
        self.addCleanup(clock.stop)

    def test_of_each_it_is_said_once(self) -> None:
        for subject in (self.server, self.vendor):
            replacing.judge(subject, level="hard", reason="No other has it.", **self.who)
            with pytest.raises(Conflict, match="already"):
                replacing.judge(subject, level="easy", reason="There are three.", **self.who)
        assert replacing.levels_of(servers=[self.server.pk], vendors=[self.vendor.pk]) == {
            self.server.pk: "hard", self.vendor.pk: "hard"
        }  # fmt: skip

    def test_needs_a_level_and_a_reason(self) -> None:
        cases: list[tuple[dict[str, Any], str]] = [
            ({"level": "maybe", "reason": "So."}, "level"),
            ({"level": "not", "reason": " "}, "reason"),
        ]
        for facts, field in cases:
            with self.subTest(field=field), pytest.raises(Refused) as refused:
                replacing.judge(self.server, **facts, **self.who)
            assert refused.value.field == field
        assert not Substitutability.objects.exists()

    def test_what_is_of_a_unit_is_for_its_writers(self) -> None:
        with pytest.raises(NotPermitted):
            replacing.judge(self.server, level="easy", reason="So.", by=self.people.eve, now=NOON)
        row = replacing.judge(self.server, level="easy", reason="So.", **self.who)
        assert not Substitutability.objects.visible_to(self.people.eve).exists()
        of_vendor = replacing.judge(self.vendor, level="not", reason="So.", by=self.people.eve, now=NOON)
        assert list(Substitutability.objects.visible_to(self.people.eve)) == [of_vendor]
        assert str(row) == f"{self.server}: easy to replace"

    def test_the_page_says_it_and_changes_it(self) -> None:
        alice, url = as_(self.people.alice), reverse("web:vendor-substitutability", args=[self.vendor.pk])
        alice.post(url, {"level": "not", "reason": "Nobody else has the data."})
        version = alice.get(url).context["form"].initial["version"]
        alice.post(
            url, {"level": "hard", "reason": "One other has it.", "alternatives": "Other Ltd", "version": version}
        )
        row = Substitutability.objects.get()
        assert (row.level, row.alternatives) == ("hard", "Other Ltd")
        assert "Hard to replace" in alice.get(reverse("web:vendor-detail", args=[self.vendor.pk])).content.decode()

    def test_the_api_takes_one_of_the_two(self) -> None:
        caller = Caller(self.people.alice)
        both = {"server": str(self.server.pk), "vendor": str(self.vendor.pk)}
        for about in ({}, both):
            answer = caller.post("/substitutabilities/", level="easy", reason="So.", **about)
            assert answer.status_code == 400
        made = caller.made("/substitutabilities/", level="easy", reason="So.", vendor=str(self.vendor.pk))
        assert (made["server"], made["vendor"]["ref"], made["level"]) == (None, self.vendor.ref, "easy")
