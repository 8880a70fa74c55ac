"""Steps of channels: opened with an address, changed, their secret exchanged, tried, retired."""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import QuerySet

from accounts import access, principals, steps
from accounts.access import Capability
from accounts.models import Unit
from accounts.principals import Principal
from accounts.steps import Done, step
from accounts.units import other_units
from alerts import posting
from alerts.channels import syslog, webhook
from alerts.models import Channel, Message
from riskregister import kept_secrets, outbound, versions
from riskregister.refusals import Refused
from riskregister.text import clean_name, clean_url, clean_word

MANAGE = Capability.MANAGE
ADDRESS_LIMIT = 1000
# For so long the former secret signs too, unless somebody ends that.
OVERLAP = timedelta(days=2)
# Each is held and recorded by itself; what is beyond is sent again by asking once more.
AGAIN_AT_ONCE = 200


class SecretsNotUsed(Refused):
    """Only a signed webhook has a secret."""


class NothingGivenUp(Refused):
    """No message to the channel was given up, or all were sent again already."""


class NoFormerSecret(Refused):
    """The secret was not exchanged, or the former one was ended already."""


def beyond_their_units(given: Any, by: Any) -> access.NotPermitted | None:
    """Return the refusal for whoever manages some units, on what is of the whole organisation, for others None."""
    return None if given.unit_id else other_units.refuse_of_all(by, MANAGE)


def _without_secret(channel: Channel) -> Exception | None:
    if channel.kind != Channel.Kind.WEBHOOK:
        return SecretsNotUsed("Only a signed webhook has a secret.")
    return None


def _without_former(channel: Channel) -> Exception | None:
    if refusal := _without_secret(channel):
        return refusal
    return None if channel.former_secret_kept else NoFormerSecret("It has no former secret: there is nothing to end.")


def _given_up(channel: Channel) -> "QuerySet[Message]":
    return channel.messages.filter(status=Message.Status.GIVEN_UP)


def _without_given_up(channel: Channel) -> Exception | None:
    return None if _given_up(channel).exists() else NothingGivenUp("No message to it was given up.")


@step("channel.opened", needs=MANAGE, makes=Channel, records=False)
def open_channel(
    *, unit: Unit | None, name: str, kind: str, address: str, form: str, by: Principal, now: datetime
) -> tuple[Channel, str]:
    """Return a new channel of a unit (None: of the whole organisation) and its secret, which cannot be had again.

    The secret is empty for all but signed webhooks. Raises Refused for an address that its kind does not have, and for
    one that leads inward.
    """
    secret = webhook.new_secret() if kind == Channel.Kind.WEBHOOK else ""
    made = Channel(
        unit=unit,
        name=clean_name(name, field="name", limit=120),
        kind=_kind(kind),
        secret_kept=kept_secrets.keep(secret) if secret else "",
        opened_by=principals.person_of(by),
        opened_at=now,
    )
    if refusal := beyond_their_units(made, by):
        raise refusal
    _set_form(made, form)
    _set_address(made, address)
    made.save(force_insert=True)
    steps.record("channel.opened", made, by=by, now=now, kind=made.kind, place=made.place)
    return made, secret


@step(
    "channel.changed",
    needs=MANAGE,
    frm=(Channel.Status.ACTIVE,),
    barred=(beyond_their_units,),
    edits=versions.facts("name", "form", "place"),
)
def change(channel: Channel, *, name: str, address: str, form: str, by: Principal, now: datetime) -> Done[Channel]:
    """Return the channel under another name or at another address; an empty address leaves it where it is.

    What waits for it goes to the new address.
    """
    channel.name = clean_name(name, field="name", limit=120)
    _set_form(channel, form)
    if address:
        _set_address(channel, address)
    channel.failures, channel.rests_until = 0, None
    return Done(channel, place=channel.place)


@step("channel.secret_rotated", needs=MANAGE, barred=(beyond_their_units,), unfit=_without_secret, records=False)
def rotate(channel: Channel, *, by: Principal, now: datetime) -> tuple[Channel, str]:
    """Return the channel and its new secret, which cannot be had again; the former one signs too for OVERLAP.

    Raises SecretsNotUsed for what is no signed webhook.
    """
    if refusal := _without_secret(channel):
        raise refusal
    secret = webhook.new_secret()
    channel.former_secret_kept, channel.former_until = channel.secret_kept, now + OVERLAP
    channel.secret_kept = kept_secrets.keep(secret)
    steps.record("channel.secret_rotated", channel, by=by, now=now)
    return channel, secret


@step("channel.former_secret_ended", needs=MANAGE, barred=(beyond_their_units,), unfit=_without_former)
def end_former(channel: Channel, *, by: Principal, now: datetime) -> Channel:
    """Return the channel, whose messages the former secret signs no more from now on.

    Raises SecretsNotUsed for what is no signed webhook, NoFormerSecret where the secret was not exchanged.
    """
    if refusal := _without_former(channel):
        raise refusal
    channel.former_secret_kept, channel.former_until = "", None
    return channel


@step("channel.tried", needs=MANAGE, frm=(Channel.Status.ACTIVE,), barred=(beyond_their_units,))
def try_out(channel: Channel, *, by: Principal, now: datetime) -> Channel:
    """Return the channel, to which a trial is on its way; what comes of it stands among its messages."""
    posting.begin(channel, Message.Kind.TRIAL, now=now)
    return channel


@step(
    "channel.replayed",
    needs=MANAGE,
    frm=(Channel.Status.ACTIVE,),
    barred=(beyond_their_units,),
    unfit=_without_given_up,
)
def replay(channel: Channel, *, by: Principal, now: datetime) -> Done[Channel]:
    """Return the channel, to which what was given up goes out once more, the oldest first.

    AGAIN_AT_ONCE of them at most, and each keeps its id and its words. A receiver that was away is tried at once.
    Raises NothingGivenUp.
    """
    if refusal := _without_given_up(channel):
        raise refusal
    messages = list(_given_up(channel).order_by("promised_at", "id")[:AGAIN_AT_ONCE])
    for message in messages:
        posting.replay.within(message, by=by, now=now)
    channel.failures, channel.rests_until = 0, None
    return Done(channel, messages=len(messages))


@step("channel.retired", needs=MANAGE, to=Channel.Status.RETIRED, barred=(beyond_their_units,), reason="reason")
def retire(channel: Channel, *, reason: str, by: Principal, now: datetime) -> Channel:
    """Return the channel, which is told of nothing any more; what waits for it is given up in sight."""
    return channel


def _set_form(channel: Channel, form: str) -> None:
    """Set the form of the lines. Raises Refused."""
    is_syslog = channel.kind == Channel.Kind.SYSLOG
    if is_syslog and form not in Channel.Form.values:
        raise Refused(f"Choose one of: {', '.join(Channel.Form.values)}.", field="form")
    channel.form = form if is_syslog else ""


def _set_address(channel: Channel, address: str) -> None:
    """Keep an address, and what of it everybody may see. Raises Refused, also for one that leads inward."""
    cleaned = _syslog_address(address) if channel.kind == Channel.Kind.SYSLOG else _web_address(address)
    outbound.refuse_inward(cleaned, allowed=settings.OUTBOUND_ALLOW, field="address")
    parts = urlsplit(cleaned)
    channel.place = f"{parts.scheme}://{parts.netloc}"[:300]
    channel.address_kept = kept_secrets.keep(cleaned)


def _kind(kind: str) -> str:
    if kind not in Channel.Kind.values:
        raise Refused(f"Choose one of: {', '.join(Channel.Kind.values)}.", field="kind")
    return kind


def _web_address(address: str) -> str:
    url = clean_url(address, field="address", limit=ADDRESS_LIMIT)
    if not url:
        raise Refused("Write the address, such as https://example.com/hooks/1.", field="address")
    return url


def _syslog_address(address: str) -> str:
    """Return an address as udp, tcp or tls. Raises Refused."""
    words = ", ".join(f"{scheme}://siem.example:{port}" for scheme, port in syslog.PORTS.items())
    refusal = Refused(f"Write the address as one of: {words}.", field="address")
    text = clean_word(address, field="address", limit=ADDRESS_LIMIT)
    scheme, _, rest = text.partition("://")
    if scheme not in syslog.PORTS or not rest:
        raise refusal
    # The host and port are judged as those of any address; nothing may follow them.
    parts = urlsplit(clean_url(f"https://{rest}", field="address", limit=ADDRESS_LIMIT))
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise refusal
    return f"{scheme}://{parts.netloc}"
