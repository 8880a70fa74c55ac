"""Truths about decisions that span two tables, guarded by triggers on SQLite and PostgreSQL alike."""

from accounts.models import PartMark
from assessments.guards import EDITED
from catalogue.models import Dimension
from decisions.models import Approval, Condition, EndNotice, RatingOverride, RatingRecord, Review, ServerRating
from decisions.models.rating import RATED, UNRATED
from riskregister.guards import AppendOnly, Counted, Lifecycle, Refusal, declare

_SUBMITTED = "EXISTS (SELECT 1 FROM assessments_assessment a WHERE a.id = {assessment} AND a.submitted_by_id = {user})"
DEMO_SERVER = "EXISTS (SELECT 1 FROM vendors_server s WHERE s.id = OLD.server_id AND s.is_demo)"
_DEMO_APPROVAL = (
    "EXISTS (SELECT 1 FROM decisions_approval a JOIN vendors_server s ON s.id = a.server_id"
    " WHERE a.id = OLD.approval_id AND s.is_demo)"
)
# A row of the history says the change, and an event says that row.
_WITHOUT_RECORD = (
    "(NEW.score <> OLD.score OR NEW.band <> OLD.band OR NEW.residual <> OLD.residual) AND NOT EXISTS"
    " (SELECT 1 FROM decisions_ratingrecord r WHERE r.server_id = NEW.server_id AND r.at = NEW.as_of"
    " AND r.score = NEW.score AND r.band = NEW.band AND r.residual = NEW.residual)"
)
_OF_SERVER = ("(SELECT s.unit_id FROM vendors_server s WHERE s.id = {row}.server_id)",)
_SCORES = tuple(f"{dimension}_percent" for dimension in Dimension.values)
declare(
    Refusal(
        "whoever_decides_edited_nothing",
        "decisions_approval",
        "INSERT",
        EDITED.format(assessment="NEW.assessment_id", user="NEW.decided_by_id")
        + " OR "
        + _SUBMITTED.format(assessment="NEW.assessment_id", user="NEW.decided_by_id"),
    ),
    Lifecycle(Approval, "a_decision_does_not_change", once=("withdrawn_by", "withdrawn_reason"), unless=DEMO_SERVER),
    Lifecycle(
        Condition,
        "a_condition_does_not_change",
        once=("met_at", "met_by", "met_note", "finding"),
        unless=_DEMO_APPROVAL,
    ),
    Lifecycle(
        RatingOverride,
        "an_override_does_not_change",
        once=("decided_by", "decided_at", "decision_note"),
        unless=DEMO_SERVER,
    ),
    AppendOnly(EndNotice, unless=_DEMO_APPROVAL),
    AppendOnly(RatingRecord, unless=DEMO_SERVER, in_short=True),
    Lifecycle(
        ServerRating,
        "a_rating_stays_with_its_server",
        told=RATED,
        # By the clock, and from reviews and approvals, which have guards of their own.
        free=("as_of", "changes_at", "next_review_on", "approved_until", "worse_since"),
        born=UNRATED,
        unless=DEMO_SERVER,
    ),
    Refusal("a_rating_changes_with_its_record", "decisions_serverrating", "UPDATE", _WITHOUT_RECORD),
    Counted(Approval, PartMark, ("server", "status", "decision", "valid_until"), _OF_SERVER),
    Counted(Review, PartMark, ("unit", "status", "due_on"), ("{row}.unit_id",)),
    Counted(ServerRating, PartMark, ("residual", "residual_rank", "worse_since", *_SCORES), _OF_SERVER),
)
