"""Contracts with vendors, what they say under each clause, and what they cover."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Unit, User
from accounts.principals import Principal
from api.fields import Body, Choice, Flag, Known, Note, OptionalNote, OptionalReason, Reason, Text, Whole
from api.steps import in_body, takes
from api.v1.endpoint_parts import refs
from api.v1.endpoint_parts.field_history import WithFieldHistory
from api.v1.endpoint_parts.refs import Out
from api.views import Noun, step
from contracts.agreements import agreeing, clauses, lifecycle
from contracts.agreements.clauses import LAST_PAGE, LONGEST_QUOTE, Reading
from contracts.coverage import parties
from contracts.lists import CONTRACTS, services
from contracts.models import Clause, Contract, IctService, Service
from evidence.models import Evidence
from vendors.models import Server, Vendor


class ContractRef(Out):
    """A contract."""

    ref = serializers.CharField()

    class Meta:
        model = Contract
        fields = ("id", "ref", "title")


class ContractRow(Out):
    """A contract in a list; `term_ends_on` and `notice_by` are of the term that runs today."""

    ref = serializers.CharField()
    vendor = refs.VendorRef()
    owner = refs.PersonRef()
    term_ends_on = serializers.SerializerMethodField()
    notice_by = serializers.SerializerMethodField()

    class Meta:
        model = Contract
        fields = (
            "id", "ref", "vendor", "title", "reference", "kind", "status", "renewal", "signed_on", "starts_on",
            "ends_on", "term_ends_on", "notice_by", "notice_given_on", "review_on", "yearly_value", "currency", "owner",
            "created_at",
        )  # fmt: skip

    def get_term_ends_on(self, contract: Contract) -> date | None:
        """Return the last day of the term that runs today, null for a contract without an end."""
        return contract.term_end(today=timezone.localdate())

    def get_notice_by(self, contract: Contract) -> date | None:
        """Return the last day to give notice, null where it does not renew by itself."""
        return contract.notice_day(today=timezone.localdate())


class ClauseOut(Out):
    """What a contract says under a clause; `countries` are ISO 3166 codes with spaces between."""

    evidence = refs.EvidenceRef()
    checked_by = refs.PersonRef()

    class Meta:
        model = Clause
        fields = (
            "key", "present", "reason", "quote", "page", "value", "unit", "currency", "countries", "evidence",
            "checked_by", "checked_at",
        )  # fmt: skip


class ServiceOut(Out):
    """Something that a contract covers: a server that the caller sees, or a service in words."""

    server = refs.ServerRef()

    class Meta:
        model = Service
        fields = ("id", "server", "name", "ict_service")


class ContractOut(ContractRow):
    """A contract with all that it says; a clause that nobody read is not among `clauses`.

    `for_unit` is null for the whole organisation, and for a unit that the caller does not see, and does not change.
    """

    parent = ContractRef()
    for_unit = serializers.SerializerMethodField()
    is_for_unseen_unit = serializers.SerializerMethodField()
    evidence = refs.EvidenceRef()
    clauses = ClauseOut(many=True)
    services = serializers.SerializerMethodField()

    class Meta:
        model = Contract
        fields = (
            *ContractRow.Meta.fields, "parent", "for_unit", "is_for_unseen_unit", "our_entity", "their_entity",
            "their_lei", "governing_law", "renewal_months", "notice_days", "kept_until", "our_signatory",
            "their_signatory", "critical_function", "personal_data", "evidence", "notes", "ended_on", "end_reason",
            "clauses", "services",
        )  # fmt: skip

    @extend_schema_field(refs.UnitRef(allow_null=True))
    def get_for_unit(self, contract: Contract) -> Any:
        """Return the unit that it was signed for, but one that the caller does not see."""
        is_shown = contract.for_unit is not None and not self.get_is_for_unseen_unit(contract)
        return refs.UnitRef(contract.for_unit).data if is_shown else None

    def get_is_for_unseen_unit(self, contract: Contract) -> bool:
        """Return whether it was signed for a unit that the caller does not see."""
        return parties.is_for_unseen_unit(contract, self.context["request"].user)

    @extend_schema_field(ServiceOut(many=True))
    def get_services(self, contract: Contract) -> Any:
        """Return what the contract covers, but servers of units that the caller does not see."""
        return ServiceOut(contract.services.all(), many=True).data


class ContractEdit(Body):
    """What can be changed of a contract."""

    title = Text()
    kind = Choice(choices=Contract.Kind.choices, required=False)
    parent: Any = Known(Contract, required=False, allow_null=True)
    reference = Text(required=False)
    for_unit = Known(Unit, required=False, allow_null=True)
    our_entity = Text(required=False)
    their_entity = Text(required=False)
    their_lei = Text(required=False, help_text="Legal Entity Identifier of 20 characters")
    governing_law = Text(required=False, help_text="ISO 3166 code of two letters")
    signed_on = serializers.DateField(required=False, allow_null=True)
    starts_on = serializers.DateField(required=False, allow_null=True)
    ends_on = serializers.DateField(required=False, allow_null=True, help_text="last day of the term; null: no end")
    renewal = Choice(choices=Contract.Renewal.choices, required=False)
    renewal_months = Whole(required=False, allow_null=True, min_value=1, max_value=agreeing.LONGEST_MONTHS)
    notice_days = Whole(required=False, allow_null=True, min_value=0, max_value=agreeing.LONGEST_NOTICE)
    review_on = serializers.DateField(required=False, allow_null=True)
    yearly_value = serializers.DecimalField(
        max_digits=14, decimal_places=2, min_value=Decimal(0), required=False, allow_null=True
    )
    currency = Text(required=False, help_text="ISO 4217 code of three letters")
    our_signatory = Text(required=False)
    their_signatory = Text(required=False)
    owner = Known(User, required=False, allow_null=True)
    critical_function = Flag(required=False, allow_null=True, help_text="null: not known")
    personal_data = Flag(required=False, allow_null=True, help_text="null: not known")
    evidence = Known(Evidence, required=False, allow_null=True)
    notes = Text(required=False)


class ContractBody(ContractEdit):
    """A new contract, with which vendor."""

    vendor = Known(Vendor)


class SigningBody(Body):
    """The days of a contract that both sides have signed."""

    signed_on = serializers.DateField()
    starts_on = serializers.DateField()
    ends_on = serializers.DateField(required=False, allow_null=True)


class ReviewedBody(Note):
    """What a review showed, and when to look at it again."""

    review_on = serializers.DateField(required=False, allow_null=True)


class ContractEnding(Reason):
    """When and why it ended."""

    ended_on = serializers.DateField()


class NoticeBody(OptionalNote):
    """When notice was given, and how."""

    given_on = serializers.DateField()


class ServiceBody(Body):
    """A server, or a service in words."""

    server = Known(Server, required=False, allow_null=True)
    service = Text(required=False)
    ict_service = Choice(choices=IctService.choices, required=False, allow_blank=True)


class ServiceChosen(Body):
    """Which service."""

    contract_service = serializers.UUIDField()


class ReadingBody(Body):
    """What somebody read under one clause; see `GET /clauses/` for the keys and their units."""

    key = Text()
    present = Choice(choices=Clause.Present.choices)
    reason = Text(required=False, help_text="why it does not apply")
    quote = Text(required=False, max_length=LONGEST_QUOTE)
    page = Whole(required=False, allow_null=True, min_value=1, max_value=LAST_PAGE)
    value = serializers.DecimalField(max_digits=16, decimal_places=4, required=False, allow_null=True)
    unit = Choice(choices=Clause.Unit.choices, required=False, allow_blank=True)
    currency = Text(required=False, help_text="ISO 4217 code of three letters")
    countries = Text(required=False, help_text="ISO 3166 codes with spaces between")
    evidence = Known(Evidence, required=False, allow_null=True)


class Readings(Body):
    """What somebody read, clause by clause."""

    clauses: Any = serializers.ListField(child=ReadingBody(), min_length=1, max_length=100)


class Contracts(ListModelMixin, RetrieveModelMixin, WithFieldHistory, Noun[Contract]):
    """Contracts with vendors."""

    serializer_class, row_class = ContractOut, ContractRow
    body_class, edit_class = ContractBody, ContractEdit
    of, orders = CONTRACTS, ("-number", "title", "ends_on", "notice_by", "review_on")

    def get_queryset(self) -> "QuerySet[Contract]":
        """Return the contracts that the caller may see."""
        rows = Contract.objects.visible_to(self.person).select_related("vendor", "owner")
        if self.action == "list":
            return rows
        read = Prefetch("clauses", Clause.objects.select_related("evidence", "checked_by"))
        return rows.select_related("parent", "for_unit", "evidence").prefetch_related(
            Prefetch("services", services(self.person)), read
        )

    @takes(agreeing.draft)
    def create(self, request: Request) -> Response:
        """Record a contract with a vendor; it is in drafting at first."""
        data = self.body(ContractBody)
        vendor: Vendor = data.pop("vendor")
        return self.made(agreeing.draft(vendor, by=self.by, now=timezone.now(), **data))

    @takes(agreeing.edit)
    def partial_update(self, request: Request, pk: Any) -> Response:
        """Change what a contract says of itself."""
        contract = self.get_object()
        changes, version = self.changes()
        agreeing.edit.over(version)(contract, changes=changes, by=self.by, now=timezone.now())
        return Response(self.shown(pk))

    @step("send-for-signing", takes=lifecycle.send_for_signing)
    def send_for_signing(self, contract: Contract, *, by: Principal, now: datetime) -> None:
        """Send a contract for signing."""
        lifecycle.send_for_signing(contract, by=by, now=now)

    @step("return-to-drafting", takes=lifecycle.return_to_drafting, body=Reason)
    def return_to_drafting(self, contract: Contract, *, by: Principal, now: datetime, reason: str) -> None:
        """Return a contract that was not signed to drafting."""
        lifecycle.return_to_drafting(contract, reason=reason, by=by, now=now)

    @step("sign", takes=lifecycle.sign, body=SigningBody)
    def sign(self, contract: Contract, *, by: Principal, now: datetime, **days: Any) -> None:
        """Record that both sides have signed; from its first day on it gives what its clauses say."""
        lifecycle.sign(contract, by=by, now=now, **days)

    @step("start-review", takes=lifecycle.start_review, body=OptionalReason)
    def start_review(self, contract: Contract, *, by: Principal, now: datetime, reason: str = "") -> None:
        """Start a review of a contract, which holds on."""
        lifecycle.start_review(contract, reason=reason, by=by, now=now)

    @step("finish-review", takes=lifecycle.finish_review, body=ReviewedBody)
    def finish_review(self, contract: Contract, *, by: Principal, now: datetime, **facts: Any) -> None:
        """Finish the review of a contract."""
        lifecycle.finish_review(contract, by=by, now=now, **facts)

    @step("end", takes=lifecycle.end, body=ContractEnding)
    def end(self, contract: Contract, *, by: Principal, now: datetime, ended_on: date, reason: str) -> None:
        """End a contract: it gives nothing any more."""
        lifecycle.end(contract, ended_on=ended_on, reason=reason, by=by, now=now)

    @step("keep", takes=lifecycle.keep, body=Reason)
    def keep(self, contract: Contract, *, by: Principal, now: datetime, reason: str) -> None:
        """Decide that a contract which renews by itself goes on after its term."""
        lifecycle.keep(contract, reason=reason, by=by, now=now)

    @step("give-notice", takes=lifecycle.give_notice, body=NoticeBody)
    def give_notice(self, contract: Contract, *, by: Principal, now: datetime, **facts: Any) -> None:
        """Record that notice was given, by either side: the term that runs is the last."""
        lifecycle.give_notice(contract, by=by, now=now, **facts)

    @step("cover", takes=agreeing.cover, body=ServiceBody)
    def cover(self, contract: Contract, *, by: Principal, now: datetime, **facts: Any) -> None:
        """Say what the contract covers; one that covers nothing by name covers all that the vendor supplies."""
        agreeing.cover(contract, by=by, now=now, **facts)

    @step("uncover", takes=agreeing.uncover, given=in_body, body=ServiceChosen)
    def uncover(self, contract: Contract, *, by: Principal, now: datetime, contract_service: str) -> None:
        """Take something out of what the contract covers."""
        rows = services(self.person).filter(contract=contract).select_related("contract__vendor")
        row = get_object_or_404(rows, pk=contract_service)
        agreeing.uncover(row, by=by, now=now)

    @step("record-clauses", takes=clauses.record, body=Readings)
    def record_clauses(self, contract: Contract, *, by: Principal, now: datetime, **facts: Any) -> None:
        """Record what the contract says under some of its clauses; the others stay as they are."""
        clauses.record(contract, readings=[Reading(**one) for one in facts["clauses"]], by=by, now=now)
