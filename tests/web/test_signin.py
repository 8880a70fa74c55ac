"""Signing in and out, the lock-out, and setting a password by a link."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import people
from accounts.sign_in import links, passwords
from audit.models import Event
from jobs import runner
from tests.cast import NOON, assemble
from tests.tables import for_each
from tests.web.signed_in import as_

PASSWORD = "correct horse battery staple"


@pytest.fixture
def cast(db):
    made = assemble()
    passwords.set_password(made.alice, password=PASSWORD, by=made.alice, now=NOON)
    passwords.set_password(made.ada, password=PASSWORD, by=made.ada, now=NOON)
    return made


def sign_in(client, email="alice@example.org", password=PASSWORD, **more):
    return client.post(reverse("web:sign-in"), {"username": email, "password": password, **more})


def path_of(link):
    return urlsplit(link).path


def test_leads_to_the_page_that_was_asked_for(cast):
    client = Client()

    response = sign_in(client, next="/trail/")

    assert response["Location"] == "/trail/"
    assert client.get("/account/").status_code == 200
    assert Event.objects.filter(verb="signin.succeeded", object_id=cast.alice.pk).count() == 1


def test_the_case_of_the_address_does_not_matter(cast):
    assert sign_in(Client(), email="Alice@Example.ORG").status_code == 302


@for_each("elsewhere", ["https://example.com/", "//example.com", "javascript:alert(1)", "/\\example.com"])
def test_never_leads_to_another_site(cast, elsewhere):
    assert sign_in(Client(), next=elsewhere)["Location"] == "/"


def test_gives_the_session_a_new_key(cast):
    client = Client()
    client.get(reverse("web:sign-in"))
    session = client.session
    session["kept"] = True
    session.save()
    before = session.session_key

    sign_in(client)

    assert client.session.session_key != before


@for_each("email", ["alice@example.org", "nobody@example.org"])
def test_a_wrong_password_and_an_unknown_address_read_the_same(cast, email):
    response = sign_in(Client(), email=email, password="wrong")

    assert response.status_code == 422
    assert "Address and password do not match." in response.content.decode()


def test_somebody_who_was_deactivated_is_refused_in_the_same_words(cast):
    people.deactivate(cast.alice, by=cast.ada, now=NOON)

    assert "Address and password do not match." in sign_in(Client()).content.decode()


def test_five_failures_lock_the_address_out_for_a_while_whatever_the_spelling(cast):
    client = Client()
    for email in ("alice@example.org", "ALICE@example.org", "Alice@example.org", "alice@EXAMPLE.org"):
        assert sign_in(client, email=email, password="wrong").status_code == 422

    assert sign_in(client, password="wrong").status_code == 429
    assert sign_in(client).status_code == 429
    assert sign_in(client, email="ada@example.org").status_code == 302
    assert Event.objects.filter(verb="signin.failed", object_id=cast.alice.pk).count() >= 5
    assert Event.objects.filter(verb="signin.locked", object_id=cast.alice.pk).exists()


def test_one_password_cannot_be_tried_on_everybody_from_one_address(cast, time_machine):
    time_machine.move_to(NOON, tick=False)
    for number in range(50):
        assert sign_in(Client(), email=f"person{number}@example.org", password="wrong").status_code == 422

    refused = sign_in(Client())

    assert refused.status_code == 429
    assert "Too many wrong passwords came from your network." in refused.content.decode()
    assert Client(REMOTE_ADDR="192.0.2.7").get("/sign-in/").status_code == 200
    assert sign_in(Client(REMOTE_ADDR="192.0.2.7")).status_code == 302
    time_machine.move_to(NOON + timedelta(minutes=16), tick=False)
    assert sign_in(Client()).status_code == 302


def test_an_address_that_the_sender_made_up_does_not_get_round_the_lock_out(cast):
    for number in range(5):
        sign_in(Client(headers={"X-Forwarded-For": f"203.0.113.{number}"}), password="wrong")

    assert sign_in(Client(headers={"X-Forwarded-For": "203.0.113.99"})).status_code == 429


def test_behind_a_proxy_the_last_address_counts_not_the_ones_that_the_sender_wrote_before_it(cast, settings):
    settings.TRUSTED_PROXIES = 1
    for number in range(5):
        sign_in(Client(headers={"X-Forwarded-For": f"203.0.113.{number}, 198.51.100.1"}), password="wrong")

    assert sign_in(Client(headers={"X-Forwarded-For": "203.0.113.99, 198.51.100.1"})).status_code == 429
    assert sign_in(Client(headers={"X-Forwarded-For": "198.51.100.2"})).status_code == 302


def test_failures_are_for_administrators_to_read(cast):
    sign_in(Client(), password="wrong")

    event = Event.objects.get(verb="signin.failed")
    assert (event.scope, event.actor_kind, event.actor_label) == ("administration", "visitor", "Somebody at 127.0.0.1")


def test_a_wrong_password_under_an_act_names_who_is_signed_in_and_counts_towards_the_lock_out(cast):
    client, at = as_(cast.ada), reverse("web:person-link", args=[cast.bob.pk])
    refused = [client.post(at, {"password": "wrong"}).status_code for _ in range(5)]

    assert refused == [422, 422, 422, 422, 429]
    failed = Event.objects.filter(verb="person.signing_failed")
    who = {(one.object_id, one.scope, one.actor_kind, one.actor_id, one.actor_label) for one in failed}
    assert who == {(cast.ada.pk, "administration", "person", str(cast.ada.pk), "Ada")}
    assert Event.objects.get(verb="signin.locked").actor_label == "Ada"
    assert not Event.objects.filter(verb="signin.failed").exists()
    assert sign_in(Client(), email="ada@example.org").status_code == 429


def test_signing_out_takes_a_post_and_ends_the_session(cast):
    client = as_(cast.alice)
    assert client.get(reverse("web:sign-out")).status_code == 405

    response = client.post(reverse("web:sign-out"))

    assert '"storage"' in response["Clear-Site-Data"]
    assert client.get("/account/").status_code == 302
    assert Event.objects.filter(verb="signin.signed_out").count() == 1


def ask_for_link(email, **headers):
    response = Client(headers=headers).post(reverse("web:password-reset"), {"email": email})
    runner.run_due(now=timezone.now())
    return response


def test_a_link_comes_by_mail_and_works_once(cast):
    ask_for_link("Alice@example.org")

    assert [message.to for message in mail.outbox] == [["alice@example.org"]]
    path = path_of(next(line for line in mail.outbox[0].body.splitlines() if "/set-password/" in line))
    again = {"password": "another long password", "again": "another long password"}
    assert Client().get(path).status_code == 200
    assert Client().post(path, again)["Location"] == reverse("web:sign-in")
    assert Client().post(path, again).status_code == 410
    assert sign_in(Client(), password="another long password").status_code == 302


def test_a_link_leads_to_the_configured_origin_whatever_host_was_asked(cast, settings):
    settings.ALLOWED_HOSTS = ["*"]
    forged = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"}
    assert ask_for_link("alice@example.org", **forged).status_code == 200

    [message] = mail.outbox
    assert f"{settings.ORIGIN}/set-password/" in message.body
    assert "evil" not in f"{message.message()}"


def test_an_unknown_address_gets_the_same_answer_and_no_mail(cast):
    known, unknown = ask_for_link("alice@example.org"), ask_for_link("nobody@example.org")

    assert known.status_code == unknown.status_code == 200
    page = unknown.content.decode().replace("nobody@example.org", "alice@example.org")
    assert page == known.content.decode()
    assert len(mail.outbox) == 1


def test_asking_twice_sends_one_mail(cast):
    ask_for_link("alice@example.org")
    ask_for_link("alice@example.org")

    assert len(mail.outbox) == 1


def test_one_network_gets_twenty_links_in_a_cool_off_and_the_same_answer_ever_after(cast, time_machine):
    time_machine.move_to(NOON, tick=False)
    for number in range(20):
        ask_for_link(f"nobody{number}@example.org")

    answer = ask_for_link("alice@example.org")

    assert answer.status_code == 200
    assert "a link is on its way" in answer.content.decode()
    assert mail.outbox == []
    Client(REMOTE_ADDR="203.0.113.9").post(reverse("web:password-reset"), {"email": "bob@example.org"})
    runner.run_due(now=timezone.now())
    assert [message.to for message in mail.outbox] == [["bob@example.org"]]
    time_machine.move_to(NOON + timedelta(minutes=16), tick=False)
    ask_for_link("alice@example.org")
    assert len(mail.outbox) == 2


def test_a_link_dies_after_72_hours(cast, time_machine):
    begun = timezone.now()
    path = path_of(links.set_password_link(cast.bob))
    time_machine.move_to(begun + timedelta(hours=71, minutes=59))
    assert Client().get(path).status_code == 200

    time_machine.move_to(begun + timedelta(hours=72, minutes=1))

    assert Client().get(path).status_code == 410


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"password": "short", "again": "short"}, "too short"),
        ({"password": "passwordpassword", "again": "other password"}, "The two passwords differ"),
        ({"password": "alice@example.org", "again": "alice@example.org"}, "too similar"),
    ],
)
def test_a_bad_new_password_is_refused_and_the_link_lives_on(cast, given, sentence):
    path = path_of(links.set_password_link(cast.alice))

    response = Client().post(path, given)

    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert Client().get(path).status_code == 200
    assert sign_in(Client()).status_code == 302


@for_each("path", ["/set-password/MQ/x-y/", "/set-password/%00/a/", "/set-password/zz%C3%BC/a-b/"])
def test_a_made_up_link_is_gone_rather_than_an_error(cast, path):
    assert Client().get(path).status_code in (404, 410)


@pytest.mark.django_db
def test_a_page_with_a_form_answers_head_too():
    assert Client().head("/sign-in/").status_code == 200
