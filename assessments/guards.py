"""Truths about assessments that span two tables, guarded by triggers on SQLite and PostgreSQL alike."""

from assessments.models import Answer, Assessment, EditingSession, Editor, Snapshot, Verification
from riskregister.guards import AppendOnly, Refusal, declare, keeps, never_demo

EDITED = (
    "(EXISTS (SELECT 1 FROM assessments_editor e WHERE e.assessment_id = {assessment} AND e.user_id = {user})"
    " OR EXISTS (SELECT 1 FROM assessments_answer w WHERE w.assessment_id = {assessment} AND w.edited_by_id = {user}))"
)
_FROZEN = (
    "EXISTS (SELECT 1 FROM assessments_assessment a"
    " WHERE a.id = {assessment} AND a.status IN ('final', 'superseded', 'cancelled'))"
)
# The demo organisation is the one thing that can be removed; what is not demo from birth never becomes it.
DEMO_ASSESSMENT = "EXISTS (SELECT 1 FROM assessments_assessment a WHERE a.id = OLD.assessment_id AND a.is_demo)"
_DEMO_ANSWER = (
    "EXISTS (SELECT 1 FROM assessments_answer w JOIN assessments_assessment a ON a.id = w.assessment_id"
    " WHERE w.id = OLD.answer_id AND a.is_demo)"
)
declare(
    Refusal(
        "whoever_finalises_edited_nothing",
        "assessments_assessment",
        "UPDATE",
        "NEW.finalised_by_id IS NOT NULL AND " + EDITED.format(assessment="NEW.id", user="NEW.finalised_by_id"),
    ),
    Refusal(
        "a_final_assessment_is_frozen",
        "assessments_assessment",
        "UPDATE",
        "OLD.status IN ('final', 'superseded', 'cancelled') AND (NEW.release_id <> OLD.release_id"
        " OR NEW.manifest_digest <> OLD.manifest_digest OR NEW.question_set_id <> OLD.question_set_id"
        " OR NEW.methodology_id <> OLD.methodology_id OR NEW.depth <> OLD.depth"
        " OR NEW.submitted_by_id <> OLD.submitted_by_id"
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
    never_demo("an_assessment_does_not_become_demo", Assessment),
    keeps("an_answer_stays_in_its_assessment", Answer, "assessment"),
    Refusal(
        "an_assessment_keeps_what_it_judges",
        "assessments_assessment",
        "UPDATE",
        "NEW.server_id <> OLD.server_id OR (NEW.server_id IS NULL) <> (OLD.server_id IS NULL)"
        " OR NEW.server_id IS NULL AND NEW.vendor_id <> OLD.vendor_id",
    ),
    AppendOnly(Editor, unless=DEMO_ASSESSMENT),
    AppendOnly(EditingSession, unless=DEMO_ASSESSMENT),
    AppendOnly(Snapshot, unless=DEMO_ASSESSMENT, is_bound=True),
    AppendOnly(Verification, unless=_DEMO_ANSWER, is_bound=True),
)
