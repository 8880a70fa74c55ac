"""Certificates and reports of vendors: what each says, until when it counts, and what may rest on it."""

from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.principals import Principal
from api.fields import Body, Choice, Flag, Known, Reason, Text, Whole
from api.steps import takes
from api.v1.endpoint_parts import refs
from api.v1.endpoint_parts.field_history import WithFieldHistory
from api.v1.endpoint_parts.refs import Out
from api.views import Noun, step
from assurance import certificates, facts
from assurance.lists import CERTIFICATES
from assurance.models import CONDITIONS, Certificate
from evidence.models import Evidence
from riskregister import looks
from vendors.models import Vendor


class CertificateRef(Out):
    """A certificate."""

    ref = serializers.CharField()

    class Meta:
        model = Certificate
        fields = ("id", "ref", "kind")


class CertificateOut(Out):
    """A certificate; `counts_until` is the last day, null where nobody knows; `state` is how it stands today."""

    ref = serializers.CharField()
    vendor = refs.VendorRef()
    evidence = refs.EvidenceRef()
    supersedes = CertificateRef()
    bridges = CertificateRef()
    state = serializers.SerializerMethodField()
    conditions_met = serializers.IntegerField(
        allow_null=True, help_text="of the eight of article 8(3), (EU) 2024/1773; null while nothing is known of any"
    )
    categories: Any = serializers.ListField(child=Choice(choices=Certificate.Category.choices))
    recorded_by = refs.PersonRef()

    class Meta:
        model = Certificate
        fields = (
            "id", "ref", "vendor", "kind", "status", "state", "evidence", "supersedes", "bridges", *facts.CLEANERS,
            "counts_until", "stopped_on", *CONDITIONS, "conditions_met", "recorded_by", "recorded_at",
        )  # fmt: skip

    @extend_schema_field(Choice(choices=list(looks.kinds()["certificate"])))
    def get_state(self, row: Certificate) -> str:
        """Return how it stands today: as its status, ended, or undated where nobody knows until when it counts."""
        return row.state(today=timezone.localdate())


def _day() -> serializers.DateField:
    return serializers.DateField(required=False, allow_null=True)


def _count() -> Whole:
    return Whole(required=False, allow_null=True, min_value=0, max_value=facts.MOST)


class CertificateFacts(Body):
    """What a certificate says; each kind has some of these, and refuses the others."""

    legal_entity = Text(required=False, max_length=200, help_text="as the document names it")
    scope = Text(required=False)
    issued_on = _day()
    body = Text(required=False, max_length=200, help_text="auditor, certification body, assessor or tester")
    accreditation = Text(required=False, max_length=200)
    certificate_number = Text(required=False, max_length=100)
    period_from = _day()
    period_to = _day()
    ends_on = _day()
    opinion = Choice(required=False, allow_blank=True, choices=Certificate.Opinion.choices)
    exceptions = _count()
    categories: Any = serializers.ListField(
        required=False, child=Choice(choices=Certificate.Category.choices), max_length=5
    )
    subservice = Choice(required=False, allow_blank=True, choices=Certificate.Subservice.choices)
    user_controls = Text(required=False)
    soa_version = Text(required=False, max_length=100)
    sites = Text(required=False)
    next_surveillance = _day()
    surveillance_note = Text(required=False)
    role = Text(required=False, max_length=100)
    level = Text(required=False, max_length=40)
    caiq_version = Text(required=False, max_length=40)
    open_critical = _count()
    open_high = _count()
    open_medium = _count()
    open_low = _count()
    retested_on = _day()


class CertificateBody(CertificateFacts):
    """A certificate of a vendor, with its document: evidence of the whole organisation."""

    vendor = Known(Vendor)
    kind = Choice(choices=Certificate.Kind.choices)
    evidence = Known(Evidence)
    supersedes = Known(Certificate, required=False, allow_null=True)
    bridges = Known(Certificate, required=False, allow_null=True, help_text="of a bridge letter: the SOC 2 report")


class ConditionsBody(Body):
    """The eight conditions under which it may carry something critical; null: not known."""

    plan_fits = Flag(required=False, allow_null=True, help_text=CONDITIONS["plan_fits"])
    scope_fits = Flag(required=False, allow_null=True, help_text=CONDITIONS["scope_fits"])
    is_read = Flag(required=False, allow_null=True, help_text=CONDITIONS["is_read"])
    scope_kept = Flag(required=False, allow_null=True, help_text=CONDITIONS["scope_kept"])
    auditor_fits = Flag(required=False, allow_null=True, help_text=CONDITIONS["auditor_fits"])
    is_tested = Flag(required=False, allow_null=True, help_text=CONDITIONS["is_tested"])
    scope_can_grow = Flag(required=False, allow_null=True, help_text=CONDITIONS["scope_can_grow"])
    own_audits = Flag(required=False, allow_null=True, help_text=CONDITIONS["own_audits"])


class StopBody(Body):
    """Since when it does not count, and why."""

    on = serializers.DateField()
    reason = Text()


class Certificates(ListModelMixin, RetrieveModelMixin, WithFieldHistory, Noun[Certificate]):
    """Certificates and reports of vendors."""

    serializer_class, body_class = CertificateOut, CertificateBody
    of, orders = CERTIFICATES, ("-number", "counts_until")

    def get_queryset(self) -> "QuerySet[Certificate]":
        """Return the certificates that the caller may see."""
        near = ("vendor", "evidence", "supersedes", "bridges", "recorded_by")
        return Certificate.objects.visible_to(self.person).select_related(*near)

    @takes(certificates.record)
    def create(self, request: Request) -> Response:
        """Record a certificate of a vendor; until when it counts, and its document with it, follows from its days."""
        data = self.body(CertificateBody)
        vendor: Vendor = data.pop("vendor")
        return self.made(certificates.record(vendor, by=self.by, now=timezone.now(), **data))

    @step("correct", takes=certificates.correct, body=CertificateFacts)
    def correct(
        self, certificate: Certificate, *, by: Principal, now: datetime, version: str | None, **changes: Any
    ) -> None:
        """Correct facts that were recorded; what is not named stays."""
        certificates.correct.over(version)(certificate, changes=changes, by=by, now=now)

    @step("judge", takes=certificates.judge, body=ConditionsBody)
    def judge(
        self, certificate: Certificate, *, by: Principal, now: datetime, version: str | None, **conditions: Any
    ) -> None:
        """Say of each condition whether it is met; what is not named is not known."""
        certificates.judge.over(version)(certificate, by=by, now=now, **conditions)

    @step("suspend", takes=certificates.suspend, body=StopBody)
    def suspend(self, certificate: Certificate, *, by: Principal, now: datetime, on: date, reason: str) -> None:
        """Record that it is suspended since a day: what rests on it counts less at once."""
        certificates.suspend(certificate, on=on, reason=reason, by=by, now=now)

    @step("resume", takes=certificates.resume, body=Reason)
    def resume(self, certificate: Certificate, *, by: Principal, now: datetime, reason: str) -> None:
        """Record that it is suspended no more."""
        certificates.resume(certificate, reason=reason, by=by, now=now)

    @step("withdraw", takes=certificates.withdraw, body=StopBody)
    def withdraw(self, certificate: Certificate, *, by: Principal, now: datetime, on: date, reason: str) -> None:
        """Record that it is withdrawn since a day, or was never right."""
        certificates.withdraw(certificate, on=on, reason=reason, by=by, now=now)
