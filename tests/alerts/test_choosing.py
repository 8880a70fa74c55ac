"""What a person chooses about their mail, and what nobody can switch off."""

from datetime import timedelta

import pytest

from alerts import bundles
from alerts.models import Alert, MailChoice
from alerts.recipients import choosing, kinds
from audit import events
from scoring.scales import Severity
from tests.alerts.scene import say
from tests.alerts.test_bundles import open_many, work
from tests.alerts.test_mail import smtp
from tests.api.caller import Caller, accepted
from tests.cast import NOON
from tests.web.signed_in import as_

__all__ = ["smtp"]
pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def choose(person, **choices: str) -> None:
    choosing.choose(person, choices=choices, by=person, now=NOON)


def test_everything_that_is_told_is_of_one_kind():
    told = {one.verb for one in events.every() if one.tell}
    assert [verb for verb in sorted(told) if not kinds.of(verb)] == []
    assert all(kind.nouns or kind.word == kinds.WEEKLY for kind in kinds.KINDS.values())


def test_what_somebody_never_wants_by_mail_is_in_their_inbox_alone(scene, smtp):
    choose(scene.cast.alice, findings="never")
    open_many(scene, 3)
    work(NOON)

    assert smtp.box.received == []
    assert Alert.objects.filter(recipient=scene.cast.alice, delivery=None).count() == 3


def test_what_is_critical_comes_at_once_whatever_somebody_chose(scene, smtp):
    choose(scene.cast.alice, findings="never")
    open_many(scene, 1, Severity.CRITICAL)
    open_many(scene, 1, Severity.HIGH, first=1)
    work(NOON)

    assert [received["Subject"] for received in smtp.box.received] == ["New finding: F-2 Finding 0"]


def test_once_a_day_waits_for_the_morning_and_at_once_does_not(scene, smtp):
    choose(scene.cast.alice, findings="daily", reviews="at_once")
    open_many(scene, 2, Severity.HIGH)
    say("review.skipped", scene.review, by=scene.cast.mia, due_on="2026-03-16")
    work(NOON)
    assert smtp.box.received == []

    work(bundles.next_digest(NOON))
    assert [received["Subject"] for received in smtp.box.received] == ["Your day: 2 to know"]


def test_a_low_finding_can_be_told_at_once(scene, smtp):
    choose(scene.cast.alice, findings="at_once")
    open_many(scene, 1, Severity.LOW)
    work(NOON)

    assert len(smtp.box.received) == 1


def test_who_goes_back_to_the_usual_has_chosen_nothing(scene):
    choose(scene.cast.alice, findings="never")
    assert choosing.chosen([scene.cast.alice], "findings") == {scene.cast.alice.pk: "never"}
    choose(scene.cast.alice, findings="usual")
    assert choosing.chosen([scene.cast.alice], "findings") == {}


def test_what_others_chose_changes_nothing_for_somebody(scene, smtp):
    choose(scene.cast.mia, findings="never", reviews="never")
    say("review.overdue", scene.review, by=scene.cast.bob, due_on="2026-03-16", step="overdue")
    work(NOON)

    assert {received["To"] for received in smtp.box.received} == {"alice@example.org"}


def test_an_odd_choice_keeps_nothing(scene):
    with pytest.raises(choosing.NoSuchChoice):
        choose(scene.cast.alice, findings="daily", gossip="never")
    with pytest.raises(choosing.NoSuchChoice):
        choose(scene.cast.alice, weekly="daily")
    with pytest.raises(choosing.NotTheirMail):
        choosing.choose(scene.cast.alice, choices={"findings": "never"}, by=scene.cast.ada, now=NOON)

    assert not MailChoice.objects.exists()


def test_the_api_shows_and_changes_ones_own_choice(scene, time_machine):
    time_machine.move_to(NOON)
    alice = Caller(scene.cast.alice, now=NOON)
    assert alice.read("/me/mail/")["reviews"] == "usual"

    changed = accepted(alice.patch("/me/mail/", reviews="daily"), 200)
    assert (changed["reviews"], changed["findings"]) == ("daily", "usual")


def test_the_page_keeps_what_is_chosen(scene):
    alice = as_(scene.cast.alice)
    form = alice.get("/account/mail/").context["form"]
    chosen = {name: form[name].value() for name in form.fields} | {"evidence": "never"}
    assert alice.post("/account/mail/", chosen).status_code == 302

    assert choosing.chosen_by(scene.cast.alice)["evidence"] == "never"
    assert MailChoice.objects.count() == 1
