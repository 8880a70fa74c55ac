"""Findings: the risk register, and what is done about each of them."""

from datetime import datetime
from typing import Any, cast

from django.db.models import Prefetch, QuerySet, prefetch_related_objects
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from accounts.principals import Principal
from api.description.described import described
from api.fields import Body, Choice, Known, Moment, Note, Reason, Text
from api.steps import in_body, takes
from api.v1.endpoint_parts import refs
from api.v1.endpoint_parts.field_history import WithFieldHistory
from api.v1.findings.acceptances import AcceptanceBody, AcceptanceOut
from api.v1.findings.findingrows import COLUMNS, FindingRow, SeverityWord
from api.v1.findings.remedies import ClaimBody, ClaimOut, MilestoneChosen, PassBody, PlanBody, PlanOut, waiting_claim
from api.views import Noun, step, together
from catalogue.models import Dimension
from evidence.models import Evidence
from findings import acceptance, register, remediation
from findings.lists import FINDINGS
from findings.models import Finding, FixClaim, Milestone, RemediationPlan, RiskAcceptance
from findings.observed import sightings
from findings.observed.sightings import Sighting
from vendors.models import Server, Vendor
from work.in_hand import assigning

# What a finding that was recorded this moment cannot have: five statements that need not be asked.
_NOTHING_YET = (
    Prefetch("plans", RemediationPlan.objects.none()),
    Prefetch("fix_claims", FixClaim.objects.none()),
    Prefetch("acceptances", RiskAcceptance.objects.none()),
)


class OccurrenceOut(serializers.Serializer[Sighting]):
    """One time that it was observed; of an assessment that you may not see without its number and its comment."""

    id = serializers.UUIDField(read_only=True)
    assessment = refs.AssessmentRef(read_only=True, allow_null=True)
    observed_at = Moment(read_only=True)
    answer_text = serializers.CharField(read_only=True)
    note = serializers.CharField(read_only=True)
    is_withheld = serializers.BooleanField(read_only=True, help_text="it was in an assessment of another unit")


class FindingOut(FindingRow):
    """A finding with what was observed and what is done about it."""

    assessment = serializers.SerializerMethodField()
    plans = PlanOut(many=True)
    fix_claims = ClaimOut(many=True)
    occurrences = serializers.SerializerMethodField()
    acceptances = AcceptanceOut(many=True)

    class Meta:
        model = Finding
        fields = (
            *FindingRow.Meta.fields, "description", "recommendation", "assessment", "question_text",
            "answer_text", "close_reason", "plans", "fix_claims", "occurrences", "acceptances",
        )  # fmt: skip

    @extend_schema_field(refs.AssessmentRef(allow_null=True))
    def get_assessment(self, finding: Finding) -> Any:
        """Return the assessment that raised it, null for one that the caller may not see."""
        raised_in = sightings.raised_in(finding, self.context["request"].user)
        return refs.AssessmentRef(raised_in).data if raised_in else None

    @extend_schema_field(OccurrenceOut(many=True))
    def get_occurrences(self, finding: Finding) -> Any:
        """Return when it was observed, the latest first."""
        rows: Any = sightings.of(finding, self.context["request"].user)
        return OccurrenceOut(rows, many=True, context=self.context).data


class FindingBody(Body):
    """A finding recorded by hand, about a server or about a vendor."""

    server = Known(Server, required=False)
    vendor = Known(Vendor, required=False)
    title = Text()
    severity = SeverityWord()
    dimension = Choice(choices=Dimension.choices)
    description = Text(required=False)
    recommendation = Text(required=False)
    owner = Known(User, required=False, allow_null=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse two subjects, and none."""
        if ("server" in attrs) == ("vendor" in attrs):
            raise serializers.ValidationError({"server": "Give either a server or a vendor."})
        return attrs


class Owner(Body):
    """Who takes care of it."""

    owner = Known(User)


class GivenFindings(Body):
    """Findings, and who takes care of all of them from now on."""

    findings = serializers.ListField(child=Known(Finding), min_length=1, max_length=assigning.MOST)
    owner = Known(User)


class SeverityBody(Body):
    """How bad it is, and why."""

    severity = SeverityWord()
    reason = Text()


class DueDateBody(Body):
    """By when, and why."""

    due_on = serializers.DateField()
    reason = Text()


class Findings(ListModelMixin, RetrieveModelMixin, WithFieldHistory, Noun[Finding]):
    """The risk register."""

    serializer_class, row_class, body_class = FindingOut, FindingRow, FindingBody
    of, orders = FINDINGS, ("-created_at", "severity", "due_on", "number")

    def get_queryset(self) -> "QuerySet[Finding]":
        """Return the findings that the caller may see: plain values for a list, else with all that belongs to them."""
        seen = Finding.objects.visible_to(self.person)
        if self.action == "list":
            return cast("QuerySet[Finding]", seen.values(*COLUMNS))
        # What belongs to what is there: most findings have little of it, and joins cost even where nothing is found.
        return seen.select_related("unit", "server", "vendor", "owner", "assessment").prefetch_related(
            "plans__planned_by", "plans__milestones__done_by",
            "fix_claims__evidence", "fix_claims__claimed_by", "fix_claims__verified_by",
            "occurrences__assessment",
            "acceptances__unit", "acceptances__server", "acceptances__requested_by", "acceptances__decided_by",
            "acceptances__revoked_by",
        )  # fmt: skip

    @takes(register.open_by_hand)
    def create(self, request: Request) -> Response:
        """Record a finding by hand; it is due by its severity."""
        data = self.body(FindingBody)
        subject: Server | Vendor = data.pop("server", None) or data.pop("vendor")
        finding = register.open_by_hand(subject, by=self.by, now=timezone.now(), **data)
        prefetch_related_objects([finding], *_NOTHING_YET)
        return self.made(finding, whole=finding)

    @described(request=GivenFindings, responses=FindingRow(many=True))
    @together("give")
    @takes(register.assign)
    def give(self, request: Request) -> Response:
        """Give several findings to one owner, all of them or none; the answer has them as they are then."""
        data = self.body(GivenFindings)
        assigning.findings(data["findings"], owner=data["owner"], by=self.by, now=timezone.now())
        given = Finding.objects.filter(pk__in=[one.pk for one in data["findings"]]).order_by("number")
        return Response(FindingRow(given.values(*COLUMNS), many=True).data)

    @step("confirm", takes=register.confirm)
    def confirm(self, finding: Finding, *, by: Principal, now: datetime) -> None:
        """Judge a proposed finding to be one: it opens."""
        register.confirm(finding, by=by, now=now)

    @step("dismiss", takes=register.dismiss, body=Reason)
    def dismiss(self, finding: Finding, *, by: Principal, now: datetime, reason: str) -> None:
        """Judge that it is none; of an open one an approver does, who does not own it."""
        register.dismiss(finding, reason=reason, by=by, now=now)

    @step("assign", takes=register.assign, body=Owner)
    def assign(self, finding: Finding, *, by: Principal, now: datetime, version: str | None, owner: User) -> None:
        """Give it to an analyst or approver of its unit."""
        register.assign.over(version)(finding, owner=owner, by=by, now=now)

    @step("change-severity", takes=register.change_severity, body=SeverityBody)
    def change_severity(
        self, finding: Finding, *, by: Principal, now: datetime, version: str | None, **data: Any
    ) -> None:
        """Judge anew how bad it is; only an approver who does not own it lowers that."""
        register.change_severity.over(version)(finding, **data, by=by, now=now)

    @step("change-due-date", takes=register.change_due_date, body=DueDateBody)
    def change_due_date(
        self, finding: Finding, *, by: Principal, now: datetime, version: str | None, **data: Any
    ) -> None:
        """Set another due date; only an approver who does not own it gives time."""
        register.change_due_date.over(version)(finding, **data, by=by, now=now)

    @step("plan", takes=remediation.plan, body=PlanBody)
    def plan(self, finding: Finding, *, by: Principal, now: datetime, version: str | None, **data: Any) -> None:
        """Say what will be done by when; a new plan replaces the former."""
        data["milestones"] = [(one["title"], one["due_on"]) for one in data.get("milestones", ())]
        remediation.plan.over(version)(finding, **data, by=by, now=now)

    @step("complete-milestone", takes=remediation.complete_milestone, given=in_body, body=MilestoneChosen)
    def complete_milestone(self, finding: Finding, *, by: Principal, now: datetime, milestone: Any) -> None:
        """Say that a milestone of the current plan is done."""
        rows = Milestone.objects.select_related("plan__finding__server", "plan__finding__vendor")
        remediation.complete_milestone(get_object_or_404(rows, plan__finding=finding, pk=milestone), by=by, now=now)

    @step("claim-fixed", takes=remediation.claim_fixed, body=ClaimBody)
    def claim_fixed(
        self,
        finding: Finding,
        *,
        by: Principal,
        now: datetime,
        note: str,
        evidence: Evidence | None = None,
        **data: str,
    ) -> None:
        """Claim that it is fixed; another person verifies that."""
        remediation.claim_fixed(finding, note=note, evidence=evidence, by=by, now=now, **data)

    @step("pass", takes=remediation.pass_fix, given=waiting_claim, body=PassBody)
    def pass_fix(self, claim: FixClaim, *, by: Principal, now: datetime, **data: Any) -> None:
        """Verify the fix that another person claimed: it closes."""
        remediation.pass_fix(claim, by=by, now=now, **data)

    @step("fail", takes=remediation.fail_fix, given=waiting_claim, body=Note)
    def fail_fix(self, claim: FixClaim, *, by: Principal, now: datetime, note: str) -> None:
        """Find that the claimed fix does not hold: it goes back."""
        remediation.fail_fix(claim, note=note, by=by, now=now)

    @step("close", takes=register.close, body=Reason)
    def close(self, finding: Finding, *, by: Principal, now: datetime, reason: str) -> None:
        """Close it without a verified fix, as an approver who does not own it."""
        register.close(finding, reason=reason, by=by, now=now)

    @step("reopen", takes=register.reopen, body=Reason)
    def reopen(self, finding: Finding, *, by: Principal, now: datetime, reason: str) -> None:
        """Open it again, with a fresh due date."""
        register.reopen(finding, reason=reason, by=by, now=now)

    @step("accept-risk", takes=acceptance.request, body=AcceptanceBody, shows=AcceptanceOut, status=201)
    def accept_risk(self, finding: Finding, *, by: Principal, now: datetime, **data: Any) -> RiskAcceptance:
        """Ask to live with it until a day; somebody else decides."""
        return acceptance.request(finding, by=by, now=now, **data)
