"""What the world says of threats: indicators and what they hit, watch lists, observed egress, and what is passed on."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Unit
from accounts.principals import Principal
from api.fields import Body, Choice, Known, Reason, Text
from api.parsers import LockFileParser
from api.steps import takes
from api.v1.endpoint_parts import refs
from api.v1.endpoint_parts.field_history import WithFieldHistory
from api.v1.endpoint_parts.refs import Out
from api.v1.observations.feeds import FeedRef
from api.views import Noun, step
from findings.models import Finding
from intelligence import egress_logs, promoting, sharing, watching
from intelligence.lists import CONTACTS, EGRESS_LOGS, HITS, INDICATORS, SHARES, WATCH_ENTRIES
from intelligence.models import EgressContact, EgressLog, Indicator, IndicatorHit, IndicatorTerm, Share, WatchEntry
from intelligence.models.indicator import STANDINGS
from intelligence.reading.indicators import ID_LIMIT, Tlp, Unusable
from riskregister.refusals import Refused
from vendors.models import Deployment, Server, Vendor

_LEAVES = [one.value for one in Tlp if one is not Tlp.RED]


class TermOut(Out):
    """One value by which an indicator is met; those of one `way` are met together."""

    class Meta:
        model = IndicatorTerm
        fields = ("way", "kind", "value", "version")


class IndicatorOut(Out):
    """Something that a feed says is bad. Its texts are its source's, and may be hostile.

    `standing` is how it stands at this moment; without terms it cannot be matched, and `unmatched` says why.
    """

    feed = FeedRef()
    standing = Choice(choices=[*STANDINGS.items()], read_only=True)
    terms = TermOut(many=True)
    names: Any = serializers.ListField(child=serializers.CharField(), read_only=True)
    techniques: Any = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = Indicator
        fields = (
            "id", "feed", "external_id", "kind", "value", "title", "description", "written", "terms", "unmatched",
            "confidence", "valid_from", "valid_until", "modified", "is_revoked", "gone_at", "tlp", "names",
            "techniques", "standing", "taken_at", "changed_at",
        )  # fmt: skip


class IndicatorRef(Out):
    """An indicator."""

    class Meta:
        model = Indicator
        fields = ("id", "title", "confidence")


class IndicatorHitOut(Out):
    """That an indicator meets something of a server; `finding` is what came of it, if anything."""

    server = refs.ServerRef()
    indicator = IndicatorRef()
    observation: Any = serializers.UUIDField(source="observation_id", read_only=True)
    finding = refs.FindingRef(source="observation.finding", allow_null=True)
    state = Choice(choices=["certain", "verify", "gone"], read_only=True)

    class Meta:
        model = IndicatorHit
        fields = (
            "id", "server", "indicator", "where", "matched", "is_certain", "state", "observation", "finding",
            "first_seen_at", "gone_at",
        )  # fmt: skip


class WatchEntryOut(Out):
    """What was learnt about a vendor or a server; its texts are its source's, and may be hostile."""

    unit = refs.UnitRef()
    vendor = refs.VendorRef()
    server = refs.ServerRef()
    noted_by = refs.PersonRef()
    settled_by = refs.PersonRef()
    techniques: Any = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = WatchEntry
        fields = (
            "id", "ref", "unit", "vendor", "server", "kind", "status", "title", "text", "source", "url", "external_id",
            "happened_on", "tlp", "techniques", "via", "noted_by", "noted_at", "settled_by", "settled_at", "outcome",
        )  # fmt: skip


class WatchEntryBody(Body):
    """What was learnt, about a vendor or about a server. Or a `message` as it came (an .eml file), which says the rest;
    unless one is named it is about the one vendor whose domain it comes from, or else leads to.
    """

    vendor = Known(Vendor, required=False)
    server = Known(Server, required=False)
    kind = Choice(choices=WatchEntry.Kind.choices, required=False)
    title = Text(required=False, max_length=300)
    text = Text(required=False)
    source = Text(required=False, max_length=320)  # type: ignore[assignment]  # the body has a field of this name
    url = Text(required=False, max_length=300)
    external_id = Text(
        required=False, max_length=ID_LIMIT, help_text="what its source calls it: the same is noted once"
    )
    happened_on = serializers.DateField(required=False)
    tlp = Choice(
        choices=[one.value for one in Tlp], required=False, help_text="of a message the stricter of this and its own"
    )
    techniques: Any = serializers.ListField(child=Text(max_length=20), required=False, max_length=50)
    message = Text(required=False, max_length=4_000_000, help_text="an e-mail as it came")


class Outcome(Body):
    """What came of it."""

    outcome = Text()


class EgressLogOut(Out):
    """A log of egress that was taken; the log itself is not kept."""

    server = refs.ServerRef()
    deployment = refs.DeploymentRef()
    taken_by = refs.PersonRef()

    class Meta:
        model = EgressLog
        fields = (
            "id", "server", "deployment", "form", "client", "digest", "contacts_read", "hosts", "unread",
            "first_unread", "taken_by", "taken_at",
        )  # fmt: skip


class EgressLogBody(Body):
    """A log of Squid, Zeek or Hubble, and whose lines of it are meant: an address, or a pod."""

    server = Known(Server)
    deployment = Known(Deployment, required=False)
    client = Text(required=False, max_length=200, help_text="empty: all lines")
    log = Text(max_length=4_000_000)


class EgressContactOut(Out):
    """A host that a server contacted, or that it was not let contact."""

    server = refs.ServerRef()
    deployment = refs.DeploymentRef()

    class Meta:
        model = EgressContact
        fields = (
            "id", "server", "deployment", "host", "port", "was_let", "count", "first_seen_at", "last_seen_at",
        )  # fmt: skip


class ShareOut(Out):
    """What was passed on, without the bundle."""

    unit = refs.UnitRef()
    decided_by = refs.PersonRef()

    class Meta:
        model = Share
        fields: tuple[str, ...] = (
            "id", "ref", "unit", "tlp", "recipient", "reason", "digest", "hits", "entries", "findings", "decided_by",
            "decided_at",
        )  # fmt: skip


class ShareWhole(ShareOut):
    """What was passed on, with the STIX bundle as it was handed out."""

    class Meta(ShareOut.Meta):
        fields = (*ShareOut.Meta.fields, "bundle")


class ShareBody(Body):
    """What is passed on, to whom, under which marking, and why."""

    unit = Known(Unit)
    hits: Any = serializers.ListField(child=Known(IndicatorHit), required=False, max_length=sharing.MOST)
    entries: Any = serializers.ListField(child=Known(WatchEntry), required=False, max_length=sharing.MOST)
    findings: Any = serializers.ListField(child=Known(Finding), required=False, max_length=sharing.MOST)
    tlp = Choice(choices=_LEAVES)
    recipient = Text(max_length=200)
    reason = Text()


class Indicators(ListModelMixin, RetrieveModelMixin, Noun[Indicator]):
    """What feeds say is bad."""

    serializer_class = IndicatorOut
    of, orders = INDICATORS, ("-taken_at",)

    def get_queryset(self) -> "QuerySet[Indicator]":
        """Return all, to whoever has a role."""
        rows = Indicator.objects.visible_to(self.person).with_standing(now=timezone.now())
        return rows.select_related("feed").prefetch_related("terms")


class IndicatorHits(ListModelMixin, RetrieveModelMixin, Noun[IndicatorHit]):
    """What indicators meet of servers."""

    serializer_class = IndicatorHitOut
    of, orders = HITS, ("-first_seen_at",)

    def get_queryset(self) -> "QuerySet[IndicatorHit]":
        """Return those that the caller may see."""
        rows = IndicatorHit.objects.visible_to(self.person)
        return rows.select_related("server", "indicator", "observation__finding")

    @step("promote", takes=promoting.promote, body=Reason)
    def promote(self, hit: IndicatorHit, *, by: Principal, now: datetime, reason: str) -> None:
        """Propose a finding of it, although no source is sure enough for the rule."""
        promoting.promote(hit, reason=reason, by=by, now=now)


class WatchEntries(ListModelMixin, RetrieveModelMixin, WithFieldHistory, Noun[WatchEntry]):
    """What was learnt about vendors and servers."""

    serializer_class, body_class = WatchEntryOut, WatchEntryBody
    parser_classes = (LockFileParser,)
    of, orders = WATCH_ENTRIES, ("-number",)

    def get_queryset(self) -> "QuerySet[WatchEntry]":
        """Return those that the caller may see."""
        rows = WatchEntry.objects.visible_to(self.person)
        return rows.select_related("unit", "vendor", "server", "noted_by", "settled_by")

    @takes(watching.note)
    def create(self, request: Request) -> Response:
        """Note what was learnt; what its source calls the same is the same entry."""
        data = self.body(WatchEntryBody)
        vendor, server = data.pop("vendor", None), data.pop("server", None)
        if vendor is not None and server is not None:
            raise Refused("Name a vendor or a server, not both.", field="server")
        message, subject = data.pop("message", ""), vendor or server
        if message:
            facts = {name: data[name] for name in ("kind", "tlp") if name in data}
            return self.made(self._noted(message, subject=subject, **facts))
        if subject is None:
            raise Refused("Say which vendor or server it is about.", field="vendor")
        data = {"kind": "", "title": ""} | data
        return self.made(watching.note(subject, **data, via=WatchEntry.Via.API, by=self.by, now=timezone.now()))

    def _noted(self, message: str, *, subject: Server | Vendor | None, **facts: str) -> WatchEntry:
        try:
            return watching.note_mail(message.encode(), subject=subject, **facts, by=self.by, now=timezone.now())
        except Unusable as error:
            raise Refused(str(error), field="message") from error

    @step("settle", takes=watching.settle, body=Outcome)
    def settle(self, entry: WatchEntry, *, by: Principal, now: datetime, outcome: str) -> None:
        """Say what came of it: nobody needs to watch it any more."""
        watching.settle(entry, outcome=outcome, by=by, now=now)

    @step("reopen", takes=watching.reopen, body=Reason)
    def reopen(self, entry: WatchEntry, *, by: Principal, now: datetime, reason: str) -> None:
        """Watch it again."""
        watching.reopen(entry, reason=reason, by=by, now=now)


class EgressLogs(ListModelMixin, RetrieveModelMixin, Noun[EgressLog]):
    """Logs that tell which hosts servers contacted."""

    serializer_class, body_class = EgressLogOut, EgressLogBody
    parser_classes = (LockFileParser,)
    of, orders = EGRESS_LOGS, ("-taken_at",)

    def get_queryset(self) -> "QuerySet[EgressLog]":
        """Return those that the caller may see."""
        return EgressLog.objects.visible_to(self.person).select_related("server", "deployment", "taken_by")

    @takes(egress_logs.take)
    def create(self, request: Request) -> Response:
        """Take a log; the same log again is the same record, and counts nothing twice."""
        data = self.body(EgressLogBody)
        try:
            taken = egress_logs.read(data["log"].encode(), client=data.get("client", ""))
        except Unusable as error:
            raise Refused(str(error), field="log") from error
        about = {"deployment": data.get("deployment")}
        return self.made(egress_logs.take(data["server"], taken=taken, **about, by=self.by, now=timezone.now()))


class EgressContacts(ListModelMixin, RetrieveModelMixin, Noun[EgressContact]):
    """Hosts that servers contacted."""

    serializer_class = EgressContactOut
    of, orders = CONTACTS, ("-last_seen_at",)

    def get_queryset(self) -> "QuerySet[EgressContact]":
        """Return those that the caller may see."""
        return EgressContact.objects.visible_to(self.person).select_related("server", "deployment")


class Shares(ListModelMixin, RetrieveModelMixin, WithFieldHistory, Noun[Share]):
    """What was passed on to others."""

    serializer_class, row_class, body_class = ShareWhole, ShareOut, ShareBody
    of, orders = SHARES, ("-number",)

    def get_queryset(self) -> "QuerySet[Share]":
        """Return those that the caller may see."""
        return Share.objects.visible_to(self.person).select_related("unit", "decided_by")

    @takes(sharing.share)
    def create(self, request: Request) -> Response:
        """Pass on what was learnt, as a STIX 2.1 bundle under a marking."""
        data = self.body(ShareBody)
        return self.made(sharing.share(**data, by=self.by, now=timezone.now()))
