"""Several findings or reviews given to one person: all of them or none, and whatever refuses is named."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import TestCase
from django.urls import reverse

from accounts import people
from accounts.access import NotPermitted
from accounts.models import User
from alerts import relay
from alerts.models import Alert
from audit.models import Event
from decisions.models import Review
from decisions.reviews import reviews
from findings import register
from findings.models import Finding
from tests.api.caller import Caller, accepted, frozen
from tests.assessments import scenes
from tests.cast import NOON, TODAY, Cast, a_server, person
from tests.interleaving import at_once
from tests.web.signed_in import as_
from work.in_hand import assigning

GIVE = "web:findings-give"


def raised(subject: Any, title: str, *, by: User) -> Finding:
    """Return a finding that nobody owns."""
    found = register.open_by_hand(subject, title=title, severity=3, dimension="provenance", by=by, now=NOON)
    Finding.objects.filter(pk=found.pk).update(owner=None)
    return Finding.objects.select_related("server", "vendor").get(pk=found.pk)


class Nobodys(TestCase):
    """Two findings and a review of Payments that nobody has, and a finding of Research."""

    people: Cast
    first: Finding
    second: Finding
    foreign: Finding
    review: Review

    @classmethod
    def setUpTestData(cls) -> None:
        scene = scenes.set_up()
        cls.people = scene.people
        cls.first, cls.second = (raised(scene.server, title, by=cls.people.alice) for title in ("One", "Two"))
        elsewhere = a_server(cls.people, "com.example/else", unit=cls.people.research, by=cls.people.eve)
        cls.foreign = raised(elsewhere, "Three", by=cls.people.eve)
        cls.review = reviews.request_review(
            scene.server, reason="An incident.", due_on=TODAY + timedelta(days=20), by=cls.people.alice, now=NOON
        )

    def setUp(self) -> None:
        clock = frozen()
        clock.start()
        self.addCleanup(clock.stop)
        self.events = self.happened()

    def happened(self) -> int:
        return Event.objects.filter(verb__startswith="finding.").count()

    def owners(self) -> list[str | None]:
        return list(Finding.objects.order_by("number").values_list("owner__name", flat=True))

    def nothing_is_written(self) -> None:
        assert self.owners() == [None, None, None]
        assert self.happened() == self.events

    def give(self, *chosen: Finding, to: User, by: User) -> None:
        assigning.findings(chosen, owner=to, by=by, now=NOON)


class Giving(Nobodys):
    def test_each_is_a_step_of_its_own_and_the_person_is_told(self) -> None:
        self.give(self.second, self.first, to=self.people.bob, by=self.people.mia)

        assert self.owners() == ["Bob", "Bob", None]
        told = Event.objects.filter(verb="finding.assigned")
        assert {(event.object_id, event.actor_label) for event in told} == {
            (self.first.pk, "Mia"), (self.second.pk, "Mia"),
        }  # fmt: skip
        relay.relay(now=NOON)
        assert Alert.objects.filter(recipient=self.people.bob, event__in=told).count() == 2

    def test_one_that_is_named_several_times_is_given_once(self) -> None:
        self.give(self.first, self.second, self.first, self.first, to=self.people.bob, by=self.people.mia)

        told = Event.objects.filter(verb="finding.assigned").values_list("object_id", flat=True)
        assert sorted(told) == sorted([self.first.pk, self.second.pk])

    def test_reviews_too(self) -> None:
        assigning.reviews_of([self.review], assignee=self.people.bob, by=self.people.mia, now=NOON)

        assert Review.objects.get().assignee == self.people.bob
        assert Event.objects.get(verb="review.assigned").object_id == self.review.pk

    def test_what_the_person_cannot_work_on_is_named_and_nothing_is_given(self) -> None:
        head = person("max", role="manager", unit=None)
        for chosen, named in (((self.first, self.second), ("F-1", "F-2")), ((self.first, self.foreign), ("F-1",))):
            with pytest.raises(assigning.NotGiven) as refusal:
                self.give(*chosen, to=self.people.eve, by=head)
            reasons = [f"{ref}: Eve cannot work on it. Choose an analyst or approver of the unit." for ref in named]
            assert refusal.value.message == " ".join(["Nothing was given.", *reasons])
            self.nothing_is_written()

    def test_whoever_may_not_give_one_of_them_gives_none(self) -> None:
        with pytest.raises(NotPermitted, match=r"^Nothing was given\. F-3: Your roles do not let you"):
            self.give(self.first, self.foreign, to=self.people.bob, by=self.people.alice)
        self.nothing_is_written()

    def test_what_was_settled_meanwhile_is_named_with_its_state(self) -> None:
        register.dismiss(self.second, reason="It is none.", by=self.people.bob, now=NOON)
        self.events = self.happened()

        with pytest.raises(assigning.NotGiven, match=r"^Nothing was given\. F-2: It is dismissed by now\.$"):
            self.give(self.first, self.second, to=self.people.bob, by=self.people.mia)
        self.nothing_is_written()

    def test_none_and_too_many_are_refused(self) -> None:
        for chosen, says in (((), "Choose at least one."), ((self.first,) * 101, "Choose at most 100 at once.")):
            with pytest.raises(assigning.NotGiven, match=says):
                self.give(*chosen, to=self.people.bob, by=self.people.mia)


class ThePage(Nobodys):
    def post(self, *chosen: Finding, to: User, who: str = "mia") -> Any:
        fields = {"rows": [str(one.pk) for one in chosen], "to": str(to.pk)}
        return as_(self.people.everybody[who]).post(f"{reverse(GIVE)}?owner=none", fields)

    def test_a_list_leads_there_with_its_filters_for_those_who_may_give(self) -> None:
        for name, place in (("finding", "owner"), ("review", "assignee")):
            for filters in ({}, {place: "none"}, {"unit": str(self.people.payments.pk)}):
                for who, leads in (("alice", True), ("mia", True), ("carol", False)):
                    page = as_(self.people.everybody[who]).get(reverse(f"web:{name}-list"), filters).content.decode()
                    asked = "&amp;".join(f"{key}={value}" for key, value in filters.items())
                    assert (f'href="/{name}s/give/?{asked}"' in page) is leads, (name, filters, who)

    def test_a_list_of_what_is_settled_leads_nowhere(self) -> None:
        for finding in (self.first, self.second):
            register.dismiss(finding, reason="It is none.", by=self.people.bob, now=NOON)

        page = as_(self.people.mia).get(reverse("web:finding-list"), {"status": "settled"})

        assert {row.title for row in page.context["list"].rows} == {"One", "Two"}
        assert "/give/" not in page.content.decode()

    def test_offers_only_what_the_person_may_give(self) -> None:
        register.dismiss(self.second, reason="It is none.", by=self.people.bob, now=NOON)
        head = person("max", role="manager", unit=self.people.payments)
        people.give_role(head, role="auditor", unit=None, by=self.people.ada, now=NOON)

        form = as_(head).get(reverse(GIVE), {"status": "all"}).context["form"]

        assert [key for key, _label in form.fields["rows"].choices] == [self.first.pk]

    def test_offers_what_the_list_shows_and_who_can_work_on_it(self) -> None:
        page = as_(self.people.mia).get(reverse(GIVE), {"owner": "none", "search": "Two"})

        form = page.context["form"]
        assert [str(label) for _key, label in form.fields["rows"].choices] == [
            "F-2 Two · Medium · S-1 First · Payments · Nobody owns it"
        ]
        assert [person.name for person in form.fields["to"].queryset] == ["Alice", "Bob"]

    def test_offers_what_a_further_page_of_the_list_shows(self) -> None:
        for number in range(49):
            raised(self.first.subject, f"More {number}", by=self.people.alice)
        mia, lists = as_(self.people.mia), reverse("web:finding-list")
        first = mia.get(lists, {"owner": "none"}).context["list"]
        second = mia.get(f"{lists}{first.next_url}").context

        form = mia.get(second["give_url"]).context["form"]

        (last,) = second["list"].rows
        assert [key for key, _label in form.fields["rows"].choices] == [last.pk]

    def test_gives_what_was_chosen_and_leads_back_to_the_list(self) -> None:
        response = self.post(self.first, to=self.people.bob)

        assert (response.status_code, response["Location"]) == (302, "/findings/?owner=none")
        assert self.owners() == ["Bob", None, None]
        page = as_(self.people.mia).get("/findings/?owner=none")
        assert [row.title for row in page.context["list"].rows] == ["Two"]

    def test_a_refusal_names_what_refused_and_keeps_what_was_chosen(self) -> None:
        register.assign(self.first, owner=self.people.alice, by=self.people.mia, now=NOON)
        register.dismiss(self.first, reason="It is none.", by=self.people.bob, now=NOON)

        response = self.post(self.first, self.second, to=self.people.bob)

        assert response.status_code == 422
        assert "Nothing was given. F-1: It is dismissed by now." in response.content.decode()
        shown = response.context["form"]
        assert {str(label) for _key, label in shown.fields["rows"].choices} == {
            "F-1 One · Medium · S-1 First · Payments · Alice owns it",
            "F-2 Two · Medium · S-1 First · Payments · Nobody owns it",
        }
        assert self.owners() == ["Alice", None, None]

    def test_rows_that_the_person_cannot_see_and_roles_that_may_not_are_refused(self) -> None:
        assert self.post(self.foreign, to=self.people.bob).status_code == 422
        assert self.post(self.first, to=self.people.bob, who="carol").status_code == 403
        self.nothing_is_written()

    def test_nothing_chosen_is_asked_for_again(self) -> None:
        response = self.post(to=self.people.bob)

        assert response.status_code == 422
        assert response.context["form"].errors == {"rows": ["Choose at least one."]}


class TheApi(Nobodys):
    def test_both_lists_take_several_and_answer_with_them(self) -> None:
        mia, bob = Caller(self.people.mia), self.people.bob
        keys = [str(one.pk) for one in (self.second, self.first)]

        given = mia.done("/findings/give/", findings=keys, owner=str(bob.pk))
        waiting = mia.done("/reviews/give/", reviews=[str(self.review.pk)], assignee=str(bob.pk))

        assert [(one["ref"], one["owner"]["name"]) for one in given] == [("F-1", "Bob"), ("F-2", "Bob")]
        assert [(one["id"], one["assignee"]["name"]) for one in waiting] == [(str(self.review.pk), "Bob")]

    def test_a_request_that_is_sent_again_is_done_once(self) -> None:
        mia, body = Caller(self.people.mia), {"findings": [str(self.first.pk)], "owner": str(self.people.bob.pk)}
        answers = [
            accepted(
                mia.client.post(
                    "/api/v1/findings/give/", body, content_type="application/json", headers={"Idempotency-Key": "k"}
                ),
                200,
            )
            for _ in range(2)
        ]

        assert answers[0] == answers[1]
        assert Event.objects.filter(verb="finding.assigned").count() == 1

    def test_a_refusal_is_one_problem_and_writes_nothing(self) -> None:
        answer = Caller(self.people.mia).post(
            "/findings/give/", findings=[str(self.first.pk), str(self.second.pk)], owner=str(self.people.carol.pk)
        )

        assert answer.status_code == 422
        assert answer.json()["detail"].startswith("Nothing was given. F-1: Carol cannot work on it.")
        self.nothing_is_written()

    def test_a_row_of_another_unit_looks_like_none(self) -> None:
        answer = Caller(self.people.mia).post(
            "/findings/give/", findings=[str(self.first.pk), str(self.foreign.pk)], owner=str(self.people.bob.pk)
        )

        assert answer.status_code == 422
        assert "There is no such row, or none that you may see." in answer.content.decode()
        self.nothing_is_written()


@pytest.mark.engine
@pytest.mark.django_db(transaction=True)
def test_two_who_give_the_same_in_opposite_order_both_come_through() -> None:
    scene = scenes.set_up()
    people = scene.people
    rows = [raised(scene.server, f"Number {number}", by=people.alice) for number in range(8)]

    def giving(chosen: list[Finding], to: User) -> None:
        fresh = list(Finding.objects.filter(pk__in=[one.pk for one in chosen]))
        assigning.findings(sorted(fresh, key=chosen.index), owner=to, by=people.mia, now=NOON)
        connection.close()

    came = at_once(lambda: giving(rows, people.alice), lambda: giving(rows[::-1], people.bob))

    assert came == [None, None]
    assert Event.objects.filter(verb="finding.assigned").count() == 16
    assert len(set(Finding.objects.values_list("owner", flat=True))) == 1
