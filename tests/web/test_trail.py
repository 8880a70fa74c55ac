"""The audit trail: who reads what, and the fields that changed."""

import json

import pytest
from django.urls import reverse

from accounts.models import Role
from audit import context
from audit.models import Event
from riskregister.canonical import digest
from tests.assessments import scenes
from tests.cast import NOON, assemble, person
from tests.tables import for_each
from tests.web.signed_in import as_
from vendors.registering import registration
from work.in_hand import handover


@pytest.fixture
def cast(db):
    return assemble()


@pytest.fixture
def server(cast):
    return registration.register_server(
        unit=cast.payments, name="io.example/one", title="One =HYPERLINK()", by=cast.alice, now=NOON
    )


def rows(who, query=""):
    return as_(who).get(f"/trail/{query}").context["list"].rows


def test_another_units_events_are_not_found(cast, server):
    event = Event.objects.get(verb="server.registered")
    url = reverse("web:event", args=[event.pk])

    assert as_(cast.carol).get(url).status_code == 200
    assert as_(cast.eve).get(url).status_code == 404
    assert event in rows(cast.alice)
    assert event not in rows(cast.eve)


def test_administrative_events_are_for_administrators(cast):
    assert any(event.scope == "administration" for event in rows(cast.ada))
    assert not any(event.scope == "administration" for event in rows(cast.mia))


def test_filters_by_group_actor_object_and_day(cast, server):
    assert {event.verb for event in rows(cast.ada, "?what=server")} == {"server.registered"}
    assert {event.verb for event in rows(cast.ada, "?what=role")} == {"role.given"}
    assert {event.actor_label for event in rows(cast.ada, "?who=alice")} == {"Alice"}
    assert server.pk in {event.object_id for event in rows(cast.ada, f"?about={server.pk}")}
    assert f"To what: {server}" in as_(cast.ada).get(f"/trail/?about={server.pk}").content.decode()
    assert rows(cast.ada, "?since=2026-03-03") == []
    assert rows(cast.ada, "?until=2026-03-01") == []
    assert rows(cast.ada, "?since=2026-03-02&until=2026-03-02")


def test_a_day_in_a_filter_is_written_as_people_read_it(cast):
    page = as_(cast.ada).get(reverse("web:trail"), {"since": "2026-03-02"})

    assert [chip.label for chip in page.context["list"].chips] == ["From: 2 Mar 2026"]


@for_each("query", ["?since=nonsense", "?unit=1", "?page=0", "?sort=body", "?what=%00", "?about=%00"])
def test_nonsense_in_the_address_is_no_error(cast, query):
    assert as_(cast.ada).get(f"/trail/{query}").status_code == 200


def test_csv_defuses_formulas_and_holds_the_digest(cast, server):
    response = as_(cast.alice).get("/trail/?what=server&format=csv")
    text = response.getvalue().decode("utf-8-sig")

    assert Event.objects.get(verb="server.registered").digest in text
    assert not any(cell.startswith(("=", "+", "@")) for line in text.splitlines() for cell in line.split(","))


def test_the_kind_of_who_acted_stands_beside_a_name_that_does_not_say_it(cast):
    named = {"Token Export of Alice": "token", "Job reports.render for Alice": "job", "load_demo": "command"}
    for label, kind in named.items():
        with context.acting(context.Actor(kind, "", label, str(cast.alice.pk))):
            registration.register_server(
                unit=cast.payments, name=f"io.example/{kind}", title=kind, by=cast.alice, now=NOON
            )
    found = {row.actor_label: row.actor_tag for row in rows(cast.ada, "?what=server")}
    assert found == {"Token Export of Alice": "", "Job reports.render for Alice": "", "load_demo": "command"}
    page = as_(cast.ada).get("/trail/?what=server").content.decode()
    assert 'load_demo <span class="tag">command</span>' in page
    assert '<span class="tag">token</span>' not in page


def test_an_event_shows_its_body_its_digest_and_the_fields_that_changed(cast):
    with context.acting(context.Actor("person", str(cast.alice.pk), "Alice", str(cast.alice.pk))):
        registration.register_server(unit=cast.payments, name="io.example/two", title="Two", by=cast.alice, now=NOON)
    event = Event.objects.get(verb="server.registered")

    page = as_(cast.alice).get(reverse("web:event", args=[event.pk]))

    assert page.context["is_intact"] is True
    assert json.loads(page.context["body"]) == json.loads(event.body)
    assert digest(event.body) in page.content.decode()
    fields = {name: after for diff in page.context["diffs"] for name, _before, after in diff["fields"]}
    assert fields["Title"] == "Two"


def test_moments_are_shown_to_the_second_with_the_name_of_the_zone(cast, settings):
    registration.register_server(
        unit=cast.payments, name="io.example/two", title="Two", by=cast.alice, now=NOON.replace(second=7)
    )
    url = reverse("web:event", args=[Event.objects.get(verb="server.registered").pk])
    assert "2 Mar 2026, 12:00:07 UTC</time>" in as_(cast.alice).get(url).content.decode()
    settings.TIME_ZONE = "Pacific/Auckland"
    for address in (url, "/trail/?what=server"):
        page = as_(cast.alice).get(address).content.decode()
        assert '<time class="nowrap" datetime="2026-03-02T12:00:07+00:00">3 Mar 2026, 01:00:07 NZDT</time>' in page


def test_what_changed_about_somebody_who_left_is_shown_to_those_who_administer_and_audit_alone(cast, server):
    readers = {name: person(name, role=name, unit=None) for name in (Role.ANALYST, Role.AUDITOR)}
    registration.edit_server(server, changes={"owner": cast.alice}, by=cast.alice, now=NOON)
    ann = person("ann", role=Role.ANALYST, unit=cast.payments)
    with context.acting(context.Actor("person", str(cast.ada.pk), "Ada", str(cast.ada.pk))):
        handover.deactivate(cast.alice, hand_over_to=ann, by=cast.ada, now=NOON)
    event = Event.objects.get(verb="server.handed_over")

    def types(who) -> set[str]:
        page = as_(who).get(reverse("web:event", args=[event.pk])).context
        assert {diff["type"] for diff in page["diffs"]} == {"server"}
        return {diff["type"] for diff in (*page["diffs"], *page["beside"])}

    assert types(readers[Role.ANALYST]) == {"server"}
    assert types(readers[Role.AUDITOR]) == types(cast.ada) == {"server", "person"}


@for_each(("who", "statements"), [("ada", 8), ("alice", 8)])
def test_a_page_of_the_trail_takes_few_statements(cast, server, django_assert_max_num_queries, who, statements):
    client = as_(getattr(cast, who))

    with django_assert_max_num_queries(statements):
        client.get("/trail/")


def test_an_assessment_leads_to_its_whole_history(db):
    scene = scenes.set_up()
    for assessment in (scene.final(), scene.draft()):
        page = as_(scene.people.alice).get(reverse("web:assessment-detail", args=[assessment.pk])).content.decode()
        assert f'href="{reverse("web:trail")}?about={assessment.pk}"' in page
