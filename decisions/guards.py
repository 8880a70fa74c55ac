"""Truths about decisions that span two tables, guarded by triggers on SQLite and PostgreSQL alike."""

from assessments.guards import EDITED
from audit.triggers import AppendOnly, Guard, Refusal

_SUBMITTED = "EXISTS (SELECT 1 FROM assessments_assessment a WHERE a.id = {assessment} AND a.submitted_by_id = {user})"
DEMO_SERVER = "EXISTS (SELECT 1 FROM vendors_server s WHERE s.id = OLD.server_id AND s.is_demo)"
GUARDS: tuple[Guard, ...] = (
    Refusal(
        "whoever_decides_edited_nothing",
        "decisions_approval",
        "INSERT",
        EDITED.format(assessment="NEW.assessment_id", user="NEW.decided_by_id")
        + " OR "
        + _SUBMITTED.format(assessment="NEW.assessment_id", user="NEW.decided_by_id"),
    ),
    Refusal(
        "a_decision_does_not_change",
        "decisions_approval",
        "UPDATE",
        "NEW.server_id <> OLD.server_id OR NEW.assessment_id <> OLD.assessment_id OR NEW.release_id <> OLD.release_id"
        " OR NEW.manifest_digest <> OLD.manifest_digest OR NEW.decision <> OLD.decision OR NEW.reason <> OLD.reason"
        " OR NEW.decided_by_id <> OLD.decided_by_id OR NEW.decided_at <> OLD.decided_at"
        " OR COALESCE(CAST(NEW.valid_until AS TEXT), '') <> COALESCE(CAST(OLD.valid_until AS TEXT), '')"
        " OR OLD.status <> 'granted' AND NEW.status <> OLD.status",
    ),
    AppendOnly("decisions_ratingrecord", unless=DEMO_SERVER),
)
