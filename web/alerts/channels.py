"""Channels: the list, a channel with what it was told of late, the pages of its steps; and the messages."""

from uuid import UUID

from django import forms
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from alerts import links, posting
from alerts.channels import managing
from alerts.lists import CHANNELS, MESSAGES, title_of
from alerts.models import Channel, Message
from web.forms.editing import EditForm
from web.forms.fields.reach import ReachForm
from web.forms.reasons import ReasonForm
from web.page_parts import asking, buttons, history, listing
from web.page_parts.access import MemberRequest, member, member_who_may, visible
from web.page_parts.asking import Page, asks
from web.page_parts.buttons import Button
from web.page_parts.steps import attempt

BUTTONS = (
    Button(managing.try_out, "try", "Send a trial", is_main=True),
    Button(managing.replay, "replay", "Send again what was given up"),
    Button(managing.change, "change", "Change"),
    Button(managing.rotate, "rotate", "Exchange the secret"),
    Button(managing.end_former, "end-former", "End the former secret", is_danger=True),
    Button(managing.retire, "retire", "Retire", is_danger=True),
)
AGAIN = (Button(posting.replay, "replay", "Send again", is_main=True),)
_MOST_SHOWN = 20
_FORMS = [("", "Not syslog"), *Channel.Form.choices]
_ADDRESS = "Such as https://example.com/hooks/1, or tls://siem.example:6514 for syslog. It is kept encrypted."


class ChannelForm(ReachForm):
    """A new channel: whose, what it is called, what is at the other end, and where."""

    reaches = managing.open_channel

    name = forms.CharField(max_length=120, help_text="Who reads it, such as “On call”.")
    kind = forms.ChoiceField(label="What is at the other end", choices=Channel.Kind.choices)
    address = forms.CharField(max_length=managing.ADDRESS_LIMIT, help_text=_ADDRESS)
    form = forms.ChoiceField(label="Form of the lines, for syslog", choices=_FORMS, required=False)


class ChangeForm(EditForm):
    """What a channel is called, and another address."""

    step = managing.change

    name = forms.CharField(max_length=120)
    address = forms.CharField(
        label="Another address", max_length=managing.ADDRESS_LIMIT, required=False, help_text="Empty: it stays."
    )
    form = forms.ChoiceField(label="Form of the lines, for syslog", choices=_FORMS, required=False)


@require_safe
@member
def index(request: MemberRequest) -> HttpResponseBase:
    """Show the channels that the person may see; `?format=csv` downloads exactly this view."""
    page = {"may_manage": managing.open_channel.may_somewhere(request.user), "section": "inbox"}
    return listing.shown(request, CHANNELS, template="channels/index.html", page=page)


@require_safe
@member
def messages(request: MemberRequest) -> HttpResponseBase:
    """Show which channel was told of what, and what came of it; `?format=csv` downloads exactly this view."""
    return listing.shown(request, MESSAGES, template="channels/messages.html", page={"section": "inbox"})


@require_safe
@member
def detail(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show a channel, and what it was told of late."""
    row = _find(request, pk)
    lately = row.messages.prefetch_related("tellings")[:_MOST_SHOWN]
    page = {
        "channel": row,
        "offers": [one for one in buttons.offers(BUTTONS, row, request.user, of="channel") if not one.who],
        "rests": row.rests(now=timezone.now()),
        "lately": [(one, title_of(one)) for one in lately],
        "section": "inbox",
        **history.shown(request.user, row),
    }
    return render(request, "channels/detail.html", page)


@require_safe
@member
def message(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show a message: what it tells, and every try to deliver it."""
    row = visible(Message.objects.select_related("channel__unit"), request.user, pk=pk)
    page = {
        "message": row,
        "title": title_of(row),
        "tellings": [(one, links.path(one)) for one in row.tellings.select_related("event")],
        "tries": row.tries.all(),
        "offers": [one for one in buttons.offers(AGAIN, row, request.user, of="message") if not one.who],
        "section": "inbox",
    }
    return render(request, "channels/message.html", page)


@never_cache
@asks
@member_who_may(managing.open_channel)
def open_one(request: MemberRequest) -> HttpResponse:
    """Open a channel; a signed webhook shows its secret, this once."""
    form = asking.filled(request, ChannelForm, by=request.user)
    if request.method == "POST" and form.is_valid():
        made = attempt(
            request,
            lambda: managing.open_channel(**form.cleaned_data, by=request.user, now=timezone.now()),
            form=form,
        )
        if made:
            return _shown_once(request, *made)
    page = Page(
        "Open a channel",
        "Nothing is sent until a rule names it. Send a trial when it is open.",
        "Open the channel",
        reverse("web:channel-list"),
        "Channels",
        "inbox",
    )
    return asking.show(request, form, page)


@never_cache
@asks
@member_who_may(managing.rotate)
def rotate(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Exchange the secret of a signed webhook, and show the new one, this once."""
    row = _find(request, pk)
    managing.rotate.require(row, request.user)
    form = asking.filled(request, asking.Nothing)
    if request.method == "POST" and form.is_valid():
        step = managing.rotate
        if made := attempt(request, lambda: step(row, by=request.user, now=timezone.now()), form=form):
            return _shown_once(request, *made)
    words = f"The former one signs too for {managing.OVERLAP.days} days, so that the receiver can follow."
    return asking.show(request, form, _page_of(row, "Exchange the secret", words))


@asks
@member_who_may(managing.change)
def change(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Change what a channel is called, or where it is."""
    row = _find(request, pk)
    managing.change.require(row, request.user)
    form = asking.filled(request, ChangeForm, row=row)
    return asking.ask(
        request,
        form,
        _page_of(row, "Change", "What waits for it goes to the new address."),
        step=lambda data: form.take(row, **data, by=request.user, now=timezone.now()),
        message=f"{row.ref} is changed.",
    )


@asks
@member_who_may(managing.end_former)
def end_former(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Let the former secret sign no more."""
    row = _find(request, pk)
    managing.end_former.require(row, request.user)
    words = "A receiver that still checks with the former secret refuses what comes from now on."
    return asking.ask(
        request,
        asking.filled(request, asking.Nothing),
        _page_of(row, "End the former secret", words, is_danger=True),
        step=lambda _: managing.end_former(row, by=request.user, now=timezone.now()),
        message="Only the new secret signs from now on.",
    )


@asks
@member_who_may(managing.retire)
def retire(request: MemberRequest, pk: UUID) -> HttpResponse:
    """End a channel."""
    row = _find(request, pk)
    managing.retire.require(row, request.user)
    words = "It is told of nothing any more. Rules that name it tell the managers instead, and say so."
    return asking.ask(
        request,
        asking.filled(request, ReasonForm),
        _page_of(row, "Retire", words, is_danger=True),
        step=lambda data: managing.retire(row, **data, by=request.user, now=timezone.now()),
        message=f"{row.ref} is retired.",
    )


@asks
@member_who_may(managing.try_out)
def try_out(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Send a trial."""
    row = _find(request, pk)
    managing.try_out.require(row, request.user)
    words = "One message goes there that says how it will be told. What comes of it stands on the channel’s page."
    return asking.ask(
        request,
        asking.filled(request, asking.Nothing),
        _page_of(row, "Send a trial", words),
        step=lambda _: managing.try_out(row, by=request.user, now=timezone.now()),
        message="A trial is on its way.",
    )


@asks
@member_who_may(managing.replay)
def replay_given_up(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Send again what was given up of a channel."""
    row = _find(request, pk)
    managing.replay.require(row, request.user)
    words = (
        f"All that was given up goes out again, up to {managing.AGAIN_AT_ONCE} messages at once, the oldest first, each"
        " under the same id: a receiver that has one already knows it as a copy. Mend the cause first."
    )
    return asking.ask(
        request,
        asking.filled(request, asking.Nothing),
        _page_of(row, "Send again what was given up", words),
        step=lambda _: managing.replay(row, by=request.user, now=timezone.now()),
        message="They are on their way again.",
    )


@asks
@member_who_may(posting.replay)
def replay(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Send a message again."""
    row = visible(Message.objects.select_related("channel__unit"), request.user, pk=pk)
    posting.replay.require(row, request.user)
    back = reverse("web:message-detail", args=[row.pk])
    words = "It goes out under the same id: a receiver that has it already knows it as a copy."
    return asking.ask(
        request,
        asking.filled(request, asking.Nothing),
        Page(f"Send again to {row.channel.name}", words, "Send again", back, "Message", "inbox"),
        step=lambda _: posting.replay(row, by=request.user, now=timezone.now()),
        message="It is on its way again.",
    )


def _shown_once(request: MemberRequest, row: Channel, secret: str) -> HttpResponse:
    if not secret:
        return redirect("web:channel-detail", pk=row.pk)
    page = {"channel": row, "secret": secret, "section": "inbox"}
    return render(request, "channels/secret.html", page, status=201)


def _find(request: MemberRequest, pk: UUID) -> Channel:
    return visible(Channel.objects.select_related("unit", "opened_by"), request.user, pk=pk)


def _page_of(row: Channel, label: str, words: str, *, is_danger: bool = False) -> Page:
    back = reverse("web:channel-detail", args=[row.pk])
    return Page(f"{label}: {row.name}", words, label, back, row.ref, "inbox", is_danger)
