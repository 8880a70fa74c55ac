"""Administration: people, roles, units and jobs."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import people, tokens
from accounts.models import Membership, Role, Unit, User
from accounts.sign_in import passwords
from alerts.models import Alert, Delivery
from audit.models import Event
from findings import register
from jobs import runner
from jobs.models import Job
from tests import append_only
from tests.api.caller import frozen
from tests.cast import NOON, a_server, assemble, person
from tests.tables import for_each
from tests.web import forms
from tests.web.signed_in import PASSWORD, as_, signing_as
from vendors.models import Server
from web.accounts import administration
from web.accounts import people as people_pages


@pytest.fixture
def cast(db):
    made = assemble()
    passwords.set_password(made.ada, password=PASSWORD, by=made.ada, now=NOON)
    return made


def post(person, name, /, *args, **given):
    client, at = signing_as(person), reverse(f"web:{name}", args=args)
    return client.post(at, forms.version(client, at) | given)


def test_an_invited_person_gets_a_mail_and_then_roles(cast):
    response = post(cast.ada, "person-invite", name="Dora Doe", email="Dora@Example.org")
    runner.run_due(now=timezone.now())

    dora = User.objects.get(email="dora@example.org")
    assert response["Location"] == reverse("web:person", args=[dora.pk])
    assert [message.to for message in mail.outbox] == [["dora@example.org"]]
    assert [as_(dora).get(url).status_code for url in ("/", "/servers/")] == [200, 403]

    post(cast.ada, "role-give", dora.pk, role="analyst", unit=str(cast.payments.pk))

    assert as_(dora).get("/servers/").status_code == 200


def test_where_mail_goes_to_files_nothing_is_said_to_be_on_its_way(cast, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    client, at = signing_as(cast.ada), reverse("web:person-invite")
    given = forms.version(client, at) | {"name": "Dora Doe", "email": "dora@example.org"}
    page = client.post(at, given, follow=True).content.decode()

    assert "The mail to dora@example.org is a file on this installation: make a link to copy, and hand it over." in page
    assert "on its way" not in page
    assert "once the password is set, this person can sign in and ask for servers, and sees nothing else." in page


@for_each(
    ("given", "sentence"),
    [
        ({"name": "Alice", "email": "ALICE@example.org"}, "registered already"),
        ({"name": "", "email": "new@example.org"}, "required"),
        ({"name": "New", "email": "nonsense"}, "valid email"),
        ({"name": "Ne\u202ew", "email": "new@example.org"}, "cannot be seen"),
    ],
)
def test_a_bad_invitation_is_refused_and_nobody_is_added(cast, given, sentence):
    before = User.objects.count()

    response = post(cast.ada, "person-invite", **given)

    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert User.objects.count() == before


def test_a_copied_link_lets_the_person_in_and_leaves_an_event(cast):
    page = post(cast.ada, "person-link", cast.bob.pk).content.decode()

    path = re.findall(r'value="[^"]*(/set-password/[^"]+)"', page)[0]
    assert Client().get(path).status_code == 200
    assert Event.objects.filter(verb="person.link_made", object_id=cast.bob.pk).count() == 1


@for_each(
    ("step", "sentence"),
    [
        ("person-link", "is told that you hold it"),
        ("person-mail-link", "goes to bob@example.org"),
        ("person-sessions-end", "is signed out of every browser at once"),
    ],
)
def test_what_cannot_be_taken_back_is_asked_first(cast, step, sentence):
    events, epoch = Event.objects.count(), cast.bob.session_epoch
    page = as_(cast.ada).get(reverse(f"web:{step}", args=[cast.bob.pk]))

    cast.bob.refresh_from_db()
    assert page.status_code == 200
    assert sentence in page.content.decode()
    assert "/set-password/" not in page.content.decode()
    assert (Event.objects.count(), cast.bob.session_epoch, mail.outbox) == (events, epoch, [])
    assert as_(cast.alice).get(reverse(f"web:{step}", args=[cast.bob.pk])).status_code == 403


def test_sessions_are_ended_once_that_was_confirmed(cast):
    theirs = as_(cast.bob)

    assert post(cast.ada, "person-sessions-end", cast.bob.pk)["Location"] == reverse("web:person", args=[cast.bob.pk])

    assert theirs.get("/").status_code == 302


@for_each(
    ("given", "field"),
    [
        ({"role": "administrator", "unit": "payments"}, "whole organisation"),
        ({"role": "analyst", "valid_until": "2027-01-01"}, "Only an auditor"),
        ({"role": "auditor", "valid_from": "2027-02-01", "valid_until": "2027-01-01"}, "must end after"),
        ({"role": "emperor"}, "valid choice"),
        ({"role": "analyst", "unit": ""}, "Choose one"),
        ({"role": "", "unit": "whole"}, "Choose one"),
    ],
)
def test_a_role_that_cannot_be_is_refused(cast, given, field):
    before = Membership.objects.count()
    given = {"unit": "whole"} | given
    if given["unit"] == "payments":
        given["unit"] = str(cast.payments.pk)

    response = post(cast.ada, "role-give", cast.bob.pk, **given)

    assert response.status_code == 422
    assert field in response.content.decode()
    assert Membership.objects.count() == before


def test_the_last_administrator_stays(cast):
    held = Membership.objects.get(user=cast.ada)

    post(cast.ada, "role-take", cast.ada.pk, held.pk)
    post(cast.ada, "person-deactivate", cast.ada.pk)

    cast.ada.refresh_from_db()
    assert Membership.objects.filter(pk=held.pk).exists()
    assert cast.ada.is_active


def test_an_administrator_without_a_password_does_not_count_as_another(cast):
    people.give_role(cast.mia, role=Role.ADMINISTRATOR, unit=None, by=cast.ada, now=NOON)

    with pytest.raises(people.LastAdministrator):
        people.deactivate(cast.ada, by=cast.ada, now=NOON)


def test_deactivating_ends_sessions_for_good(cast):
    client = as_(cast.alice)
    assert client.get("/").status_code == 200

    post(cast.ada, "person-deactivate", cast.alice.pk)
    assert client.get("/").status_code == 302
    post(cast.ada, "person-activate", cast.alice.pk)

    assert client.get("/").status_code == 302


def test_work_is_said_to_be_handed_over_only_where_there_was_some(cast):
    ada = signing_as(cast.ada)
    register.open_by_hand(
        a_server(cast), title="Loose", severity=2, dimension="provenance", owner=cast.alice, by=cast.bob, now=NOON
    )
    for person_, handed in ((cast.alice, True), (cast.eve, False)):
        page = ada.post(reverse("web:person-deactivate", args=[person_.pk]), follow=True).content.decode()
        assert "Their sessions and tokens have ended" in page
        assert ("Their work goes to others." in page) is handed


def test_before_somebody_leaves_their_work_is_shown_and_handed_over(cast):
    ann = person("ann", role=Role.ANALYST, unit=cast.payments)
    server = a_server(cast)
    finding = register.open_by_hand(
        server, title="Loose end", severity=2, dimension="provenance", owner=cast.alice, by=cast.bob, now=NOON
    )
    page = as_(cast.ada).get(reverse("web:person-deactivate", args=[cast.alice.pk])).content.decode()
    assert "Loose end" in page
    assert f'<option value="{ann.pk}">Ann</option>' in page
    assert "Eve" not in page

    refused = post(cast.ada, "person-deactivate", cast.alice.pk, hand_over_to=cast.eve.pk)
    assert refused.status_code == 422
    assert User.objects.get(pk=cast.alice.pk).is_active
    post(cast.ada, "person-deactivate", cast.alice.pk, hand_over_to=ann.pk)

    finding.refresh_from_db()
    assert finding.owner == ann
    assert not User.objects.get(pk=cast.alice.pk).is_active


def test_of_much_work_the_first_rows_are_shown_with_how_much_there_is(cast, monkeypatch):
    for title in ("One", "Two"):
        register.open_by_hand(
            a_server(cast, f"com.example/{title.lower()}"),
            title=title, severity=2, dimension="provenance", owner=cast.alice, by=cast.bob, now=NOON,
        )  # fmt: skip
    url = reverse("web:person-deactivate", args=[cast.alice.pk])
    assert "2 findings." in as_(cast.ada).get(url).content.decode()
    monkeypatch.setattr(people_pages, "WORK_SHOWN", 1)

    page = as_(cast.ada).get(url).content.decode()

    assert "The first 1 of 2 findings." in page
    assert ("One" in page) != ("Two" in page)


def test_before_a_role_is_taken_what_it_leaves_behind_is_shown_and_handed_over(cast):
    ann = person("ann", role=Role.ANALYST, unit=cast.payments)
    finding = register.open_by_hand(
        a_server(cast), title="Loose end", severity=2, dimension="provenance", owner=cast.alice, by=cast.bob, now=NOON
    )
    held = Membership.objects.get(user=cast.alice)
    at = ("role-take", cast.alice.pk, held.pk)
    url = reverse("web:role-take", args=at[1:])
    assert f'href="{url}"' in as_(cast.ada).get(reverse("web:person", args=[cast.alice.pk])).content.decode()
    page = as_(cast.ada).get(url).content.decode()
    assert "Loose end" in page
    assert f'<option value="{ann.pk}">Ann</option>' in page

    assert post(cast.ada, *at, hand_over_to=cast.eve.pk).status_code == 422
    assert Membership.objects.filter(pk=held.pk).exists()
    post(cast.ada, *at, hand_over_to=ann.pk)

    finding.refresh_from_db()
    assert finding.owner == ann
    assert not Membership.objects.filter(pk=held.pk).exists()


def test_others_change_nothing(cast):
    before = (Membership.objects.count(), Unit.objects.count())

    for other in (cast.alice, cast.bob, cast.mia, cast.carol, cast.eve):
        assert post(other, "role-give", other.pk, role="administrator", unit="whole").status_code == 403
        assert post(other, "units", name="Mine", code="mine").status_code == 403
        assert post(other, "person-link", cast.ada.pk).status_code == 403

    assert (Membership.objects.count(), Unit.objects.count()) == before


def test_units_count_the_servers_that_the_dashboard_counts(cast):
    one, two, _three = (a_server(cast, f"com.example/{name}") for name in ("one", "two", "three"))
    Server.objects.filter(pk=one.pk).update(status="rejected")
    Server.objects.filter(pk=two.pk).update(status="retired")
    found = as_(cast.ada).get(reverse("web:units")).context["units"].rows
    assert {row.name: row.servers_count for row in found} == {"Payments": 1, "Research": 0}
    dashboard = as_(cast.mia).get(reverse("web:dashboard"), {"unit": str(cast.payments.pk)})
    assert dashboard.context["total"] == 1


def test_units_are_opened_and_renamed_once_by_name(cast):
    assert post(cast.ada, "units", name="Trading", code="trading").status_code == 302
    assert post(cast.ada, "units", name="TRADING", code="other").status_code == 422

    trading = Unit.objects.get(code="trading")
    assert post(cast.ada, "unit", trading.pk, name="Payments").status_code == 422
    assert post(cast.ada, "unit", trading.pk, name="Trading desk").status_code == 302

    trading.refresh_from_db()
    assert trading.name == "Trading desk"


def test_a_stopped_job_is_tried_again_once(cast):
    job = Job.objects.create(
        kind="accounts.requests", key="k", status="dead", attempts=5, run_after=NOON, created_at=NOON, error="boom <b>"
    )
    page = as_(cast.ada).get(reverse("web:jobs")).content.decode()
    assert "boom &lt;b&gt;" in page

    post(cast.ada, "job-retry", job.pk)
    post(cast.ada, "job-retry", job.pk)

    job.refresh_from_db()
    assert (job.status, job.attempts) == ("queued", 0)
    assert Event.objects.filter(verb="job.retried").count() == 1


def test_lists_of_jobs_say_how_many_they_leave_out(cast, monkeypatch):
    ada = as_(cast.ada)
    for number in range(3):
        Job.objects.create(kind="accounts.requests", key=f"k{number}", status="dead", run_after=NOON, created_at=NOON)
    assert "The latest" not in ada.get(reverse("web:jobs")).content.decode()
    monkeypatch.setattr(administration, "SHOWN", 2)

    assert "The latest 2 of 3." in ada.get(reverse("web:jobs")).content.decode()


def test_administrators_find_people_by_address_and_tokens_by_their_state(cast):
    ada = as_(cast.ada)
    how = {"name": "ci", "scopes": ["read"], "lifetime": timedelta(days=9), "by": cast.alice}
    lost, _key = tokens.issue(cast.alice, **how, now=timezone.now())
    kept, _key = tokens.issue(cast.alice, **how, now=timezone.now())
    tokens.revoke(lost, by=cast.alice, now=timezone.now())

    def found(page: str, **query: str) -> Any:
        return ada.get(reverse(f"web:{page}"), query).context["list"].rows

    assert found("people", q=cast.alice.email.upper()) == [cast.alice]
    assert found("tokens", state="revoked") == [lost]
    assert found("tokens", state="active", q="ALICE") == [kept]


def test_mail_that_was_given_up_stands_beside_the_jobs_and_is_sent_again_once(cast):
    ada = as_(cast.ada)
    assert "Mail given up" not in ada.get(reverse("web:jobs")).content.decode()
    delivery = Delivery.objects.create(
        recipient=cast.alice, address="typo@example.org", message_id="<1@x>", status="given_up", attempts=9,
        error="550 No such user", send_after=NOON, sealed_at=NOON,
    )  # fmt: skip
    Alert.objects.create(
        event=Event.objects.all()[0], recipient=cast.alice, title="F-1 is yours now", why="You own it", created_at=NOON,
        object_type="finding", object_id=cast.alice.pk, delivery=delivery,
    )  # fmt: skip
    page = ada.get(reverse("web:jobs")).content.decode()
    assert all(words in page for words in ("Mail given up", "F-1 is yours now", "typo@example.org", "550 No such user"))

    assert "Send all again" not in page
    assert post(cast.mia, "mail-retry", delivery.pk).status_code == 403
    post(cast.ada, "mail-retry", delivery.pk)
    post(cast.ada, "mail-retry", delivery.pk)

    delivery.refresh_from_db()
    assert (delivery.status, delivery.address) == ("pending", cast.alice.email)
    assert Event.objects.filter(verb="delivery.retried").count() == 1
    assert Job.objects.filter(kind="alerts.send").count() == 1
    assert "Mail given up" not in ada.get(reverse("web:jobs")).content.decode()


def test_all_mail_that_was_given_up_is_sent_again_at_once(cast):
    for number in range(3):
        Delivery.objects.create(
            recipient=cast.alice, address="old@example.org", message_id=f"<{number}@x>", attempts=9, error="No user",
            status="given_up", send_after=NOON, sealed_at=NOON, subject=f"Mail {number}",
        )  # fmt: skip
    assert "Send all again" in as_(cast.ada).get(reverse("web:jobs")).content.decode()
    assert as_(cast.mia).post(reverse("web:mail-retry-all")).status_code == 403
    assert not Job.objects.filter(kind="alerts.send").exists()

    page = as_(cast.ada).post(reverse("web:mail-retry-all"), follow=True).content.decode()

    assert "3 mails will be tried again." in page
    assert set(Delivery.objects.values_list("status", "address")) == {("pending", cast.alice.email)}
    assert Event.objects.filter(verb="delivery.retried").count() == Job.objects.filter(kind="alerts.send").count() == 3


def test_the_page_that_removes_the_demo_is_not_there_without_one(cast):
    assert as_(cast.ada).get(reverse("web:demo")).status_code == 404


def test_about_names_the_guards_of_the_database_that_are_missing(cast):
    whole = as_(cast.ada).get(reverse("web:about")).content.decode()
    with append_only.lifted(connection, Event):
        broken = as_(cast.ada).get(reverse("web:about")).content.decode()

    assert "all in place" in whole
    assert "Guards of the database are missing or changed." in broken
    assert "missing or changed: " in broken


@frozen()
def test_about_does_not_say_that_all_works_while_a_job_has_stopped(cast):
    whole = as_(cast.ada).get(reverse("web:about")).content.decode()
    Job.objects.create(kind="accounts.requests", key="k", status=Job.Status.DEAD, run_after=NOON, created_at=NOON)
    stopped = as_(cast.ada).get(reverse("web:about")).content.decode()

    assert "Everything works." in whole
    assert "Everything works." not in stopped
    assert "Something stopped after its last try." in stopped
