"""Truths about assessments that span two tables, guarded by triggers on SQLite and PostgreSQL alike."""

from audit.triggers import AppendOnly, Guard, Refusal

_EDITED = (
    "(EXISTS (SELECT 1 FROM assessments_editor e WHERE e.assessment_id = {assessment} AND e.user_id = {user})"
    " OR EXISTS (SELECT 1 FROM assessments_answer w WHERE w.assessment_id = {assessment} AND w.edited_by_id = {user}))"
)
_SUBMITTED = "EXISTS (SELECT 1 FROM assessments_assessment a WHERE a.id = {assessment} AND a.submitted_by_id = {user})"
_FROZEN = (
    "EXISTS (SELECT 1 FROM assessments_assessment a"
    " WHERE a.id = {assessment} AND a.status IN ('final', 'superseded', 'cancelled'))"
)
# The demo organisation is the one thing that can be removed; what is not demo from birth never becomes it.
DEMO_ASSESSMENT = (
    "EXISTS (SELECT 1 FROM assessments_assessment a JOIN vendors_server s ON s.id = a.server_id"
    " WHERE a.id = OLD.assessment_id AND s.is_demo)"
)
DEMO_SERVER = "EXISTS (SELECT 1 FROM vendors_server s WHERE s.id = OLD.server_id AND s.is_demo)"
GUARDS: tuple[Guard, ...] = (
    Refusal(
        "whoever_finalises_edited_nothing",
        "assessments_assessment",
        "UPDATE",
        "NEW.finalised_by_id IS NOT NULL AND " + _EDITED.format(assessment="NEW.id", user="NEW.finalised_by_id"),
    ),
    Refusal(
        "whoever_decides_edited_nothing",
        "assessments_approval",
        "INSERT",
        _EDITED.format(assessment="NEW.assessment_id", user="NEW.decided_by_id")
        + " OR "
        + _SUBMITTED.format(assessment="NEW.assessment_id", user="NEW.decided_by_id"),
    ),
    Refusal(
        "a_decision_does_not_change",
        "assessments_approval",
        "UPDATE",
        "NEW.server_id <> OLD.server_id OR NEW.assessment_id <> OLD.assessment_id OR NEW.release_id <> OLD.release_id"
        " OR NEW.manifest_digest <> OLD.manifest_digest OR NEW.decision <> OLD.decision OR NEW.reason <> OLD.reason"
        " OR NEW.decided_by_id <> OLD.decided_by_id OR NEW.decided_at <> OLD.decided_at"
        " OR COALESCE(CAST(NEW.valid_until AS TEXT), '') <> COALESCE(CAST(OLD.valid_until AS TEXT), '')"
        " OR OLD.status <> 'granted' AND NEW.status <> OLD.status",
    ),
    Refusal(
        "a_final_assessment_is_frozen",
        "assessments_assessment",
        "UPDATE",
        "OLD.status IN ('final', 'superseded', 'cancelled') AND (NEW.release_id <> OLD.release_id"
        " OR NEW.manifest_digest <> OLD.manifest_digest OR NEW.question_set_id <> OLD.question_set_id"
        " OR NEW.methodology_id <> OLD.methodology_id OR NEW.submitted_by_id <> OLD.submitted_by_id"
        " OR NEW.finalised_by_id <> OLD.finalised_by_id OR NEW.finalised_by_id IS NULL AND OLD.status <> 'cancelled'"
        " OR NEW.status NOT IN ('final', 'superseded', 'cancelled'))",
    ),
    Refusal(
        "answers_of_a_final_assessment_are_frozen",
        "assessments_answer",
        "UPDATE",
        _FROZEN.format(assessment="OLD.assessment_id"),
    ),
    Refusal(
        "no_answer_joins_a_final_assessment",
        "assessments_answer",
        "INSERT",
        _FROZEN.format(assessment="NEW.assessment_id"),
    ),
    Refusal(
        "no_answer_leaves_a_final_assessment",
        "assessments_answer",
        "DELETE",
        _FROZEN.format(assessment="OLD.assessment_id") + f" AND NOT {DEMO_ASSESSMENT}",
    ),
    Refusal("a_server_does_not_become_demo", "vendors_server", "UPDATE", "NEW.is_demo AND NOT OLD.is_demo"),
    AppendOnly("assessments_editor", unless=DEMO_ASSESSMENT),
    AppendOnly("assessments_snapshot", unless=DEMO_ASSESSMENT),
    AppendOnly("assessments_overlay", unless=DEMO_ASSESSMENT),
    AppendOnly("assessments_ratingrecord", unless=DEMO_SERVER),
    AppendOnly("assessments_methodologyversion", key="version"),
    AppendOnly("assessments_questionset"),
    AppendOnly("assessments_question"),
    AppendOnly("assessments_option"),
)
