"""A vendor is assessed from its page; what nobody judged is never shown as clean, on pages and in the API."""

from datetime import timedelta
from typing import Any

from django.test import TestCase
from django.urls import reverse
from django.utils import timezone

from accounts import tokens
from accounts.access import Capability
from assessments import lifecycle, vendor_starts
from assessments.models import Assessment
from audit.models import Event
from findings.models import Finding
from jobs import dated
from tests import cast
from tests.assessments import scenes
from tests.assessments.scenes import Scene, in_time
from tests.cast import NOON, TODAY
from tests.web.signed_in import sign_in
from vendors.models import Vendor
from work.in_hand import waiting

PINNING = "provenance.model_pinning"
PASSWORD = "correct horse battery staple"


class Scened(TestCase):
    scene: Scene
    people: cast.Cast
    provider: Vendor

    @classmethod
    def setUpTestData(cls) -> None:
        cls.scene = scenes.set_up()
        cls.people = cls.scene.people
        cls.provider = cast.a_vendor(cls.people, "Model Works", kinds=["model_provider"], criticality="high")
        cls.people.bob.set_password(PASSWORD)
        cls.people.bob.save()

    def as_(self, name: str) -> None:
        sign_in(self.client, self.people.everybody[name])

    def get(self, name: str, *args: Any) -> Any:
        return self.client.get(reverse(f"web:{name}", args=args))

    def begun(self) -> Assessment:
        return vendor_starts.start(self.provider, kind="initial", by=self.people.alice, now=NOON)

    def submitted(self, choices: scenes.Choices = scenes.NOTHING) -> Assessment:
        begun = self.begun()
        scenes.fill_in(begun, by=self.people.alice, at=NOON, choices=choices)
        lifecycle.submit(begun, by=self.people.alice, now=NOON)
        return begun

    def final(self, choices: scenes.Choices = scenes.NOTHING) -> Assessment:
        submitted = self.submitted(choices)
        self.scene.finalise(submitted)
        return submitted


class Pages(Scened):
    def test_from_the_vendors_page_to_the_frozen_record(self) -> None:
        self.as_("alice")
        self.assertContains(self.get("vendor-assessments", self.provider.pk), "No assessment yet")
        assert self.get("vendor-assess", self.provider.pk).context["form"].initial == {}
        how = {"kind": "initial", "assignee": str(self.people.alice.pk), "due_on": ""}
        self.client.post(reverse("web:vendor-assess", args=[self.provider.pk]), how)
        begun = Assessment.objects.get()
        self.assertContains(self.get("assessment-detail", begun.pk), "21 questions will not be asked")
        asked = self.get("assessment-dimension", begun.pk, "provenance")
        self.assertContains(asked, "Which version of the model answers us")
        scenes.fill_in(begun, by=self.people.alice, at=NOON, choices={PINNING: "unreported"})
        self.assertContains(self.get("assessment-check", begun.pk), "Every question is answered.")
        lifecycle.submit(begun, by=self.people.alice, now=NOON)

        self.as_("bob")
        self.assertContains(self.get("assessment-review", begun.pk), "Make it final")
        self.assertContains(self.get("assessment-finalise", begun.pk), "A vendor is not approved")
        signed = {"password": PASSWORD, "answers_digest": Assessment.objects.get().answers_digest}
        self.client.post(reverse("web:assessment-finalise", args=[begun.pk]), signed)
        assert Assessment.objects.get().status == "final"
        record = self.get("assessment-detail", begun.pk)
        self.assertContains(record, "Recomputed when this page opened")
        self.assertContains(record, "its scores stand on its page")
        finding = Finding.objects.get(vendor=self.provider)
        self.assertContains(self.get("vendor-findings", self.provider.pk), finding.ref)
        self.assertContains(self.get("vendor-assessments", self.provider.pk), "As judged in")

    def test_it_is_made_final_by_password_only(self) -> None:
        submitted = self.submitted()
        self.as_("bob")
        refused = self.client.post(reverse("web:assessment-finalise", args=[submitted.pk]), {"password": "no"})
        assert (refused.status_code, Assessment.objects.get().status) == (422, "submitted")

    def test_whoever_submitted_is_told_why_not(self) -> None:
        submitted = self.submitted()
        self.as_("alice")
        assert self.get("assessment-finalise", submitted.pk).status_code == 403
        self.assertContains(self.get("assessment-review", submitted.pk), "You cannot decide on this.")

    def test_there_is_nothing_to_decide_on_it(self) -> None:
        submitted = self.submitted()
        self.as_("bob")
        assert self.get("assessment-decide", submitted.pk).status_code == 302

    def test_it_waits_for_an_approver_until_it_is_final_and_no_longer(self) -> None:
        submitted = self.submitted()
        assert list(waiting.assessments_to_decide(self.people.bob)) == [submitted]
        assert not waiting.assessments_to_decide(self.people.alice).exists()
        self.as_("bob")
        self.assertContains(self.get("home"), f"{submitted.ref} Model Works")
        self.scene.finalise(submitted)
        assert not waiting.assessments_to_decide(self.people.bob).exists()

    def test_its_page_says_that_nobody_judged_it(self) -> None:
        self.as_("alice")
        page = self.get("vendor-detail", self.provider.pk)
        self.assertContains(page, "Never assessed")
        self.assertContains(page, "what it does is not known")

    def test_the_list_says_when_each_was_assessed(self) -> None:
        self.final()
        self.as_("eve")
        rows = self.get("vendor-list").context["list"].rows
        assert {row.name: row.assessed_at for row in rows} == {"Model Works": NOON, "Example Ltd": None}

    def test_the_list_of_assessments_names_it_and_tells_vendors_from_servers(self) -> None:
        begun, draft = self.begun(), self.scene.draft()
        self.as_("eve")
        self.assertContains(self.get("assessment-list"), "Model Works")
        self.as_("alice")
        for value, expected in (("true", begun), ("false", draft)):
            found = self.client.get(f"{reverse('web:assessment-list')}?of_vendor={value}").context["list"].rows
            assert [row.pk for row in found] == [expected.pk]

    def test_a_servers_page_names_the_suppliers_that_nobody_judged(self) -> None:
        self.as_("alice")
        page = self.get("server-detail", self.scene.server.pk)
        self.assertContains(page, "1 of 1 suppliers was never assessed itself: Example Ltd.")
        self.assertNotContains(page, "none of it is too old")


class InTheApi(Scened):
    def setUp(self) -> None:
        scopes = [Capability.READ, Capability.WRITE]
        lifetime = timedelta(days=90)
        token: dict[str, Any] = {"name": "Api", "scopes": scopes, "lifetime": lifetime, "by": self.people.alice}
        token["now"] = timezone.now()
        _, self.key = tokens.issue(self.people.alice, **token)

    def call(self, method: str, path: str, body: Any = None) -> Any:
        how = {"content_type": "application/json", "headers": {"Authorization": f"Bearer {self.key}"}}
        return getattr(self.client, method)(f"/api/v1/{path}", body, **how)

    def test_starts_one_of_a_vendor(self) -> None:
        made = self.call("post", "assessments/", {"vendor": str(self.provider.pk), "kind": "initial"})
        assert made.status_code == 201, made.content
        assert (made.json()["server"], made.json()["release"], made.json()["unit"]) == (None, None, None)
        assert made.json()["vendor"]["name"] == "Model Works"

    def test_refuses_a_server_and_a_vendor_at_once_and_a_release_of_a_vendor(self) -> None:
        vendor, server = str(self.provider.pk), str(self.scene.server.pk)
        release = self.scene.server.releases.get()
        for body in (
            {"vendor": vendor, "server": server, "kind": "initial"},
            {"vendor": vendor, "kind": "initial", "release": str(release.pk)},
            {"vendor": vendor},
        ):
            assert self.call("post", "assessments/", body).status_code == 400
        assert not Assessment.objects.exists()

    def test_says_how_a_vendor_was_judged(self) -> None:
        before = self.call("get", f"vendors/{self.provider.pk}/assessment/").json()
        assert (before["standing"], before["overall"], before["dimensions"]) == ("never", None, [])
        final = self.final()
        after = self.call("get", f"vendors/{self.provider.pk}/assessment/").json()
        assert after["assessment"]["ref"] == final.ref
        assert after["due_on"] == "2027-03-02"
        assert len(after["dimensions"]) == 5
        assert after["overall"]["exact"] == str(final.snapshot.score.overall)

    def test_has_no_preview_and_lacks_nothing_for_an_approval(self) -> None:
        submitted = self.submitted()
        assert self.call("get", f"assessments/{submitted.pk}/preview/").status_code == 404
        assert self.call("get", f"assessments/{submitted.pk}/missing/").json() == []

    def test_a_rating_says_which_suppliers_were_not_judged(self) -> None:
        found = self.call("get", f"ratings/{self.scene.server.pk}/suppliers/").json()
        assert found["all_judged"] is False
        assert found["gaps"] == ["1 of 1 suppliers was never assessed itself: Example Ltd."]
        [one] = found["suppliers"]
        assert (one["vendor"]["name"], one["roles"], one["standing"]) == ("Example Ltd", ["Publisher"], "never")


class TheDay(Scened):
    def test_it_is_told_ahead_and_once_it_has_passed(self) -> None:
        final = self.final()
        due = next(one for one in dated.every() if one.word == "assessment")
        told = []
        for days in range(330, 370):
            while dated.tell(due, now=in_time(days)):
                event = Event.objects.filter(object_id=final.pk).latest("at", "pk")
                told.append((days, event.verb, event.data["day"]))
        last = str(TODAY + timedelta(days=365))
        assert told == [
            (335, "assessment.ageing", last),
            (358, "assessment.ageing", last),
            (365, "assessment.ageing", last),
            (366, "assessment.too_old", last),
        ]
