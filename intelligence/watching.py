"""Steps of watch lists: what was learnt is noted, settled when it is known what came of it, and opened again."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from accounts.access import Capability
from accounts.principals import Principal
from accounts.steps import Done, Unchanged, step
from intelligence.models import WatchEntry
from intelligence.reading import indicators, mail
from intelligence.reading.mail import Mail
from intelligence.reading.stix import TECHNIQUE
from riskregister import nouns, unseen
from riskregister.refusals import Refused
from riskregister.text import clean_name, clean_reason, clean_text, clean_url, clean_word
from vendors.models import Server, Vendor

Status, Via = WatchEntry.Status, WatchEntry.Via
WRITE = Capability.WRITE
_TITLE, _SOURCE, _MOST = 300, 320, 50


class EntryInvalid(Refused):
    """The entry cannot be like this."""


@step("watch_entry.noted", needs=WRITE, makes=WatchEntry)
def note(
    subject: Server | Vendor, *, kind: str, title: str, text: str = "", source: str = "", url: str = "",
    happened_on: date | None = None, tlp: str = "", techniques: Sequence[str] = (), external_id: str = "",
    via: str = Via.PAGE, by: Principal, now: datetime,
) -> Done[WatchEntry]:  # fmt: skip
    """Return the entry about a vendor or a server; what its source calls the same is the same entry, as it is.

    Raises EntryInvalid for a day to come and what is no technique, Refused for texts that cannot be kept.
    """
    about = _about(subject)
    key = clean_word(external_id, field="external_id", limit=indicators.ID_LIMIT)
    # A mail that two people bring at once is one entry.
    nouns.hold(subject)
    if key and (known := WatchEntry.objects.filter(**about, external_id=key).first()):
        return Unchanged(known)
    if happened_on is not None and happened_on > timezone.localdate(now):
        raise EntryInvalid("Give the day on which it happened, today at the latest.", field="happened_on")
    made = WatchEntry(
        **about,
        kind=_kind(kind),
        title=clean_name(title, field="title", limit=_TITLE),
        text=clean_text(text, field="text"),
        source=clean_word(source, field="source", limit=_SOURCE),
        url=clean_url(url, field="url"),
        external_id=key,
        happened_on=happened_on,
        tlp=_marking(tlp),
        techniques=_techniques(techniques),
        via=via,
        noted_by=by.person,
        noted_at=now,
    )
    made.save(force_insert=True)
    return Done(made, kind=made.kind, source=made.source)


@step("watch_entry.settled", needs=WRITE, to=Status.SETTLED, reason="outcome")
def settle(entry: WatchEntry, *, outcome: str, by: Principal, now: datetime) -> WatchEntry:
    """Return the entry, settled: nobody needs to watch it any more, since it is known what came of it."""
    entry.outcome, entry.settled_by, entry.settled_at = clean_reason(outcome, field="outcome"), by.person, now
    return entry


@step("watch_entry.reopened", needs=WRITE, to=Status.WATCHED, reason="reason")
def reopen(entry: WatchEntry, *, reason: str, by: Principal, now: datetime) -> WatchEntry:
    """Return the entry, watched again."""
    entry.settled_by, entry.settled_at = None, None
    return entry


def note_mail(
    raw: bytes, *, subject: Server | Vendor | None = None, kind: str = "", tlp: str = "", by: Principal, now: datetime
) -> WatchEntry:
    """Return the entry that a message (`.eml`) becomes; the same message is the same entry.

    Unless somebody says whom it is about, it is the one vendor whose domain it comes from or leads to. It is marked as
    it says itself, or as somebody says who knows that it is for fewer. Raises EntryInvalid where it is about no vendor
    or several, and indicators.Unusable for what is no message.
    """
    read = mail.read(raw)
    title = _shown(read.subject, _TITLE) or "Message without a subject"
    facts: dict[str, Any] = {"kind": kind or _kind_of(read), "title": title, "text": _shown(read.text, 20_000)}
    facts |= {"source": read.sender, "external_id": read.key, "via": Via.MAIL}
    facts["tlp"] = indicators.strictest([read.tlp, indicators.tlp_of(_marking(tlp))]) or ""
    facts["happened_on"] = min(timezone.localdate(read.sent_at), timezone.localdate(now)) if read.sent_at else None
    return note(subject or vendor_of(read, by=by), **facts, by=by, now=now)


def vendor_of(read: Mail, *, by: Principal) -> Vendor:
    """Return the one vendor that a message is about, by the domains in it. Raises EntryInvalid for none or several."""
    domains = mail.domains(read)
    rows = Vendor.objects.exclude(website="") if by.person is None else Vendor.objects.visible_to(by.person)
    found = [one for one in rows.exclude(website="") if _domain_of(one) in domains]
    first = [one for one in found if _domain_of(one) == (domains or [""])[0]]
    if len(chosen := first or found) != 1:
        named = ", ".join(str(one) for one in found[:3]) or "none"
        raise EntryInvalid(
            f"It does not tell which vendor it is about (by its domains: {named}). Say so.", field="subject"
        )
    return chosen[0]


def _domain_of(vendor: Vendor) -> str:
    host = vendor.website.partition("://")[2].partition("/")[0].partition(":")[0].lower()
    return host.removeprefix("www.")


def _about(subject: Server | Vendor) -> dict[str, Any]:
    if isinstance(subject, Vendor):
        return {"vendor": subject, "server": None, "unit": None}
    return {"vendor": None, "server": subject, "unit": subject.unit}


def _kind(word: str) -> str:
    if word not in WatchEntry.Kind.values:
        raise EntryInvalid(f"Say what was learnt: one of {', '.join(WatchEntry.Kind.values)}.", field="kind")
    return word


def _kind_of(read: Mail) -> str:
    """Return what a message is about by the words of its subject; whoever reads it can say otherwise."""
    subject = read.subject.lower()
    words = {
        WatchEntry.Kind.BREACH_NOTICE: ("breach", "incident", "compromise"),
        WatchEntry.Kind.TAKE_OVER: ("acquired", "acquisition", "acquires", "take-over", "takeover", "merger"),
        WatchEntry.Kind.ADVISORY: ("advisory", "vulnerability", "cve-", "security update"),
    }
    return next((kind for kind, some in words.items() if any(word in subject for word in some)), WatchEntry.Kind.OTHER)


def _marking(word: str) -> str:
    found = indicators.tlp_of(word) if word else None
    if word and found is None:
        raise EntryInvalid(f"Write one of {', '.join(indicators.Tlp)}.", field="tlp")
    return found or ""


def _techniques(ids: Sequence[str]) -> list[str]:
    if wrong := [one for one in ids if not TECHNIQUE.match(one)]:
        raise EntryInvalid(
            f"{indicators.shown(wrong[0])} is no technique. Write its id, as SAFE-T1001 or AML.T0010.",
            field="techniques",
        )
    return list(dict.fromkeys(ids))[:_MOST]


def _shown(text: str, limit: int) -> str:
    """Return a stranger's text with what nobody can see in it named in brackets: hidden it would be refused."""
    return "\n".join(unseen.visible(line) for line in text.splitlines())[:limit]
