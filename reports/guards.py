"""An issued report and its parts never change: guarded by triggers on SQLite and PostgreSQL alike."""

from reports.models import Report, ReportPart
from riskregister.guards import AppendOnly, Lifecycle, Refusal, declare

_DEMO = (
    "EXISTS (SELECT 1 FROM accounts_unit u WHERE u.id = {row}.unit_id AND u.is_demo)"
    " OR EXISTS (SELECT 1 FROM accounts_user p WHERE p.id = {row}.requested_by_id AND p.is_demo)"
    " OR EXISTS (SELECT 1 FROM assessments_assessment a JOIN vendors_server s ON s.id = a.server_id"
    " WHERE a.id = {row}.assessment_id AND s.is_demo)"
)
_PARTS_REPORT = "EXISTS (SELECT 1 FROM reports_report r WHERE r.id = {part}.report_id AND ({of}))"
declare(
    Lifecycle(
        Report,
        "an_issued_report_does_not_change",
        told=("as_of", "data", "data_digest", "issued_at", "error"),
        once=("withdrawn_by", "withdrawn_reason"),
        # What a job makes of it is under way until it is issued.
        without_event=("requested", "rendering", "failed"),
        frozen="OLD.status IN ('issued', 'withdrawn')",
        unless=_DEMO.format(row="OLD"),
    ),
    AppendOnly(ReportPart, unless=_PARTS_REPORT.format(part="OLD", of=_DEMO.format(row="r")), is_bound=True),
    Refusal(
        "no_part_joins_an_issued_report",
        "reports_reportpart",
        "INSERT",
        _PARTS_REPORT.format(part="NEW", of="r.status IN ('issued', 'withdrawn')"),
    ),
)
