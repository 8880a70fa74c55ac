"""Telling channels: promise a message, try to deliver it, try again over days, and give up in sight.

As with mail (`alerts/delivery/deliveries.py`) a message may arrive twice, when the register is killed between handing
it over and noting that: both have one id, by which a receiver knows a copy.
"""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F

from accounts.access import Capability
from accounts.principals import Principal
from accounts.steps import step
from alerts import bundles
from alerts.channels import slack, syslog, teams, webhook
from alerts.channels.outcome import SHOWN, NotDelivered, Outgoing
from alerts.delivery import saying
from alerts.models import Attempt, Channel, Message, Telling
from audit.events import Pace
from jobs import queue
from riskregister import kept_secrets, nouns, transitions
from riskregister.canonical import canonical

# As Standard Webhooks recommends: three days and a bit.
PAUSES = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
# A channel that rests puts tries off; so the time counts too.
LONGEST = timedelta(days=4)
# How long a channel rests when its receiver was not reached: twice as long each time, up to the second.
REST, LONGEST_REST = timedelta(seconds=15), timedelta(minutes=15)
# So many messages within the pause of mail: what comes beyond is gathered, unless it is critical.
BURST = 20
SENDERS: dict[str, Callable[[str, Outgoing], int | None]] = {
    Channel.Kind.WEBHOOK: webhook.send,
    Channel.Kind.SLACK: slack.send,
    Channel.Kind.TEAMS: teams.send,
    Channel.Kind.SYSLOG: syslog.send,
}


def promise(telling: Telling, *, now: datetime) -> Message:
    """Return the message that tells a channel of an event, with its job. Call it in the transaction of the relay."""
    channel, pace = telling.channel, telling.pace
    if pace == Pace.DAILY:
        message = _gathered(channel, bundles.next_digest(now), now=now)
    elif pace == Pace.SOON and _in_a_burst(channel, now=now):
        message = _gathered(channel, now + settings.MAIL_PAUSE, now=now)
    else:
        message = begin(channel, Message.Kind.PROMPT, now=now)
    telling.message = message
    telling.save(force_insert=True)
    return message


def begin(channel: Channel, kind: Message.Kind, *, now: datetime, send_after: datetime | None = None) -> Message:
    """Return a new message with its job."""
    message = Message.objects.create(channel=channel, kind=kind, promised_at=now, send_after=send_after or now)
    _enqueue(message, "", now=now, run_after=message.send_after)
    return message


def _in_a_burst(channel: Channel, *, now: datetime) -> bool:
    lately = channel.messages.filter(kind=Message.Kind.PROMPT, promised_at__gt=now - settings.MAIL_PAUSE)
    return lately.count() >= BURST


def _gathered(channel: Channel, send_after: datetime, *, now: datetime) -> Message:
    """Return the open digest of a channel, held until the transaction ends, and promised for then at the latest."""
    its = Message.objects.filter(channel=channel, kind=Message.Kind.DIGEST, sealed_at__isnull=True)
    message = next(iter(nouns.hold_all(its)), None)
    while message is None:
        try:
            with transaction.atomic():
                message = begin(channel, Message.Kind.DIGEST, now=now, send_after=send_after)
        except IntegrityError:
            # Another relay opened it first, and a worker may seal that before this one sees it.
            message = next(iter(nouns.hold_all(its)), None)
    if send_after < message.send_after:
        message.send_after = send_after
        message.save(update_fields=["send_after"])
        queue.bring_forward(_key(message), run_after=send_after)
    return message


@dataclass(frozen=True, slots=True)
class _Came:
    """What came of a try."""

    took_ms: int
    answer: int | None = None
    refusal: NotDelivered | None = None


def attempt(key: UUID, *, job: queue.Running, now: Callable[[], datetime]) -> None:
    """Try once to deliver, and keep the outcome together with the job's completion.

    The network is used outside any transaction. A message that was delivered already is left as it is; one whose
    channel rests is put off until then.
    """
    message = _written(key, now=now())
    if message.status not in Message.WAITING:
        return
    if again_at := _rests_until(message, now=now()):
        with job.finish():
            _enqueue(message, f"rest:{now().isoformat()}", now=now(), run_after=again_at)
        return
    came = _try(message, now=now())
    with job.finish():
        _note(message, came, now=now())


def _written(key: UUID, *, now: datetime) -> Message:
    """Return the message, which nothing joins any more and which says the same from now on."""
    rows = Message.objects.filter(pk=key)
    rows.filter(sealed_at__isnull=True).update(sealed_at=now)
    message = rows.select_related("channel__unit").get()
    if not message.body:
        message.body = canonical(saying.payload_of(message))
        rows.filter(body="").update(body=message.body)
    return message


def _rests_until(message: Message, *, now: datetime) -> datetime | None:
    """Return until when a message is put off, None for one to be tried now.

    Where a receiver was not reached before, one message at a time finds out whether it is back.
    """
    channel = message.channel
    if message.kind == Message.Kind.TRIAL or message.has_waited(LONGEST, now=now) or not channel.rests_until:
        return None
    if channel.rests(now=now):
        return channel.rests_until
    finding_out = now + REST * 2
    is_first = Channel.objects.filter(pk=channel.pk, rests_until=channel.rests_until).update(rests_until=finding_out)
    return None if is_first else finding_out


def _try(message: Message, *, now: datetime) -> _Came:
    channel = message.channel
    began = time.monotonic()
    answer, refusal = None, None
    try:
        if channel.status == Channel.Status.RETIRED:
            raise NotDelivered("The channel is retired.", is_for_good=True)
        answer = SENDERS[channel.kind](kept_secrets.read(channel.address_kept), _outgoing(message, now=now))
    except kept_secrets.Unreadable as error:
        refusal = NotDelivered(str(error))
    except NotDelivered as error:
        refusal, answer = error, error.answer
    return _Came(round((time.monotonic() - began) * 1000), answer, refusal)


def _outgoing(message: Message, *, now: datetime) -> Outgoing:
    channel = message.channel
    former = channel.former_until is not None and channel.former_until > now
    kept = [channel.secret_kept, channel.former_secret_kept if former else ""]
    return Outgoing(
        str(message.pk),
        json.loads(message.body),
        message.body.encode(),
        tuple(kept_secrets.read(one) for one in kept if one),
        channel.form,
    )


def _note(message: Message, came: _Came, *, now: datetime) -> None:
    error = str(came.refusal)[:SHOWN] if came.refusal else ""
    Attempt.objects.create(message=message, at=now, took_ms=came.took_ms, answer=came.answer, error=error)
    _note_receiver(message.channel, came.refusal, now=now)
    done = {"attempts": message.attempts + 1, "error": error}
    if came.refusal is None:
        transitions.move(message, Message.Status.SENT, sent_at=now, **done)
        return
    if message.status == Message.Status.FAILED:
        transitions.move(message, Message.Status.PENDING)
    last = came.refusal.is_for_good or message.attempts >= len(PAUSES) or message.has_waited(LONGEST, now=now)
    transitions.move(message, Message.Status.FAILED, **done)
    if last:
        transitions.move(message, Message.Status.GIVEN_UP)
        return
    wait = max(_pause(message), came.refusal.after or timedelta())
    _enqueue(message, str(message.attempts), now=now, run_after=now + wait)


def _pause(message: Message) -> timedelta:
    """Return how long to wait for the next try: up to a tenth longer, so that not all come back at once."""
    pause = PAUSES[message.attempts - 1]
    return pause + pause * (message.pk.int % 1000) / 10_000


def _note_receiver(channel: Channel, refusal: NotDelivered | None, *, now: datetime) -> None:
    """Let a channel rest whose receiver could not be reached or asks for it; one that answers does so no more."""
    rows = Channel.objects.filter(pk=channel.pk)
    if refusal and refusal.after:
        rows.update(rests_until=now + refusal.after)
    elif refusal and refusal.is_away:
        rest = min(REST * 2 ** min(channel.failures, 10), LONGEST_REST)
        rows.update(failures=F("failures") + 1, rests_until=now + rest)
    elif channel.failures or channel.rests_until:
        rows.update(failures=0, rests_until=None)


def _enqueue(message: Message, occasion: str, *, now: datetime, run_after: datetime) -> None:
    key = f"{_key(message)}:{occasion}" if occasion else _key(message)
    queue.enqueue("alerts.post", key=key, now=now, run_after=run_after, message=str(message.pk))


def _key(message: Message) -> str:
    return f"message:{message.pk}"


@step("message.replayed", needs=Capability.MANAGE, frm=(Message.Status.GIVEN_UP, Message.Status.SENT), to="pending")
def replay(message: Message, *, by: Principal, now: datetime) -> Message:
    """Promise one more delivery of a message that was given up, or that a receiver has lost, and return it.

    Its id and its words stay: a receiver that has it already knows it as a copy.
    """
    message.error, message.send_after = "", now
    message.attempts = min(message.attempts, len(PAUSES))
    _enqueue(message, f"again:{now.isoformat()}", now=now, run_after=now)
    return message
