"""Technical profiles: what contradicts itself is refused, days are told, what is seen or answered otherwise shows."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import TestCase
from django.urls import reverse

from assessments.facts import register_facts
from jobs import dated
from landscape import impact, profile_facts, technical_profiles
from landscape.models import TechnicalProfile
from monitoring.models import Observation, Run
from riskregister.refusals import Conflict, Refused
from tests import cast
from tests.api.caller import Caller, frozen
from tests.assessments import scenes
from tests.cast import NOON, TODAY, Cast
from tests.web.signed_in import as_
from vendors import lifecycle
from vendors.models import Deployment, Release, Server
from vendors.registering import deployments

DAY = timedelta(days=1)


class Profiles(TestCase):
    """A deployment of a server of Payments, of which nothing technical is known yet."""

    people: Cast
    server: Server
    release: Release
    deployment: Deployment
    who: dict[str, Any]

    @classmethod
    def setUpTestData(cls) -> None:
        scene = scenes.set_up()
        cls.people, cls.server, cls.other = scene.people, scene.server, scene.another_server()
        cls.who = {"by": cls.people.alice, "now": NOON}
        cls.deployment = deployments.add_deployment(
            cls.server, name="Desk", environment="staging", agent="Desk agent", **cls.who, **cast.EXPOSURE
        )

    other: Server

    def setUp(self) -> None:
        clock = frozen()
        clock.start()
        self.addCleanup(clock.stop)

    def profile(self, **facts: Any) -> TechnicalProfile:
        return technical_profiles.write(self.deployment, **facts, **self.who)

    def test_what_is_left_out_is_not_known(self) -> None:
        profile = self.profile()
        assert {getattr(profile, name) for name in technical_profiles.FIELDS if name != "egress_hosts"} == {None, ""}
        assert profile.egress_hosts == []
        assert list(profile_facts.of(self.server.pinned_release or self.server.releases.latest("id"), NOON)) == []

    def test_refuses_what_contradicts_itself(self) -> None:
        cases: list[tuple[dict[str, Any], str, str]] = [
            ({"transport": "stdio", "tls": "1.3"}, "tls", "has no TLS"),
            ({"tls": "none", "mutual_tls": True}, "mutual_tls", "has no mutual TLS"),
            ({"mutual_tls": False, "certificate_ends_on": TODAY}, "mutual_tls", "one or the other"),
            ({"authentication": "none", "token_minutes": 60}, "token_minutes", "there is no token"),
            ({"key_rotated_on": TODAY + DAY}, "key_rotated_on", "today at the latest"),
            ({"calls_logged": False, "logs_where": "Store"}, "calls_logged", "one or the other"),
            ({"fallback": self.server}, "fallback", "cannot take its own place"),
            ({"token_minutes": 0}, "token_minutes", "whole minutes from 1 to"),
            ({"key_rotation_days": 3661}, "key_rotation_days", "whole days from 1 to 3,660"),
            ({"egress_hosts": ["api.example.com", "https://x"]}, "egress_hosts", "is no host"),
        ]
        for facts, field, words in cases:
            with self.subTest(facts=facts), pytest.raises(Refused, match=words) as refused:
                self.profile(**facts)
            assert refused.value.field == field
        assert not TechnicalProfile.objects.exists()

    def test_a_pointer_to_the_timestamp_is_one_of_rfc_6901(self) -> None:
        for pointer in ("data/updated_at", "$.data", "/a~2b", "/a~", "data"):
            with self.subTest(pointer=pointer), pytest.raises(Refused, match="JSON pointer"):
                self.profile(freshness_pointer=pointer)
        profile = self.profile(freshness_pointer="/data/0/up~1dated~0at")
        assert profile.freshness_pointer == "/data/0/up~1dated~0at"

    def test_a_deployment_has_one_while_it_has_not_ended(self) -> None:
        profile = self.profile(tls="1.3", fallback=self.other)
        with pytest.raises(Conflict, match="has a profile already"):
            self.profile()
        deployments.end_deployment(self.deployment, on=TODAY, **self.who)
        with pytest.raises(Conflict, match="has ended and stays as it was"):
            technical_profiles.rewrite(profile, changes={"tls": "1.2"}, **self.who)

    def test_the_key_is_due_when_both_facts_are_known(self) -> None:
        profile = self.profile(key_rotation_days=90)
        assert profile.key_rotation_due_on is None
        technical_profiles.rewrite(profile, changes={"key_rotated_on": TODAY}, **self.who)
        assert profile.key_rotation_due_on == TODAY + 90 * DAY

    def test_the_days_of_certificate_and_key_are_told(self) -> None:
        self.profile(mutual_tls=True, certificate_ends_on=TODAY + 30 * DAY, key_rotation_days=30, key_rotated_on=TODAY)
        words = ("profile certificate", "profile key")
        told = {
            one.word: [dated.tell(one, now=NOON + after * DAY) for after in (0, 1, 23, 30, 31, 32)]
            for one in dated.every()
            if one.word in words
        }
        assert told == {words[0]: [1, 0, 1, 1, 1, 0], words[1]: [0, 0, 1, 1, 1, 0]}
        deployments.end_deployment(self.deployment, on=TODAY, **self.who)
        assert [one.rows().count() for one in dated.every() if one.word in words] == [0, 0]

    def test_it_stands_beside_the_answers_of_its_deployment(self) -> None:
        self.profile(tls="none", mutual_tls=False, calls_logged=True)
        release = self.server.releases.latest("id")
        known = register_facts.gather(self.server, release, [self.deployment], now=NOON)
        known_facts = {row.fact: (row.holds, row.says, row.about) for row in known if row.fact.startswith("profile_")}
        ref = self.deployment.ref
        assert known_facts == {
            "profile_encrypted": (False, f"Profile of {ref}: not encrypted.", ref),
            "profile_tls_13": (False, f"Profile of {ref}: not encrypted.", ref),
            "profile_mutual_tls": (False, f"Profile of {ref}: no mutual TLS.", ref),
            "profile_calls_logged": (True, f"Profile of {ref}: calls are logged.", ref),
        }

    def test_what_was_seen_otherwise_is_said_while_it_is_fresh(self) -> None:
        profile = self.profile(tls="1.3", authentication="oauth")
        self.see("tls_old", "TLS", "versions before 1.2 are accepted")
        self.see("tls_13_only", "TLS", "1.3 only", key="elsewhere")
        sentences = profile_facts.seen_otherwise([profile], now=NOON)[str(self.deployment.pk)]
        assert sentences == ["The profile says “TLS 1.3”; seen on 2 Mar 2026: TLS: versions before 1.2 are accepted."]
        assert profile_facts.seen_otherwise([profile], now=NOON + 365 * DAY) == {str(self.deployment.pk): []}
        page = as_(self.people.alice).get(reverse("web:server-deployments", args=[self.server.pk]))
        assert "versions before 1.2 are accepted" in page.content.decode()

    def see(self, fact: str, words: str, value: str, *, key: str = "versions") -> None:
        run = Run.objects.create(
            server=self.server, collector="tls", status=Run.Status.COMPLETE, asked_at=NOON, ended_at=NOON
        )
        Observation.objects.create(
            server=self.server, collector="tls", key=key, words=words, value=value, value_since=NOON, fact=fact,
            holds=True, first_seen_at=NOON, last_seen_at=NOON, run=run,
        )  # fmt: skip

    def test_the_server_that_takes_its_place_holds_up_what_works_with_it(self) -> None:
        def shown() -> list[tuple[str, int, int]]:
            found = impact.of(self.server, self.people.alice).groups
            return [(group.kind, group.surely, group.perhaps) for group in found]

        assert shown() == [("deployment", 1, 0)]
        self.profile(fallback=self.other)
        assert shown() == [("deployment", 0, 1)]
        lifecycle.retire(self.other, reason="Nobody uses it.", by=self.people.bob, now=NOON)
        assert shown() == [("deployment", 1, 0)]

    def another(self, name: str = "Back office") -> Deployment:
        return deployments.add_deployment(
            self.server, name=name, environment="production", agent=name, **self.who, **cast.EXPOSURE
        )

    def test_those_of_a_server_stand_side_by_side(self) -> None:
        second, third = self.another(), self.another("Night shift")
        self.profile(tls="1.3", calls_logged=True, authentication="oauth", egress_hosts=["b.example.com"])
        technical_profiles.write(second, tls="1.2", calls_logged=True, **self.who)
        asked = f"/servers/{self.server.pk}/technical-profile/"
        first_ref, second_ref, third_ref = (one.ref for one in (self.deployment, second, third))

        joined = self.joined(asked)
        assert joined["tls"] == ("differs", {"TLS 1.3": [first_ref], "TLS 1.2": [second_ref]}, [third_ref])
        assert joined["calls_logged"] == ("partly_known", {"Yes": [first_ref, second_ref]}, [third_ref])
        assert joined["egress_hosts"] == ("partly_known", {"b.example.com": [first_ref]}, [second_ref, third_ref])
        assert joined["segment"] == ("not_known", {}, [first_ref, second_ref, third_ref])
        assert {*joined} == {*technical_profiles.FIELDS, "key_rotation_due_on"}
        # Of what has ended nothing is told, and what is left is the same everywhere.
        deployments.end_deployment(third, on=TODAY, **self.who)
        assert self.joined(asked)["calls_logged"] == ("same", {"Yes": [first_ref, second_ref]}, [])

    def joined(self, asked: str) -> dict[str, tuple[str, dict[str, list[str]], list[str]]]:
        answer = Caller(self.people.alice).get(asked).json()
        return {
            fact["name"]: (
                fact["agreement"],
                {one["words"]: [row["ref"] for row in one["deployments"]] for one in fact["sayings"]},
                [row["ref"] for row in fact["unknown"]],
            )
            for group in answer["groups"]
            for fact in group["facts"]
        }

    def test_the_page_of_a_server_says_where_they_differ_and_leads_to_what_is_not_written(self) -> None:
        second, third = self.another(), self.another("Night shift")
        first = self.profile(tls="1.3", authentication="oauth", egress_hosts=["b.example.com"], fallback=self.other)
        technical_profiles.write(second, tls="1.2", **self.who)
        self.see("tls_old", "TLS", "versions before 1.2 are accepted")
        alice, address = as_(self.people.alice), reverse("web:server-technical-profile", args=[self.server.pk])
        page = alice.get(address).content.decode()
        assert f'TLS 1.2 <span class="soft">· {second}</span>' in page
        assert page.count(">Differs<") == 1
        assert "The profile says “TLS 1.3”; seen on 2 Mar 2026" in page
        # What is written of one is where the form of another begins, and nothing is saved by looking at it.
        begins = f"{reverse('web:technical-profile-write', args=[third.pk])}?like={first.pk}"
        assert begins in page
        form = alice.get(begins).context["form"]
        assert {name: form[name].value() for name in ("tls", "egress_hosts", "fallback", "segment")} == {
            "tls": "1.3", "egress_hosts": "b.example.com", "fallback": self.other.pk, "segment": "",
        }  # fmt: skip
        assert TechnicalProfile.objects.count() == 2
        assert begins not in as_(self.people.mia).get(address).content.decode()

    def test_the_page_of_a_server_asks_those_to_write_it_who_may(self) -> None:
        address = reverse("web:server-technical-profile", args=[self.server.pk])
        self.assertContains(
            as_(self.people.alice).get(address), "Write the technical profile of one of its deployments."
        )
        self.assertContains(as_(self.people.mia).get(address), "Nobody has written the technical profile")

    def test_the_page_and_the_api_write_it(self) -> None:
        fields = {"tls": "1.2", "mutual_tls": "yes", "egress_hosts": "api.example.com\nB.example.com:8443"}
        alice = as_(self.people.alice)
        alice.post(reverse("web:technical-profile-write", args=[self.deployment.pk]), fields)
        profile = TechnicalProfile.objects.get()
        assert (profile.tls, profile.egress_hosts) == ("1.2", ["api.example.com", "b.example.com:8443"])
        page = alice.get(reverse("web:technical-profile-detail", args=[profile.pk])).content.decode()
        assert "b.example.com:8443" in page
        answer = Caller(self.people.alice).patch(f"/technical-profiles/{profile.pk}/", freshness_pointer="no")
        assert answer.status_code == 422
        assert "JSON pointer" in answer.content.decode()
