"""Reports: asked for, drawn by a job, downloaded in parts."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Unit
from accounts.principals import Principal
from api import offers
from api.description.described import described
from api.fields import Body, Choice, Known, Reason
from api.filters import refuse_parameters
from api.steps import takes
from api.throttles import PerMinute, ReportsPerMinute
from api.v1.endpoint_parts import refs
from api.v1.endpoint_parts.downloads import attachment
from api.v1.endpoint_parts.field_history import WithFieldHistory
from api.v1.endpoint_parts.refs import Out
from api.views import Noun, step
from assessments.models import Assessment
from evidence.models import Blob
from reports import downloads, requests
from reports.lists import REPORTS
from reports.models import Report, ReportPart


class BlobOut(Out):
    """The bytes of a file."""

    class Meta:
        model = Blob
        fields = ("sha256", "size")


class PartOut(Out):
    """One PDF of a report; download it at `…/parts/{position}/`."""

    media_type = serializers.CharField()
    blob = BlobOut()

    class Meta:
        model = ReportPart
        fields = ("position", "file_name", "media_type", "pages", "blob")


class ReportOut(Out):
    """A report; `data_digest` is of everything that it prints."""

    ref = serializers.CharField()
    unit = refs.UnitRef()
    assessment = refs.AssessmentRef()
    requested_by = refs.PersonRef()
    withdrawn_by = refs.PersonRef()
    parts = PartOut(many=True)

    class Meta:
        model = Report
        fields = (
            "id", "ref", "kind", "title", "unit", "since", "assessment", "status", "as_of", "data_digest",
            "requested_by", "requested_at", "issued_at", "error", "withdrawn_by", "withdrawn_reason", "parts",
        )  # fmt: skip


class ReportBody(Body):
    """A report on an assessment (kind `vendor` for one of a vendor), or on the register of a unit (null: of all units)
    with its changes since a day.
    """

    kind = Choice(choices=Report.Kind.choices)
    assessment = Known(Assessment, required=False)
    unit = Known(Unit, required=False, allow_null=True)
    since = serializers.DateField(required=False, allow_null=True, help_text="of a register; null: the last 90 days")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse what does not belong to the kind."""
        needed, other = ("unit", "assessment") if attrs["kind"] == Report.Kind.REGISTER else ("assessment", "unit")
        if needed not in attrs:
            raise serializers.ValidationError({needed: "This kind of report needs it."})
        if needed == "assessment" and attrs.get("since"):
            raise serializers.ValidationError({"since": "This kind of report takes none."})
        if other in attrs:
            raise serializers.ValidationError({other: "This kind of report takes none."})
        if needed == "assessment" and requests.kind_of(attrs["assessment"]) != attrs["kind"]:
            raise serializers.ValidationError({"kind": "Say vendor for the assessment of a vendor, else assessment."})
        return attrs


class Reports(ListModelMixin, RetrieveModelMixin, WithFieldHistory, Noun[Report]):
    """PDFs for auditors, frozen once they are issued."""

    serializer_class, body_class = ReportOut, ReportBody
    of, orders = REPORTS, ("-number",)

    def get_queryset(self) -> "QuerySet[Report]":
        """Return the reports whose whole content the caller may see, without that content."""
        seen = Report.objects.visible_to(self.person).defer("data")
        near = seen.select_related("unit", "assessment", "requested_by", "withdrawn_by")
        return near.prefetch_related("parts__blob")

    def get_throttles(self) -> Any:
        """Return the limits: asking for a report has one of its own."""
        return [PerMinute(), ReportsPerMinute()] if self.action == "create" else [PerMinute()]

    @described(responses={201: offers.with_steps(ReportOut), 200: offers.with_steps(ReportOut)})
    @takes(requests.request_assessment_report, requests.request_register_report)
    def create(self, request: Request) -> Response:
        """Ask for a report; a job draws it. Look again until `status` is issued.

        While the same report is on its way, the answer is 200 with that one.
        """
        data, now = self.body(ReportBody), timezone.now()
        if data["kind"] != Report.Kind.REGISTER:
            report = requests.request_assessment_report(data["assessment"], by=self.by, now=now)
        else:
            report = requests.request_register_report(unit=data["unit"], since=data.get("since"), by=self.by, now=now)
        answer = self.made(report)
        if not requests.is_new(report, now=now):
            answer.status_code = 200
        return answer

    @step("request-again", takes=requests.request_again)
    def request_again(self, report: Report, *, by: Principal, now: datetime) -> None:
        """Let a job try a failed report again."""
        requests.request_again(report, by=by, now=now)

    @step("withdraw", takes=requests.withdraw, body=Reason)
    def withdraw(self, report: Report, *, by: Principal, now: datetime, reason: str) -> None:
        """Withdraw an issued report: it stays on record and is no longer handed out."""
        requests.withdraw(report, reason=reason, by=by, now=now)

    @described(responses={(200, "application/pdf"): OpenApiTypes.BINARY, 422: None})
    @action(
        detail=True, methods=["get"], url_path="parts/<int:position>", url_name="part",
        pagination_class=None, filter_backends=(),
    )  # fmt: skip
    def part(self, request: Request, pk: Any, position: int) -> Any:
        """Download a part of an issued report, byte for byte as it was drawn."""
        refuse_parameters(request)
        try:
            opened = downloads.open_part(self.get_object(), position)
        except ReportPart.DoesNotExist as error:
            raise Http404 from error
        return attachment(
            opened.file, name=opened.file_name, media_type=opened.media_type, size=opened.size, sha256=opened.sha256
        )
