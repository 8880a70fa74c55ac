"""What is done about a finding: plans with milestones, claimed fixes, and what a caller says of them."""

from typing import Any

from rest_framework import serializers

from api.fields import Body, Known, Text
from api.v1.endpoint_parts import refs
from api.v1.endpoint_parts.refs import Out
from evidence.models import Evidence
from findings.models import Finding, FixClaim, Milestone, RemediationPlan
from riskregister.refusals import Refused


class MilestoneOut(Out):
    """A dated step of a plan."""

    done_by = refs.PersonRef()

    class Meta:
        model = Milestone
        fields = ("id", "title", "due_on", "done_at", "done_by")


class PlanOut(Out):
    """What will be done; the current plan is in force."""

    planned_by = refs.PersonRef()
    milestones = MilestoneOut(many=True)

    class Meta:
        model = RemediationPlan
        fields = ("id", "description", "target_on", "is_current", "planned_by", "planned_at", "milestones")


class ClaimOut(Out):
    """A claim that it is fixed, and another person's verdict."""

    evidence = refs.EvidenceRef()
    claimed_by = refs.PersonRef()
    verified_by = refs.PersonRef()

    class Meta:
        model = FixClaim
        fields = (
            "id", "note", "new_option_key", "evidence", "claimed_by", "claimed_at", "verdict", "verdict_note", "shows",
            "location", "document_date", "verified_by", "verified_at",
        )  # fmt: skip


class MilestoneBody(Body):
    """A step, and by when."""

    title = Text()
    due_on = serializers.DateField()


class PlanBody(Body):
    """What will be done by when."""

    description = Text()
    target_on = serializers.DateField()
    milestones: Any = serializers.ListField(child=MilestoneBody(), required=False, max_length=50)


class MilestoneChosen(Body):
    """Which milestone."""

    milestone = serializers.UUIDField()


class ClaimBody(Body):
    """What was done; for a finding that a question raised, the option that is true now."""

    note = Text()
    new_option_key = Text(required=False, max_length=60)
    evidence = Known(Evidence, required=False, allow_null=True)


class PassBody(Body):
    """What was checked; and, where the claim came with evidence, what that shows of the new answer."""

    note = Text()
    shows = Text(required=False, help_text="a sentence that somebody else can look up")
    location = Text(required=False, max_length=200, help_text="page or section of the document")
    document_date = serializers.DateField(required=False, allow_null=True)


def waiting_claim(finding: Finding) -> FixClaim:
    """Return the claimed fix that waits for a verdict. Raises Refused when there is none."""
    waiting = next((claim for claim in finding.fix_claims.all() if not claim.verdict), None)
    if waiting is None:
        raise Refused("Nobody claims that this is fixed.")
    return waiting
