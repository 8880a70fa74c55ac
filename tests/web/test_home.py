"""Home, inbox, search and the way to an object: what waits for whom."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role, User
from alerts import relay
from alerts.models import Alert
from assessments import lifecycle
from assessments.answers import second_person
from assessments.models import Answer
from escalations import climbing, ladders
from findings import acceptance, register
from findings.models import Finding
from tests.assessments import scenes
from tests.cast import NOON, TODAY, assemble, person
from tests.tables import for_each
from tests.web.signed_in import as_
from vendors.models import Deployment
from vendors.registering import deployments
from work.in_hand import late

A_DAY = timedelta(days=1)


@pytest.fixture
def scene(db, time_machine):
    time_machine.move_to(NOON, tick=False)
    return scenes.set_up()


def queues(person):
    return {queue.title: [item.title for item in queue.items] for queue in as_(person).get("/").context["queues"]}


def test_a_deployment_without_a_governance_tier_is_asked_for_until_it_has_one(scene):
    alice, bob = scene.people.alice, scene.people.bob
    how = {"environment": "production", "by": alice, "now": NOON}
    desk = deployments.add_deployment(scene.server, name="Desk", agent="Support", **how)
    others = deployments.add_deployment(scene.server, name="Batch", agent="Batch", owner=bob, **how)
    title = "Deployments without a governance tier"

    assert queues(alice)[title] == [str(desk)]
    assert title not in queues(scene.people.carol)
    Deployment.objects.filter(pk=others.pk).update(owner=None)
    assert queues(alice)[title] == [str(desk), str(others)]
    Deployment.objects.update(governance_tier=1, governance_revision="draft")
    assert title not in queues(alice)


def test_an_empty_register_shows_an_administrator_how_to_begin(db):
    ada = assemble().ada

    steps = as_(ada).get("/").context["steps"]

    assert [step.is_done for step in steps] == [True, True, False, False, False, False]


def test_the_way_to_a_first_decision_stands_below_what_waits_until_there_is_one(scene):
    alice = as_(scene.people.alice)
    raise_some(scene, 1)
    Finding.objects.update(owner=scene.people.alice)
    assessment = scene.draft()
    page = alice.get("/")
    assert page.context["queues"]
    assert [step.title for step in page.context["steps"] if not step.is_done] == ["Have a second person decide"]
    assert "How a register begins" in page.content.decode()

    lifecycle.submit(assessment, by=scene.people.alice, now=NOON)
    lifecycle.finalise(assessment, by=scene.people.bob, now=NOON)
    later = alice.get("/")
    assert later.context["queues"]
    assert later.context["steps"] == []


def test_an_administrator_sees_that_nobody_who_can_sign_in_assesses_or_decides(scene):
    ada = scene.people.ada
    assert "Roles that nobody has" not in queues(ada)

    User.objects.filter(name__in=["Alice", "Eve"]).update(is_active=False)
    assert queues(ada)["Roles that nobody has"] == ["Analyst"]
    assert "Roles that nobody has" not in queues(scene.people.mia)
    User.objects.filter(name="Bob").update(is_active=False)
    assert queues(ada)["Roles that nobody has"] == ["Analyst", "Approver"]


def test_the_role_of_somebody_who_is_shut_out_does_not_begin_a_register(db):
    people = assemble()
    people.bob.is_active = False
    people.bob.save()

    steps = as_(people.ada).get("/").context["steps"]

    assert [step.is_done for step in steps][:2] == [True, False]


def test_a_draft_is_resumed_at_the_first_question_without_an_answer(scene):
    assessment = scene.draft(choices={scenes.SERVER_QUESTION: ""})
    Answer.objects.filter(assessment=assessment, question__key=scenes.SERVER_QUESTION).update(choice="", option=None)

    item = next(q for q in as_(scene.people.alice).get("/").context["queues"]).items[0]

    dimension = scenes.SERVER_QUESTION.partition(".")[0]
    assert (
        item.url == f"{reverse('web:assessment-dimension', args=[assessment.pk, dimension])}#{scenes.SERVER_QUESTION}"
    )


def test_a_submitted_assessment_waits_for_the_approver_alone(scene):
    assessment = scene.draft()
    lifecycle.submit(assessment, by=scene.people.alice, now=NOON)

    assert queues(scene.people.bob) == {"Assessments to decide": [str(assessment)]}
    for other in (scene.people.alice, scene.people.mia, scene.people.carol, scene.people.eve, scene.people.ada):
        assert "Assessments to decide" not in queues(other)


def test_an_approver_who_edited_it_is_not_asked_to_decide(scene):
    assessment = lifecycle.start(scene.server, kind="initial", by=scene.people.bob, now=NOON)
    scenes.fill_in(assessment, by=scene.people.bob, at=NOON, choices={})
    lifecycle.submit(assessment, by=scene.people.alice, now=NOON)

    assert "Assessments to decide" not in queues(scene.people.bob)


def test_a_returned_assessment_waits_with_its_reason(scene):
    assessment = scene.draft()
    lifecycle.submit(assessment, by=scene.people.alice, now=NOON)
    lifecycle.return_to_draft(assessment, reason="The licence is missing.", by=scene.people.bob, now=NOON)

    page = as_(scene.people.alice).get("/").content.decode()

    assert "Returned by Bob: The licence is missing." in page


def test_what_others_have_overdue_waits_for_their_manager_alone(scene):
    finding = scene.finding()
    assert "Overdue findings of others" not in queues(scene.people.mia)

    Finding.objects.filter(pk=finding.pk).update(due_on=timezone.localdate() - timedelta(days=1))

    assert queues(scene.people.mia)["Overdue findings of others"] == [str(finding)]
    for other in (scene.people.alice, scene.people.bob, scene.people.carol, scene.people.eve, scene.people.ada):
        assert "Overdue findings of others" not in queues(other)


def test_what_is_decided_late_names_who_may_and_has_no_hand_in_it(scene, time_machine):
    assessment = lifecycle.start(scene.server, kind="initial", by=scene.people.bob, now=NOON)
    scenes.fill_in(assessment, by=scene.people.bob, at=NOON, choices={})
    lifecycle.submit(assessment, by=scene.people.alice, now=NOON)
    time_machine.move_to(NOON + timedelta(days=16), tick=False)

    def hint():
        [late] = [one for one in as_(scene.people.mia).get("/").context["queues"] if one.title == "Late decisions"]
        return late.items[0].hint

    assert hint() == "Alice asked on 2 Mar 2026. It waits for nobody who may."
    person("ben", role=Role.APPROVER, unit=scene.people.payments)
    assert hint() == "Alice asked on 2 Mar 2026. It waits for Ben."


def test_of_many_late_decisions_the_longest_are_named_and_all_are_counted(scene, time_machine):
    found = []
    for day in range(8):
        at = NOON + timedelta(days=day)
        one = register.open_by_hand(
            scene.server,
            title=f"Leak {day}",
            severity=3,
            dimension="security_posture",
            by=scene.people.alice,
            now=at,
        )
        scene.claimed(one, at=at)
        found.append(str(one))
    time_machine.move_to(NOON + timedelta(days=30), tick=False)

    [late] = [one for one in as_(scene.people.mia).get("/").context["queues"] if one.title == "Late decisions"]

    assert [item.title for item in late.items] == found[:6]
    assert late.total == 8


def test_who_may_decide_what_is_late_is_asked_once_of_a_unit(scene):
    how = {"severity": 3, "dimension": "security_posture", "by": scene.people.alice, "now": NOON}
    for title in ("Leak", "Hole", "Gap"):
        scene.claimed(register.open_by_hand(scene.server, title=title, **how))
    found, total = late.decisions(scene.people.mia, today=TODAY + timedelta(days=30), limit=6)

    with CaptureQueriesContext(connection) as asked:
        named = list(late.with_approvers(found))

    assert total == len(named) == 3
    assert [people for _one, people in named] == [[scene.people.bob]] * 3
    assert sum("accounts_membership" in one["sql"] for one in asked) == 1


def test_who_has_a_hand_in_an_assessment_is_asked_at_once(scene, django_assert_num_queries):
    assessment = lifecycle.start(scene.server, kind="initial", by=scene.people.bob, now=NOON)
    scenes.fill_in(assessment, by=scene.people.bob, at=NOON, choices={})
    lifecycle.submit(assessment, by=scene.people.alice, now=NOON)

    with django_assert_num_queries(1):
        found = second_person.hands(assessment)

    assert found == {scene.people.alice.pk, scene.people.bob.pk}


def test_a_claimed_fix_waits_for_somebody_else(scene):
    finding = scene.finding()
    assert str(finding) in queues(scene.people.alice)["Findings you own"]

    scene.claimed(finding)

    finding.refresh_from_db()
    assert queues(scene.people.bob)["Fixes to verify"] == [str(finding)]
    assert str(finding) not in queues(scene.people.alice).get("Findings you own", [])


def test_a_request_to_accept_a_risk_waits_for_the_approver(scene):
    finding = scene.finding()
    asked = acceptance.request(
        finding,
        reason="We can live with it.",
        compensating_control="Read-only key",
        expires_on=TODAY.replace(year=2026, month=6),
        by=scene.people.alice,
        now=NOON,
    )

    assert queues(scene.people.bob)["Risks to accept or refuse"] == [f"{asked.ref} {finding}"]
    page = reverse("web:acceptance-detail", args=[asked.pk])
    bob = as_(scene.people.bob)
    assert f'href="{page}"' in bob.get("/").content.decode()
    assert bob.get("/search/", {"q": asked.ref})["Location"] == page
    assert as_(scene.people.eve).get(f"/go/riskacceptance/{asked.pk}").status_code == 404
    assert "Risks to accept or refuse" not in queues(scene.people.eve)


def overdue(scene, title):
    """Let a finding escalate that has been overdue for months."""
    register.open_by_hand(
        scene.server, title=title, severity=4, dimension="provenance", by=scene.people.alice, now=NOON - 300 * A_DAY
    )
    for ladder in ladders.every():
        climbing.climb(ladder, now=NOON)


def raise_some(scene, count):
    for number in range(count):
        register.open_by_hand(
            scene.server, title=f"More {number}", severity=2, dimension="provenance", by=scene.people.alice, now=NOON
        )


def statements(client):
    """Return what home asks, once what is kept from one request to the next is there."""
    client.get("/")
    with CaptureQueriesContext(connection) as captured:
        client.get("/")
    return [one["sql"] for one in captured]


def test_home_takes_few_statements_however_much_waits(scene):
    """The session, the person and their roles; one a queue, and its count where it is cut; what the assessments lack
    that wait for a decision, asked for all of them at once; the inbox; whether anything was decided yet.
    """
    people = scene.people
    scene.finding()
    raise_some(scene, 8)
    overdue(scene, "First")
    lifecycle.submit(scene.draft(scene.another_server()), by=people.alice, now=NOON)
    clients = {
        name: as_(person) for name, person in (("bob", people.bob), ("alice", people.alice), ("mia", people.mia))
    }
    few = {name: statements(client) for name, client in clients.items()}

    raise_some(scene, 5)
    overdue(scene, "Second")
    lifecycle.submit(scene.draft(scene.another_server()), by=people.alice, now=NOON)

    many = {name: statements(client) for name, client in clients.items()}
    assert {name: len(asked) for name, asked in many.items()} == {name: len(asked) for name, asked in few.items()}
    assert max(len(asked) for asked in many.values()) <= 41


def test_reading_an_alert_takes_a_post_and_leads_to_its_object(scene):
    assessment = scene.draft()
    lifecycle.submit(assessment, by=scene.people.alice, now=NOON)
    relay.relay(now=NOON)
    alert = Alert.objects.get(recipient=scene.people.bob)
    bob, eve = as_(scene.people.bob), as_(scene.people.eve)

    assert bob.get(reverse("web:inbox-open", args=[alert.pk])).status_code == 405
    assert eve.post(reverse("web:inbox-open", args=[alert.pk])).status_code == 404
    assert alert.title in bob.get(reverse("web:inbox")).content.decode()

    response = bob.post(reverse("web:inbox-open", args=[alert.pk]))

    alert.refresh_from_db()
    assert response["Location"] == reverse("web:assessment-detail", args=[assessment.pk])
    assert alert.read_at == NOON


def test_the_way_to_an_object_is_open_to_whoever_may_see_it(scene):
    finding = scene.finding()
    path = f"/go/finding/{finding.pk}"

    assert as_(scene.people.carol).get(path)["Location"] == reverse("web:finding-detail", args=[finding.pk])
    assert as_(scene.people.eve).get(path).status_code == 404
    assert as_(scene.people.carol).get(f"/go/nonsense/{finding.pk}").status_code == 404


@for_each("kind", ["vendor", "server", "assessment", "finding"])
def test_every_kind_of_object_has_a_page(scene, kind):
    finding = scene.finding()
    objects = {
        "vendor": scene.vendor,
        "server": scene.server,
        "assessment": finding.assessment,
        "finding": finding,
    }

    response = as_(scene.people.alice).get(f"/go/{kind}/{objects[kind].pk}", follow=True)

    assert response.status_code == 200


def test_a_number_leads_to_its_object_and_words_find_it(scene):
    finding = scene.finding()
    alice, eve = as_(scene.people.alice), as_(scene.people.eve)

    assert alice.get("/search/", {"q": finding.ref.lower()})["Location"] == reverse(
        "web:finding-detail", args=[finding.pk]
    )
    assert eve.get("/search/", {"q": finding.ref}).context["groups"] == []
    found = {group.title: [row[0] for row in group.rows] for group in alice.get("/search/?q=first").context["groups"]}
    assert found["Servers"] == [str(scene.server)]


@for_each("name", ["assessment-choose", "finding-raise", "report-choose"])
def test_a_choice_is_searched_for_words_that_a_column_can_hold(scene, name):
    response = as_(scene.people.alice).get(reverse(f"web:{name}"), {"q": "\0 first\0" + " x" * 200})

    assert response.context["words"] == ("first" + " x" * 200)[:200]


def test_a_filter_that_is_not_understood_stands_beside_the_others_and_lists_nothing(scene):
    scene.finding()
    page = as_(scene.people.alice).get(reverse("web:server-list"), {"status": "approved", "inherent_tier": "nonsense"})

    listed = page.context["list"]
    assert (listed.rows, [chip.label for chip in listed.chips]) == ([], ["Status: Approved", "Tier: nonsense"])


@for_each("words", ["\0", "%", "F-999999999999", "V-1 OR 1=1", "<b>", "x" * 5000])
def test_odd_words_find_nothing_and_break_nothing(scene, words):
    response = as_(scene.people.alice).get("/search/", {"q": words})

    assert response.status_code == 200
    assert "<b>" not in response.content.decode()
