"""Nobody takes over an account unseen: whoever administers the register moves it, sends a link, and moves it back."""

from datetime import timedelta

import pytest
from django.core import mail

from accounts import people, tokens
from accounts.models import ApiToken, User
from accounts.sign_in import passwords
from alerts import relay
from alerts.models import Alert
from audit.models import Event
from jobs import runner
from tests.api.caller import frozen
from tests.cast import NOON, Cast, assemble

pytestmark = pytest.mark.django_db

HERS, THEIRS = "alice@example.org", "mallory@example.org"


@pytest.fixture
def cast() -> Cast:
    return assemble()


def mailed(after: timedelta) -> list[tuple[str, str]]:
    """Return to whom something was mailed since, and which sentence of the notice; what is no notice is left out."""
    mail.outbox.clear()
    with frozen(NOON + after):
        # What sends a link promises the notice of it.
        for _round in range(2):
            runner.run_due(now=NOON + after)
    notices = [one for one in mail.outbox if one.subject == "Your account of the MCP risk register"]
    return sorted((one.to[0], str(one.body).splitlines()[2]) for one in notices)


def told(person: User) -> list[str]:
    """Return the titles of the person's alerts, the oldest first."""
    while relay.relay(now=NOON):
        pass
    return list(Alert.objects.filter(recipient=person).order_by("created_at", "id").values_list("title", flat=True))


def test_each_step_is_on_record_and_told_at_the_old_address_and_in_the_inbox(cast: Cast) -> None:
    alice, ada = cast.alice, cast.ada
    kept, _key = tokens.issue(alice, name="CI", scopes=["read"], lifetime=timedelta(days=9), by=alice, now=NOON)

    people.edit(alice, email=THEIRS, name="Alice", by=ada, now=NOON)
    assert mailed(timedelta(minutes=1)) == [
        (HERS, "Its address was changed. Links to set the password go to the new one.")
    ]

    assert passwords.send_link(alice, by=ada, now=NOON + timedelta(minutes=2))
    assert mailed(timedelta(minutes=3)) == [
        (HERS, "A link to set its password was sent, to the address that it has now.")
    ]

    alice = User.objects.get(pk=alice.pk)
    _uid, token = passwords.link_parts(alice)
    at = NOON + timedelta(minutes=6)
    passwords.set_by_link(alice, token=token, password="a long enough sentence", by=alice, now=at)
    assert ApiToken.objects.get(pk=kept.pk).revoked_at == at
    assert mailed(timedelta(minutes=7)) == [
        (HERS, "Its password was set with a one-time link. Its sessions and API tokens have ended."),
        (THEIRS, "Its password was set with a one-time link. Its sessions and API tokens have ended."),
    ]

    alice = User.objects.get(pk=alice.pk)
    people.edit(alice, email=HERS, name="Alice", by=ada, now=NOON + timedelta(minutes=8))
    assert [to for to, _text in mailed(timedelta(minutes=9))] == [HERS, THEIRS]

    verbs = Event.objects.filter(object_id=alice.pk, at__gte=NOON).order_by("at", "id").values_list("verb", flat=True)
    assert [verb for verb in verbs if verb not in ("person.invited", "role.given")] == [
        "person.edited",
        "person.link_sent",
        "person.password_set",
        "person.edited",
    ]
    assert told(alice)[-4:] == [
        f"Ada changed the address of your account to {THEIRS}: links to set your password go there",
        f"Ada had a link that sets your password sent to {THEIRS}",
        "Your password was set with a one-time link: ask who administers the register if that was not you",
        f"Ada changed the address of your account to {HERS}: links to set your password go there",
    ]


def test_after_a_month_the_address_of_before_hears_no_more(cast: Cast) -> None:
    people.edit(cast.alice, email=THEIRS, name="Alice", by=cast.ada, now=NOON)
    mailed(timedelta(minutes=1))
    alice = User.objects.get(pk=cast.alice.pk)
    _uid, token = passwords.link_parts(alice)
    passwords.set_by_link(
        alice, token=token, password="a long enough sentence", by=alice, now=NOON + timedelta(days=30)
    )
    assert [to for to, _text in mailed(timedelta(days=30, minutes=1))] == [THEIRS]


def test_another_name_is_nothing_to_tell(cast: Cast) -> None:
    people.edit(cast.alice, email=HERS, name="Alice Doe", by=cast.ada, now=NOON)
    assert mailed(timedelta(minutes=1)) == []
    assert not [title for title in told(cast.alice) if "address" in title]
